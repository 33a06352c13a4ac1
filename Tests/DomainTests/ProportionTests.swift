import Domain
import TestSupport
import Testing

@Suite struct ProportionTests {
    /// As R's `prop.test(…, correct = FALSE)` gives them.
    @Test func theIntervalIsWilsons() {
        let half = Proportion(5, of: 10).interval
        #expect(abs(half.lowerBound - 0.236_59) < 1e-4 && abs(half.upperBound - 0.763_41) < 1e-4)
        let few = Proportion(1, of: 20).interval
        #expect(abs(few.lowerBound - 0.008_88) < 1e-4 && abs(few.upperBound - 0.236_13) < 1e-4)
        #expect(Proportion(0, of: 0).share == nil && Proportion(0, of: 0).interval == 0...1)
        #expect(Proportion(0, of: 9).interval.lowerBound == 0 && Proportion(9, of: 9).interval.upperBound == 1)
    }

    @Test func theIntervalHoldsTheShareAndNarrowsWithMoreAlerts() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let total = Int.random(in: 1...400, using: &random)
            let proportion = Proportion(Int.random(in: 0...total, using: &random), of: total)
            let (share, interval) = (try #require(proportion.share), proportion.interval)
            #expect(interval.contains(share) && interval.lowerBound >= 0 && interval.upperBound <= 1)
            let wider = Proportion(proportion.count * 4, of: total * 4).interval
            #expect(
                wider.upperBound - wider.lowerBound < interval.upperBound - interval.lowerBound, "\(proportion)")
        }
    }
}
