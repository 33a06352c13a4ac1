public import Domain

/// Makes the forecast of one issue.
public struct IssueForecaster: Sendable {
    /// Reference samples over which an explanation is averaged: of an alert, and of an answer that asks for the whole.
    /// Each takes up to 25 ms of processor time for each number.
    private static let (alertReferences, answerReferences) = (1, 4)

    private let library: ForecastLibrary
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?

    /// - Parameter executor: where explanations are computed, which take some tenths of a second; nil for where everything
    ///   runs.
    public init(
        library: ForecastLibrary,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil }
    ) {
        self.library = library
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
        return try await explained(history, by: forecaster, tenantID, references: Self.alertReferences, now: now)
    }

    /// As ``forecast(of:sprints:statuses:tenantID:basis:isExplained:now:)``, with the parts of each number as an answer that asks
    /// for the whole has them.
    public func explainedForecast(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog, tenantID: TenantID,
        basis: ForecastBasisID, now: Timestamp
    ) async throws -> IssueForecast? {
        guard let forecaster = try await library.forecaster(of: tenantID, by: basis) else { return nil }
        let history = Self.history(of: past, sprints: sprints, statuses: statuses)
        return try await explained(history, by: forecaster, tenantID, references: Self.answerReferences, now: now)
    }

    private func explained(
        _ history: IssueHistory, by forecaster: TenantForecaster, _ tenantID: TenantID, references: Int, now: Timestamp
    ) async throws -> IssueForecast? {
        try await withTaskExecutorPreference(executor(tenantID)) {
            try forecaster.forecasts(of: [history], at: now, .explained(references: references))[history.id]
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
