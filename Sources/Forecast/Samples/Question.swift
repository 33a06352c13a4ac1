public import Domain

/// A deadline that a forecast is asked about: will the issue be done by then?
public enum Question: Sendable, Hashable {
    /// The team's usual time: creation + U80 of the sample.
    case usual
    /// The end of the due day.
    case due
    /// The end of the active sprint.
    case sprint
    /// So many days after the sample.
    case horizon(days: Int)

    /// What every training of a tenant is asked, in the order of its verdicts.
    public static let judged: [Question] = [.usual, .due, .sprint, .horizon(days: 30)]

    /// The deadline of a sample; nil if it has none.
    public func deadline(of sample: Sample) -> Timestamp? {
        switch self {
        case .usual:
            guard sample.usual.isFinite else { return nil }
            return sample.created.adding(milliseconds: Int64((sample.usual * 86_400_000).rounded()))
        case .due: return sample.due
        case .sprint: return sample.sprintEnd
        case .horizon(let days): return sample.at.adding(days: days)
        }
    }

    /// Whether the question is open as of the sample: there is a deadline, and it is still to come.
    public func isOpen(for sample: Sample) -> Bool { deadline(of: sample).map { $0 > sample.at } ?? false }

    /// Whether the issue was late, done after the deadline or not at all; nil where that may not be learned from.
    ///
    /// Purging: a sample is admitted only if its deadline is not after the cut, whatever became of it. To admit issues
    /// that were finished early while their window is still open would teach "on time". An issue that was deleted or
    /// hidden before its deadline, still open, has no answer.
    public func isLate(_ sample: Sample, _ outcome: Outcome, cut: Timestamp) -> Bool? {
        guard let deadline = deadline(of: sample), deadline > sample.at, deadline <= cut else { return nil }
        if let done = outcome.done, done <= deadline { return false }
        return outcome.observedUntil >= deadline || outcome.done != nil ? true : nil
    }
}
