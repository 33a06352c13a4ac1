public import Domain

/// What the doors read and request of forecasts in the store.
public protocol ForecastStore: Sendable {
    /// Stores that a backtest is wanted; false when one still waits, or the tenant is unknown.
    func requestBacktest(
        _ tenantID: TenantID, options: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// The newest backtest that was asked for; nil without one.
    func backtest(_ tenantID: TenantID) async throws -> ForecastBacktest?
    /// What forecasts rest on, with an empty pace; nil before it was first computed.
    func forecastBasisWithoutPace(_ tenantID: TenantID) async throws -> ForecastBasis?
    /// The models that are kept, the newest first, without their files.
    func models(_ tenantID: TenantID) async throws -> [ForecastModelRecord]
    /// How the training of the tenant's model stands; nil when the tenant is unknown.
    func trainingStatus(_ tenantID: TenantID) async throws -> TrainingStatus?
}
