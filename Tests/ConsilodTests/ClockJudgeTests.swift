import Domain
import Store
import TestSupport
import Testing

@testable import consilod

/// Which clock is trusted, and which instant is now.
@Suite struct ClockJudgeTests {
    private static let start = Timestamp(seconds: 1_780_000_000)
    private static let hour: Int64 = 3600
    private static let day: Int64 = 86_400

    /// `elapsed` seconds after the start, with a wall clock that is `offset` seconds ahead.
    private func reading(_ elapsed: Int64, offset: Int64 = 0) -> ClockJudge.Reading {
        ClockJudge.Reading(
            wall: Self.start.adding(seconds: elapsed + offset), monotonic: 1_000_000 + elapsed * 1000)
    }

    private func judge(lastUse: Timestamp? = Self.start, offset: Int64 = 0) -> ClockJudge {
        ClockJudge(reading(0, offset: offset), after: ClockRecord(trustedAt: lastUse))
    }

    @Test func aRunningDaemonDoesNotFollowAClockThatIsSet() {
        var judge = judge()
        var elapsed = 2 * Self.hour
        #expect(judge.now(reading(elapsed)) == Self.start.adding(seconds: elapsed))
        for days: Int64 in [366, 800, 0, -400, 0] {
            elapsed += 60
            #expect(judge.now(reading(elapsed, offset: days * Self.day)) == Self.start.adding(seconds: elapsed))
            #expect((judge.doubt != nil) == (days != 0))
            if days != 0 { #expect(judge.doubt == .stepped(seconds: days * Self.day)) }
        }
    }

    @Test func aClockThatDriftsLittleIsFollowed() {
        var judge = judge()
        // 20 minutes a day are a bad clock, and a clock all the same.
        for day in 1...100 as ClosedRange<Int64> {
            let offset = day * 1200
            let wall = Self.start.adding(seconds: day * Self.day + offset)
            #expect(judge.now(reading(day * Self.day, offset: offset)) == wall)
        }
        #expect(judge.doubt == nil)
    }

    @Test func aClockThatWasSetIsTrustedAfterADayWithoutAStep() {
        var judge = judge()
        _ = judge.now(reading(2 * Self.hour))
        let offset = 3 * Self.day
        let setAt = 3 * Self.hour
        #expect(judge.now(reading(setAt, offset: offset)) == Self.start.adding(seconds: setAt))
        let late = setAt + Self.day - 1
        #expect(judge.now(reading(late, offset: offset)) == Self.start.adding(seconds: late))
        // Another step: the day begins anew.
        #expect(judge.now(reading(late + 1, offset: 2 * offset)) == Self.start.adding(seconds: late + 1))
        let end = late + 1 + Self.day
        #expect(judge.now(reading(end, offset: 2 * offset)) == Self.start.adding(seconds: end + 2 * offset))
        #expect(judge.doubt == nil)
    }

    @Test func aStartLongAfterTheLastUseFollowsTheClockAndDoesNothingIrreversible() {
        let offset = 30 * Self.day
        var judge = judge(offset: offset)
        #expect(judge.now(reading(10, offset: offset)) == Self.start.adding(seconds: 10 + offset))
        #expect(judge.doubt == .startedAhead(of: Self.start))
        #expect(judge.certain(reading(10, offset: offset)) == Self.start.adding(seconds: 10))
        // Set back to what a start would have taken.
        #expect(judge.now(reading(20)) == Self.start.adding(seconds: 20))
        #expect(judge.doubt == nil)
    }

    @Test func aStartWithinAWeekOfTheLastUseIsTrusted() {
        var judge = judge(offset: 6 * Self.day)
        _ = judge.now(reading(1, offset: 6 * Self.day))
        #expect(judge.doubt == nil)
    }

    @Test func aNewStoreTrustsTheClockItFinds() {
        var judge = judge(lastUse: nil, offset: 5000 * Self.day)
        #expect(judge.now(reading(1, offset: 5000 * Self.day)) > Self.start.adding(days: 4999))
        #expect(judge.doubt == nil)
    }

    @Test func aStartBeforeTheLastUseCountsOnFromThat() {
        var judge = judge(offset: -400 * Self.day)
        #expect(judge.now(reading(10, offset: -400 * Self.day)) == Self.start.adding(seconds: 10))
        #expect(judge.doubt == .startedBehind(Self.start))
        // The network has told the host the time, which was off for two days.
        #expect(judge.now(reading(20, offset: 2 * Self.day)) == Self.start.adding(seconds: 20 + 2 * Self.day))
        #expect(judge.doubt == nil)
    }

    @Test func aHostThatLearnsTheTimeSoonAfterTheStartIsFollowed() {
        var judge = judge()
        #expect(judge.now(reading(600, offset: 2 * Self.day)) == Self.start.adding(seconds: 600 + 2 * Self.day))
        #expect(judge.doubt == nil)
        _ = judge.now(reading(601, offset: 400 * Self.day))
        #expect(judge.doubt != nil)
    }

    @Test func aDoubtOutlivesARestartUnlessTheClockWasSetMeanwhile() {
        var judge = judge()
        let (offset, late) = (3 * Self.day, 2 * Self.hour)
        _ = judge.now(reading(late))
        _ = judge.now(reading(late + 1, offset: offset))
        let note = judge.note(reading(late + 2, offset: offset))
        #expect(note.trustedAt == Self.start.adding(seconds: late + 2))
        #expect(note.isCounting)
        let record = ClockRecord(
            trustedAt: note.trustedAt, doubtedAt: note.doubtedAt, isCounting: note.isCounting)
        var again = ClockJudge(reading(late + 60, offset: offset), after: record)
        // It counts on from the last heartbeat, not having seen the time between.
        #expect(again.now(reading(late + 61, offset: offset)) == Self.start.adding(seconds: late + 3))
        #expect(again.doubt != nil)
        #expect(again.now(reading(late + 120)) == Self.start.adding(seconds: late + 120))
        #expect(again.doubt == nil)
        var mended = ClockJudge(reading(late + 60), after: record)
        #expect(mended.now(reading(late + 61)) == Self.start.adding(seconds: late + 61))
        #expect(mended.doubt == nil)
    }

    @Test func aConfirmationEndsTheDoubt() {
        var judge = judge(offset: 30 * Self.day)
        judge.confirm(reading(5, offset: 30 * Self.day))
        #expect(judge.doubt == nil)
        #expect(judge.certain(reading(6, offset: 30 * Self.day)) == Self.start.adding(seconds: 6 + 30 * Self.day))
    }

    @Test(arguments: 0..<200)
    func noSequenceOfStepsMovesTheCertainInstantFarFromTheTrueOne(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var judge = judge()
        var (elapsed, offset) = (Self.hour + 1, Int64(0))
        _ = judge.now(reading(elapsed))
        for _ in 0..<40 {
            // Shorter in all than what confirms a clock, and seen as often as the daemon looks at it.
            elapsed += Int64.random(in: 1...1000, using: &random)
            if Bool.random(using: &random) {
                offset = Bool.random(using: &random) ? 0 : Int64.random(in: -900...900, using: &random) * Self.day
            }
            let certain = judge.certain(reading(elapsed, offset: offset))
            #expect(certain == Self.start.adding(seconds: elapsed), "seed \(seed)")
            #expect((judge.doubt != nil) == (offset != 0), "seed \(seed)")
        }
    }
}
