public import Domain

extension BacktestInput {
    /// The input of a tenant's histories.
    ///
    /// - Parameters:
    ///   - samples: of these histories, up to `end`.
    ///   - end: the end of what is known.
    public init(_ samples: SampleSet, histories: [IssueHistory], end: Timestamp) {
        self.init(
            grid: samples.tests(after: Timestamp(milliseconds: .min), through: end).map {
                ObservedSample(sample: $0, outcome: samples.outcome(of: $0, at: end))
            },
            lifetimes: histories.map { IssueLifetime($0, end: end) }, end: end,
            training: { samples.observed(at: $0) })
        let unseen = histories.count { $0.completeSince == nil }
        if unseen > 0 { leftOut = [LeftOut(reason: "issues that were never seen whole", count: unseen)] }
    }
}

extension IssueLifetime {
    /// The lifetime of a history, as known at `end`.
    public init(_ history: IssueHistory, end: Timestamp) {
        let outcome = history.outcome(after: Timestamp(milliseconds: .min), cut: end)
        self.init(created: history.created, done: outcome.done, observedUntil: outcome.observedUntil)
    }
}

extension SampleSet {
    /// The training samples as of `cut`, with what was known of their outcomes then.
    public func observed(at cut: Timestamp) -> [ObservedSample] {
        training(at: cut).map { ObservedSample(sample: $0, outcome: outcome(of: $0, at: cut)) }
    }
}
