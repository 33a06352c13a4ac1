/// Where a value came from in time: the total order in which the latest write of a field wins.
public struct Version: Sendable, Hashable, Comparable, Codable {
    /// The state's own time: `fields.updated` of a full issue, the webhook's `timestamp` otherwise.
    public var at: Timestamp
    /// The changelog entry that led to the state; 0 where there is none. Later entries have larger ids.
    public var changelog: Int64
    /// The webhook's own `timestamp`.
    public var sentAt: Timestamp

    public init(at: Timestamp, changelog: Int64 = 0, sentAt: Timestamp) {
        self.at = at
        self.changelog = changelog
        self.sentAt = sentAt
    }

    public static func < (a: Version, b: Version) -> Bool {
        (a.at, a.changelog, a.sentAt) < (b.at, b.changelog, b.sentAt)
    }
}

/// A last-writer-wins register: a value and the version that wrote it.
public struct Versioned<Value: Sendable & Hashable & Codable>: Sendable, Hashable, Codable {
    public var value: Value
    public var version: Version

    public init(_ value: Value, _ version: Version) {
        self.value = value
        self.version = version
    }
}

/// The fields of an issue, each with the version that wrote it; nil where no event has told the field yet.
public struct IssueFields: Sendable, Hashable, Codable {
    public var key: Versioned<IssueKey>?
    public var projectKey: Versioned<String>?
    public var projectName: Versioned<String?>?
    public var summary: Versioned<String>?
    public var description: Versioned<String?>?
    public var issueType: Versioned<String?>?
    public var priority: Versioned<String?>?
    public var status: Versioned<Status?>?
    public var resolution: Versioned<String?>?
    public var resolvedAt: Versioned<Timestamp?>?
    public var created: Versioned<Timestamp>?
    public var dueDate: Versioned<CalendarDay?>?
    public var assignee: Versioned<Person?>?
    public var reporter: Versioned<Person?>?
    public var labels: Versioned<[String]>?
    public var components: Versioned<[String]>?
    public var storyPoints: Versioned<Double?>?
    public var sprints: Versioned<[Sprint]>?
    /// The whole list of links, as a full issue shows it.
    public var links: Versioned<[IssueLink]>?

    public init() {}
}

/// What a look at Jira says of whether an issue is there. Unlike Jira's own word that it was deleted, a later look may find
/// that it was wrong.
public enum IssuePresence: String, Sendable, Codable {
    case present, hidden, deleted
}

/// Everything known of one issue, in a form that can be joined with more in any order.
///
/// This is a join-semilattice (a state-based CRDT): `RiskEngine`'s fold joins two states field by field, and the
/// join is commutative, associative and idempotent. That is promises P2 and P3. One webhook is itself a small state,
/// so folding an event is joining it.
public struct IssueState: Sendable, Hashable, Codable {
    public var id: IssueID
    public var fields: IssueFields
    /// The newest revision of each comment seen, deleted ones included.
    public var comments: [CommentID: Comment]
    /// Deleted comments; a deletion is final.
    public var deletedComments: Set<CommentID>
    public var changes: [ChangeID: Change]
    /// Links made (value) and removed (nil) by `issuelink_*` events.
    public var linkEvents: [LinkID: Versioned<IssueLink?>]
    /// The newest sign of life told by any event: the largest of `updated`, comments, changes, worklogs.
    public var lastActivityAt: Timestamp?
    /// The newest webhook `timestamp` joined in.
    public var lastEventAt: Timestamp?
    /// Set once Jira said the issue was deleted; final.
    public var isDeleted: Bool
    /// All comments there were when Jira was last asked for the whole issue, in the order of their ids; nil where it was
    /// never asked. A comment that was there before and is not among them was deleted.
    public var wholeComments: Versioned<[CommentID]>?
    /// Whether the issue was still to be seen when Jira was last asked for it.
    public var presence: Versioned<IssuePresence>?

    /// When Jira was last asked for the whole issue; nil when all that is known came by webhook.
    public var wholeAt: Timestamp? { wholeComments?.version.sentAt }
    /// Whether a comment is there, as far as is known: it was not deleted, and not missing from a whole list that is newer.
    public func showsComment(_ id: CommentID) -> Bool {
        guard let comment = comments[id], !deletedComments.contains(id) else { return false }
        guard let whole = wholeComments else { return true }
        // What was written after the whole list is not missing from it.
        return comment.created > whole.version.at || whole.value.contains(id)
    }

    /// Whether the issue is no longer to be seen, deleted or not.
    public var isGone: Bool { isDeleted || presence.map { $0.value != .present } ?? false }

    public init(id: IssueID) {
        self.id = id
        self.fields = IssueFields()
        self.comments = [:]
        self.deletedComments = []
        self.changes = [:]
        self.linkEvents = [:]
        self.lastActivityAt = nil
        self.lastEventAt = nil
        self.isDeleted = false
        self.wholeComments = nil
        self.presence = nil
    }
}
