public import Domain
public import Forecast

/// How a tenant's forecasts are made and judged.
public struct Forecasts: Sendable {
    /// Questions of one backtest.
    public static let questionLimit = 8

    private let store: any ForecastStore

    public init(store: any ForecastStore) { self.store = store }

    /// Throws ``QueryError``, and what the store throws; `DecodingError` when what is stored cannot be read.
    public func standing(for principal: Principal) async throws -> ForecastStanding {
        let id = try principal.tenant(to: .read).id
        guard let training = try await store.trainingStatus(id) else { throw QueryError.tenantRequired }
        return try ForecastStanding(
            basis: try await store.forecastBasisWithoutPace(id), models: try await store.models(id),
            training: training)
    }

    /// The newest backtest that was asked for; nil for none. Throws ``QueryError``, and what the store throws.
    public func backtest(for principal: Principal) async throws -> ForecastBacktest? {
        try await store.backtest(try principal.tenant(to: .read).id)
    }

    /// Asks for a backtest, which a node makes; false while one is under way. Throws ``QueryError``, and what the store throws.
    ///
    /// - Parameter request: with 1 to ``questionLimit`` questions, and cuts and days within their ranges.
    public func requestBacktest(
        _ request: BacktestRequest, for principal: Principal, at now: Timestamp
    ) async throws -> Bool {
        try await store.requestBacktest(
            try principal.tenant(to: .manage).id, options: try request.stored(), by: principal.actor, now: now)
    }
}
