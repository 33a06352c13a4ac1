import Domain
import Foundation
import Testing

@testable import Forecast

/// A due day ends when the next one begins where the tenant is.
struct DueDayEndsTests {
    @Test(arguments: [
        ("UTC", "2026-03-28", "2026-03-29T00:00:00Z"),
        ("Europe/Warsaw", "2026-03-28", "2026-03-28T23:00:00Z"),
        // The clocks go forward in the night to the 29th, after midnight.
        ("Europe/Warsaw", "2026-03-29", "2026-03-29T22:00:00Z"),
        ("Europe/Warsaw", "2026-10-25", "2026-10-25T23:00:00Z"),
        ("America/New_York", "2026-07-01", "2026-07-02T04:00:00Z"),
        ("Asia/Kolkata", "2026-07-01", "2026-07-01T18:30:00Z"),
        // There the clocks went from 24:00 to 01:00 of the 4th, and in spring from 24:00 back to 23:00 of the 17th.
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z"),
        ("America/Sao_Paulo", "2018-02-17", "2018-02-18T03:00:00Z"),
    ])
    func itEndsAtMidnight(zone: String, day: String, end: String) throws {
        var ends = DueDayEnds(zone: try #require(TimeZone(identifier: zone)))
        let day = try #require(CalendarDay(day))
        let expected = try #require(ISO8601DateFormatter().date(from: end))
        #expect(ends.end(of: day).milliseconds == Int64(expected.timeIntervalSince1970 * 1000))
        #expect(ends.end(of: day) == ends.end(of: day))
    }
}
