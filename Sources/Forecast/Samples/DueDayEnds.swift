import Domain
import Foundation

/// The instants at which days end in a time zone.
struct DueDayEnds {
    private let zone: TimeZone
    private var known: [CalendarDay: Timestamp] = [:]

    init(zone: TimeZone) { self.zone = zone }

    /// The end of `day`: midnight, or the first instant after it where the clocks leave midnight out.
    mutating func end(of day: CalendarDay) -> Timestamp {
        if let end = known[day] { return end }
        let end = CalendarDay(daysSinceEpoch: day.daysSinceEpoch + 1).startUTC
        // Its offset at about that instant, then at the instant that this makes of it: a change of clocks may lie between.
        let first = end.adding(seconds: -offset(at: end))
        let second = end.adding(seconds: -offset(at: first))
        let result = offset(at: first) == offset(at: second) ? second : max(first, second)
        known[day] = result
        return result
    }

    /// Seconds east of UTC.
    private func offset(at instant: Timestamp) -> Int64 {
        Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)))
    }
}
