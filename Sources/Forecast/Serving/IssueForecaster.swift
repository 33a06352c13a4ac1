public import Domain

/// Makes the forecast of one issue.
public struct IssueForecaster: Sendable {
    /// Makes the past of an issue of what is stored: `RiskScorer.history`. Pure.
    public typealias ReadPast = @Sendable (_ stored: StoredIssueHistory, _ statuses: StatusCatalog) -> IssuePast?

    /// Reference samples over which an explanation is averaged: of an alert, and of an answer that asks for the whole.
    /// Each takes up to 25 ms of processor time for each number.
    private static let (alertReferences, answerReferences) = (1, 4)

    private let store: any ServingStore
    private let library: ForecastLibrary
    private let readPast: ReadPast
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?

    /// - Parameter executor: where explanations are computed, which take some tenths of a second; nil for where everything
    ///   runs.
    public init(
        store: any ServingStore, library: ForecastLibrary, readPast: @escaping ReadPast,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil }
    ) {
        self.store = store
        self.library = library
        self.readPast = readPast
        self.executor = executor
    }

    /// The forecast of an issue whose past is at hand; nil for one that is done, and where the tenant has no pace. Throws
    /// what the store and the engine throw.
    ///
    /// - Parameter isExplained: with the parts of each number, as an alert has them.
    public func forecast(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog, tenantID: TenantID,
        basis: ForecastBasisID, isExplained: Bool, now: Timestamp
    ) async throws -> IssueForecast? {
        guard let forecaster = try await library.forecaster(of: tenantID, by: basis) else { return nil }
        let history = Self.history(of: past, sprints: sprints, statuses: statuses)
        guard isExplained else { return try forecaster.forecasts(of: [history], at: now, .number)[past.issue.id] }
        return try await withTaskExecutorPreference(executor(tenantID)) {
            try forecaster.forecasts(
                of: [history], at: now, .explained(references: Self.alertReferences))[past.issue.id]
        }
    }

    /// The forecast of a stored issue with the parts of each number; nil for one that is done or unknown, and where the
    /// tenant has no pace. Throws what the store and the engine throw.
    public func explainedForecast(
        of issueID: IssueID, tenantID: TenantID, now: Timestamp
    ) async throws -> IssueForecast? {
        guard let basis = try await store.forecastBasisID(tenantID),
            let forecaster = try await library.forecaster(of: tenantID, by: basis),
            let stored = try await store.issueHistories(of: tenantID, ids: [issueID]).first
        else { return nil }
        let statuses = try await store.statusCatalog(tenantID)
        guard let past = readPast(stored, statuses) else { return nil }
        let history = Self.history(of: past, sprints: stored.sprintRecords, statuses: statuses)
        return try await withTaskExecutorPreference(executor(tenantID)) {
            try forecaster.forecasts(
                of: [history], at: now, .explained(references: Self.answerReferences))[issueID]
        }
    }

    private static func history(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog
    ) -> IssueHistory {
        var collector = HistoryCollector(statuses: statuses)
        collector.note(past, sprints: sprints)
        return collector.history(of: past)
    }
}
