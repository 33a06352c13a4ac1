import Domain
import Queries

/// When a channel gets a digest.
struct DigestScheduleView: Encodable, Sendable {
    var every: DigestSchedule.Period
    var at: String
    var timeZone: String
    var weekday: Nullable<DigestSchedule.Weekday>
    var projects: [String]
    var whenEmpty: EmptyDigest

    init(_ schedule: DigestSchedule) {
        every = schedule.every
        at = TimeOfDay.text(schedule.minute)
        timeZone = schedule.timeZone
        weekday = Nullable(schedule.weekday)
        projects = schedule.projectKeys
        whenEmpty = schedule.saysWhenEmpty ? .line : .nothing
    }
}

/// Minutes after midnight as `HH:MM`.
enum TimeOfDay {
    static func text(_ minutes: Int) -> String {
        [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}

/// A digest that was queued.
struct QueuedDigestView: Encodable, Sendable {
    var alertId: String
}
