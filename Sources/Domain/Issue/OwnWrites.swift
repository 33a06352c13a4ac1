/// What tells consilod's own writes into a tenant's Jira apart when Jira reports them (decision 0058).
public struct OwnWrites: Sendable, Hashable, Codable {
    /// Ids of the custom fields that scores were ever written to: a change of one is no activity, by any account.
    public var fields: Set<String>
    /// Account ids that comments were ever posted under.
    public var accounts: Set<String>

    public init(fields: Set<String> = [], accounts: Set<String> = []) {
        self.fields = fields
        self.accounts = accounts
    }

    /// Whether nothing was ever written.
    public var isEmpty: Bool { fields.isEmpty && accounts.isEmpty }
}

extension Person {
    /// Stands as the author of what consilod itself has written into Jira. Jira gives no account this id.
    public static let consilod = Person(id: "consilod:own", displayName: "consilod", isApp: true)

    /// Whether it stands for consilod itself.
    public var isConsilod: Bool { id == Self.consilod.id }
}

extension Change {
    /// Whether it is of a field that consilod writes its scores to: no activity, and no part of what is scored.
    public var isOwn: Bool { author?.isConsilod ?? false }
}

extension Comment {
    /// Whether consilod posted it: no activity, and no part of what is scored.
    public var isOwn: Bool { author?.isConsilod ?? false }
}

extension IssueState {
    /// When Jira last noted something that consilod itself wrote; nil where it never did. Jira dates the whole issue by it.
    public var lastOwnAt: Timestamp? {
        let changed = changes.values.lazy.filter(\.isOwn).map(\.at).max()
        let commented = comments.values.lazy.filter(\.isOwn).map(\.updated).max()
        return [changed, commented].compactMap(\.self).max()
    }
}
