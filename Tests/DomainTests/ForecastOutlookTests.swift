import Domain
import TestSupport
import Testing

struct ForecastOutlookTests {
    private static let at = Timestamp(seconds: 1_790_000_000)

    private func forecast(
        _ probability: Double?, _ question: ForecastQuestion = .sprint, rung: ForecastRung = .own,
        late days: Int? = nil,
        deadline: Timestamp = at.adding(days: 5)
    ) -> IssueForecast {
        IssueForecast(
            modelID: "m", asOf: Self.at, finished: 300,
            answers: [
                .init(
                    question: question, deadline: deadline, rung: rung,
                    missing: rung == .prior
                        ? [MissingEvidence(.finishedIssues, have: 90, need: 200)].compactMap(\.self) : [],
                    probability: probability, lateByDays: days)
            ])
    }

    // MARK: The sum

    /// By going through every outcome of every issue.
    private func bruteForce(_ probabilities: [Double]) -> [Double] {
        var distribution = [Double](repeating: 0, count: probabilities.count + 1)
        for outcome in 0..<(1 << probabilities.count) {
            var share = 1.0
            for (index, probability) in probabilities.enumerated() {
                share *= outcome & (1 << index) != 0 ? probability : 1 - probability
            }
            distribution[outcome.nonzeroBitCount] += share
        }
        return distribution
    }

    @Test(arguments: UInt64(1)...40) func theSumIsThatOfEveryOutcome(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let probabilities = (0..<Int.random(in: 0...11, using: &random)).map { _ in
            [0, 1, Double.random(in: 0...1, using: &random), Double.random(in: 0...1, using: &random)]
                .randomElement(using: &random) ?? 0
        }
        let (made, known) = (LatenessOutlook.distribution(probabilities), bruteForce(probabilities))
        #expect(made.count == known.count)
        for (a, b) in zip(made, known) { #expect(abs(a - b) < 1e-12) }
        #expect(abs(made.reduce(0, +) - 1) < 1e-12)

        let outlook = LatenessOutlook(probabilities)
        let mean = known.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
        let variance = known.enumerated().reduce(0) {
            $0 + $1.element * (Double($1.offset) - mean) * (Double($1.offset) - mean)
        }
        #expect(abs(outlook.expected - mean) < 1e-9 && abs(outlook.deviation - variance.squareRoot()) < 1e-6)
        #expect(known.prefix(outlook.high + 1).reduce(0, +) >= 0.9 - 1e-9)
        #expect(known.prefix(outlook.high).reduce(0, +) < 0.9 + 1e-9)
        #expect(known.prefix(outlook.low + 1).reduce(0, +) >= 0.1 - 1e-9)
        #expect(outlook == LatenessOutlook(probabilities.shuffled(using: &random)), "the order says nothing")
    }

    @Test func aThousandIssuesSumToOne() {
        let distribution = LatenessOutlook.distribution((0..<1000).map { Double($0 % 97) / 96 })
        #expect(abs(distribution.reduce(0, +) - 1) < 1e-9 && distribution.allSatisfy { $0 >= 0 })
    }

    // MARK: What counts

    @Test func whatIsLateCountsAndWhatHasNoNumberIsNamed() {
        let outlook = ForecastOutlook(
            .sprint, of: [forecast(0.5), forecast(0.3), forecast(1, late: 2), nil], countsAll: true)
        #expect(outlook.openIssues == 4 && outlook.withoutForecast == 1 && outlook.alreadyLate == 1)
        #expect(outlook.lateness == LatenessOutlook([0.5, 0.3, 1]))
        #expect(
            outlook.sentence == "Of 3 open issues about 2 ± 1 will not be done by the end; 1 more have no forecast")
    }

    @Test func anotherDeadlineIsAnotherSprint() {
        let outlook = ForecastOutlook(
            .sprint, of: [forecast(0.5), forecast(0.5, deadline: Self.at.adding(days: 9))],
            deadline: Self.at.adding(days: 5), countsAll: true)
        #expect(outlook.lateness?.issues == 1 && outlook.withoutForecast == 1)
    }

    @Test func withoutDueDatesThereIsNothingToMiss() {
        let outlook = ForecastOutlook(.due, of: [forecast(0.5), nil, forecast(0.25, .due)], countsAll: false)
        #expect(outlook.openIssues == 1 && outlook.withoutForecast == 0)
        #expect(outlook.sentence == "Of 1 open issues about 0 ± 0 will miss their due dates")
    }

    @Test func levelsDoNotAddUp() {
        let outlook = ForecastOutlook(.sprint, of: [forecast(0.5, rung: .prior)], countsAll: true)
        #expect(outlook.lateness == nil && outlook.sentence == nil && outlook.withoutForecast == 1)
        #expect(outlook.missing.map(\.need) == [200])
    }

    // MARK: Rules

    @Test func aRuleFiresFromOneValueOnAndUntilAnother() {
        let rule = AlertRule.Condition.forecast(question: .sprint, raiseAt: 80, clearBelow: 60)
        #expect(rule.isFiring(by: forecast(0.78), wasFiring: false), "80 % is shown")
        #expect(!rule.isFiring(by: forecast(0.77), wasFiring: false))
        #expect(rule.isFiring(by: forecast(0.61), wasFiring: true))
        #expect(!rule.isFiring(by: forecast(0.55), wasFiring: true))
        let threshold = AlertRule.Condition.threshold(raiseAt: 1, clearBelow: 1)
        #expect(!threshold.isFiring(by: forecast(1), wasFiring: true))
    }

    @Test(arguments: [false, true]) func withoutANumberNothingIsRaisedOrCleared(wasFiring: Bool) {
        let rule = AlertRule.Condition.forecast(question: .sprint, raiseAt: 80, clearBelow: 60)
        #expect(rule.isFiring(by: forecast(0.99, rung: .prior), wasFiring: wasFiring) == wasFiring)
        #expect(rule.isFiring(by: forecast(1, late: 3), wasFiring: wasFiring) == wasFiring, "it is late already")
        #expect(rule.isFiring(by: nil, wasFiring: wasFiring) == wasFiring)
        #expect(!rule.isFiring(by: forecast(0.99, .due), wasFiring: wasFiring), "it is in no sprint any more")
    }

    // MARK: Words

    @Test func aNumberAWordOrTheDaysAreSaid() {
        let deadline = CalendarDay(daysSinceEpoch: 20_001).startUTC
        func sentence(_ forecast: IssueForecast) -> String? { forecast.answers.first?.sentence }
        #expect(
            sentence(forecast(0.83, .due, deadline: deadline))
                == "85 % likely to be done after its due date (2024-10-04)")
        #expect(
            sentence(forecast(0.83, .due, rung: .age, deadline: deadline))
                == "85 % likely to be done after its due date (2024-10-04), by its age alone")
        #expect(
            sentence(forecast(0.9, .usual, rung: .prior, deadline: deadline))
                == "high risk of being done after the team's usual time (2024-10-04), from other teams' history")
        #expect(sentence(forecast(1, .due, late: 1, deadline: deadline)) == "1 day past its due date (2024-10-04)")
        #expect(sentence(forecast(nil, rung: .percentile, deadline: deadline))?.hasPrefix("no forecast") == true)
    }

    @Test func theStoredFormIsReadAsItWasWritten() throws {
        var whole = forecast(0.123456789)
        whole.agePercentile = 80
        whole.p50At = Self.at
        whole.answers[0].tenth = .init(issues: 9, late: 3)
        whole.answers[0].later = [.init(days: 7, percent: 20)]
        whole.answers[0].blockersClosed = .init(percent: 10, samples: 60, late: 6)
        whole.answers[0].explanation = .init(
            typical: 40, parts: [.init(group: "age", points: -30, text: "x")], other: 0)
        for forecast in [whole, IssueForecast(modelID: "m", asOf: Self.at, finished: 0, isPastUnknown: true)] {
            let record = try ForecastRecord(forecast, of: "1")
            #expect(record.forecast == forecast)
            #expect(record.lateSprint == forecast[.sprint]?.probability && record.lateDue == nil)
        }
        var record = try ForecastRecord(whole, of: "1")
        record.payload = record.payload.replacing(#""v":1"#, with: #""v":2"#)
        #expect(record.forecast == nil, "a later version is made again")
    }
}
