public import Domain

/// A sample and what became of it.
public struct ObservedSample: Sendable {
    /// What was known at its instant.
    public var sample: Sample
    /// What came after it.
    public var outcome: Outcome

    public init(sample: Sample, outcome: Outcome) {
        self.sample = sample
        self.outcome = outcome
    }
}

extension Outcome {
    /// What was known of it at `cut`.
    public func known(at cut: Timestamp) -> Outcome {
        var known = self
        if let done, done > cut { known.done = nil }
        known.observedUntil = min(observedUntil, cut)
        return known
    }
}

extension Timestamp {
    /// Days from `earlier` to this instant; negative when `earlier` is later.
    public func days(since earlier: Timestamp) -> Double {
        Double(milliseconds - earlier.milliseconds) / 86_400_000
    }

    /// The instant a fraction of days later, to the millisecond.
    func adding(fractionalDays days: Double) -> Timestamp {
        adding(milliseconds: Int64((days * 86_400_000).rounded()))
    }
}
