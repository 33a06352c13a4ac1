import Foundation

/// When a channel is not to be disturbed: notifications wait until the quiet time is over, and then come as one.
public struct QuietHours: Sendable, Hashable {
    /// A span of the day on some weekdays. One that ends at or before its beginning ends on the next day.
    public struct Span: Sendable, Hashable {
        /// Days on which it begins: 1 for Monday to 7 for Sunday (ISO 8601).
        public var weekdays: Set<Int>
        /// Minutes after midnight, 0 to 1439.
        public var from: Int
        /// Minutes after midnight, 1 to 1440.
        public var to: Int

        public init(weekdays: Set<Int>, from: Int, to: Int) {
            self.weekdays = weekdays
            self.from = from
            self.to = to
        }
    }

    /// An IANA name: `Europe/Warsaw`.
    public var timeZone: String
    /// Each day's quiet times; empty where only dates are quiet.
    public var spans: [Span]
    /// Whole days that are quiet.
    public var dates: Set<CalendarDay>
    /// Alerts of this band and of those above it break through; nil for none.
    public var breakthrough: RiskBand?

    public init(timeZone: String, spans: [Span], dates: Set<CalendarDay> = [], breakthrough: RiskBand? = nil) {
        self.timeZone = timeZone
        self.spans = spans
        self.dates = dates
        self.breakthrough = breakthrough
    }

    /// The end of the quiet time at `now` for an alert of `band`; nil where it may go out. Adjoining quiet times are one; one
    /// that does not end within two weeks is taken to end then.
    public func end(of band: RiskBand, at now: Timestamp) -> Timestamp? {
        if let breakthrough, band.rank >= breakthrough.rank { return nil }
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        var calendar = Calendar(identifier: .iso8601)
        calendar.timeZone = zone
        let limit = now.adding(days: 14)
        var end = now
        while end < limit, let next = self.end(containing: end, calendar) { end = next }
        return end == now ? nil : min(end, limit)
    }

    /// The latest end of the quiet times that contain `instant`.
    private func end(containing instant: Timestamp, _ calendar: Calendar) -> Timestamp? {
        let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
        let today = calendar.startOfDay(for: date)
        var ends: [Date] = []
        for offset in [-1, 0] {
            guard let day = calendar.date(byAdding: .day, value: offset, to: today) else { continue }
            let weekday = (calendar.component(.weekday, from: day) + 5) % 7 + 1
            for span in spans where span.weekdays.contains(weekday) {
                guard let begin = instantOf(span.from, on: day, calendar),
                    let end = instantOf(span.to, on: day, addingDay: span.to <= span.from, calendar)
                else { continue }
                if begin <= date, date < end { ends.append(end) }
            }
        }
        let parts = calendar.dateComponents([.year, .month, .day], from: today)
        if let year = parts.year, let month = parts.month, let number = parts.day,
            let day = CalendarDay(year: year, month: month, day: number), dates.contains(day),
            let tomorrow = calendar.date(byAdding: .day, value: 1, to: today)
        {
            ends.append(tomorrow)
        }
        return ends.max().map { Timestamp(milliseconds: Int64(($0.timeIntervalSince1970 * 1000).rounded())) }
    }

    /// A time of the day as the clocks of the zone show it; where they skip it, the next that there is.
    private func instantOf(
        _ minutes: Int, on day: Date, addingDay: Bool = false, _ calendar: Calendar
    ) -> Date? {
        let days = (addingDay ? 1 : 0) + minutes / 1440
        guard let date = calendar.date(byAdding: .day, value: days, to: day) else { return nil }
        return calendar.date(
            bySettingHour: minutes % 1440 / 60, minute: minutes % 60, second: 0, of: date,
            matchingPolicy: .nextTime)
    }
}

extension RiskBand {
    /// 0 for low to 2 for high.
    fileprivate var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        }
    }
}
