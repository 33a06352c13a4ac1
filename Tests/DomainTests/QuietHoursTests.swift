import Domain
import TestSupport
import Testing

@Suite struct QuietHoursTests {
    private func end(_ quiet: QuietHours, _ instant: String, band: RiskBand = .medium) throws -> String? {
        quiet.end(of: band, at: try #require(Timestamp(instant)))?.description
    }

    private let nights = QuietHours(
        timeZone: "Europe/Warsaw", spans: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 20 * 60, to: 7 * 60)])

    @Test func aNightEndsOnTheNextMorningInItsOwnZone() throws {
        // 2026-11-24 is a Tuesday; Warsaw is an hour ahead of UTC.
        #expect(try end(nights, "2026-11-24T18:59:59Z") == nil)
        #expect(try end(nights, "2026-11-24T19:00:00Z") == "2026-11-25T06:00:00.000Z")
        #expect(try end(nights, "2026-11-25T05:59:59Z") == "2026-11-25T06:00:00.000Z")
        #expect(try end(nights, "2026-11-25T06:00:00Z") == nil)
    }

    @Test func theNightOfAChangeOfTheClocksEndsAsTheClocksShow() throws {
        #expect(try end(nights, "2026-10-24T22:00:00Z") == "2026-10-25T06:00:00.000Z")
        #expect(try end(nights, "2026-03-28T22:00:00Z") == "2026-03-29T05:00:00.000Z")
    }

    @Test func adjoiningQuietTimesAreOne() throws {
        var weekend = nights
        weekend.spans.append(.init(weekdays: [6, 7], from: 0, to: 1440))
        // From Friday night to Monday morning.
        #expect(try end(weekend, "2026-11-27T20:00:00Z") == "2026-11-30T06:00:00.000Z")
        weekend.dates = [try #require(CalendarDay("2026-11-30"))]
        #expect(try end(weekend, "2026-11-28T12:00:00Z") == "2026-12-01T06:00:00.000Z")
    }

    @Test func whatNeverEndsEndsAfterTwoWeeks() throws {
        let always = QuietHours(timeZone: "UTC", spans: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)])
        #expect(try end(always, "2026-11-24T12:00:00Z") == "2026-12-08T12:00:00.000Z")
    }

    @Test func theBandThatMayBreakThroughDoes() throws {
        var quiet = nights
        quiet.breakthrough = .high
        #expect(try end(quiet, "2026-11-24T22:00:00Z", band: .high) == nil)
        #expect(try end(quiet, "2026-11-24T22:00:00Z", band: .medium) != nil)
        quiet.breakthrough = .medium
        #expect(try end(quiet, "2026-11-24T22:00:00Z", band: .high) == nil)
        #expect(try end(quiet, "2026-11-24T22:00:00Z", band: .low) != nil)
    }

    /// For any quiet hours: an end lies ahead, and nothing is quiet at it unless two weeks were reached.
    @Test func quietHoursEnd() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            let spans = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                QuietHours.Span(
                    weekdays: Set((1...7).filter { _ in Bool.random(using: &random) }),
                    from: Int.random(in: 0...1439, using: &random), to: Int.random(in: 1...1440, using: &random))
            }
            let zone = ["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"].randomElement(using: &random)
            let quiet = QuietHours(timeZone: zone ?? "UTC", spans: spans)
            let now = Timestamp(milliseconds: Int64.random(in: 1_700_000_000_000...1_900_000_000_000, using: &random))
            guard let end = quiet.end(of: .low, at: now) else { continue }
            #expect(end > now && end <= now.adding(days: 14))
            if end < now.adding(days: 14) { #expect(quiet.end(of: .low, at: end) == nil) }
        }
    }
}
