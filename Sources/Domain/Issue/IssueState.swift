/// Where a value came from in time: the total order in which the latest write of a field wins.
public struct Version: Sendable, Hashable, Comparable, Codable {
    /// The state's own time: `fields.updated` of a full issue, the webhook's `timestamp` otherwise.
    public var at: Timestamp
    /// The changelog entry that led to the state; 0 without one. Later entries have larger ids.
    public var changelog: Int64
    /// The webhook's own `timestamp`.
    public var sentAt: Timestamp
    /// Whether it is of a thin issue: a handful of fields without `updated`, as webhooks of comments carry them. Jira may
    /// have read those before the transition that the comment came with, so they never replace what a whole issue said.
    public var isThin: Bool

    public init(at: Timestamp, changelog: Int64 = 0, sentAt: Timestamp, isThin: Bool = false) {
        self.at = at
        self.changelog = changelog
        self.sentAt = sentAt
        self.isThin = isThin
    }

    public static func < (a: Version, b: Version) -> Bool {
        guard a.isThin == b.isThin else { return a.isThin }
        return (a.at, a.changelog, a.sentAt) < (b.at, b.changelog, b.sentAt)
    }
}

/// A last-writer-wins register: a value and the version that wrote it.
public struct Versioned<Value: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
    /// The latest value.
    public var value: Value
    /// What wrote it.
    public var version: Version

    public init(_ value: Value, _ version: Version) {
        self.value = value
        self.version = version
    }
}

/// The fields of an issue, each with the version that wrote it; nil until an event names it. A value is
/// nil for an empty field.
public struct IssueFields: Sendable, Hashable, Codable {
    /// As ``Issue/key``.
    public var key: Versioned<IssueKey>?
    /// As ``Issue/projectKey``.
    public var projectKey: Versioned<String>?
    /// As ``Issue/projectID``.
    public var projectID: Versioned<String>?
    /// As ``Issue/projectName``.
    public var projectName: Versioned<String?>?
    /// As ``Issue/summary``.
    public var summary: Versioned<String>?
    /// As ``Issue/description``.
    public var description: Versioned<String?>?
    /// As ``Issue/issueType``.
    public var issueType: Versioned<String?>?
    /// As ``Issue/isSubtask``.
    public var isSubtask: Versioned<Bool>?
    /// As ``Issue/priority``.
    public var priority: Versioned<String?>?
    /// As ``Issue/status``.
    public var status: Versioned<Status?>?
    /// As ``Issue/resolution``.
    public var resolution: Versioned<String?>?
    /// As ``Issue/resolvedAt``.
    public var resolvedAt: Versioned<Timestamp?>?
    /// As ``Issue/created``.
    public var created: Versioned<Timestamp>?
    /// As ``Issue/dueDate``.
    public var dueDate: Versioned<CalendarDay?>?
    /// As ``Issue/assignee``.
    public var assignee: Versioned<Person?>?
    /// As ``Issue/reporter``.
    public var reporter: Versioned<Person?>?
    /// As ``Issue/labels``.
    public var labels: Versioned<[String]>?
    /// As ``Issue/components``.
    public var components: Versioned<[String]>?
    /// As ``Issue/storyPoints``.
    public var storyPoints: Versioned<Double?>?
    /// As ``Issue/timeTracking``.
    public var timeTracking: Versioned<TimeTracking?>?
    /// As ``Issue/isFlagged``.
    public var isFlagged: Versioned<Bool>?
    /// As ``Issue/securityLevel``.
    public var securityLevel: Versioned<String?>?
    /// As ``Issue/categoryChangedAt``.
    public var categoryChangedAt: Versioned<Timestamp?>?
    /// As ``Issue/fixVersions``.
    public var fixVersions: Versioned<[ProjectVersion]>?
    /// As ``Issue/affectedVersions``.
    public var affectedVersions: Versioned<[ProjectVersion]>?
    /// As ``Issue/attachments``.
    public var attachments: Versioned<[Attachment]>?
    /// As ``Issue/subtasks``.
    public var subtasks: Versioned<[Subtask]>?
    /// As ``Issue/parent``.
    public var parent: Versioned<ParentIssue?>?
    /// As ``Issue/sprints``.
    public var sprints: Versioned<[Sprint]>?
    /// The whole list of links, as a full issue shows it.
    public var links: Versioned<[IssueLink]>?

    public init() {}
}

/// Whether Jira shows an issue, as the last fetch or full sweep found. Unlike a webhook that the issue was deleted, a later
/// fetch may correct it.
public enum IssuePresence: String, Sendable, Codable {
    case present, hidden, deleted
}

/// Everything known of one issue, in a form that can be joined with more in any order.
///
/// This is a join-semilattice (a state-based CRDT): `RiskEngine`'s fold joins two states field by field, and the
/// join is commutative, associative and idempotent. That is promises P2 and P3. One webhook is itself a small state,
/// so folding an event is joining it.
public struct IssueState: Sendable, Hashable, Codable {
    /// The issue.
    public var id: IssueID
    /// Its fields, each with its version.
    public var fields: IssueFields
    /// The newest revision of each comment seen, deleted ones included.
    public var comments: [CommentID: Comment]
    /// Deleted comments; a deletion is final.
    public var deletedComments: Set<CommentID>
    /// Every changelog item seen; items are never removed.
    public var changes: [ChangeID: Change]
    /// Links made (value) and removed (nil) by `issuelink_*` events.
    public var linkEvents: [LinkID: Versioned<IssueLink?>]
    /// The newest activity in any event: the largest of `updated`, comments, changes, worklogs, without consilod's own writes.
    public var lastActivityAt: Timestamp?
    /// The newest activity of people in any event, as ``Issue/activeAt``; nil where none is known.
    public var lastHumanActivityAt: Timestamp?
    /// The newest webhook `timestamp` joined in.
    public var lastEventAt: Timestamp?
    /// The oldest webhook `timestamp` joined in; nil without one, and in states from before this was kept.
    public var firstEventAt: Timestamp?
    /// Set by a webhook that the issue was deleted; final.
    public var isDeleted: Bool
    /// All comments at the last fetch of the issue, in the order of their ids; nil if it was never fetched. An older comment
    /// that is not among them was deleted. A list that a webhook of Jira Server told is here, too, as a thin one.
    public var wholeComments: Versioned<[CommentID]>?
    /// Whether Jira showed the issue when it was last fetched or listed.
    public var presence: Versioned<IssuePresence>?

    /// When the issue was last fetched; nil if all events came by webhook.
    public var wholeAt: Timestamp? { wholeComments.flatMap { $0.version.isThin ? nil : $0.version.sentAt } }
    /// Whether a comment exists, as far as is known: it was not deleted, and is not missing from a newer complete list.
    public func showsComment(_ id: CommentID) -> Bool {
        guard let comment = comments[id], !deletedComments.contains(id) else { return false }
        guard let whole = wholeComments else { return true }
        // A comment written after the list is not missing from it.
        return comment.created > whole.version.at || whole.value.contains(id)
    }

    /// Whether a whole issue was seen, by webhook or fetch. What is known of another comes from thin webhooks: it lacks
    /// the creation date, due date, priority and most else that a score rests on.
    public var isWhole: Bool { fields.created != nil || fields.key.map { !$0.version.isThin } ?? false }

    /// Whether Jira no longer shows the issue, deleted or hidden.
    public var isGone: Bool { isDeleted || presence.map { $0.value != .present } ?? false }

    public init(id: IssueID) {
        self.id = id
        self.fields = IssueFields()
        self.comments = [:]
        self.deletedComments = []
        self.changes = [:]
        self.linkEvents = [:]
        self.lastActivityAt = nil
        self.lastHumanActivityAt = nil
        self.lastEventAt = nil
        self.firstEventAt = nil
        self.isDeleted = false
        self.wholeComments = nil
        self.presence = nil
    }
}
