import Domain
import Foundation
import TestSupport
import Testing

@testable import Forecast

/// Forecasts of one tenant by a real model, trained on a made-up history.
@Suite struct TenantForecasterTests {
    /// A tenant, the model that it has trained, and its pace.
    private struct Trained: Sendable {
        let histories: [IssueHistory]
        let model: ForecastModel
        let pace: TenantPace
        let now: Timestamp

        static let shared: Result<Trained, any Error> = Result { try Trained() }

        init() throws {
            let world = World(seed: 11, issues: 40, events: 1000)
            now = world.end
            var issues = world.issues(at: world.end)
            // Half of them have a date to come.
            for index in issues.indices where index % 2 == 0 {
                issues[index].dueDate = now.adding(days: 5 + index).utcDay
            }
            histories = IssueHistory.all(of: issues, statuses: StatusCatalog(World.statuses))
            let set = SampleMaker().samples(of: histories, upTo: now)
            model = try HazardTraining().model(of: set.observed(at: now), cut: now, finished: 300)
            pace = SampleMaker().pace(of: histories, asOf: now.adding(days: -1))
        }

        /// A forecaster on a rung.
        func forecaster(finished: Int = 300, best: BacktestVerdict.Best?, steppedDown: Bool = false) throws
            -> TenantForecaster
        {
            var model = model
            model.verdicts = ForecastQuestion.allCases.map { TenantForecasterTests.verdict($0, best) }
            model.tenths = [
                OutcomeTenths(
                    question: "usual", tenths: (0..<10).map { OutcomeTenths.Tenth(issues: 10 * $0, late: $0) })
            ]
            return TenantForecaster(
                ForecastBasisID(
                    asOf: pace.asOf, finished: finished, isSteppedDown: steppedDown, modelID: best == nil ? nil : "m1"),
                pace: pace, own: best == nil ? nil : try LoadedModel(model),
                prior: try LoadedModel(try ShippedPrior.model()))
        }
    }

    /// One that ended so.
    private static func verdict(_ question: ForecastQuestion, _ best: BacktestVerdict.Best?) -> BacktestVerdict {
        func interval(_ low: Double) -> Interval { Interval(estimate: low, low: low, high: low, confidence: 0.9) }
        return BacktestVerdict(
            question: Question(question), samples: 900, issues: 300, lateIssues: 100, onTimeIssues: 100,
            skillOverAge: interval(best == .model ? 0.1 : -0.1), skillOverBaseRate: interval(0.1),
            skillOverPrior: interval(best == .model ? 0.1 : -0.1),
            priorSkillOverAge: interval(best == .prior ? 0.1 : -0.1),
            hasPrior: true)
    }

    private func forecasts(
        finished: Int = 300, _ best: BacktestVerdict.Best?, steppedDown: Bool = false,
        _ detail: TenantForecaster.Detail = .batch
    ) throws -> [IssueID: IssueForecast] {
        let trained = try Trained.shared.get()
        return try trained.forecaster(finished: finished, best: best, steppedDown: steppedDown)
            .forecasts(of: trained.histories, at: trained.now, detail)
    }

    private func answers(_ forecasts: [IssueID: IssueForecast], toCome: Bool = true) -> [IssueForecast.Answer] {
        forecasts.sorted { $0.key < $1.key }.flatMap(\.value.answers).filter { ($0.lateByDays == nil) == toCome }
    }

    // MARK: Rungs

    @Test func withLittleFinishedThereIsNoNumberButAnAge() throws {
        let made = try forecasts(finished: 49, nil)
        #expect(!made.isEmpty && !answers(made).isEmpty)
        for answer in answers(made) {
            #expect(answer.rung == .percentile && answer.probability == nil)
            #expect(answer.percent == nil && answer.level == nil && answer.missing.map(\.need) == [50])
        }
        #expect(made.values.allSatisfy { $0.agePercentile != nil && $0.p50At == nil && $0.modelID == "prior" })
    }

    @Test func onThePriorsRungThereAreWords() throws {
        for made in [
            try forecasts(finished: 199, .model), try forecasts(.prior), try forecasts(.model, steppedDown: true),
        ] {
            #expect(!answers(made).isEmpty)
            for answer in answers(made) {
                #expect(answer.rung == .prior && answer.percent == nil && answer.level != nil)
                #expect(answer.explanation == nil && answer.tenth == nil && answer.later.isEmpty)
            }
            #expect(made.values.allSatisfy { $0.p50At == nil && $0.p85At == nil })
        }
    }

    @Test func aModelThatLostLeavesTheAge() throws {
        let made = answers(try forecasts(.age)).filter { $0.question == .usual }
        #expect(!made.isEmpty)
        for answer in made { #expect(answer.rung == .age && answer.percent != nil && answer.explanation == nil) }
    }

    @Test func theOwnModelGivesNumbersDatesAndWhatCameOfSuchNumbers() throws {
        let made = try forecasts(.model)
        let own = answers(made)
        #expect(own.contains { $0.question == .usual } && own.contains { $0.question == .due })
        for answer in own {
            let percent = try #require(answer.percent)
            #expect(answer.rung == .own && (percent % 5 == 0 || percent == 2 || percent == 98))
            for later in answer.later { #expect(later.percent < percent, "more time is never worse") }
            #expect(answer.question == .usual || answer.tenth == nil)
        }
        #expect(own.contains { $0.tenth.map { $0.issues == 10 * $0.late } ?? false })
        #expect(own.contains { !$0.later.isEmpty })
        for forecast in made.values {
            guard let half = forecast.p50At, let most = forecast.p85At else { continue }
            #expect(forecast.asOf < half && half < most)
        }
    }

    @Test func pastTheDeadlineItIsLateAndNoForecast() throws {
        let late = answers(try forecasts(.model), toCome: false)
        #expect(!late.isEmpty)
        for answer in late {
            #expect(answer.probability == 1 && answer.percent == nil && answer.level == nil)
            #expect((answer.lateByDays ?? 0) > 0 && answer.sentence.contains("past"))
        }
    }

    @Test func anIssueThatWasNeverSeenWholeSaysSo() throws {
        let trained = try Trained.shared.get()
        let unseen = IssueHistory(
            Story.issue(9), statuses: Story.statuses, seen: FirstSights(completeSince: nil))
        let made = try trained.forecaster(best: .model).forecasts(of: [unseen], at: trained.now, .number)
        #expect(made["9"]?.isPastUnknown == true && made["9"]?.answers == [])
    }

    // MARK: Explanations

    @Test func thePartsSumToTheNumber() throws {
        let trained = try Trained.shared.get()
        let open = try forecasts(.model).keys.sorted().prefix(4)
        let explained = answers(
            try trained.forecaster(best: .model).forecasts(
                of: trained.histories.filter { open.contains($0.id) }, at: trained.now, .explained(references: 2)))
        #expect(!explained.isEmpty)
        for answer in explained {
            let explanation = try #require(answer.explanation)
            let sum = explanation.typical + explanation.other + explanation.parts.reduce(0) { $0 + $1.points }
            #expect(sum == answer.percent)
            #expect(explanation.parts.allSatisfy { !$0.text.isEmpty && !$0.text.contains("nan") })
        }
        #expect(explained.contains { $0.explanation?.parts.isEmpty == false })
    }

    // MARK: The same again

    @Test func theSameIsTheSameBytesOneByOneAndTogether() throws {
        let trained = try Trained.shared.get()
        let (one, other) = (try trained.forecaster(best: .model), try trained.forecaster(best: .model))
        let together = try one.forecasts(of: trained.histories, at: trained.now, .batch)
        #expect(!together.isEmpty)
        for history in trained.histories {
            guard let forecast = together[history.id] else { continue }
            let alone = try other.forecasts(of: [history], at: trained.now, .number)[history.id]
            #expect(try alone.map { try CanonicalJSON.encode($0) } == CanonicalJSON.encode(forecast))
        }
    }

    @Test func manyThreadsShareOneModel() async throws {
        let trained = try Trained.shared.get()
        let forecaster = try trained.forecaster(best: .model)
        let expected = try forecaster.forecasts(of: trained.histories, at: trained.now, .batch)
        let same = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try trained.histories.allSatisfy {
                        try forecaster.forecasts(of: [$0], at: trained.now, .number)[$0.id] == expected[$0.id]
                    }
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
        #expect(same)
    }

    @Test func anotherBasisIsNamed() {
        let at = Timestamp(seconds: 1_000_000)
        var basis = ForecastBasisID(asOf: at, finished: 300, isSteppedDown: false, modelID: nil)
        #expect(basis.modelKey == "prior")
        basis.modelID = "m1"
        #expect(basis.modelKey == "m1")
        basis.isSteppedDown = true
        #expect(basis.modelKey == "m1:stepped-down")
        #expect(basis.staleBefore(now: at.adding(days: 9)) == at.adding(days: 8))
        #expect(basis.staleBefore(now: at.adding(seconds: 9)) == at)
    }
}
