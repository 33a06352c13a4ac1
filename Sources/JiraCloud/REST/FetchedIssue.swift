public import Domain

/// A whole issue, as Jira had it at one time.
public struct FetchedIssue: Sendable, Hashable {
    /// Jira's number of the issue.
    public var id: IssueID
    /// The key at the time of the fetch.
    public var key: IssueKey
    /// When the issue was last changed, as Jira says; nil where it does not.
    public var updated: Timestamp?
    /// The issue as an event: one JSON document with `webhookEvent` "consilod:issue_fetched", `timestamp` (milliseconds,
    /// when the fetch began) and `issue`, with all comments in `fields.comment` and the whole `changelog`, oldest first.
    /// Every value in it is, byte for byte, what Jira sent.
    public var body: [UInt8]

    public init(id: IssueID, key: IssueKey, updated: Timestamp?, body: [UInt8]) {
        self.id = id
        self.key = key
        self.updated = updated
        self.body = body
    }
}

/// What a fetch of issues brought.
public struct FetchedIssues: Sendable, Hashable {
    /// In the order in which they were asked for.
    public var found: [FetchedIssue]
    /// Those that Jira does not show: deleted, or hidden from the account. Which of the two, Jira does not tell.
    public var missing: [IssueID]

    public init(found: [FetchedIssue], missing: [IssueID]) {
        self.found = found
        self.missing = missing
    }
}
