public import Domain
public import RiskEngine

/// The risk of several named sets of issues, and of all of them together.
public struct PortfolioAnalysis: Sendable {
    /// The risk of one set of issues.
    public struct Slice: Sendable {
        /// As the request names it.
        public var name: String
        /// The query as it was given.
        public var jql: String
        /// How much of what the query finds is in ``rollup``.
        public var coverage: Coverage
        /// Of the issues of this slice, those in the store.
        public var rollup: PortfolioRollup
        /// How many of the open ones will miss their due dates, and take longer than usual, by their stored forecasts.
        public var outlooks: [ForecastOutlook]
    }

    /// In the order of the request.
    public var slices: [Slice]
    /// Of all slices, each issue counted once.
    public var overall: PortfolioRollup
    /// As ``Slice/outlooks``, of all slices.
    public var outlooks: [ForecastOutlook]
    /// Plain text.
    public var summary: String
    /// The instant it speaks of.
    public var asOf: Timestamp
}

/// Analyses of portfolios.
public struct PortfolioAnalyses: Sendable {
    /// A set of issues to look at.
    public struct Slice: Sendable, Hashable {
        /// For people; the answer repeats it.
        public let name: String
        /// Any query; the simple ones about projects are answered from the store.
        public let jql: String
        /// What the query asks for, where the store can answer it.
        fileprivate let projects: ProjectJQL?
        /// Whether it stands for a project, which must be known.
        fileprivate let isProject: Bool

        /// The issues that a query finds.
        public init(name: String, jql: String) {
            (self.name, self.jql, self.isProject) = (name, jql, false)
            self.projects = ProjectJQL(jql)
        }

        /// The open issues of a project; nil for what cannot be the key of one.
        public init?(openIssuesOf projectKey: String) {
            guard let query = ProjectJQL(openIssuesOf: projectKey) else { return nil }
            (self.name, self.jql, self.isProject) = (query.projectKeys.joined(), query.description, true)
            self.projects = query
        }
    }

    private let store: any QueryStore
    private let jira: any JiraSearching
    private let analyses: CurrentAnalyses
    private let completion: ProjectCompletion
    private let quota: MonthlyQuota
    private let currency: String

    /// - Parameter currency: Stands before amounts of money in summaries.
    public init(
        store: any QueryStore, jira: any JiraSearching, analyst: IssueAnalyst, completion: ProjectCompletion,
        quota: MonthlyQuota, currency: String
    ) {
        self.store = store
        self.jira = jira
        self.analyses = CurrentAnalyses(analyst: analyst)
        self.completion = completion
        self.quota = quota
        self.currency = currency
    }

    /// Rolls up each slice and all of them together. Counts against the plan.
    ///
    /// - Parameter limit: how many issues of each slice are looked at: from the store the riskiest, from Jira the first.
    /// - Throws: ``QueryError``, and what the store and the classifier throw.
    public func analyze(
        _ slices: [Slice], limit: Int, for principal: Principal, at now: Timestamp
    ) async throws -> PortfolioAnalysis {
        let tenant = try principal.tenantToAnalyze(at: now)
        let resource = String(slices.map(\.name).joined(separator: ",").prefix(255))
        return try await quota.charging(tenant, .portfolio, for: resource, by: principal.actor, at: now) {
            var results: [PortfolioAnalysis.Slice] = []
            // An issue that several slices name is looked at once.
            var known: [IssueID: RolledUpIssue] = [:]
            var all: [IssueID: IssueListing] = [:]
            for (index, slice) in slices.enumerated() {
                let (listings, coverage) = try await listings(of: slice, at: index, tenantID: tenant.id, limit: limit)
                let new = listings.filter { known[$0.issue.id] == nil }
                for issue in try await analyses.rolledUp(new, of: tenant.id, at: now) { known[issue.id] = issue }
                let rollup = PortfolioRollup(of: listings.compactMap { known[$0.issue.id] })
                for listing in listings { all[listing.issue.id] = listing }
                results.append(
                    PortfolioAnalysis.Slice(
                        name: slice.name, jql: slice.jql, coverage: coverage, rollup: rollup,
                        outlooks: Self.outlooks(of: listings)))
            }
            let overall = PortfolioRollup(of: Array(known.values))
            return PortfolioAnalysis(
                slices: results, overall: overall, outlooks: Self.outlooks(of: Array(all.values)),
                summary: RollupSummary.of(
                    slices: results.map { ($0.name, $0.rollup) }, overall: overall, currency: currency),
                asOf: now)
        }
    }

    private static func outlooks(of listings: [IssueListing]) -> [ForecastOutlook] {
        let forecasts = listings.filter { !$0.issue.isDone }.sorted { $0.issue.id < $1.issue.id }
            .map { $0.forecast?.forecast }
        return [ForecastQuestion.due, .usual].map { ForecastOutlook($0, of: forecasts, countsAll: false) }
    }

    private func listings(
        of slice: Slice, at index: Int, tenantID: TenantID, limit: Int
    ) async throws -> (listings: [IssueListing], coverage: Coverage) {
        if let query = slice.projects {
            let coverage = try await completion.complete(query.projectKeys, jql: query.description, of: tenantID)
            if try await knowsAll(query.projectKeys, tenantID: tenantID) {
                return (try await riskiest(of: query, tenantID: tenantID, limit: limit), coverage)
            }
            if slice.isProject { throw QueryError.unknownProject(slice: index) }
        }
        let ids: [IssueID]
        do {
            ids = try await jira.issueIDs(matching: slice.jql, tenantID: tenantID, limit: limit)
        } catch let error as JiraSearchError {
            throw QueryError.search(error, slice: index)
        }
        return (try await store.listings(tenantID, of: Array(ids.prefix(limit))), .asked)
    }

    private func knowsAll(_ projectKeys: [String], tenantID: TenantID) async throws -> Bool {
        for key in projectKeys where try await !store.knowsProject(tenantID, projectKey: key) { return false }
        return true
    }

    private func riskiest(of query: ProjectJQL, tenantID: TenantID, limit: Int) async throws -> [IssueListing] {
        var found: [IssueListing] = []
        for key in query.projectKeys {
            let filter = IssueFilter(projectKey: key, includesDone: query.includesDone)
            found += try await store.issues(tenantID, filter: filter, after: nil, limit: limit).items
        }
        return Array(
            found.sorted { ($1.analysis.riskScore, $0.issue.key) < ($0.analysis.riskScore, $1.issue.key) }
                .prefix(limit))
    }
}
