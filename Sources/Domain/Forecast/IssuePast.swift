/// All that the store holds of an issue's past, as it is stored; ``IssuePast`` is made of it.
public struct StoredIssueHistory: Sendable, Hashable {
    /// What was folded. Comments carry their authors and instants; their texts are empty.
    public var state: IssueState
    /// Length of each comment's text in Unicode scalars.
    public var commentLengths: [CommentID: Int]
    /// What sprint webhooks said of the issue's sprints.
    public var sprintRecords: [SprintRecord]
    /// What was said last of the issue's project; nil for nothing.
    public var project: ProjectRecord?

    public init(
        state: IssueState, commentLengths: [CommentID: Int] = [:], sprintRecords: [SprintRecord] = [],
        project: ProjectRecord? = nil
    ) {
        self.state = state
        self.commentLengths = commentLengths
        self.sprintRecords = sprintRecords
        self.project = project
    }
}

/// The past of one issue: what forecasts learn from. It tells what is known now, with the instants from which the issue as
/// of any earlier instant can be made again.
public struct IssuePast: Sendable, Hashable {
    /// The issue with its whole change log. The texts of its comments are empty, see ``commentLengths``.
    public var issue: Issue
    /// Length of the text of each of `issue.comments` in Unicode scalars, in the same order.
    public var commentLengths: [Int]
    /// From when on all changes are known: the creation where the issue was fetched whole, else the oldest webhook. Nil where
    /// that is unknown: the absence of a change says nothing then.
    public var knownFrom: Timestamp?
    /// When it was deleted or no longer shown, as far as is known; nil while it is shown.
    public var goneAt: Timestamp?
    /// When the store was told the issue's sprints, and thus their dates, as they are; nil for never.
    public var sprintsToldAt: Timestamp?
    /// When links were made that a webhook of their own told, by the link's id; the change log has the others.
    public var linkedAt: [LinkID: Timestamp]

    public init(
        issue: Issue, commentLengths: [Int], knownFrom: Timestamp?, goneAt: Timestamp? = nil,
        sprintsToldAt: Timestamp? = nil, linkedAt: [LinkID: Timestamp] = [:]
    ) {
        self.issue = issue
        self.commentLengths = commentLengths
        self.knownFrom = knownFrom
        self.goneAt = goneAt
        self.sprintsToldAt = sprintsToldAt
        self.linkedAt = linkedAt
    }
}
