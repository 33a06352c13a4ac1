/// An instant on the UTC time line, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// Jira states every instant to the millisecond; an integer keeps comparison, storage and JSON exact on every
/// machine, which the order-free fold (P3) and the deterministic score (P4) need.
public struct Timestamp: Sendable, Hashable, Comparable {
    /// Milliseconds since the Unix epoch; negative before 1970.
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public init(seconds: Int64) { self.milliseconds = seconds * 1000 }

    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// The instant `days` × 24 hours later (earlier when negative). Saturates at the ends of the time line.
    public func adding(days: Int) -> Timestamp { adding(milliseconds: Int64(days) * 86_400_000) }

    /// The instant `seconds` later (earlier when negative). Saturates at the ends of the time line.
    public func adding(seconds: Int64) -> Timestamp { adding(milliseconds: seconds * 1000) }

    /// The instant `milliseconds` later (earlier when negative). Saturates at the ends of the time line.
    public func adding(milliseconds delta: Int64) -> Timestamp {
        let (sum, overflow) = milliseconds.addingReportingOverflow(delta)
        return Timestamp(milliseconds: overflow ? (delta < 0 ? .min : .max) : sum)
    }

    /// Whole 24-hour periods from `earlier` to this instant, rounded down; negative when `earlier` is later.
    public func wholeDays(since earlier: Timestamp) -> Int {
        Int((milliseconds - earlier.milliseconds).flooredDivision(by: 86_400_000))
    }

    /// The UTC calendar day this instant falls on.
    public var utcDay: CalendarDay { CalendarDay(daysSinceEpoch: Int(milliseconds.flooredDivision(by: 86_400_000))) }
}

/// A date without a time or a zone, as Jira's `duedate` gives it.
public struct CalendarDay: Sendable, Hashable, Comparable {
    /// Days since 1970-01-01.
    public var daysSinceEpoch: Int

    public init(daysSinceEpoch: Int) { self.daysSinceEpoch = daysSinceEpoch }

    /// The proleptic Gregorian date, or nil when the month or the day does not exist.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), (1...31).contains(day), (-9999...9999).contains(year) else { return nil }
        self.daysSinceEpoch = Self.days(year: year, month: month, day: day)
        guard self.components == (year, month, day) else { return nil }
    }

    public static func < (a: CalendarDay, b: CalendarDay) -> Bool { a.daysSinceEpoch < b.daysSinceEpoch }

    /// Midnight UTC at the start of the day.
    public var startUTC: Timestamp { Timestamp(milliseconds: Int64(daysSinceEpoch) * 86_400_000) }

    /// 1 = Monday … 7 = Sunday (ISO 8601).
    public var isoWeekday: Int { (daysSinceEpoch + 3).flooredRemainder(by: 7) + 1 }

    /// Year, month (1–12), day (1–31).
    public var components: (year: Int, month: Int, day: Int) {
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": civil_from_days.
        let z = daysSinceEpoch + 719_468
        let era = z.flooredDivision(by: 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        // The same paper: days_from_civil.
        let y = month <= 2 ? year - 1 : year
        let era = y.flooredDivision(by: 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension BinaryInteger where Self: SignedInteger {
    /// Division that rounds towards minus infinity.
    func flooredDivision(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// The remainder that goes with ``flooredDivision(by:)``: never negative for a positive divisor.
    func flooredRemainder(by divisor: Self) -> Self {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
