public import Domain

/// Makes the forecast of one issue, as of now.
public protocol ForecastExplaining: Sendable {
    /// The forecast of an issue whose past is at hand, made with `basis`; nil for one that is done, and where the tenant has no
    /// pace. With `isExplained` each number has its parts.
    func forecast(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog, tenantID: TenantID,
        basis: ForecastBasisID, isExplained: Bool, now: Timestamp
    ) async throws -> IssueForecast?

    /// As ``forecast(of:sprints:statuses:tenantID:basis:isExplained:now:)``, with the parts of each number as an answer that asks
    /// for the whole has them: averaged over more samples than those of an alert.
    func explainedForecast(
        of past: IssuePast, sprints: [SprintRecord], statuses: StatusCatalog, tenantID: TenantID,
        basis: ForecastBasisID, now: Timestamp
    ) async throws -> IssueForecast?
}
