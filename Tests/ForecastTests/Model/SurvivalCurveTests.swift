import Domain
import TestSupport
import Testing

@testable import Forecast

struct SurvivalCurveTests {
    private func curve(_ first: [Double]) -> SurvivalCurve {
        SurvivalCurve(hazards: first + [Double](repeating: 0, count: HazardBins.count - first.count))
    }

    @Test func survivalIsTheProductOverTheBinsTheLastInPart() {
        // Bins of 1, 2 and 4 days.
        let curve = curve([0.5, 0.2, 0.36])
        #expect(curve.survival(days: -3) == 1)
        #expect(curve.survival(days: 0) == 1)
        #expect(isClose(curve.survival(days: 1), 0.5))
        #expect(isClose(curve.survival(days: 3), 0.4))
        #expect(isClose(curve.survival(days: 5), 0.4 * 0.8), "half of the bin: the square root of 0.64")
        #expect(isClose(curve.survival(days: 0.5), 0.5.squareRoot()))
    }

    @Test func deadlinesOfThePastAreCertain() {
        let at = Timestamp(seconds: 1_000_000)
        #expect(curve([0.9]).lateness(deadline: at.adding(days: -1), asOf: at) == 1)
        #expect(isClose(curve([0.9]).lateness(deadline: at.adding(days: 1), asOf: at), 0.1))
    }

    @Test func datesAreWhereTheCurveReachesThem() {
        let curve = curve([0.5, 0.2, 0.36])
        #expect(isClose(curve.days(untilDone: 0.5) ?? -1, 1))
        #expect(isClose(curve.days(untilDone: 0.68) ?? -1, 5, 1e-9))
        #expect(curve.days(untilDone: 0) == 0)
        #expect(curve.days(untilDone: 0.85) == nil, "beyond the last bin")
    }

    @Test func theCurveNeverRisesAndDatesAreItsInverse() throws {
        var random = SeededGenerator(seed: 3)
        for _ in 0..<300 {
            let hazards = (0..<HazardBins.count).map { _ in
                Bool.random(using: &random)
                    ? Double.random(in: 0...0.02, using: &random) : Double.random(in: 0...1, using: &random)
            }
            let curve = SurvivalCurve(hazards: hazards)
            var times = (0..<80).map { _ in Double.random(in: 0...1600, using: &random) } + HazardBins.edges
            times += HazardBins.edges.map(\.nextDown) + HazardBins.edges.map(\.nextUp)
            var last = 1.0
            for time in times.sorted() {
                let value = curve.survival(days: time)
                #expect(value <= last && value >= 0, "at \(time)")
                last = value
            }
            for probability in [0.5, 0.85] {
                guard let days = curve.days(untilDone: probability) else {
                    #expect(curve.survival(days: 1460) > 1 - probability)
                    continue
                }
                #expect(isClose(curve.survival(days: days), 1 - probability, 1e-9))
            }
        }
    }
}
