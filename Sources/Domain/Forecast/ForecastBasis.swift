/// What forecasts of a tenant's issues rest on beside the model, computed once a day.
public struct ForecastBasis: Sendable, Hashable {
    /// How fast the tenant's projects and people work, in a form that belongs to who makes it.
    public var pace: [UInt8]
    /// The instant up to which `pace` counts facts.
    public var asOf: Timestamp
    /// Issues that the tenant finished in the 24 months before ``asOf``.
    public var finished: Int
    /// When a model of the tenant was last trained and judged; nil for never.
    public var judgedAt: Timestamp?
    /// The model that was judged then, active or not: its verdict says what is shown, and what is missing. Nil for none.
    public var judgedModelID: String?
    /// Since when the model has no skill over age any more, by what has happened; nil while it has.
    public var steppedDownAt: Timestamp?
    /// What the weekly checks found, a JSON object whose form belongs to who makes it; nil before the first.
    public var drift: String?

    public init(
        pace: [UInt8], asOf: Timestamp, finished: Int, judgedAt: Timestamp? = nil, judgedModelID: String? = nil,
        steppedDownAt: Timestamp? = nil, drift: String? = nil
    ) {
        self.pace = pace
        self.asOf = asOf
        self.finished = finished
        self.judgedAt = judgedAt
        self.judgedModelID = judgedModelID
        self.steppedDownAt = steppedDownAt
        self.drift = drift
    }

    /// Whether ``steppedDownAt`` says so.
    public var isSteppedDown: Bool { steppedDownAt != nil }
}
