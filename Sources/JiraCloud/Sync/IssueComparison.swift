import Domain

/// Compares an issue as Jira lists it with the stored one: whether Jira has something that no event has brought.
///
/// Every edit of a field has an entry in the issue's history, and every comment an id and the time of its last edit: these
/// are compared, because `updated` alone does not show a missed edit before a later one.
enum IssueComparison {
    /// How much later than its newest change or comment an issue may say that it was updated, in seconds: Jira dates the
    /// parts of one edit some milliseconds apart.
    private static let toleranceSeconds: Int64 = 2

    /// Whether the listed issue has a change, or a comment, that the stored one lacks.
    static func differs(listed: ChangedIssue, stored state: IssueState) -> Bool {
        if let whole = state.wholeComments, let updated = listed.updated, whole.version.at >= updated { return false }
        let entries = Set(
            state.changes.values.lazy.filter { !$0.isUnnumbered }
                .compactMap { $0.id.rawValue.split(separator: "/").first.map(String.init) })
        if !listed.historyIDs.allSatisfy(entries.contains) { return true }
        if let total = listed.historyCount, total > entries.count { return true }
        for comment in listed.comments {
            guard let known = state.comments[comment.id], !state.deletedComments.contains(comment.id) else {
                return true
            }
            if let updated = comment.updated, updated > known.updated { return true }
        }
        if let total = listed.commentCount, total != shownComments(of: state) { return true }
        guard let updated = listed.updated else { return false }
        if hasChangeWithoutFields(state, until: updated) { return true }
        // Jira dates an issue by consilod's own writes, too.
        let known = [state.lastActivityAt, state.lastOwnAt].compactMap(\.self).max()
        return known.map { isLater(updated, than: $0) } ?? false
    }

    /// Whether a change is stored but not the fields it changed: fields and history come by two calls, and an edit may fall
    /// between them. Links and a few other changes leave `updated` as it is, and may be later than it.
    private static func hasChangeWithoutFields(_ state: IssueState, until updated: Timestamp) -> Bool {
        // Only a complete issue has these.
        let completeAsOf = [state.fields.created?.version.at, state.fields.labels?.version.at].compactMap(\.self).max()
        guard let completeAsOf, isLater(updated, than: completeAsOf) else { return false }
        return state.changes.values.contains {
            isLater($0.at, than: completeAsOf) && !isLater($0.at, than: updated)
        }
    }

    /// Whether Jira's instant is later than the stored one by more than the tolerance.
    static func isLater(_ updated: Timestamp, than known: Timestamp) -> Bool {
        updated > known.adding(seconds: toleranceSeconds)
    }

    private static func shownComments(of state: IssueState) -> Int {
        state.comments.keys.count { state.showsComment($0) }
    }
}
