import Domain
import Foundation

/// Work outside the working week, told by when comments were written.
struct OffHours: Hashable {
    /// A comment from Monday to Friday outside the working hours.
    var overtime = false
    /// A comment on Saturday or Sunday.
    var weekend = false

    /// Reads the local time of each comment in its author's time zone where that is known, else in UTC. Zone rules are
    /// those of Foundation's own copy of the tz database.
    init(_ comments: some Sequence<Comment>, configuration: RiskConfiguration) {
        let workingHours = configuration.workdayStartHour..<configuration.workdayEndHour
        var zones: [String: TimeZone] = [:]
        for comment in comments {
            if overtime && weekend { return }
            let local = comment.created.adding(seconds: Self.offset(of: comment, zones: &zones))
            let day = local.utcDay
            let hour = Int((local.milliseconds - day.startUTC.milliseconds) / 3_600_000)
            if day.isoWeekday >= 6 {
                weekend = true
            } else if !workingHours.contains(hour) {
                overtime = true
            }
        }
    }

    init() {}

    /// Seconds east of UTC.
    private static func offset(of comment: Comment, zones: inout [String: TimeZone]) -> Int64 {
        guard let name = comment.author?.timeZone else { return 0 }
        guard let zone = zones[name] ?? TimeZone(identifier: name) else { return 0 }
        zones[name] = zone
        let date = Date(timeIntervalSince1970: Double(comment.created.milliseconds) / 1000)
        return Int64(zone.secondsFromGMT(for: date))
    }
}
