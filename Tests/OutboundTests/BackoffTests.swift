import Testing
import TestSupport
import WorkLoop

@Suite struct BackoffTests {
    @Test func theDelayGrowsByTheFactorUpToTheCap() {
        let backoff = Backoff(first: .seconds(15), cap: .seconds(100))
        let delays = (0...6).map { backoff.delay(afterFailures: $0) }
        #expect(delays == [15, 15, 30, 60, 100, 100, 100].map { .seconds($0) })
        #expect(Backoff(first: .seconds(1), cap: .seconds(90), factor: 3).delay(afterFailures: 4) == .seconds(27))
        #expect(Backoff(first: .seconds(9), cap: .seconds(5)).delay(afterFailures: 1) == .seconds(5))
    }

    @Test func aHugeNumberOfFailuresGivesTheCap() {
        #expect(Backoff(first: .milliseconds(1), cap: .seconds(900)).delay(afterFailures: .max) == .seconds(900))
    }

    @Test func jitterStaysWithinItsBoundsAndFollowsItsSeed() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2_000 {
            let failures = Int.random(in: 1...40, using: &generator)
            let random = Double.random(in: 0..<1, using: &generator)
            let plain = Backoff(first: .seconds(2), cap: .seconds(600)).delay(afterFailures: failures)
            let added = Backoff(first: .seconds(2), cap: .seconds(600), jitter: .added(0.25))
            let full = Backoff(first: .seconds(2), cap: .seconds(600), jitter: .full)
            let (more, some) = (
                added.delay(afterFailures: failures, random: random),
                full.delay(afterFailures: failures, random: random)
            )
            #expect(more >= plain && more <= plain * 1.25)
            #expect(some >= .zero && some <= plain)
            #expect(more == added.delay(afterFailures: failures, random: random))
        }
    }
}
