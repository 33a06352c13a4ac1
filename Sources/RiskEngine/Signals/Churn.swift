import Domain

/// Back and forth in the history of an issue.
enum Churn: Hashable, CaseIterable {
    /// A done issue became not done.
    case reopening
    /// The due date moved to later.
    case postponement
    /// The issue went back to somebody who had it before.
    case handback

    /// Every change of `issue` that is back and forth, oldest first.
    static func find(in issue: Issue, names: StatusNames) -> [(kind: Churn, change: Change)] {
        var found: [(kind: Churn, change: Change)] = []
        var formerAssignees: Set<String> = []
        for change in issue.changes {
            if change.concerns("status") {
                if names.isDone(change.fromString, id: change.from), change.toString != nil,
                    !names.isDone(change.toString, id: change.to)
                {
                    found.append((.reopening, change))
                }
            } else if change.concerns("duedate") {
                if let before = day(change.from, change.fromString), let after = day(change.to, change.toString),
                    after > before
                {
                    found.append((.postponement, change))
                }
            } else if change.concerns("assignee") {
                if let from = change.from { formerAssignees.insert(from) }
                if let to = change.to, to != change.from, formerAssignees.contains(to) {
                    found.append((.handback, change))
                }
            }
        }
        return found
    }

    /// Jira writes `2014-01-02` in `from`/`to` and `2014-01-02 00:00:00.0` in the strings.
    private static func day(_ value: String?, _ text: String?) -> CalendarDay? {
        (value ?? text).flatMap { CalendarDay(String($0.prefix(10))) }
    }
}
