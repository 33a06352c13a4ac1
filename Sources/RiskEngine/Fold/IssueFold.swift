public import Domain

/// The fold of an issue: what Jira said in many webhooks, brought together in any order to one picture (P2, P3).
public enum IssueFold {
    /// Everything that either state knows. Commutative, associative and idempotent: the least upper bound of a
    /// join-semilattice, so the order and the number of the webhooks do not matter.
    ///
    /// - Precondition: both are states of the same issue; the result carries the id of `a`.
    public static func join(_ a: IssueState, _ b: IssueState) -> IssueState {
        var joined = a
        join(b, into: &joined)
        return joined
    }

    /// ``join(_:_:)`` in place: of a large state only what `other` adds is touched.
    ///
    /// - Precondition: both are states of the same issue.
    public static func join(_ other: IssueState, into state: inout IssueState) {
        precondition(state.id == other.id, "states of different issues cannot be joined")
        state.fields.join(other.fields)
        state.comments.merge(other.comments, uniquingKeysWith: newerRevision)
        state.deletedComments.formUnion(other.deletedComments)
        state.changes.merge(other.changes, uniquingKeysWith: earlierReport)
        state.linkEvents.merge(other.linkEvents, uniquingKeysWith: laterWrite)
        state.lastActivityAt = later(state.lastActivityAt, other.lastActivityAt)
        state.lastHumanActivityAt = later(state.lastHumanActivityAt, other.lastHumanActivityAt)
        state.lastEventAt = later(state.lastEventAt, other.lastEventAt)
        state.firstEventAt = earlier(state.firstEventAt, other.firstEventAt)
        state.isDeleted = state.isDeleted || other.isDeleted
        state.wholeComments = later(state.wholeComments, other.wholeComments)
        state.presence = later(state.presence, other.presence)
    }

    private static func later<Value>(_ a: Versioned<Value>?, _ b: Versioned<Value>?) -> Versioned<Value>? {
        guard let a, let b else { return a ?? b }
        return laterWrite(a, b)
    }

    private static func later(_ a: Timestamp?, _ b: Timestamp?) -> Timestamp? {
        guard let a, let b else { return a ?? b }
        return max(a, b)
    }

    private static func earlier(_ a: Timestamp?, _ b: Timestamp?) -> Timestamp? {
        guard let a, let b else { return a ?? b }
        return min(a, b)
    }

    private static func newerRevision(_ a: Comment, _ b: Comment) -> Comment {
        // Told before it was known to be consilod's own, it is no less so.
        if a.isOwn != b.isOwn, a.updated == b.updated { return a.isOwn ? a : b }
        return a.updated == b.updated ? canonicallyLast(a, b) : (a.updated > b.updated ? a : b)
    }

    /// The same change may be told with the time of the edit or, a little later, that of the webhook.
    private static func earlierReport(_ a: Change, _ b: Change) -> Change {
        // Told before its field was one of consilod's, it is no less so.
        if a.isOwn != b.isOwn { return a.isOwn ? a : b }
        return a.at == b.at ? canonicallyLast(a, b) : (a.at < b.at ? a : b)
    }
}

/// The later of two writes of a register.
private func laterWrite<Value>(_ a: Versioned<Value>, _ b: Versioned<Value>) -> Versioned<Value> {
    guard a.version == b.version else { return a.version > b.version ? a : b }
    return Versioned(canonicallyLast(a.value, b.value), a.version)
}

/// One of two values that nothing else tells apart, the same whichever comes first: the one whose canonical JSON is
/// last in byte order. Equal values, which is what a repeated delivery brings, are never encoded.
private func canonicallyLast<Value: Encodable & Equatable>(_ a: Value, _ b: Value) -> Value {
    guard a != b else { return a }
    return canonicalBytes(of: a).lexicographicallyPrecedes(canonicalBytes(of: b)) ? b : a
}

private func canonicalBytes(of value: some Encodable) -> [UInt8] {
    if let data = try? CanonicalJSON.encode(value) { return Array(data) }
    // JSON has no word for a number that is not finite; its description orders it as well.
    return Array(String(describing: value).utf8)
}

extension IssueFields {
    fileprivate mutating func join(_ other: IssueFields) {
        Self.join(&key, other.key)
        Self.join(&projectKey, other.projectKey)
        Self.join(&projectID, other.projectID)
        Self.join(&projectName, other.projectName)
        Self.join(&summary, other.summary)
        Self.join(&description, other.description)
        Self.join(&issueType, other.issueType)
        Self.join(&isSubtask, other.isSubtask)
        Self.join(&priority, other.priority)
        Self.join(&status, other.status)
        Self.join(&resolution, other.resolution)
        Self.join(&resolvedAt, other.resolvedAt)
        Self.join(&created, other.created)
        Self.join(&dueDate, other.dueDate)
        Self.join(&assignee, other.assignee)
        Self.join(&reporter, other.reporter)
        Self.join(&labels, other.labels)
        Self.join(&components, other.components)
        Self.join(&storyPoints, other.storyPoints)
        Self.join(&timeTracking, other.timeTracking)
        Self.join(&isFlagged, other.isFlagged)
        Self.join(&securityLevel, other.securityLevel)
        Self.join(&categoryChangedAt, other.categoryChangedAt)
        Self.join(&fixVersions, other.fixVersions)
        Self.join(&affectedVersions, other.affectedVersions)
        Self.join(&attachments, other.attachments)
        Self.join(&subtasks, other.subtasks)
        Self.join(&parent, other.parent)
        Self.join(&sprints, other.sprints)
        Self.join(&links, other.links)
    }

    private static func join<Value>(_ register: inout Versioned<Value>?, _ theirs: Versioned<Value>?) {
        guard let theirs else { return }
        register = register.map { laterWrite($0, theirs) } ?? theirs
    }
}
