import Domain
import Foundation
import TestSupport
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2008-07-08T16:04:27.121+0000", 1_215_533_067_121),
        ("2008-07-08T18:04:27.121+02:00", 1_215_533_067_121),
        ("2008-07-08T16:04:27.121Z", 1_215_533_067_121),
        ("1970-01-01T00:00:00Z", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2024-02-29T12:00Z", 1_709_208_000_000),
        ("2024-02-29 12:00:00.5", 1_709_208_000_500),
        ("2024-02-29T12:00:00.1234567-0330", 1_709_220_600_123),
    ])
    func readsTheFormsOfISO8601(text: String, milliseconds: Int64) {
        #expect(Timestamp(text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2024", "2024-02-30T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00Zjunk", "20240101T000000Z", "٢٠٢٤-01-01T00:00:00Z",
        "2024-01-01T00:00:00+1", "2024-13-01T00:00:00Z",
    ])
    func refusesWhatIsNoInstant(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func textAndInstantAreTheSameForAnyInstantOfTenThousandYears() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let instant = Timestamp(
                milliseconds: Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random))
            #expect(Timestamp(instant.description) == instant)
            let (year, month, day) = instant.utcDay.components
            #expect(CalendarDay(year: year, month: month, day: day) == instant.utcDay)
        }
    }

    @Test func agreesWithFoundationOnCalendarDays() throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        var random = SeededGenerator(seed: 8)
        for _ in 0..<500 {
            let instant = Timestamp(seconds: Int64.random(in: -2_000_000_000...4_000_000_000, using: &random))
            let date = Date(timeIntervalSince1970: Double(instant.milliseconds) / 1000)
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: date)
            let (year, month, day) = instant.utcDay.components
            #expect([parts.year, parts.month, parts.day] == [year, month, day])
            #expect(parts.weekday.map { ($0 + 5) % 7 + 1 } == instant.utcDay.isoWeekday)
        }
    }

    @Test(arguments: [
        (Int64.min, "0000-01-01T00:00:00.000Z"), (-62_167_219_200_001, "0000-01-01T00:00:00.000Z"),
        (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        (253_402_300_800_000, "9999-12-31T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
    ])
    func whatIsWrittenCanAlwaysBeRead(milliseconds: Int64, text: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == text)
        #expect(Timestamp(text) != nil)
    }

    @Test func countsWholeDaysDownwards() {
        let start = Timestamp(seconds: 1_000_000)
        #expect(start.adding(milliseconds: 86_399_999).wholeDays(since: start) == 0)
        #expect(start.adding(days: 1).wholeDays(since: start) == 1)
        #expect(start.wholeDays(since: start.adding(milliseconds: 1)) == -1)
    }

    @Test func addingSaturatesInsteadOfOverflowing() {
        #expect(Timestamp(milliseconds: .max).adding(days: 1).milliseconds == .max)
        #expect(Timestamp(milliseconds: .min).adding(seconds: -1).milliseconds == .min)
    }
}
