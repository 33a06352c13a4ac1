public import Domain

/// The samples of a tenant's history: those kept for training, and all of every fourth week, for tests.
///
/// What a sample is does not depend on a later cut, only its weight does; so one set serves all cuts up to its end.
public struct SampleSet: Sendable {
    /// A sample, and its place among the weekly samples of its issue.
    struct Entry: Sendable {
        var sample: Sample
        /// 0 for the first.
        var number: Int
        /// Whether it is for training: kept for its number, or because something happened in its week.
        var isKept: Bool
        var isFourth: Bool
    }

    /// By instant, then by issue.
    let entries: [Entry]
    /// The instants of all weekly samples of each issue, in the order of time.
    private let weeks: [IssueID: [Int64]]
    let histories: [IssueID: IssueHistory]

    init(_ entries: [Entry], weeks: [IssueID: [Int64]], histories: [IssueID: IssueHistory]) {
        self.entries = entries
        self.weeks = weeks
        self.histories = histories
    }

    /// What a model that is trained as of `cut` may learn from, by instant, then by issue.
    ///
    /// A sample of an issue that was observed for n weeks up to the cut weighs g/√n, where g is the number of weeks that it
    /// stands for: those up to the next kept one, or 1 for a sample that is only kept because something happened. So an
    /// issue that stays open for years does not outweigh the others.
    public func training(at cut: Timestamp) -> [Sample] {
        var counts: [IssueID: Int] = [:]
        return entries.compactMap { entry in
            guard entry.isKept, entry.sample.at <= cut else { return nil }
            let issue = entry.sample.issue
            let all = counts[issue] ?? weeks[issue]?.firstIndex(after: cut.milliseconds) ?? 0
            counts[issue] = all
            let gap = SampleGrid.gap(after: entry.number).map { min($0, all - entry.number) } ?? 1
            var sample = entry.sample
            sample.weight = Float(Double(gap) / Double(all).squareRoot())
            return sample
        }
    }

    /// The samples of every fourth week in (`after`, `through`], by instant, then by issue; all of weight 1.
    public func tests(after: Timestamp, through: Timestamp) -> [Sample] {
        entries.filter { $0.isFourth && $0.sample.at > after && $0.sample.at <= through }.map(\.sample)
    }

    /// What became of the issue of a sample, as known at `cut`.
    public func outcome(of sample: Sample, at cut: Timestamp) -> Outcome {
        histories[sample.issue]?.outcome(after: sample.at, cut: cut) ?? Outcome(done: nil, observedUntil: sample.at)
    }
}

extension IssueHistory {
    /// What became of the issue after an instant, as known at `cut`.
    public func outcome(after at: Timestamp, cut: Timestamp) -> Outcome {
        let until = min(cut, goneAt ?? cut)
        let next = done.first { $0 > at }
        return Outcome(done: next.flatMap { $0 <= until ? $0 : nil }, observedUntil: until)
    }
}
