public import Domain

/// What became of the deadlines that an issue had at an instant, as far as is known at a later one: late is what
/// ``Question/isLate(_:_:cut:)`` calls late.
public struct DeadlineFate: Sendable, Hashable {
    /// What became of one of them.
    public enum Answer: Sendable, Hashable {
        /// There was no such deadline to come, or the issue was gone before it.
        case none
        /// It is still to come.
        case pending
        /// The issue was done by then.
        case met
        /// The issue was not done at this instant.
        case missed(at: Timestamp)
    }

    /// Of the end of its due day.
    public var due: Answer
    /// Of the planned end of its active sprint.
    public var sprint: Answer
    /// When the issue was first reopened after the instant, having been done; nil for never.
    public var reopenedAt: Timestamp?

    /// The first deadline that was missed; nil for none.
    public var missedAt: Timestamp? {
        [due, sprint].compactMap { if case .missed(let at) = $0 { at } else { nil } }.min()
    }

    /// Whether a deadline is still to come.
    public var isPending: Bool { due == .pending || sprint == .pending }
    /// Whether a deadline was met.
    public var isMet: Bool { due == .met || sprint == .met }
}

/// A deadline that passed while the issue was open.
public struct MissedDeadline: Sendable, Hashable {
    /// Which one: ``ForecastQuestion/due`` or ``ForecastQuestion/sprint``.
    public var question: ForecastQuestion
    /// When it passed.
    public var at: Timestamp
    /// The key of the project that the issue was in.
    public var projectKey: String
}
