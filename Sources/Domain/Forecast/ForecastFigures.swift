/// How the training of forecasts stands, over all tenants.
public struct ForecastFigures: Sendable, Hashable {
    /// Tenants whose own model is in use.
    public var activeModels = 0
    /// Tenants whose model has stepped down, for it does no better than age alone any more.
    public var steppedDown = 0
    /// Tenants whose last training failed.
    public var failing = 0
    /// Tenants whose forecasts could not be made again, and are tried again later.
    public var failingRefreshes = 0
    /// Backtests that wait, or are worked on.
    public var waitingBacktests = 0

    public init() {}
}
