/// A calendar month in UTC: the period that plan limits count in.
public struct CalendarMonth: Sendable, Hashable {
    /// Its first instant, and the first instant after it.
    public var start: Timestamp
    /// The first instant after the month.
    public var end: Timestamp
    /// `2026-11`.
    public var name: String

    /// The month that an instant lies in.
    public init(containing instant: Timestamp) {
        let first = Self.firstDay(ofMonthOf: instant.utcDay)
        self.start = first.startUTC
        // The day 31 days after the first is always one of the next month.
        self.end = Self.firstDay(ofMonthOf: CalendarDay(daysSinceEpoch: first.daysSinceEpoch + 31)).startUTC
        self.name = String(first.description.prefix(7))
    }

    /// A month by its ``name``; nil for anything else.
    public init?(_ name: String) {
        guard let day = CalendarDay("\(name)-01") else { return nil }
        self.init(containing: day.startUTC)
        guard self.name == name else { return nil }
    }

    private static func firstDay(ofMonthOf day: CalendarDay) -> CalendarDay {
        CalendarDay(daysSinceEpoch: day.daysSinceEpoch - day.components.day + 1)
    }
}
