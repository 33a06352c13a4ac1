import TestSupport
import Testing

@testable import HTTPServer

@Suite struct TokenBucketsTests {
    private let start = ContinuousClock.now

    private func isGranted(_ decision: TokenBuckets<Int>.Decision) -> Bool {
        if case .granted = decision { true } else { false }
    }

    @Test func aFullBucketHoldsTheBurstAndFillsByTheRate() {
        var buckets = TokenBuckets<Int>(interval: .milliseconds(100), burst: 3)
        let first = (0..<5).map { _ in isGranted(buckets.take(7, at: start)) }
        #expect(first == [true, true, true, false, false])
        #expect(buckets.take(7, at: start) == .refused(retryAfter: .milliseconds(100)))
        #expect(buckets.take(7, at: start + .milliseconds(60)) == .refused(retryAfter: .milliseconds(40)))
        #expect(buckets.take(7, at: start + .milliseconds(100)) == .granted(refusedBefore: 4))
        #expect(!isGranted(buckets.take(7, at: start + .milliseconds(100))))
        // Never more than the burst, however long it waits.
        let later = (0..<5).map { _ in isGranted(buckets.take(7, at: start + .seconds(3600))) }
        #expect(later == [true, true, true, false, false])
    }

    @Test func lookingAtABucketTakesNothing() {
        var buckets = TokenBuckets<Int>(interval: .seconds(1), burst: 2)
        #expect(buckets.wait(7, at: start) == nil)
        #expect(isGranted(buckets.take(7, at: start)))
        #expect(buckets.wait(7, at: start) == nil)
        #expect(isGranted(buckets.take(7, at: start)))
        #expect(buckets.wait(7, at: start) == .seconds(1) && buckets.wait(7, at: start) == .seconds(1))
        #expect(buckets.wait(7, at: start + .seconds(1)) == nil)
        #expect(isGranted(buckets.take(7, at: start + .seconds(1))))
    }

    @Test func keysDoNotShareABucket() {
        var buckets = TokenBuckets<Int>(interval: .seconds(1), burst: 1)
        #expect(isGranted(buckets.take(1, at: start)))
        #expect(!isGranted(buckets.take(1, at: start)))
        #expect(isGranted(buckets.take(2, at: start)))
    }

    @Test func aClockThatStandsOrGoesBackGivesNoTokens() {
        var buckets = TokenBuckets<Int>(interval: .seconds(1), burst: 1)
        #expect(isGranted(buckets.take(1, at: start)))
        #expect(!isGranted(buckets.take(1, at: start - .seconds(3600))))
        #expect(isGranted(buckets.take(1, at: start + .seconds(1))))
    }

    /// Against a bucket that is filled and emptied drop by drop.
    @Test(arguments: 0..<40)
    func grantsWhatABucketOfDropsGrants(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let (interval, burst) = (Int.random(in: 1...200, using: &random), Int.random(in: 1...20, using: &random))
        var buckets = TokenBuckets<Int>(interval: .milliseconds(interval), burst: burst)
        // In milliseconds of filling: a token is `interval` of them.
        var drops = [Int](repeating: burst * interval, count: 3)
        var (now, lastFilled) = (0, [0, 0, 0])
        var grants: [[Int]] = [[], [], []]
        for _ in 0..<500 {
            now += Bool.random(using: &random) ? 0 : Int.random(in: 0...3 * interval, using: &random)
            let key = Int.random(in: 0..<3, using: &random)
            drops[key] = min(burst * interval, drops[key] + now - lastFilled[key])
            lastFilled[key] = now
            let isThere = drops[key] >= interval
            if isThere { drops[key] -= interval }
            switch buckets.take(key, at: start + .milliseconds(now)) {
            case .granted:
                #expect(isThere)
                grants[key].append(now)
            case .refused(let wait):
                #expect(!isThere)
                #expect(wait == .milliseconds(interval - drops[key]))
            }
        }
        for times in grants {
            for (index, from) in times.enumerated() {
                for (later, to) in times[index...].enumerated() {
                    #expect(later + 1 <= burst + (to - from) / interval)
                }
            }
        }
    }

    @Test func anyNumberOfKeysTakesBoundedMemory() {
        var buckets = TokenBuckets<Int>(interval: .seconds(1), burst: 2, capacity: 100)
        for key in 0..<10_000 { #expect(isGranted(buckets.take(key, at: start + .milliseconds(key)))) }
        #expect(buckets.count <= 100)
        // Full buckets make room before any other: one that is empty is still known to be.
        #expect(isGranted(buckets.take(-1, at: start + .seconds(20))))
        #expect(isGranted(buckets.take(-1, at: start + .seconds(20))))
        for key in 20_000..<20_090 { _ = buckets.take(key, at: start + .seconds(20)) }
        #expect(!isGranted(buckets.take(-1, at: start + .seconds(20))))
    }
}
