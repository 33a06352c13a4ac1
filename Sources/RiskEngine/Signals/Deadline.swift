import Domain
import Foundation

/// The instant by which an issue should be done.
struct Deadline {
    var at: Timestamp
    /// `Due 2026-11-26`, `Sprint "Sprint 4" ends 2026-11-26`.
    var description: String
    var evidence: Evidence

    /// The end of the due date's day where the assignee is or, where that is not known, the reporter, else in UTC; without a
    /// due date the earliest end of an active sprint; nil without either.
    init?(of issue: Issue) {
        if let day = issue.dueDate {
            at = Self.end(of: day, in: issue.assignee?.timeZone ?? issue.reporter?.timeZone)
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

    /// The instant at which a day ends in a zone by its IANA name; in UTC where the name is nil or unknown here.
    private static func end(of day: CalendarDay, in zone: String?) -> Timestamp {
        let end = CalendarDay(daysSinceEpoch: day.daysSinceEpoch + 1).startUTC
        guard let zone = zone.flatMap({ TimeZone(identifier: $0) }) else { return end }
        // Its offset at about that instant, then at the instant that this makes of it: a change of clocks may lie between.
        let first = end.adding(seconds: -offset(of: zone, at: end))
        return end.adding(seconds: -offset(of: zone, at: first))
    }

    /// Seconds east of UTC.
    private static func offset(of zone: TimeZone, at instant: Timestamp) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)))
    }
}
