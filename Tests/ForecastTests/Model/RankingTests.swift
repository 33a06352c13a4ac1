import Testing

@testable import Forecast

/// Figures against scikit-learn 1.9.1 on the same twelve predictions, and by hand.
struct RankingTests {
    let probabilities = [0.9, 0.8, 0.8, 0.7, 0.65, 0.6, 0.55, 0.55, 0.4, 0.3, 0.3, 0.1]
    let outcomes = [1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0, 1].map { $0 == 1 }

    @Test func areasAreThoseOfScikitLearnWithTies() throws {
        let ranking = Ranking(probabilities, outcomes)
        #expect(isClose(try #require(ranking.area()), 0.471_428_571_428_571_36))
        #expect(isClose(try #require(ranking.averagePrecision()), 0.657_287_157_287_157_3))
    }

    @Test func areaWithWeightsIsThatOfScikitLearn() throws {
        let weights: [Double] = [1, 2, 0, 1, 3, 1, 1, 0, 2, 1, 1, 1]
        #expect(isClose(try #require(Ranking(probabilities, outcomes).area(weights: weights)), 0.316_326_530_612_244_9))
    }

    @Test func oneKindOfOutcomeHasNoArea() {
        #expect(Ranking([0.1, 0.2], [true, true]).area() == nil)
        #expect(Ranking([0.1, 0.2], [false, false]).averagePrecision() == nil)
        #expect(Ranking([], []).area() == nil)
    }

    @Test func perfectAndReversedOrdersAreOneAndZero() {
        #expect(Ranking([0.9, 0.8, 0.1], [true, true, false]).area() == 1)
        #expect(Ranking([0.1, 0.2, 0.9], [true, true, false]).area() == 0)
        #expect(Ranking([0.5, 0.5, 0.5], [true, true, false]).area() == 0.5)
    }

    @Test func squaredErrorAndCalibrationAreThoseOfScikitLearn() throws {
        #expect(isClose(try #require(Calibration.brier(probabilities, outcomes)), 0.318_125))
        for (count, error) in [(10, 0.4625), (5, 0.320_833_333_333_333_3)] {
            let bins = Calibration.bins(probabilities, outcomes, count: count)
            #expect(isClose(try #require(Calibration.expectedError(bins)), error))
            #expect(bins.reduce(0) { $0 + $1.count } == 12)
        }
        #expect(Calibration.expectedError(Calibration.bins([], [])) == nil)
    }

    @Test func isotonicFitIsThatOfScikitLearn() {
        let x: [Double] = [1, 2, 2, 3, 4, 5, 6, 7]
        let y: [Double] = [1, 0, 1, 0, 0, 1, 1, 0]
        let weights = [1, 1, 2, 1, 0.5, 1, 1, 2]
        let asked: [Double] = [0, 1, 1.5, 2, 2.5, 3.5, 4.5, 5.5, 6.5, 7, 9]
        let rising = IsotonicRegression(x, y, weights: weights, increasing: true)
        let falling =
            [1, 1, 0.833_333_33, 0.666_666_67, 0.619_047_62, 0.571_428_57, 0.571_428_57, 0.571_428_57]
            + [0.285_714_29, 0, 0]
        // Spearman's correlation is negative here.
        let chosen = IsotonicRegression(x, y, weights: weights)
        for (x, expected) in zip(asked, falling) {
            #expect(isClose(rising(x) ?? .nan, 0.526_315_79, 1e-8))
            #expect(isClose(chosen(x) ?? .nan, expected, 1e-8), "\(x)")
        }
        #expect(IsotonicRegression([], [], weights: [])(1) == nil)
    }

    @Test func isotonicFitPoolsNeighboursInTheWrongOrder() {
        // By hand: 1, then (3 + 2)/2, then 6.
        let fit = IsotonicRegression([1, 2, 3, 4], [1, 3, 2, 6], weights: [1, 1, 1, 1], increasing: true)
        #expect([1, 2, 3, 4].map { fit($0) } == [1, 2.5, 2.5, 6])
        #expect(fit(3.5) == 4.25)
    }

    @Test func productLimitIsTheHandComputedOne() {
        // Five lives: done at 2, seen to 3, done at 5 twice, seen to 8. After 2: 4/5; after 5: 4/5 · 1/3.
        let curve = KaplanMeier([(2, true), (3, false), (5, true), (5, true), (8, false)])
        #expect(curve.survival(1.9) == 1)
        #expect(isClose(curve.survival(2), 0.8))
        #expect(isClose(curve.survival(4.9), 0.8))
        #expect(isClose(curve.survival(5), 0.8 / 3))
        #expect(isClose(curve.survival(3, further: 2), 1.0 / 3))
        #expect(KaplanMeier([(2, true)]).survival(3, further: 1) == 1, "none of that age has been seen")
    }

    @Test func quantilesAreThoseOfNumpy() {
        #expect(Bootstrap.quantile([1, 2, 3, 4], 0.5) == 2.5)
        #expect(isClose(Bootstrap.quantile([1, 2, 3, 4], 0.05), 1.15))
        #expect(Bootstrap.quantile([7], 0.95) == 7)
    }

    @Test func intervalsAreOfIssuesAndTheSameEachTime() throws {
        // One issue with many samples is one draw: the mean of all varies far more than that of independent samples would.
        let issues = [Int](repeating: 0, count: 50) + Array(1...50)
        let values = [Double](repeating: 1, count: 50) + [Double](repeating: 0, count: 50)
        func mean(_ weights: [Double]?) -> Double? {
            let weights = weights ?? [Double](repeating: 1, count: 100)
            return zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
        }
        let interval = try #require(Bootstrap(issues: issues).interval(confidence: 0.95, mean))
        #expect(interval.estimate == 0.5)
        #expect(interval.low == 0, "the issue is absent in a third of the draws")
        #expect(interval.high > 0.6)
        #expect(interval == Bootstrap(issues: issues).interval(confidence: 0.95, mean))
        #expect(Bootstrap(issues: issues).interval(confidence: 0.95) { $0 == nil ? 1 : nil } == nil)
    }

    @Test func leadTimeIsThatOfTheFirstFlag() throws {
        func prediction(_ issue: Int, _ at: Int64, _ p: Double, _ late: Bool, left: Double) -> FlagLeadTime.Flaggable {
            FlagLeadTime.Flaggable(issue: issue, at: at, probability: p, isLate: late, left: left, allowed: 100)
        }
        let predictions = [
            prediction(0, 1, 0.9, true, left: 80), prediction(0, 2, 0.95, true, left: 50),
            prediction(1, 1, 0.6, true, left: 60), prediction(1, 2, 0.8, true, left: 30),
            prediction(2, 1, 0.7, false, left: 70), prediction(3, 1, 0.1, true, left: 40),
        ]
        // All four of five: from 0.6 on. All of them: from 0.8 on.
        let most = try #require(FlagLeadTime.of(predictions, precision: 0.8))
        #expect(most.threshold == 0.1, "five of six are late")
        let all = try #require(FlagLeadTime.of(predictions, precision: 0.95))
        #expect(all.threshold == 0.8)
        #expect(isClose(all.flagged, 2.0 / 3))
        #expect(all.days == 55)
        #expect(isClose(all.timeLeft, 0.55))
        #expect(all.issuePrecision == 1)
        #expect(FlagLeadTime.of([prediction(0, 1, 0.5, false, left: 1)], precision: 0.8) == nil)
    }
}

/// Whether two numbers differ by no more than rounding.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-12) -> Bool { abs(a - b) <= tolerance }
