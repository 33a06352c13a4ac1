public import Domain

/// A change that somebody might make to an issue, or to one that it waits for.
public enum HypotheticalChange: Sendable, Hashable {
    /// The kinds, by the words of the API.
    public enum Kind: String, Sendable, CaseIterable {
        case blockerResolved = "blocker_resolved"
        case linkRemoved = "link_removed"
        case dueDate = "due_date"
        case assignee, status, comment
        case removeFromSprint = "remove_from_sprint"
        case addToSprint = "add_to_sprint"

        /// Those that speak of an issue alone, without a sprint.
        public static let ofIssues: [Kind] = [.blockerResolved, .linkRemoved, .dueDate, .assignee, .status, .comment]
    }

    /// What an open blocker stands on is over: the linked issue is done, the flag is taken off, the issue leaves the status that
    /// says so, or a comment says that it is resolved. The blocker is named by one piece of its evidence.
    case blockerResolved(Evidence.Kind, id: String)
    /// All links to this issue are removed.
    case linkRemoved(IssueKey)
    /// The due date is another; nil for none.
    case dueDate(CalendarDay?)
    /// Somebody else has it, named by account id or by display name; nil for no assignee.
    case assignee(String?)
    /// It has another status of the tenant's, named by id or by name.
    case status(String)
    /// Somebody comments.
    case comment(String)
    /// It is taken out of the sprint that is spoken of.
    case removeFromSprint
    /// It is put into the sprint that is spoken of.
    case addToSprint
}

/// Why a hypothetical change cannot be made to an issue.
public struct HypothesisError: Error, Sendable, Hashable {
    /// What is wrong with the change.
    public enum Problem: Sendable, Hashable {
        /// The evidence is of no open blocker.
        case unknownBlocker
        /// The blocker is a status of which nothing says what the issue would move to.
        case unknownFormerStatus
        /// The issue has no link to the other one.
        case unknownLink
        /// No issue of the tenant was seen in the status.
        case unknownStatus
        /// The issue is not in the sprint, or none is spoken of.
        case notInSprint
        /// The issue is in the sprint already, or none is spoken of.
        case inSprintAlready
    }

    /// Which of the changes, from 0.
    public var index: Int
    /// What is wrong with it.
    public var problem: Problem
}
