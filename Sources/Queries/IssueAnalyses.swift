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
        /// Whether the issue is done or gone.
        public var isOver: Bool
        /// Apart from the score; nil for an issue that is over, and before the first.
        public var forecast: IssueForecast?
    }

    /// An analysis with what it can be compared to.
    public struct Comparison: Sendable {
        /// As of now.
        public var analysis: Analysis
        /// At most five.
        public var similarIssues: [SimilarIssue]
        /// Means over the newest open issues of the same project.
        public var teamBaseline: TeamBaseline
        /// As ``Report/isOver``.
        public var isOver: Bool
        /// As ``Report/forecast``.
        public var forecast: IssueForecast?
        /// Those of the issue.
        public var links: [IssueLink]
        /// What is held about the issue.
        public var state: IssueState
    }

    /// An analysis with all that the page of an issue shows.
    public struct Look: Sendable {
        /// The analysis with what it can be compared to.
        public var comparison: Comparison
        /// What it was made of.
        public var found: AnalyzedIssue
        /// How the issue came to its score.
        public var story: IssueStory
        /// What it waits for directly: the listings of ``IssueStories/nearest(_:)``.
        public var nearest: [IssueListing]
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
    /// How long an answer waits for an issue that has to be fetched from Jira.
    public static let fetchTimeLimit = Duration.seconds(10)

    private let store: any QueryStore
    private let jira: any JiraSearching
    private let analyst: IssueAnalyst
    private let forecasts: any ForecastExplaining
    private let quota: MonthlyQuota
    private let currency: String
    private let timeLimit: Duration

    /// - Parameters:
    ///   - jira: Has the issues that the store lacks.
    ///   - currency: Stands before amounts of money in reports.
    ///   - timeLimit: How long an answer waits for Jira.
    public init(
        store: any QueryStore, jira: any JiraSearching, analyst: IssueAnalyst, forecasts: any ForecastExplaining,
        quota: MonthlyQuota, currency: String, timeLimit: Duration = IssueAnalyses.fetchTimeLimit
    ) {
        self.store = store
        self.jira = jira
        self.analyst = analyst
        self.forecasts = forecasts
        self.quota = quota
        self.currency = currency
        self.timeLimit = timeLimit
    }

    /// Analyses the issue at `now` and reports on it; with `storesHistory` the analysis becomes a row of the history. An
    /// issue that the store lacks is fetched from Jira. Counts against the plan.
    ///
    /// Throws ``QueryError``, and what the store and the classifier throw.
    public func report(
        on key: IssueKey, template: IssueReport.Template, storesHistory: Bool, for principal: Principal,
        at now: Timestamp
    ) async throws -> Report {
        let tenant = try principal.tenantToAnalyze(at: now)
        return try await quota.charging(tenant, .issue, for: key.rawValue, by: principal.actor, at: now) {
            let found = try await analyze(key, of: tenant, storesHistory: storesHistory, fetches: true, at: now)
            return Report(
                analysis: found.analysis,
                text: IssueReport.render(
                    template: template, issue: found.issue, analysis: found.analysis, siteURL: tenant.jiraURL,
                    currency: currency),
                isOver: found.issue.isOver, forecast: try await forecast(of: found))
        }
    }

    /// The whole analysis at `now`, with similar issues and the project's means. Not charged, and the analysis is not stored.
    /// For who may ask for analyses, an issue that the store lacks is fetched from Jira.
    ///
    /// Throws ``QueryError``, and what the store and the classifier throw.
    public func comparison(
        of key: IssueKey, for principal: Principal, at now: Timestamp
    ) async throws -> Comparison {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let found = try await analyze(
            key, of: tenant, storesHistory: false, fetches: principal.may(.analyze), at: now)
        let context = try await store.context(
            tenant.id, of: found.issue, IssueContext.Wanted(), now: now)
        return try await comparison(found, context)
    }

    /// As ``comparison(of:for:at:)``, with all that the page of an issue shows besides.
    public func look(at key: IssueKey, for principal: Principal, at now: Timestamp) async throws -> Look {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        let found = try await analyze(
            key, of: tenant, storesHistory: false, fetches: principal.may(.analyze), at: now)
        let context = try await store.context(
            tenant.id, of: found.issue,
            IssueContext.Wanted(
                analyses: IssueStories.momentLimit, issues: IssueStories.nearest(found.issue.links)), now: now)
        return Look(
            comparison: try await comparison(found, context), found: found,
            story: IssueStory(analyses: context.analyses, state: found.state), nearest: context.listings)
    }

    private func comparison(
        _ found: AnalyzedIssue, _ context: IssueContext
    ) async throws -> Comparison {
        Comparison(
            analysis: found.analysis, similarIssues: context.similarIssues,
            teamBaseline: context.teamBaseline, isOver: found.issue.isOver,
            forecast: try await forecast(of: found), links: found.issue.links, state: found.state)
    }

    private func forecast(of found: AnalyzedIssue) async throws -> IssueForecast? {
        guard !found.issue.isOver, let basis = found.work.forecastBasis else { return nil }
        return try await forecasts.explainedForecast(
            of: analyst.past(of: found), sprints: found.sprintRecords, statuses: found.work.statuses,
            tenantID: found.work.tenant.id, basis: basis, now: found.now)
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
        _ key: IssueKey, of tenant: Tenant, storesHistory: Bool, fetches: Bool, at now: Timestamp
    ) async throws -> AnalyzedIssue {
        func analysis(of key: IssueKey) async throws -> AnalyzedIssue? {
            try await analyst.analyze(tenantID: tenant.id, key: key, now: now, storesHistory: storesHistory)
        }
        if let found = try await analysis(of: key) { return found }
        // Jira is not asked about what cannot be a key.
        guard fetches, key.isWellFormed else { throw QueryError.unknownIssue }
        switch try await fetch(key, of: tenant) {
        case .arrived(let current):
            if let found = try await analysis(of: current) { return found }
            // It was deleted or moved meanwhile.
            throw QueryError.issueAwaited(key)
        case .unknown: throw QueryError.issueUnknownToJira(key)
        case .awaited: throw QueryError.issueAwaited(key)
        }
    }

    private enum Arrival: Sendable {
        /// It is scored, under this key.
        case arrived(IssueKey)
        case unknown
        /// Not within the time limit.
        case awaited
    }

    private func fetch(_ key: IssueKey, of tenant: Tenant) async throws -> Arrival {
        do {
            return try await withThrowingTaskGroup(of: Arrival.self) { group in
                group.addTask {
                    try await jira.fetchIssue(key, tenantID: tenant.id).map { .arrived($0) } ?? .unknown
                }
                group.addTask {
                    try await Task.sleep(for: timeLimit)
                    return .awaited
                }
                defer { group.cancelAll() }
                return try await group.next() ?? .awaited
            }
        } catch JiraSearchError.notConfigured {
            throw QueryError.unreceivedIssue
        } catch let error as JiraSearchError {
            throw QueryError.search(error, slice: nil)
        }
    }
}

extension IssueKey {
    /// Whether it has the form of an issue's key: a project's key, a hyphen and a number.
    fileprivate var isWellFormed: Bool { rawValue.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]*-[0-9]+/) != nil }
}
