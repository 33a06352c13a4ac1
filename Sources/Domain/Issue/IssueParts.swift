/// A version of a project, as an issue's `fixVersions` or `versions` name it.
public struct ProjectVersion: Sendable, Hashable, Codable {
    /// Jira's numeric id, as a string.
    public var id: String
    /// As the project calls it.
    public var name: String
    /// Whether it was released, as of when the issue was last seen.
    public var isReleased: Bool
    /// When it was or is planned to be released; nil for none.
    public var releaseDate: CalendarDay?

    public init(id: String, name: String, isReleased: Bool = false, releaseDate: CalendarDay? = nil) {
        self.id = id
        self.name = name
        self.isReleased = isReleased
        self.releaseDate = releaseDate
    }
}

/// A file attached to an issue: who added it and when. Neither its name nor what is in it is kept.
public struct Attachment: Sendable, Hashable, Codable {
    /// Jira's numeric id, as a string.
    public var id: String
    /// When it was added.
    public var created: Timestamp
    /// Nil for an anonymous or deleted account.
    public var author: Person?

    public init(id: String, created: Timestamp, author: Person? = nil) {
        self.id = id
        self.created = created
        self.author = author
    }
}

/// A sub-task, as its parent lists it.
public struct Subtask: Sendable, Hashable, Codable {
    /// The sub-task's id.
    public var id: IssueID
    /// Its key when its parent was last seen.
    public var key: IssueKey
    /// Its status when its parent was last seen; nil where Jira did not say.
    public var status: Status?

    public init(id: IssueID, key: IssueKey, status: Status? = nil) {
        self.id = id
        self.key = key
        self.status = status
    }
}

/// The issue that another is part of: a sub-task's parent, or the epic of a story.
public struct ParentIssue: Sendable, Hashable, Codable {
    /// The parent's id.
    public var id: IssueID
    /// Its key when the child was last seen; nil where Jira did not say.
    public var key: IssueKey?

    public init(id: IssueID, key: IssueKey? = nil) {
        self.id = id
        self.key = key
    }
}
