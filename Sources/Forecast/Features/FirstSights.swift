public import Domain

/// What an `Issue` does not say of itself: when what has no date of its own became known, and to when its history goes back.
///
/// What is missing here counts from the latest that is known of the issue, `Issue.updated`: too late for the past, but
/// never too early.
public struct FirstSights: Sendable, Hashable {
    /// Since when the whole history of the issue is known: its creation, if it was fetched with its change log or seen by
    /// webhook from its creation on; else its first fetch. Nil if it was never seen whole: then it has no samples.
    public var completeSince: Timestamp?
    /// When it was found deleted or hidden; nil while it is not, or where that is not known.
    public var goneAt: Timestamp?
    /// When `issuelink_*` events told links that the change log does not have. Links in neither are taken to be as old as
    /// the issue.
    public var links: [LinkID: Timestamp]
    /// Since when sub-tasks are sub-tasks of the issue: usually their creation.
    public var subtasks: [IssueID: Timestamp]

    public init(
        completeSince: Timestamp?, goneAt: Timestamp? = nil, links: [LinkID: Timestamp] = [:],
        subtasks: [IssueID: Timestamp] = [:]
    ) {
        self.completeSince = completeSince
        self.goneAt = goneAt
        self.links = links
        self.subtasks = subtasks
    }
}
