public import Domain
public import RiskEngine

/// Analyses of one issue: made now, or as its history shows them.
public struct IssueAnalyses: Sendable {
    /// An analysis with its report.
    public struct Report: Sendable {
        /// As of now.
        public var analysis: Analysis
        /// Plain text.
        public var text: String
    }

    /// An analysis with what it can be compared to.
    public struct Comparison: Sendable {
        /// As of now.
        public var analysis: Analysis
        /// At most five.
        public var similarIssues: [SimilarIssue]
        /// Means over the newest open issues of the same project.
        public var teamBaseline: TeamBaseline
    }

    /// How an issue's risk has developed.
    public struct Trend: Sendable {
        /// The project of the newest entry.
        public var projectKey: String
        /// Oldest first, at most ``IssueAnalyses/trendLimit``.
        public var entries: [HistoryEntry]
        /// `improving`, `degrading`, `stable`, or `insufficient_data` for fewer than two entries.
        public var direction: String
    }

    /// How many of the newest analyses a trend covers.
    public static let trendLimit = 1000

    private let store: any QueryStore
    private let analyst: IssueAnalyst
    private let quota: MonthlyQuota

    public init(store: any QueryStore, analyst: IssueAnalyst, quota: MonthlyQuota) {
        self.store = store
        self.analyst = analyst
        self.quota = quota
    }

    /// Analyses the issue at `now` and reports on it; with `storesHistory` the analysis becomes a row of the history.
    /// Counts against the plan.
    ///
    /// Throws ``QueryError``, and what the store and the classifier throw.
    public func report(
        on key: IssueKey, template: IssueReport.Template, storesHistory: Bool, for principal: Principal,
        at now: Timestamp
    ) async throws -> Report {
        let tenant = try principal.tenantToAnalyze(at: now)
        return try await quota.charging(tenant, .issue, for: key.rawValue, by: principal.actor, at: now) {
            let (issue, analysis) = try await analyze(key, of: tenant, storesHistory: storesHistory, at: now)
            return Report(
                analysis: analysis, text: IssueReport.render(template: template, issue: issue, analysis: analysis))
        }
    }

    /// The whole analysis at `now`, with similar issues and the project's means. Not charged, and nothing is stored.
    ///
    /// Throws ``QueryError``, and what the store and the classifier throw.
    public func comparison(
        of key: IssueKey, for principal: Principal, at now: Timestamp
    ) async throws -> Comparison {
        let tenant = try principal.tenantToAnalyze(at: now)
        let (issue, analysis) = try await analyze(key, of: tenant, storesHistory: false, at: now)
        return Comparison(
            analysis: analysis,
            similarIssues: try await store.similarIssues(tenant.id, to: issue, limit: 5, now: now),
            teamBaseline: try await store.teamBaseline(tenant.id, projectKey: issue.projectKey, now: now))
    }

    /// Throws ``QueryError``, `.unknownIssue` for one without history, and what the store throws.
    public func trend(of key: IssueKey, for principal: Principal) async throws -> Trend {
        let tenant = try principal.tenant(to: .read)
        var (newestFirst, cursor): ([HistoryEntry], String?) = ([], nil)
        repeat {
            let limit = min(200, Self.trendLimit - newestFirst.count)
            let page = try await store.history(tenant.id, key: key, after: cursor, limit: limit)
            newestFirst += page.items
            cursor = page.nextCursor
        } while cursor != nil && newestFirst.count < Self.trendLimit
        guard let newest = newestFirst.first else { throw QueryError.unknownIssue }
        let entries = Array(newestFirst.reversed())
        return Trend(
            projectKey: newest.projectKey, entries: entries,
            direction: RiskTrend.direction(of: entries.map { ScorePoint(at: $0.analyzedAt, score: $0.riskScore) }))
    }

    private func analyze(
        _ key: IssueKey, of tenant: Tenant, storesHistory: Bool, at now: Timestamp
    ) async throws -> (issue: Issue, analysis: Analysis) {
        let found = try await analyst.analyze(
            tenantID: tenant.id, key: key, now: now, storesHistory: storesHistory)
        guard let found else { throw QueryError.unknownIssue }
        return found
    }
}
