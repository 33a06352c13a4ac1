import Domain

/// Something honest that people can do about an issue, and that its factors know of.
public struct RemedyAction: Sendable, Hashable {
    /// What kinds there are, by the words of the API.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Answer a question that has had no answer.
        case answerQuestion = "answer_question"
        /// Assign an issue that has no assignee.
        case assign
        /// Begin work that has not begun.
        case beginWork = "begin_work"
        /// Finish an issue that blocks this one, or remove a link that does not hold any more.
        case finishBlockingIssue = "finish_blocking_issue"
        /// Remove an impediment, and then move the issue out of the status that says so.
        case leaveStatus = "leave_status"
        /// Agree on another due date.
        case moveDueDate = "move_due_date"
        /// Say where the work stands.
        case postUpdate = "post_update"
        /// Remove an impediment, and then the flag that says so.
        case removeFlag = "remove_flag"
        /// Settle what comments wait for, and say so.
        case resolveComments = "resolve_comments"

        /// What it takes, for one impediment: 1 is a minute of one person, 2 an agreement, 3 and more is work. Set by hand.
        public var effort: Int {
            switch self {
            case .answerQuestion, .assign, .postUpdate: 1
            case .moveDueDate: 2
            case .leaveStatus, .removeFlag, .resolveComments: 3
            case .beginWork: 4
            case .finishBlockingIssue: 5
            }
        }
    }

    /// What is done of it in the issue, or in one that blocks it.
    enum Step: Sendable, Hashable {
        case finish([LinkID])
        case comment(String)
        case move(Status)
        case removeFlag
        case assign
        case setDueDate(CalendarDay)
    }

    /// What kind it is.
    public var kind: Kind
    /// Unique among the actions of an issue, and the same as long as they are.
    public var name: String
    /// What to do, in one sentence.
    public var sentence: String
    /// That of its kind, for each impediment that it removes.
    public var effort: Int
    var steps: [Step]

    /// - Parameters:
    ///   - what: which one it is, where there may be several of a kind.
    ///   - count: how many impediments it removes.
    init(_ kind: Kind, what: String? = nil, count: Int = 1, _ sentence: String, _ steps: Step...) {
        self.kind = kind
        self.name = what.map { "\(kind.rawValue):\($0)" } ?? kind.rawValue
        self.sentence = sentence
        self.effort = kind.effort * count
        self.steps = steps
    }
}
