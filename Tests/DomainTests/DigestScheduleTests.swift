import Domain
import TestSupport
import Testing

@Suite struct DigestScheduleTests {
    private func daily(at minute: Int, _ zone: String) -> DigestSchedule {
        DigestSchedule(every: .day, minute: minute, timeZone: zone)
    }

    private func next(_ schedule: DigestSchedule, _ instant: String) throws -> String? {
        schedule.next(after: try #require(Timestamp(instant)))?.description
    }

    private func last(_ schedule: DigestSchedule, _ instant: String) throws -> String? {
        schedule.last(notAfter: try #require(Timestamp(instant)))?.description
    }

    @Test func aDailyDigestIsDueAtItsTimeInItsZone() throws {
        let morning = daily(at: 8 * 60, "Europe/Berlin")
        #expect(try next(morning, "2026-11-24T06:59:59Z") == "2026-11-24T07:00:00.000Z")
        #expect(try next(morning, "2026-11-24T07:00:00Z") == "2026-11-25T07:00:00.000Z")
        #expect(try last(morning, "2026-11-24T07:00:00Z") == "2026-11-24T07:00:00.000Z")
        #expect(try last(morning, "2026-11-24T06:59:59Z") == "2026-11-23T07:00:00.000Z")
        // There it is the next day already.
        #expect(try next(daily(at: 0, "Pacific/Auckland"), "2026-11-24T10:59:59Z") == "2026-11-24T11:00:00.000Z")
    }

    @Test func aWeeklyDigestIsDueOnItsDay() throws {
        // 2026-11-24 is a Tuesday.
        let monday = DigestSchedule(every: .week, minute: 8 * 60, timeZone: "Europe/Berlin", weekday: .monday)
        #expect(try next(monday, "2026-11-24T12:00:00Z") == "2026-11-30T07:00:00.000Z")
        #expect(try last(monday, "2026-11-24T12:00:00Z") == "2026-11-23T07:00:00.000Z")
        let sunday = DigestSchedule(every: .week, minute: 1439, timeZone: "UTC", weekday: .sunday)
        #expect(try next(sunday, "2026-11-24T12:00:00Z") == "2026-11-29T23:59:00.000Z")
    }

    /// In Berlin the clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.
    @Test func theDaysOfChangesOfTheClocksHaveOneDigestEach() throws {
        let night = daily(at: 2 * 60 + 30, "Europe/Berlin")
        #expect(try next(night, "2026-03-28T12:00:00Z") == "2026-03-29T01:00:00.000Z", "03:00, the next that there is")
        #expect(try next(night, "2026-03-29T01:00:00Z") == "2026-03-30T00:30:00.000Z")
        #expect(try next(night, "2026-10-24T12:00:00Z") == "2026-10-25T00:30:00.000Z", "the first of two")
        #expect(try next(night, "2026-10-25T00:30:00Z") == "2026-10-26T01:30:00.000Z")
    }

    /// Samoa had no 2011-12-30, a Friday.
    @Test func aDayThatAZoneLeavesOutHasNone() throws {
        let friday = DigestSchedule(every: .week, minute: 480, timeZone: "Pacific/Apia", weekday: .friday)
        #expect(try next(friday, "2011-12-23T20:00:00Z") == "2012-01-05T18:00:00.000Z")
        let each = daily(at: 480, "Pacific/Apia")
        #expect(try next(each, "2011-12-29T18:00:00Z") == "2011-12-30T18:00:00.000Z", "on the 31st there")
    }

    @Test func aZoneThatTheHostDoesNotKnowHasNoInstants() throws {
        #expect(try next(daily(at: 480, "Moon/Tycho"), "2026-11-24T12:00:00Z") == nil)
        #expect(try last(daily(at: 480, "Moon/Tycho"), "2026-11-24T12:00:00Z") == nil)
    }

    /// For any schedule: the instants are a strictly increasing sequence that does not depend on when it is asked for, with one
    /// for each day or week.
    @Test func theInstantsAreOneSequence() throws {
        var random = SeededGenerator(seed: 29)
        let zones = [
            "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo", "America/Santiago",
            "Pacific/Apia", "Atlantic/Azores",
        ]
        for _ in 0..<150 {
            let weekday =
                Bool.random(using: &random) ? DigestSchedule.Weekday.allCases.randomElement(using: &random) : nil
            let schedule = DigestSchedule(
                every: weekday == nil ? .day : .week, minute: Int.random(in: 0...1439, using: &random),
                timeZone: zones.randomElement(using: &random) ?? "UTC", weekday: weekday)
            let start = Timestamp(seconds: Int64.random(in: 1_300_000_000...1_900_000_000, using: &random))
            var (instants, instant): ([Timestamp], Timestamp) = ([], start)
            for _ in 0..<12 {
                instant = try #require(schedule.next(after: instant))
                instants.append(instant)
            }
            let dayMilliseconds: Int64 = 86_400_000 * (weekday == nil ? 1 : 7)
            for (earlier, later) in zip(instants, instants.dropFirst()) {
                #expect(earlier < later)
                // A change of the clocks, or a day left out, moves it by less than half of a period, or by a whole one.
                let gap = later.milliseconds - earlier.milliseconds
                #expect(gap > dayMilliseconds / 2 && gap <= 2 * dayMilliseconds, "\(schedule) \(earlier) \(later)")
                // Asked from anywhere between.
                let between = Timestamp(
                    milliseconds: Int64.random(in: earlier.milliseconds..<later.milliseconds, using: &random))
                #expect(schedule.next(after: between) == later, "\(schedule) \(between)")
                #expect(schedule.last(notAfter: between) == earlier, "\(schedule) \(between)")
            }
        }
    }
}
