import Domain
import TestSupport
import Testing

@testable import Forecast

struct EvidenceTests {
    private func interval(_ low: Double) -> Interval {
        Interval(estimate: low + 0.02, low: low, high: low + 0.05, confidence: 0.9)
    }

    private func verdict(
        issues: Int = 300, late: Int = 100, onTime: Int = 100, overAge: Double = 0.03, overBase: Double = 0.1,
        overPrior: Double? = nil,
        priorOverAge: Double = 0.01
    ) -> BacktestVerdict {
        BacktestVerdict(
            question: .usual, samples: 900, issues: issues, lateIssues: late, onTimeIssues: onTime,
            skillOverAge: interval(overAge), skillOverBaseRate: interval(overBase),
            skillOverPrior: overPrior.map { interval($0) },
            priorSkillOverAge: overPrior == nil ? nil : interval(priorOverAge), hasPrior: overPrior != nil)
    }

    @Test func theModelMustBeatAgeAndThePrior() {
        #expect(verdict().best == .model)
        #expect(verdict(overAge: 0).best == .age, "the interval must be above 0")
        #expect(verdict(overBase: -0.001).best == .age, "it may know nothing but the rate")
        #expect(verdict(overPrior: 0.001).best == .model)
        #expect(verdict(overPrior: -0.01).best == .prior)
        #expect(verdict(overPrior: -0.01, priorOverAge: -0.01).best == .age)
        #expect(verdict(overAge: -0.03, overPrior: 0.01, priorOverAge: -0.05).best == .age)
    }

    @Test func evidenceIsCounted() {
        #expect(verdict(issues: 99).best == nil)
        #expect(verdict(issues: 99, late: 29, onTime: 30).missing.map(\.kind) == [.testIssues, .lateIssues])
        #expect(verdict(issues: 100, late: 30, onTime: 30).best == .model)
    }

    @Test func finishedIssuesLeadUpTheLadder() {
        func rung(_ finished: Int, _ verdict: BacktestVerdict?, prior: Bool = true) -> ForecastRung {
            EvidenceLadder(finished: finished, hasPrior: prior, verdict: verdict).rung
        }
        #expect(rung(49, verdict()) == .percentile)
        #expect(rung(50, verdict()) == .prior)
        #expect(rung(199, verdict()) == .prior, "an own model needs 200, whatever its backtest")
        #expect(rung(200, verdict()) == .own)
        #expect(rung(200, nil) == .prior)
        #expect(rung(200, verdict(issues: 50)) == .prior)
        #expect(rung(200, verdict(overAge: -1)) == .age)
        #expect(rung(150, nil, prior: false) == .percentile)
        #expect(rung(250, nil, prior: false) == .percentile)
        #expect(rung(250, verdict(), prior: false) == .own)
    }

    @Test func whatIsMissingIsInNumbers() {
        let few = EvidenceLadder(finished: 12, hasPrior: true, verdict: nil).missing
        #expect(few.map(\.have) == [12] && few.map(\.need) == [50])
        #expect(EvidenceLadder(finished: 120, hasPrior: true, verdict: nil).missing.map(\.need) == [200])
        #expect(EvidenceLadder(finished: 400, hasPrior: true, verdict: verdict(issues: 40)).missing.map(\.have) == [40])
        #expect(EvidenceLadder(finished: 400, hasPrior: true, verdict: verdict()).missing.isEmpty)
    }

    @Test func lostSkillIsOneRungDown() {
        func rung(_ verdict: BacktestVerdict) -> ForecastRung {
            EvidenceLadder(finished: 300, hasPrior: true, verdict: verdict, steppedDown: true).rung
        }
        #expect(rung(verdict(overPrior: 0.01)) == .prior)
        #expect(rung(verdict(overPrior: -0.01)) == .age)
    }

    @Test func shownNumbersAreRoundAndNeverCertain() {
        #expect(
            [0, 0.01, 0.024, 0.026, 0.43, 0.974, 0.976, 1].map(ShownProbability.percent) == [
                2, 2, 2, 5, 45, 95, 98, 98,
            ])
        #expect([0.1, 0.34, 0.66, 0.67].map(ShownProbability.level) == [.low, .medium, .medium, .high])
    }

    @Test func tempoIsObservedAgainstExpected() {
        // 100 issues of 20 %: 20 expected, a standard deviation of 4.
        let tempo = Drift.tempo((0..<100).map { (probability: 0.2, done: $0 < 34) })
        #expect(tempo.observed == 34)
        #expect(isClose(tempo.expected, 20, 1e-9) && isClose(tempo.z, 3.5, 1e-9))
        #expect(tempo.isUnusual)
        let usual = Drift.tempo((0..<100).map { (probability: 0.2, done: $0 < 25) })
        let slow = Drift.tempo((0..<100).map { (probability: 0.2, done: $0 < 4) })
        #expect(Drift.tempoChanged([usual, tempo, tempo]))
        #expect(!Drift.tempoChanged([tempo, usual]))
        #expect(!Drift.tempoChanged([tempo, slow]), "not in one direction")
        #expect(!Drift.tempoChanged([tempo]))
        #expect(Drift.tempo([]).z == 0)
    }

    @Test func skillNeedsFiftyOutcomes() throws {
        let ripened = (0..<50).map { (model: $0 < 25 ? 0.9 : 0.1, age: 0.5, late: $0 < 25) }
        #expect(isClose(try #require(Drift.skillOverAge(ripened)), 0.96))
        #expect(Drift.skillOverAge(Array(ripened.dropLast())) == nil)
        #expect(try #require(Drift.skillOverAge(ripened.map { (model: 1 - $0.model, age: $0.age, late: $0.late) })) < 0)
    }

    @Test func aFeatureThatMovedIsNoticed() throws {
        var random = SeededGenerator(seed: 2)
        let values = (0..<2000).map { _ in Float.random(in: 0...1, using: &random) }
        let distribution = FeatureDistribution(of: .age, values: values)
        #expect(distribution.edges.count == 9)
        #expect(isClose(distribution.shares.reduce(0, +), 1, 1e-9))
        #expect(try #require(distribution.stabilityIndex(of: values)) == 0)
        #expect(try #require(distribution.stabilityIndex(of: values.map { $0 + 0.4 })) > Drift.stabilityLimit)
        #expect(try #require(distribution.stabilityIndex(of: values.map { _ in .nan })) > Drift.stabilityLimit)
        #expect(distribution.stabilityIndex(of: []) == nil)
        // By hand: of shares 0, .2, .3, .5 to 0, .1, .3, .6.
        let parts: [Float] = [0, 0, 1, 1, 1, 2, 2, 2, 2, 2]
        let flags = FeatureDistribution(of: .isBug, values: parts)
        #expect(flags.edges == [1, 2])
        let moved: [Float] = [0, 1, 1, 1, 2, 2, 2, 2, 2, 2]
        #expect(isClose(try #require(flags.stabilityIndex(of: moved)), 0.087_546_873_735_389_98))
    }
}
