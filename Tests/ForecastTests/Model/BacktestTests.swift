import Domain
import Testing

@testable import Forecast

struct BacktestTests {
    private var options: BacktestOptions {
        var options = BacktestOptions()
        options.cuts = 3
        options.horizonDays = 150
        return options
    }

    @Test func aTellingFeatureBeatsAgeAndTheSameEachTime() throws {
        let tenant = SyntheticTenant()
        let result = try #require(try Backtest(tenant.input(), options).run().first)
        #expect(result.verdict.wins, "\(result.verdict.sentence)")
        #expect(result.verdict.sentence.contains("better than age alone"))
        let (model, age) = (
            try #require(result.pooled.figures(of: "model")), try #require(result.pooled.figures(of: "age"))
        )
        #expect((model.auc ?? 0) > (age.auc ?? 1))
        #expect((model.brier ?? 1) < (age.brier ?? 0))
        #expect(result.folds.count == 3)
        #expect(result.folds.reduce(0) { $0 + $1.samples } == result.pooled.samples)
        #expect(result.pooled.figures.map(\.model) == ["model", "age", "kaplan_meier", "base_rate"])
        let again = try Backtest(tenant.input(), options).run()
        #expect(try CanonicalJSON.encode(again) == CanonicalJSON.encode([result]))
    }

    @Test func outcomesWithoutARelationAreAtChance() throws {
        // All have the same time left, so that nothing tells them apart.
        var options = options
        options.questions = [.horizon(days: 30)]
        let result = try #require(try Backtest(SyntheticTenant(issues: 900, tells: false).input(), options).run().first)
        let auc = try #require(result.pooled.figures(of: "model")?.auc)
        #expect(abs(auc - 0.5) <= 0.05)
        #expect(!result.verdict.wins, "\(result.verdict.sentence)")
        #expect(result.verdict.best == .age)
    }

    @Test func tooFewIssuesAreNoVerdict() throws {
        let result = try #require(try Backtest(SyntheticTenant(issues: 60).input(), options).run().first)
        #expect(result.verdict.best == nil)
        let missing = try #require(result.verdict.missing.first { $0.kind == .testIssues })
        #expect(missing.need == 100 && missing.have == result.pooled.issues)
        #expect(result.verdict.sentence.contains("\(missing.have) of 100 issues"))
    }

    @Test func whatIsNotAskedIsCountedWithItsReason() throws {
        let tenant = SyntheticTenant()
        let result = try #require(try Backtest(tenant.input(), options).run().first)
        let first = options.cutInstants(end: tenant.end)[0]
        let test = tenant.grid.filter { $0.sample.at > first }
        #expect(result.pooled.samples + result.leftOut.reduce(0) { $0 + $1.count } == test.count)
        #expect(result.leftOut.contains { $0.reason.contains("after the end") })
        var input = tenant.input()
        input.leftOut = [LeftOut(reason: "the changelog is not whole", count: 7)]
        #expect(try Backtest(input, options).run().first?.leftOut.first?.count == 7)
    }

    @Test func aScoreIsRankedAndHasNoError() throws {
        var input = SyntheticTenant().input()
        input.scores = [RankingScore(name: "standard") { Double($0[.priority]) }]
        let pooled = try #require(try Backtest(input, options).run().first).pooled
        let score = try #require(pooled.figures(of: "standard"))
        #expect((score.auc ?? 0) > 0.6)
        #expect(score.brier == nil && score.ece == nil && score.reliability == nil)
    }

    @Test func progressIsToldAndCanEndTheRun() throws {
        struct Enough: Error {}
        var seen: [Int] = []
        _ = try Backtest(SyntheticTenant(issues: 100).input(), options).run { done, all in seen.append(10 * all + done)
        }
        #expect(seen == [31, 32, 33])
        #expect(throws: Enough.self) {
            try Backtest(SyntheticTenant(issues: 100).input(), options).run { _, _ in throw Enough() }
        }
    }

    @Test func cutsLieAHorizonApartBeforeTheEnd() {
        let end = Timestamp(milliseconds: 0).adding(days: 1000)
        #expect(options.cutInstants(end: end).map { $0.days(since: Timestamp(milliseconds: 0)) } == [550, 700, 850])
    }

    @Test func weightsOfAgeKnowOnlyTheOutcomesOfTheCut() throws {
        // By hand: late with share 0.5, on time with share 0.25; one whose deadline is after the cut does not count.
        func observed(_ issue: String, age: Int, done: Int?) -> ObservedSample {
            ObservedSample(
                sample: SyntheticTenant.sample(issue: issue, day: age),
                outcome: Outcome(
                    done: done.map { Timestamp(milliseconds: 0).adding(days: $0) },
                    observedUntil: Timestamp(milliseconds: 0).adding(days: 1000)))
        }
        let samples = [observed("1", age: 50, done: 300), observed("2", age: 25, done: 60)]
        let cut = Timestamp(milliseconds: 0).adding(days: 100)
        let age = try #require(AgeBaseline(.usual, samples: samples, cut: cut) { _ in 1 })
        #expect(age.probability(of: samples[0].sample) == 1)
        #expect(age.probability(of: samples[1].sample) == 0)
        #expect(AgeBaseline(.usual, samples: samples, cut: cut.adding(days: -1)) { _ in 1 } == nil)
        #expect(AgeBaseline(.due, samples: samples, cut: cut) { _ in 1 } == nil)
    }

    @Test(arguments: ["usual", "due", "sprint", "30d", "1460d"]) func questionsHaveNames(name: String) {
        #expect(Question(name: name)?.name == name)
    }

    @Test(arguments: ["", "d", "0d", "1461d", "030d", "Usual", "-3d"]) func otherNamesAreNoQuestion(name: String) {
        #expect(Question(name: name) == nil)
    }
}
