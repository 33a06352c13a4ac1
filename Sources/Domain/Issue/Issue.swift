/// A Jira account as issues and comments name it. Cloud sends an account id, Server a user name; both go in `id`.
public struct Person: Sendable, Hashable, Codable {
    /// Account id (Jira Cloud) or user name (Jira Server).
    public var id: String
    /// The name that Jira shows.
    public var displayName: String
    /// IANA zone (`Europe/Warsaw`); nil if Jira did not send it.
    public var timeZone: String?
    /// Whether it is the account of an app (`accountType` is `app`): an automation, no member of the team.
    public var isApp: Bool

    public init(id: String, displayName: String, timeZone: String? = nil, isApp: Bool = false) {
        self.id = id
        self.displayName = displayName
        self.timeZone = timeZone
        self.isApp = isApp
    }
}

/// A workflow status. The category, unlike the name, means the same in every project and language.
public struct Status: Sendable, Hashable, Codable {
    /// Jira's three status categories, by their fixed keys.
    public enum Category: String, Sendable, Codable, CaseIterable {
        case new, indeterminate, done
    }

    /// Jira's numeric id, as a string, which survives a renaming; nil where the payload has none.
    public var id: String?
    /// As the workflow calls it, in its language.
    public var name: String
    /// Nil if the payload has none (Jira Server before 6.2, changelog items) and the name is not one of the configured
    /// statuses that complete the work.
    public var category: Category?

    public init(id: String? = nil, name: String, category: Category?) {
        self.id = id
        self.name = name
        self.category = category
    }
}

/// A sprint as the sprint field of an issue, or a `sprint_*` webhook, describes it.
public struct Sprint: Sendable, Hashable, Codable {
    /// Jira's numeric id, as a string.
    public var id: String
    /// As the board shows it.
    public var name: String
    /// `future`, `active` or `closed`.
    public var state: String
    /// The board it was created on; nil where Jira did not say.
    public var boardID: String?
    /// When it was started, or is planned to start; nil for a future sprint without a date.
    public var startDate: Timestamp?
    /// When it is planned to end; nil for a future sprint without a date.
    public var endDate: Timestamp?
    /// When it was closed; nil until then.
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
    /// Unique in the Jira site.
    public var id: CommentID
    /// Nil for an anonymous or deleted account.
    public var author: Person?
    /// Plain text or wiki markup; may be empty.
    public var body: String
    /// When it was written.
    public var created: Timestamp
    /// When this revision was written; `created` for the first.
    public var updated: Timestamp
    /// Whether not everybody who sees the issue may read it: it is visible to a role or group only, or internal to a
    /// service desk.
    public var isRestricted: Bool

    public init(
        id: CommentID, author: Person?, body: String, created: Timestamp, updated: Timestamp, isRestricted: Bool = false
    ) {
        self.id = id
        self.author = author
        self.body = body
        self.created = created
        self.updated = updated
        self.isRestricted = isRestricted
    }
}

/// One field changed by one edit of an issue: one item of a Jira changelog entry.
public struct Change: Sendable, Hashable, Codable {
    /// Unique in the Jira site.
    public var id: ChangeID
    /// When the edit was made.
    public var at: Timestamp
    /// Nil for an automation without an account.
    public var author: Person?
    /// Jira's field name: `status`, `assignee`, `duedate`, `Sprint`, …
    public var field: String
    /// The value before, as an id where the field has ids; nil for none.
    public var from: String?
    /// The value before, as Jira shows it; nil for none.
    public var fromString: String?
    /// The value after, as an id where the field has ids; nil for none.
    public var to: String?
    /// The value after, as Jira shows it; nil for none.
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

    /// Whether it came without Jira's number of the entry, as Jira Automation sends it: its id is made of its instant, and
    /// begins with a `t`. A fetch of the whole issue brings the same change under its number.
    public var isUnnumbered: Bool { id.rawValue.hasPrefix("t") }
}

/// A link of an issue to another, seen from that issue.
public struct IssueLink: Sendable, Hashable, Codable {
    /// What the link says about *this* issue.
    public enum Relation: String, Sendable, Codable {
        case blocks
        case blockedBy = "blocked_by"
        case relatesTo = "relates_to"
    }

    /// Unique in the Jira site.
    public var id: LinkID
    /// What the link says about this issue.
    public var relation: Relation
    /// The link type's name: `Blocks`, `Relates`, `Duplicate`, …
    public var typeName: String
    /// The other issue. A link inside an issue names its key, an `issuelink_*` webhook only its id.
    public var otherID: IssueID?
    /// The other issue's key; nil where only its id is known.
    public var otherKey: IssueKey?
    /// The other issue's status when the link was told; nil where Jira did not say.
    public var otherStatus: Status?

    public init(
        id: LinkID, relation: Relation, typeName: String, otherID: IssueID?, otherKey: IssueKey?,
        otherStatus: Status? = nil
    ) {
        self.id = id
        self.relation = relation
        self.typeName = typeName
        self.otherID = otherID
        self.otherKey = otherKey
        self.otherStatus = otherStatus
    }
}

/// The current state of an issue: the fold of all its events, resolved to plain values.
///
/// Collections are sorted (comments and changes by time then id, links by id), so that equal issues are equal bytes.
public struct Issue: Sendable, Hashable, Codable {
    /// Survives renames and moves.
    public var id: IssueID
    /// The current key.
    public var key: IssueKey
    /// The current project's key.
    public var projectKey: String
    /// The project's id, which survives a change of its key; nil where Jira did not say.
    public var projectID: String?
    /// Nil where Jira did not say.
    public var projectName: String?
    /// Empty until an event names it.
    public var summary: String
    /// Plain text or wiki markup; nil for none.
    public var description: String?
    /// `Story`, `Bug`, …; nil where Jira did not say.
    public var issueType: String?
    /// Whether it is a sub-task of another issue, whose work it is part of.
    public var isSubtask: Bool
    /// The priority's name; nil for none.
    public var priority: String?
    /// Nil until an event names it.
    public var status: Status?
    /// The resolution's name; nil while unresolved.
    public var resolution: String?
    /// When it was resolved; nil while unresolved.
    public var resolvedAt: Timestamp?
    /// When it was created in Jira.
    public var created: Timestamp
    /// The newest activity: Jira's own `updated`, a comment, a change or logged work, whichever is latest.
    public var updated: Timestamp
    /// The newest activity of people: as `updated`, without what apps did and changes of rank.
    public var activeAt: Timestamp
    /// When its status last changed category, as Jira says; nil where it does not.
    public var categoryChangedAt: Timestamp?
    /// Nil for none.
    public var dueDate: CalendarDay?
    /// Nil while unassigned.
    public var assignee: Person?
    /// Nil where Jira did not say.
    public var reporter: Person?
    /// As Jira lists them.
    public var labels: [String]
    /// Names, as Jira lists them.
    public var components: [String]
    /// The estimate; nil for none.
    public var storyPoints: Double?
    /// Estimated and logged work; nil where the site does not track time on the issue.
    public var timeTracking: TimeTracking?
    /// Whether it carries Jira's flag, the mark of an impediment.
    public var isFlagged: Bool
    /// The name of its security level, which only some may see; nil for none.
    public var securityLevel: String?
    /// The versions that it is to be part of; nil where no event named them.
    public var fixVersions: [ProjectVersion]?
    /// The versions that it was found in; nil where no event named them.
    public var affectedVersions: [ProjectVersion]?
    /// Its files; nil where no event named them.
    public var attachments: [Attachment]?
    /// Its sub-tasks; nil where no event named them.
    public var subtasks: [Subtask]?
    /// The issue that it is part of; nil for none, and where no event named it.
    public var parent: ParentIssue?
    /// All sprints it is or was in, as its sprint field lists them.
    public var sprints: [Sprint]
    /// Comments that exist, oldest first.
    public var comments: [Comment]
    /// The known changelog, oldest first.
    public var changes: [Change]
    /// Links that exist, by id.
    public var links: [IssueLink]
    /// Whether Jira no longer shows it.
    public var isDeleted: Bool
    /// Whether it may still exist, but is not visible to consilod's account.
    public var isHidden: Bool

    public init(
        id: IssueID, key: IssueKey, projectKey: String? = nil, projectID: String? = nil, projectName: String? = nil,
        summary: String = "", description: String? = nil, issueType: String? = nil, isSubtask: Bool = false,
        priority: String? = nil, status: Status? = nil, resolution: String? = nil, resolvedAt: Timestamp? = nil,
        created: Timestamp, updated: Timestamp, activeAt: Timestamp? = nil, categoryChangedAt: Timestamp? = nil,
        dueDate: CalendarDay? = nil, assignee: Person? = nil, reporter: Person? = nil, labels: [String] = [],
        components: [String] = [], storyPoints: Double? = nil, timeTracking: TimeTracking? = nil,
        isFlagged: Bool = false, securityLevel: String? = nil, fixVersions: [ProjectVersion]? = nil,
        affectedVersions: [ProjectVersion]? = nil, attachments: [Attachment]? = nil, subtasks: [Subtask]? = nil,
        parent: ParentIssue? = nil, sprints: [Sprint] = [], comments: [Comment] = [], changes: [Change] = [],
        links: [IssueLink] = [], isDeleted: Bool = false, isHidden: Bool = false
    ) {
        self.id = id
        self.key = key
        self.projectKey = projectKey ?? key.projectKey
        self.projectID = projectID
        self.projectName = projectName
        self.summary = summary
        self.description = description
        self.issueType = issueType
        self.isSubtask = isSubtask
        self.priority = priority
        self.status = status
        self.resolution = resolution
        self.resolvedAt = resolvedAt
        self.created = created
        self.updated = updated
        self.activeAt = activeAt ?? updated
        self.categoryChangedAt = categoryChangedAt
        self.dueDate = dueDate
        self.assignee = assignee
        self.reporter = reporter
        self.labels = labels
        self.components = components
        self.storyPoints = storyPoints
        self.timeTracking = timeTracking
        self.isFlagged = isFlagged
        self.securityLevel = securityLevel
        self.fixVersions = fixVersions
        self.affectedVersions = affectedVersions
        self.attachments = attachments
        self.subtasks = subtasks
        self.parent = parent
        self.sprints = sprints
        self.comments = comments
        self.changes = changes
        self.links = links
        self.isDeleted = isDeleted
        self.isHidden = isHidden
    }

    /// Whether the status category is `done`.
    public var isDone: Bool { status?.category == .done }
    /// Whether nothing about it is a risk any more, done or gone, whatever its score says (`classic` scores finished issues too).
    public var isOver: Bool { isDone || isDeleted }
}
