public import Domain

/// An issue from its creation to its end, as far as it was observed; also of issues too short for a sample.
public struct IssueLifetime: Sendable, Hashable {
    /// When it was created.
    public var created: Timestamp
    /// First entry into done; nil if there was none.
    public var done: Timestamp?
    /// Up to when it was observed: the end of what is known, or when it was deleted or hidden.
    public var observedUntil: Timestamp

    public init(created: Timestamp, done: Timestamp?, observedUntil: Timestamp) {
        self.created = created
        self.done = done
        self.observedUntil = observedUntil
    }
}

/// A score that is no probability, to rank the same issues by: the rule score of a profile.
public struct RankingScore: Sendable {
    /// As the figures name it: `standard`, `classic`.
    public var name: String
    /// The score as of a sample, higher for more risk; nil: it has no score.
    public var value: @Sendable (Sample) -> Double?

    public init(name: String, value: @escaping @Sendable (Sample) -> Double?) {
        self.name = name
        self.value = value
    }
}

/// What a backtest runs on. Nothing is fetched: all of it is there, or comes from the closure.
public struct BacktestInput: Sendable {
    /// Samples every 28 days with what became of them up to ``end``.
    public var grid: [ObservedSample]
    /// The weekly, thinned samples up to a cut, with weights that know nothing of later.
    public var training: @Sendable (Timestamp) throws -> [ObservedSample]
    /// All issues.
    public var lifetimes: [IssueLifetime]
    /// The end of what is known.
    public var end: Timestamp
    /// Rule scores to compare with.
    public var scores: [RankingScore] = []
    /// What is not in the samples and why, as their maker knows it.
    public var leftOut: [LeftOut] = []

    public init(
        grid: [ObservedSample], lifetimes: [IssueLifetime], end: Timestamp,
        training: @escaping @Sendable (Timestamp) throws -> [ObservedSample]
    ) {
        self.grid = grid
        self.lifetimes = lifetimes
        self.end = end
        self.training = training
    }

    /// Issues that were finished in the 730 days before `cut`.
    public func finished(before cut: Timestamp) -> Int {
        lifetimes.count { life in life.done.map { $0 <= cut && $0 > cut.adding(days: -730) } ?? false }
    }
}

/// What a backtest is asked.
public struct BacktestOptions: Sendable {
    /// How many cuts, each ``horizonDays`` before the next; the last one as long before the end. At least 1.
    public var cuts = 6
    /// Days that are predicted from a cut on; at least 1.
    public var horizonDays = 184
    /// Cuts that take the place of the computed ones; empty: computed.
    public var instants: [Timestamp] = []
    /// One model answers them all.
    public var questions: [Question] = [.usual]
    /// How the model is trained at each cut, its prior included.
    public var training = HazardTraining()

    public init() {}

    /// The cuts, oldest first.
    func cutInstants(end: Timestamp) -> [Timestamp] {
        guard instants.isEmpty else { return instants.sorted() }
        return (1...max(cuts, 1)).reversed().map { end.adding(days: -$0 * horizonDays) }
    }
}

/// Samples or issues that a figure does not speak of.
public struct LeftOut: Sendable, Codable, Equatable {
    /// Why, in words.
    public var reason: String
    /// How many.
    public var count: Int

    public init(reason: String, count: Int) {
        self.reason = reason
        self.count = count
    }

    private enum CodingKeys: String, CodingKey { case reason, count }
}
