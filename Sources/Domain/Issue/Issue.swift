/// A Jira account as issues and comments name it. Cloud sends an account id, Server a user name; both go in `id`.
public struct Person: Sendable, Hashable, Codable {
    public var id: String
    public var displayName: String
    /// IANA zone (`Europe/Warsaw`) where Jira told it.
    public var timeZone: String?

    public init(id: String, displayName: String, timeZone: String? = nil) {
        self.id = id
        self.displayName = displayName
        self.timeZone = timeZone
    }
}

/// A workflow status. The category, unlike the name, means the same in every project and language.
public struct Status: Sendable, Hashable, Codable {
    /// Jira's three status categories, by their fixed keys.
    public enum Category: String, Sendable, Codable, CaseIterable {
        case new, indeterminate, done
    }

    public var name: String
    /// Nil where the payload did not say (Jira Server before 6.2, changelog items) and the name is not known for one that
    /// ends the work.
    public var category: Category?

    public init(name: String, category: Category?) {
        self.name = name
        self.category = category
    }
}

/// A sprint as the sprint field of an issue, or a `sprint_*` webhook, describes it.
public struct Sprint: Sendable, Hashable, Codable {
    public var id: String
    public var name: String
    /// `future`, `active` or `closed`.
    public var state: String
    public var boardID: String?
    public var startDate: Timestamp?
    public var endDate: Timestamp?
    public var completeDate: Timestamp?

    public init(
        id: String, name: String, state: String, boardID: String? = nil, startDate: Timestamp? = nil,
        endDate: Timestamp? = nil, completeDate: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.state = state
        self.boardID = boardID
        self.startDate = startDate
        self.endDate = endDate
        self.completeDate = completeDate
    }
}

/// One revision of a comment; `body` is plain text or wiki markup, whichever form Jira sent (ADF is flattened).
public struct Comment: Sendable, Hashable, Codable {
    public var id: CommentID
    public var author: Person?
    public var body: String
    public var created: Timestamp
    public var updated: Timestamp

    public init(id: CommentID, author: Person?, body: String, created: Timestamp, updated: Timestamp) {
        self.id = id
        self.author = author
        self.body = body
        self.created = created
        self.updated = updated
    }
}

/// One field changed by one edit of an issue: one item of a Jira changelog entry.
public struct Change: Sendable, Hashable, Codable {
    public var id: ChangeID
    public var at: Timestamp
    public var author: Person?
    /// Jira's field name: `status`, `assignee`, `duedate`, `Sprint`, …
    public var field: String
    public var from: String?
    public var fromString: String?
    public var to: String?
    public var toString: String?

    public init(
        id: ChangeID, at: Timestamp, author: Person?, field: String, from: String?, fromString: String?, to: String?,
        toString: String?
    ) {
        self.id = id
        self.at = at
        self.author = author
        self.field = field
        self.from = from
        self.fromString = fromString
        self.to = to
        self.toString = toString
    }
}

/// A link of an issue to another, seen from that issue.
public struct IssueLink: Sendable, Hashable, Codable {
    /// What the link says about *this* issue.
    public enum Relation: String, Sendable, Codable {
        case blocks
        case blockedBy = "blocked_by"
        case relatesTo = "relates_to"
    }

    public var id: LinkID
    public var relation: Relation
    /// The link type's name: `Blocks`, `Relates`, `Duplicate`, …
    public var typeName: String
    /// The other issue. A link inside an issue names its key, an `issuelink_*` webhook only its id.
    public var otherID: IssueID?
    public var otherKey: IssueKey?

    public init(id: LinkID, relation: Relation, typeName: String, otherID: IssueID?, otherKey: IssueKey?) {
        self.id = id
        self.relation = relation
        self.typeName = typeName
        self.otherID = otherID
        self.otherKey = otherKey
    }
}

/// An issue as it stands: the fold of everything Jira said about it, resolved to plain values.
///
/// Collections are sorted (comments and changes by time then id, links by id), so that equal issues are equal bytes.
public struct Issue: Sendable, Hashable, Codable {
    public var id: IssueID
    public var key: IssueKey
    public var projectKey: String
    public var projectName: String?
    public var summary: String
    public var description: String?
    public var issueType: String?
    public var priority: String?
    public var status: Status?
    public var resolution: String?
    public var resolvedAt: Timestamp?
    public var created: Timestamp
    /// The newest sign of life: Jira's own `updated`, a comment, a change or logged work, whichever is latest.
    public var updated: Timestamp
    public var dueDate: CalendarDay?
    public var assignee: Person?
    public var reporter: Person?
    public var labels: [String]
    public var components: [String]
    public var storyPoints: Double?
    public var sprints: [Sprint]
    public var comments: [Comment]
    public var changes: [Change]
    public var links: [IssueLink]
    /// Whether it is no longer to be seen in Jira.
    public var isDeleted: Bool
    /// Whether it may be there all the same, but not for consilod's account.
    public var isHidden: Bool

    public init(
        id: IssueID, key: IssueKey, projectKey: String? = nil, projectName: String? = nil, summary: String = "",
        description: String? = nil, issueType: String? = nil, priority: String? = nil, status: Status? = nil,
        resolution: String? = nil, resolvedAt: Timestamp? = nil, created: Timestamp, updated: Timestamp,
        dueDate: CalendarDay? = nil, assignee: Person? = nil, reporter: Person? = nil, labels: [String] = [],
        components: [String] = [], storyPoints: Double? = nil, sprints: [Sprint] = [], comments: [Comment] = [],
        changes: [Change] = [], links: [IssueLink] = [], isDeleted: Bool = false, isHidden: Bool = false
    ) {
        self.id = id
        self.key = key
        self.projectKey = projectKey ?? key.projectKey
        self.projectName = projectName
        self.summary = summary
        self.description = description
        self.issueType = issueType
        self.priority = priority
        self.status = status
        self.resolution = resolution
        self.resolvedAt = resolvedAt
        self.created = created
        self.updated = updated
        self.dueDate = dueDate
        self.assignee = assignee
        self.reporter = reporter
        self.labels = labels
        self.components = components
        self.storyPoints = storyPoints
        self.sprints = sprints
        self.comments = comments
        self.changes = changes
        self.links = links
        self.isDeleted = isDeleted
        self.isHidden = isHidden
    }

    /// Whether the status category says that the work is finished.
    public var isDone: Bool { status?.category == .done }
}
