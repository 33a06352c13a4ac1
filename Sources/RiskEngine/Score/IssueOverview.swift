import Domain

extension Timeline {
    /// The life of `issue` up to `now`. A day count is never negative, even where Jira's clock is ahead of ours.
    init(of issue: Issue, now: Timestamp) {
        let statusChanges = issue.changes.filter { $0.concerns("status") }
        self.init(
            created: issue.created, updated: issue.updated, ageDays: max(0, now.wholeDays(since: issue.created)),
            lastUpdateDays: max(0, now.wholeDays(since: issue.updated)),
            currentStatus: issue.status?.name ?? "Unknown",
            statusChanges: statusChanges.map {
                StatusChange(
                    from: $0.fromString ?? "", to: $0.toString ?? "", date: $0.at,
                    author: $0.author?.displayName ?? "Unknown")
            },
            // Of a change log that tells nothing of the status, Jira's own date of its category still does.
            timeInCurrentStatus: max(
                0, now.wholeDays(since: statusChanges.last?.at ?? issue.categoryChangedAt ?? issue.created)))
    }
}

extension Dependencies {
    /// The links of `issue` by what they say about it.
    init(of issue: Issue) {
        func names(_ relation: IssueLink.Relation) -> [String] {
            Set(issue.links.filter { $0.relation == relation }.map(\.otherName)).sorted()
        }
        self.init(blocks: names(.blocks), blockedBy: names(.blockedBy), relatesTo: names(.relatesTo))
    }
}
