import Foundation

/// When a channel gets a digest: each day or week, at a time of the day as the clocks of its zone show it.
public struct DigestSchedule: Sendable, Hashable {
    /// How often, by the words of the API.
    public enum Period: String, Sendable, Codable, CaseIterable {
        case day, week
    }
    /// The days of the week, in their order, by the words of the API.
    public enum Weekday: String, Sendable, Codable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }

    /// How often.
    public var every: Period
    /// Minutes after midnight, 0 to 1439.
    public var minute: Int
    /// An IANA name: `Europe/Warsaw`.
    public var timeZone: String
    /// On which day a weekly digest comes; nil for a daily one.
    public var weekday: Weekday?
    /// Only issues of these projects; empty for all.
    public var projectKeys: [String]
    /// Whether a digest with nothing to say comes as one line; else it does not come.
    public var saysWhenEmpty: Bool

    public init(
        every: Period, minute: Int, timeZone: String, weekday: Weekday? = nil, projectKeys: [String] = [],
        saysWhenEmpty: Bool = false
    ) {
        self.every = every
        self.minute = minute
        self.timeZone = timeZone
        self.weekday = weekday
        self.projectKeys = projectKeys
        self.saysWhenEmpty = saysWhenEmpty
    }

    /// How far is looked for an instant, in days: two weeks, and the days that a zone may leave out.
    private static let reach = 16

    /// The first instant after `instant` at which a digest is due; nil where this host does not know the time zone.
    ///
    /// Where the clocks skip the time of the day it is the next one that there is, and where they show it twice the first.
    public func next(after instant: Timestamp) -> Timestamp? {
        dueInstants(near: instant, days: -1...Self.reach).first { $0 > instant }
    }

    /// The last instant at or before `instant` at which a digest was due; nil as for ``next(after:)``.
    public func last(notAfter instant: Timestamp) -> Timestamp? {
        dueInstants(near: instant, days: -Self.reach...1).last { $0 <= instant }
    }

    /// Those of the days around the one of `instant`, in their order.
    private func dueInstants(near instant: Timestamp, days: ClosedRange<Int>) -> [Timestamp] {
        guard let calendar = LocalCalendar(timeZone) else { return [] }
        let dues = days.compactMap { calendar.day(of: instant, adding: $0) }
            .filter { weekday == nil || calendar.weekday(of: $0) == weekday }
            .compactMap { calendar.instant(minute, on: $0) }
        return Set(dues).sorted()
    }
}

/// The calendar of a time zone.
public struct LocalCalendar: Sendable {
    private let calendar: Calendar

    /// Nil where this host does not know the zone.
    public init?(_ timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = zone
        self.calendar = calendar
    }

    /// The date that the zone's calendar shows.
    public func day(of instant: Timestamp) -> CalendarDay {
        let parts = calendar.dateComponents([.year, .month, .day], from: Self.date(instant))
        return CalendarDay(year: parts.year ?? 1970, month: parts.month ?? 1, day: parts.day ?? 1) ?? instant.utcDay
    }

    /// `08:00`.
    public func time(of instant: Timestamp) -> String {
        let parts = calendar.dateComponents([.hour, .minute], from: Self.date(instant))
        return [parts.hour ?? 0, parts.minute ?? 0].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }

    /// The beginning of the day that is so many days from that of `instant`.
    fileprivate func day(of instant: Timestamp, adding days: Int) -> Date? {
        calendar.date(byAdding: .day, value: days, to: calendar.startOfDay(for: Self.date(instant)))
    }

    fileprivate func weekday(of day: Date) -> DigestSchedule.Weekday {
        // 1 is Sunday.
        DigestSchedule.Weekday.allCases[(calendar.component(.weekday, from: day) + 5) % 7]
    }

    fileprivate func instant(_ minute: Int, on day: Date) -> Timestamp? {
        calendar.date(
            bySettingHour: minute / 60, minute: minute % 60, second: 0, of: day, matchingPolicy: .nextTime
        ).map { Timestamp(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded())) }
    }

    private static func date(_ instant: Timestamp) -> Date {
        Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
    }
}
