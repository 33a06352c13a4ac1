public import Domain
public import RiskEngine

/// Scores of the past, made again of what is stored by the rules and the model of today. Nothing is stored or charged, and Jira is
/// not asked.
public struct PastAnalyses: Sendable {
    /// Where a tenant's long work runs; nil for where everything runs.
    public typealias Executor = @Sendable (TenantID) -> (any TaskExecutor)?

    /// An analysis of an earlier instant.
    public struct Look: Sendable {
        /// As of the instant; similar issues and the project's means are those of now, and there is no forecast.
        public var comparison: IssueAnalyses.Comparison
        /// The analysis that the history has of the instant, compared; nil where it has none.
        public var stored: StoredComparison?
        /// From when on all changes of the issue are known; nil where that is unknown.
        public var knownFrom: Timestamp?
    }

    private let store: any QueryStore
    private let analyst: IssueAnalyst
    private let executor: Executor

    public init(store: any QueryStore, analyst: IssueAnalyst, executor: @escaping Executor) {
        self.store = store
        self.analyst = analyst
        self.executor = executor
    }

    /// The whole analysis of an issue as it stood at `instant`.
    ///
    /// Throws ``QueryError``, ``RequestError/invalid(_:)`` for an instant in the future or before the creation, and what the store
    /// and the classifier throw.
    public func look(
        at key: IssueKey, asOf instant: Timestamp, for principal: Principal, now: Timestamp
    ) async throws -> Look {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        guard instant <= now else { throw Self.invalid("as_of", "must not be in the future") }
        let past = try await naming("as_of") {
            try await withTaskExecutorPreference(executor(tenant.id)) {
                try await analyst.pastAnalysis(tenantID: tenant.id, key: key, asOf: instant, now: now)
            }
        }
        guard let past else { throw QueryError.unknownIssue }
        let context = try await store.context(
            tenant.id, of: past.issue, IssueContext.Wanted(), now: now)
        let comparison = IssueAnalyses.Comparison(
            analysis: past.analysis, similarIssues: context.similarIssues,
            teamBaseline: context.teamBaseline, isOver: past.issue.isOver, forecast: nil,
            links: past.issue.links, state: past.state)
        return Look(comparison: comparison, stored: past.stored, knownFrom: past.knownFrom)
    }

    /// What made the score of an issue another between two instants.
    ///
    /// Throws ``QueryError``, ``RequestError/invalid(_:)`` for instants that do not fit, and what the store and the classifier throw.
    public func difference(
        of key: IssueKey, from: Timestamp, to: Timestamp, for principal: Principal, now: Timestamp
    ) async throws -> PastDifference {
        let tenant = try principal.tenantToAnalyze(at: now, with: .read)
        guard to <= now else { throw Self.invalid("to", "must not be in the future") }
        guard from < to else { throw Self.invalid("from", "must be before to") }
        let difference = try await naming("to") {
            try await withTaskExecutorPreference(executor(tenant.id)) {
                try await analyst.pastDifference(tenantID: tenant.id, key: key, from: from, to: to, now: now)
            }
        }
        guard let difference else { throw QueryError.unknownIssue }
        return difference
    }

    /// Names the field of the request to which it is due that a past cannot be told.
    private func naming<Value: Sendable>(
        _ field: String, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PastError {
            switch error {
            case .beforeCreation(let created):
                throw Self.invalid(field, "must not be before the issue was created (\(created))")
            case .tooManyEvents(let limit):
                throw Self.invalid("from", "must be later: more than \(limit) events lie between the two instants")
            }
        }
    }

    private static func invalid(_ field: String, _ message: String) -> RequestError {
        .invalid([FieldError(field: field, message: message)])
    }
}
