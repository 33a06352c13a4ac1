import Domain
import Foundation
import TestSupport
import Testing

@Suite struct DigestSelectionTests {
    /// Tuesday, 24 November 2026, 23:30 UTC: in Berlin it is Wednesday already.
    private let now = Timestamp(seconds: 1_795_563_000)

    private func request(_ every: DigestSchedule.Period, zone: String = "UTC") -> DigestRequest {
        DigestRequest(
            tenantID: TenantID(UUID()), siteURL: "https://acme.example", every: every,
            timeZone: zone, from: now.adding(days: every == .day ? -1 : -7), to: now, asOf: now)
    }

    private func score(
        _ number: Int, _ score: Int, from before: Int? = nil, due: String? = nil, late: Double? = nil
    ) -> DigestScore {
        DigestScore(
            issueID: IssueID("\(number)"), key: IssueKey("PAY-\(number)"), score: score,
            past: Array(repeating: before, count: 7), dueDate: due.flatMap(CalendarDay.init), lateDue: late)
    }

    @Test func theRiskiestAreOpenIssuesOfHighOrMediumRisk() {
        let scores = (0..<30).map { score($0, $0 * 3) }
        let selection = DigestSelection(of: scores, for: request(.day))
        #expect(selection.riskiest.map(\.score) == [87, 84, 81, 78, 75, 72, 69, 66, 63, 60])
        #expect(selection.open == RiskCounts(high: 6, medium: 10, low: 14))
        #expect(DigestSelection(of: [score(1, 39)], for: request(.day)).riskiest.isEmpty)
    }

    @Test func whatMovedIsComparedWithTheBeginningOfThePeriod() {
        let scores = [
            score(1, 80, from: 20), score(2, 30, from: 26), score(3, 31, from: 26), score(4, 10, from: 60),
            score(5, 90), score(6, 55, from: 60),
        ]
        let selection = DigestSelection(of: scores, for: request(.day))
        #expect(
            selection.risen.map(\.key) == ["PAY-1", "PAY-3"], "four points are no news, and a new issue has not risen")
        #expect(selection.fallen.map(\.key) == ["PAY-4", "PAY-6"])
        #expect(Set(selection.issueIDs).count == selection.issueIDs.count)
    }

    @Test func whatIsDueByTomorrowOrWithinAWeekIsNamedWhereItIsAtRisk() {
        let scores = [
            score(1, 50, due: "2026-11-24"), score(2, 50, due: "2026-11-25"), score(3, 50, due: "2026-11-26"),
            score(4, 10, due: "2026-11-25"), score(5, 10, due: "2026-11-25", late: 0.5),
            score(6, 80, due: "2026-11-23"),
            score(7, 80, due: "2026-12-01"), score(8, 80, due: "2026-12-02"), score(9, 80),
        ]
        func due(_ request: DigestRequest) -> [IssueKey] { DigestSelection(of: scores, for: request).due.map(\.key) }
        #expect(due(request(.day)) == ["PAY-1", "PAY-2", "PAY-5"])
        #expect(due(request(.week)) == ["PAY-1", "PAY-2", "PAY-5", "PAY-3", "PAY-7"])
        #expect(due(request(.day, zone: "Europe/Berlin")) == ["PAY-2", "PAY-5", "PAY-3"], "there it is the 25th")
    }

    @Test func daysAreThoseBeforeTheOldestFirst() {
        let scores = [score(1, 80, from: 20), score(2, 50, from: 75), score(3, 10)]
        let days = DigestSelection(of: scores, for: request(.day)).days
        #expect(days.map(\.at) == (1...6).reversed().map { now.adding(days: -$0) }, "the beginning is one of them")
        #expect(days.allSatisfy { $0.open == RiskCounts(high: 1, medium: 0, low: 1) })
        #expect(DigestSelection(of: scores, for: request(.week)).days.map(\.at).first == now.adding(days: -7))
        #expect(DigestSelection(of: [score(1, 80)], for: request(.day)).days.isEmpty)
    }

    /// Whatever order the issues come in, and with equals among them: the same digest.
    @Test func theOrderOfTheIssuesSaysNothing() {
        var random = SeededGenerator(seed: 4)
        for _ in 0..<200 {
            let scores = (0..<Int.random(in: 0...40, using: &random)).map { number in
                score(
                    number, Int.random(in: 0...8, using: &random) * 12,
                    from: Bool.random(using: &random) ? Int.random(in: 0...8, using: &random) * 12 : nil,
                    due: Bool.random(using: &random) ? "2026-11-2\(Int.random(in: 4...9, using: &random))" : nil)
            }
            let selection = DigestSelection(of: scores, for: request(.week))
            #expect(selection == DigestSelection(of: scores.shuffled(using: &random), for: request(.week)))
            #expect(selection.open.total == scores.count)
            #expect(selection.due.count == min(selection.dueCount, 10))
            #expect(selection.risen.allSatisfy { $0.rise >= DigestRequest.leastMove })
            #expect(selection.fallen.allSatisfy { $0.rise <= -DigestRequest.leastMove })
        }
    }
}

@Suite struct DigestEmptinessTests {
    private let empty = DigestContent(
        every: .day, timeZone: "UTC", from: Timestamp(seconds: 0), to: Timestamp(seconds: 1),
        asOf: Timestamp(seconds: 1),
        siteURL: "https://acme.example", open: .init(low: 40))

    @Test func thereIsNothingToSayWhereNothingIsAtRiskAndNothingHappened() {
        #expect(empty.isEmpty)
        var digest = empty
        digest.sprints = [.init(name: "Sprint 7", endsAt: nil, open: .init(low: 3), expectedLate: 0.4)]
        #expect(digest.isEmpty)
        digest.sprints[0].expectedLate = 0.5
        #expect(!digest.isEmpty)
        digest = empty
        digest.undelivered = [.init(channel: "Team", reason: "gone", deliveries: 1)]
        #expect(!digest.isEmpty)
        digest = empty
        digest.silenced = [.init(reason: "Release", createdBy: "operator", alerts: 1)]
        #expect(!digest.isEmpty)
        digest = empty
        digest.fallen = [.init(key: "PAY-1", summary: "", score: 3, previousScore: 60)]
        #expect(!digest.isEmpty)
    }
}
