public import Domain

/// What became of the issue of a sample, as far as is known at a cut: it reads facts after the sample, up to the cut.
public struct Outcome: Sendable, Hashable {
    /// First entry into status category `done` after the sample; nil if there was none while it was observed.
    public var done: Timestamp?
    /// Up to when the issue was observed: the cut, or the instant at which it was deleted or hidden if that was before.
    public var observedUntil: Timestamp

    public init(done: Timestamp?, observedUntil: Timestamp) {
        self.done = done
        self.observedUntil = observedUntil
    }
}
