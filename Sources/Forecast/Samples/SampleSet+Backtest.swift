public import Domain

extension SampleSet {
    /// What a model that is trained as of `cut` learns from: ``training(at:)`` with what became of it up to the cut.
    public func observedTraining(at cut: Timestamp) -> [ObservedSample] {
        training(at: cut).map { ObservedSample(sample: $0, outcome: outcome(of: $0, at: cut)) }
    }

    /// What a backtest runs on.
    ///
    /// - Parameter end: the end of what is known; the set's samples go up to there.
    public func backtestInput(end: Timestamp) -> BacktestInput {
        let grid = tests(after: Timestamp(milliseconds: .min), through: end)
        return BacktestInput(
            grid: grid.map { ObservedSample(sample: $0, outcome: outcome(of: $0, at: end)) },
            lifetimes: lifetimes(at: end), end: end
        ) { observedTraining(at: $0) }
    }

    /// All issues that were known whole from their creation on, by id.
    private func lifetimes(at end: Timestamp) -> [IssueLifetime] {
        histories.values.filter { $0.completeSince == $0.created && $0.created <= end }.sorted { $0.id < $1.id }.map {
            let until = min(end, $0.goneAt ?? end)
            return IssueLifetime(
                created: $0.created, done: $0.done.first.flatMap { $0 <= until ? $0 : nil }, observedUntil: until)
        }
    }
}
