/// What was said last of a project, by `project_*` webhooks or by its issues. Its id survives a change of its key, of which
/// Jira sends no issue webhooks.
public struct ProjectRecord: Sendable, Hashable {
    /// Jira's numeric id, as a string.
    public var id: String
    /// The key, in capital letters.
    public var key: String
    /// Whether it was deleted, moved to the trash or archived.
    public var isGone: Bool
    /// The time of the event that said so.
    public var toldAt: Timestamp

    public init(id: String, key: String, isGone: Bool, toldAt: Timestamp) {
        self.id = id
        self.key = key
        self.isGone = isGone
        self.toldAt = toldAt
    }

    /// Whether another word says the same of the project, at whatever time.
    public func saysTheSame(as other: ProjectRecord?) -> Bool { key == other?.key && isGone == other?.isGone }

    /// Whether this word replaces another: the later one does; at one instant that the project is gone, then the larger key,
    /// so that the order of arrival decides nothing.
    public func isNewer(than other: ProjectRecord) -> Bool {
        guard toldAt == other.toldAt else { return toldAt > other.toldAt }
        return (isGone ? 1 : 0, key) > (other.isGone ? 1 : 0, other.key)
    }
}

extension IssueKey {
    /// The key of this issue in a project that is called `projectKey` now: `PAY-12` in `BILL` is `BILL-12`.
    public func moved(toProject projectKey: String) -> IssueKey {
        guard let dash = rawValue.lastIndex(of: "-") else { return self }
        return IssueKey(projectKey + rawValue[dash...])
    }
}
