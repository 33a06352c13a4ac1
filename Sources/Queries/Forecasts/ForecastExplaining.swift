public import Domain

/// Makes the forecast of one issue, as of now.
public protocol ForecastExplaining: Sendable {
    /// Nil for an issue that is done or unknown, and where the tenant has no pace yet.
    func explainedForecast(of issueID: IssueID, tenantID: TenantID, now: Timestamp) async throws -> IssueForecast?

    /// The forecast of an issue whose past is at hand, made with `basis`; nil for one that is done, and where the tenant has no
    /// pace. With `isExplained` each number has its parts.
    func forecast(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog, tenantID: TenantID,
        basis: ForecastBasisID, isExplained: Bool, now: Timestamp
    ) async throws -> IssueForecast?
}
