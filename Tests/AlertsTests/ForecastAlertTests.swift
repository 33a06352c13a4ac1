import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// Alerts about what a forecast says.
@Suite struct ForecastAlertTests {
    private static let now = Timestamp(seconds: 1_790_000_000)
    private static let rule = AlertRule(
        id: UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)), name: "Will be late",
        condition: .forecast(question: .due, raiseAt: 80, clearBelow: 60))

    private func forecast(_ probability: Double, rung: ForecastRung = .own) -> IssueForecast {
        IssueForecast(
            modelID: "m1", asOf: Self.now, finished: 300,
            answers: [
                .init(
                    question: .due, deadline: CalendarDay(daysSinceEpoch: 20_720).startUTC, rung: rung,
                    probability: probability, tenth: .init(issues: 41, late: 33), later: [.init(days: 7, percent: 60)],
                    blockersClosed: .init(percent: 55, samples: 143, late: 87),
                    explanation: .init(
                        typical: 50,
                        parts: [
                            .init(group: "age", points: 25, text: "open for 80 days"),
                            .init(group: "owner", points: -10, text: "assignee with 2 open issues"),
                        ], other: 20))
            ])
    }

    private func decide(
        _ forecast: IssueForecast?, isFiring: Bool = false, isDone: Bool = false, level: String? = nil
    ) -> AlertDecision {
        let status = Status(id: "1", name: "S", category: isDone ? .done : .new)
        var issue = Issue(
            id: "1", key: "PAY-1", summary: "A secret", status: status, created: Self.now, updated: Self.now)
        issue.securityLevel = level
        return AlertPlanner().decide(
            tenantID: TenantID(Self.rule.id), siteURL: "https://a.example", issue: issue,
            analysis: .sample(id: "1", key: "PAY-1", summary: "A secret", factors: [], at: Self.now), previous: nil,
            forecast: forecast, recentScores: [], rules: [Self.rule],
            states: isFiring ? [AlertState(ruleID: Self.rule.id, isFiring: true, since: Self.now, score: 0)] : [],
            now: Self.now)
    }

    @Test func aWebhookHasTheAnswerThatTheRuleIsAbout() throws {
        struct Sent: Decodable {
            struct Body: Decodable { var alerts: [Row] }
            struct Row: Decodable { var issue: About }
            struct About: Decodable { var forecast: Answer? }
            struct Answer: Decodable, Equatable {
                var question: String
                var deadline: String
                var percent: Int
                var sentence: String
            }
            var data: Body
        }
        func answer(_ alert: Alert) throws -> Sent.Answer? {
            let body = try WebhookPayload.render(AlertMessage(alert))
            let sent = try JSONDecoder().decode(Sent.self, from: body)
            return sent.data.alerts.first?.issue.forecast
        }
        let alert = try #require(decide(forecast(0.86)).alerts.first)
        #expect(
            try answer(alert)
                == .init(
                    question: "due", deadline: "2026-09-24T00:00:00.000Z", percent: 85,
                    sentence: "85 % likely to be done after its due date (2026-09-23)"))
        #expect(try answer(.sample()) == nil)
    }

    @Test func theMessageSaysWhatTheForecastSaysAndWhy() throws {
        let alert = try #require(decide(forecast(0.86)).alerts.first)
        #expect(
            alert.headline == "PAY-1 is 85 % likely to be done after its due date (2026-09-23), at or above 80 %")
        let section = try #require(AlertText(alert).sections.first)
        #expect(section.title == "What the forecast says")
        #expect(
            section.items.map(\.text) == [
                "85 % likely to be done after its due date (2026-09-23).",
                "A typical open issue here: 50 %. This one: open for 80 days +25, assignee with 2 open issues −10",
                "Of 41 issues with such a forecast in the past 33 came late",
                "Due 7 days later it would be 60 %", "Without open blockers 55 % (of 143 such cases 87 late)",
            ])
    }

    @Test func decidingAgainIsTheSameAlert() {
        #expect(decide(forecast(0.86)) == decide(forecast(0.86)))
        #expect(decide(forecast(0.86), isFiring: true).alerts.isEmpty, "it rings once")
    }

    @Test func whatEndsItIsSaid() {
        #expect(decide(forecast(0.5), isFiring: true).alerts.map(\.event) == [.resolved])
        let done = decide(nil, isFiring: true, isDone: true)
        #expect(done.alerts.map(\.headline) == ["PAY-1 is done"] && done.states.map(\.isFiring) == [false])
        #expect(decide(forecast(0.99, rung: .prior)).alerts.isEmpty)
        #expect(decide(nil, isFiring: true).states.isEmpty, "nothing is known")
    }

    @Test func ofAnIssueNotEverybodyMaySeeTheNumberIsLeft() throws {
        let alert = try #require(decide(forecast(0.86), level: "Board only").alerts.first).forEverybody
        #expect(alert.issue?.forecast?.percent == 85 && alert.issue?.forecast?.explanation == nil)
        let text = AlertText(alert)
        #expect(!"\(text)".contains("open for 80 days") && !"\(text)".contains("A secret"))
    }
}
