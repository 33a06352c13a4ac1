import Domain
import Foundation
import TestSupport
import Testing

@Suite struct SnoozeChoiceTests {
    @Test func mondayIsTheNextOneAtEightOfTheZone() throws {
        var rng = SeededGenerator(seed: 8)
        for zone in ["Europe/Warsaw", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"] {
            var calendar = Calendar(identifier: .gregorian)
            calendar.timeZone = try #require(TimeZone(identifier: zone))
            for _ in 0..<100 {
                let now = Timestamp(milliseconds: Int64.random(in: 1_600_000_000_000...1_900_000_000_000, using: &rng))
                let end = try #require(SnoozeChoice.monday.end(after: now, timeZone: zone))
                let date = Date(timeIntervalSince1970: Double(end.milliseconds) / 1000)
                let parts = calendar.dateComponents([.weekday, .hour, .minute, .second], from: date)
                #expect([parts.weekday, parts.hour, parts.minute, parts.second] == [2, 8, 0, 0], "\(zone) \(now)")
                // A week, and the hour that a change of the clocks may add.
                #expect(end > now && end <= now.adding(seconds: 7 * 86_400 + 3600), "\(zone) \(now)")
            }
        }
    }

    @Test func theOthersNeedNoZone() {
        let now = Timestamp(seconds: 1_795_525_200)
        #expect(SnoozeChoice.hour.end(after: now, timeZone: nil) == now.adding(seconds: 3600))
        #expect(SnoozeChoice.day.end(after: now, timeZone: nil) == now.adding(days: 1))
        #expect(SnoozeChoice.threeDays.end(after: now, timeZone: "nowhere") == now.adding(days: 3))
        for zone in [nil, "nowhere"] { #expect(SnoozeChoice.monday.end(after: now, timeZone: zone) == nil) }
    }
}
