import Domain

/// Whether Jira knows something of an issue that no event has brought.
///
/// Every edit of a field has an entry in the issue's history, and every comment an id and the time of its last edit: these
/// are compared, as a missed edit is hidden behind any later one as far as `updated` can tell.
enum Discrepancy {
    /// How much later than its newest change or comment an issue may say that it was updated, in seconds: Jira dates the
    /// parts of one edit some milliseconds apart.
    private static let toleranceSeconds: Int64 = 2

    static func isBetween(_ listed: ChangedIssue, and state: IssueState) -> Bool {
        if let whole = state.wholeComments, let updated = listed.updated, whole.version.at >= updated { return false }
        let entries = Set(state.changes.keys.compactMap { $0.rawValue.split(separator: "/").first.map(String.init) })
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
        return state.lastActivityAt.map { isBetween(updated, and: $0) } ?? false
    }

    /// Whether a change is known but not what it made of the issue: fields and history come by two calls, and an edit may
    /// fall between them. Links and a few other changes leave `updated` as it is, and are later than it says without that.
    private static func hasChangeWithoutFields(_ state: IssueState, until updated: Timestamp) -> Bool {
        // Only a full issue tells these.
        let told = [state.fields.created?.version.at, state.fields.labels?.version.at].compactMap(\.self).max()
        guard let told, isBetween(updated, and: told) else { return false }
        return state.changes.values.contains {
            isBetween($0.at, and: told) && !isBetween($0.at, and: updated)
        }
    }

    /// As far as times alone can tell.
    static func isBetween(_ updated: Timestamp, and known: Timestamp) -> Bool {
        updated > known.adding(seconds: toleranceSeconds)
    }

    private static func shownComments(of state: IssueState) -> Int {
        state.comments.keys.count { state.showsComment($0) }
    }
}
