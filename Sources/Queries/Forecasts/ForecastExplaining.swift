public import Domain

/// Makes the forecast of one issue with its reasons, as of now.
public protocol ForecastExplaining: Sendable {
    /// Nil for an issue that is done or unknown, and where the tenant has no pace yet.
    func explainedForecast(of issueID: IssueID, tenantID: TenantID, now: Timestamp) async throws -> IssueForecast?
}
