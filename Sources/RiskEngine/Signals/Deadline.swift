import Domain

/// The instant by which an issue should be done.
struct Deadline {
    var at: Timestamp
    /// `Due 2026-11-26`, `Sprint "Sprint 4" ends 2026-11-26`.
    var description: String
    var evidence: Evidence

    /// The end of the due date's day in UTC, else the earliest end of an active sprint; nil without either.
    init?(of issue: Issue) {
        if let day = issue.dueDate {
            at = CalendarDay(daysSinceEpoch: day.daysSinceEpoch + 1).startUTC
            description = "Due \(day)"
            evidence = Evidence(kind: .field, id: "duedate", at: at, note: day.description)
            return
        }
        let ends = issue.sprints.filter { $0.state.lowercased() == "active" }
            .compactMap { sprint in sprint.endDate.map { (sprint, $0) } }
        guard let (sprint, end) = ends.min(by: { ($0.1, $0.0.id) < ($1.1, $1.0.id) }) else { return nil }
        at = end
        description = "Sprint \"\(Snippet.of(sprint.name, limit: 80))\" ends \(end.utcDay)"
        evidence = Evidence(kind: .field, id: "sprint", at: end, note: Snippet.of(sprint.name, limit: 200))
    }
}
