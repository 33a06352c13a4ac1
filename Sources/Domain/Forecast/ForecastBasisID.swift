/// What a tenant's forecasts are made with, without what is large: equal ones give equal forecasts of the same issue.
public struct ForecastBasisID: Sendable, Hashable {
    /// When the tenant's pace was taken.
    public var asOf: Timestamp
    /// Issues that the tenant finished in the 24 months before.
    public var finished: Int
    /// Whether the model has lost its skill over age since it was judged.
    public var isSteppedDown: Bool
    /// The newest judged model, also one that lost; nil before the first.
    public var modelID: String?

    public init(asOf: Timestamp, finished: Int, isSteppedDown: Bool, modelID: String?) {
        self.asOf = asOf
        self.finished = finished
        self.isSteppedDown = isSteppedDown
        self.modelID = modelID
    }

    /// Under which a forecast names what made it: the model, `prior` before the first one, and whether it was stepped down.
    public var modelKey: String { (modelID ?? "prior") + (isSteppedDown ? ":stepped-down" : "") }

    /// A forecast as of earlier is stale: the pace is newer, or it is older than a day.
    public func staleBefore(now: Timestamp) -> Timestamp { max(asOf, now.adding(days: -1)) }
}

extension ForecastBasisID {
    public init(_ basis: ForecastBasis) {
        self.init(
            asOf: basis.asOf, finished: basis.finished, isSteppedDown: basis.isSteppedDown,
            modelID: basis.judgedModelID)
    }
}
