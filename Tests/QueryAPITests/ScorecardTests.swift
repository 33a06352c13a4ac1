import Domain
import Foundation
import TestSupport
import Testing

@testable import Forecast
@testable import Queries

/// What became of alerts, and what is advised.
@Suite struct ScorecardTests {
    private static let start = Timestamp(seconds: 1_790_000_000)
    private static let rule = AlertRule(
        id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
    private static let doing = Status(id: "2", name: "Doing", category: .indeterminate)
    private static let done = Status(id: "3", name: "Done", category: .done)
    private static let ann = Person(id: "ann", displayName: "Ann")

    private static func day(_ days: Double) -> Timestamp {
        start.adding(milliseconds: Int64(days * 86_400_000))
    }

    /// An issue that was created on day 0, and due on `due`.
    private static func issue(_ number: Int, due: Int? = nil, done doneDay: Double? = nil) -> Domain.Issue {
        var issue = Domain.Issue(
            id: IssueID("\(number)"), key: IssueKey("ENG-\(number)"), status: doing, created: start, updated: start,
            dueDate: due.map { day(Double($0)).utcDay })
        if let doneDay {
            issue.changes = [
                Change(
                    id: ChangeID("\(number)/0"), at: day(doneDay), author: ann, field: "status", from: "2",
                    fromString: "Doing",
                    to: "3", toString: "Done")
            ]
            issue.status = done
        }
        return issue
    }

    private static func alert(
        _ issue: Domain.Issue, at days: Double, score: Int = 75, rule: AlertRule = rule, channels: Set<UUID> = []
    ) -> RaisedAlert {
        RaisedAlert(
            id: UUID(), ruleID: rule.id, issueID: issue.id, issueKey: issue.key, event: .raised, at: day(days),
            score: score, channelIDs: channels)
    }

    private static func past(_ issue: Domain.Issue, _ scores: [(Double, Int)]) -> ScoredPast {
        ScoredPast(
            issueID: issue.id,
            looks: scores.map {
                ScoredPast.Look(at: day($0.0), score: $0.1, issueKey: issue.key, projectKey: "ENG")
            })
    }

    private static func cards(
        _ alerts: [RaisedAlert], of issues: [(Domain.Issue, ScoredPast?)], rules: [AlertRule] = [rule],
        channels: [AlertChannel] = [], from: Double = 0, to: Double = 90
    ) -> AlertScorecards {
        var tally = ScorecardTally(
            rules: rules, alerts: alerts.sorted { $0.at < $1.at }, from: day(from), to: day(to))
        for (issue, past) in issues {
            tally.add(issue, IssueHistory(issue, statuses: StatusCatalog([doing, done])), past)
        }
        return tally.result(channels: channels)
    }

    @Test func anAlertIsJudgedByWhatItsIssueDidWithItsDeadline() throws {
        let late = Self.issue(1, due: 20, done: 30)
        let inTime = Self.issue(2, due: 20, done: 15)
        let open = Self.issue(3, due: 200)
        let without = Self.issue(4)
        let issues = [late, inTime, open, without]
        let card = try #require(
            Self.cards(issues.map { Self.alert($0, at: 10) }, of: issues.map { ($0, nil) }).rules.first
        ).card
        #expect(card.raised == 4 && card.late == 1 && card.slipped == 0 && card.reopened == 0)
        #expect(card.precision == Proportion(1, of: 2))
        #expect(card.pending == 1 && card.withoutDeadline == 1)
        // Day 0 is in the middle of a day; the due day ends at midnight.
        let end = Self.day(20).utcDay.startUTC.adding(days: 1)
        let days = Double(end.milliseconds - Self.day(10).milliseconds) / 86_400_000
        #expect(card.leadDays == days)
        #expect(card.acknowledged == 0)
    }

    @Test func anIssueThatWasReopenedMakesItsAlertTrue() throws {
        var issue = Self.issue(1, done: 12)
        issue.changes.append(
            Change(
                id: "1/1", at: Self.day(14), author: Self.ann, field: "status", from: "3", fromString: "Done", to: "2",
                toString: "Doing"))
        issue.status = Self.doing
        let card = try #require(Self.cards([Self.alert(issue, at: 10)], of: [(issue, nil)]).rules.first).card
        #expect(card.reopened == 1 && card.precision == Proportion(1, of: 1) && card.leadDays == nil)
    }

    @Test func noiseClearedWithinADayWithNothingDone() throws {
        var touched = Self.issue(2)
        touched.comments = [
            Comment(id: "c", author: Self.ann, body: "", created: Self.day(10.2), updated: Self.day(10.2))
        ]
        var byRobot = Self.issue(3)
        byRobot.comments = [
            Comment(
                id: "c", author: Person(id: "bot", displayName: "Bot", isApp: true), body: "", created: Self.day(10.2),
                updated: Self.day(10.2))
        ]
        let quiet = [(10.0, 75), (10.5, 59)]
        let issues: [(Domain.Issue, ScoredPast?)] = [
            (Self.issue(1), Self.past(Self.issue(1), quiet)), (touched, Self.past(touched, quiet)),
            (byRobot, Self.past(byRobot, quiet)),
            // Between the two values a rule stays as it is.
            (Self.issue(4), Self.past(Self.issue(4), [(10, 75), (10.5, 62)])),
            (Self.issue(5), Self.past(Self.issue(5), [(10, 75), (12, 20)])), (Self.issue(6), nil),
        ]
        let alerts = issues.map { Self.alert($0.0, at: 10) } + [Self.alert(Self.issue(7), at: 89.5)]
        let all = issues + [(Self.issue(7), nil)]
        let card = try #require(Self.cards(alerts, of: all).rules.first).card
        #expect(card.noise == Proportion(2, of: 6), "the youngest may still clear within its day")
    }

    @Test func aResolvedAlertSaysWhenItWasOver() throws {
        let issue = Self.issue(1)
        var resolved = Self.alert(issue, at: 10.3, score: 40)
        resolved.event = .resolved
        let card = try #require(
            Self.cards([Self.alert(issue, at: 10), resolved], of: [(issue, nil)]).rules.first
        ).card
        #expect(card.raised == 1 && card.noise == Proportion(1, of: 1))
    }

    @Test func recallCountsMissedIssuesWithAnAlertBefore() throws {
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "Team", target: "")
        let issues = (1...4).map { Self.issue($0, due: 20, done: 40) } + [Self.issue(5, due: 20, done: 10)]
        var elsewhere = Self.rule
        elsewhere.id = UUID()
        elsewhere.projectKeys = ["OPS"]
        let cards = Self.cards(
            [
                Self.alert(issues[0], at: 5, channels: [channel.id]), Self.alert(issues[1], at: 30),
                // Before the window, and as long ago at most.
                Self.alert(issues[2], at: -20),
            ], of: issues.map { ($0, nil) }, rules: [Self.rule, elsewhere], channels: [channel])
        #expect(cards.missedIssues == 4)
        #expect(cards.rules.map(\.card.recall) == [Proportion(2, of: 4), Proportion(0, of: 0)])
        let card = try #require(cards.channels.first).card
        #expect(card.raised == 1 && card.recall == Proportion(1, of: 4))
    }

    @Test func alertsOfIssuesThatAreNotKnownAnyMoreAreCountedAndNotJudged() throws {
        let card = try #require(Self.cards([Self.alert(Self.issue(1, due: 20), at: 10)], of: []).rules.first).card
        #expect(card.raised == 1 && card.withoutDeadline == 1 && card.precision.total == 0 && card.noise.total == 0)
    }

    // MARK: Advice

    /// Alerts of noise at these scores, and of late issues at those.
    private static func advice(noise: [Int], right: [Int], rule: AlertRule = rule) throws -> RuleAdvice {
        let bad = noise.indices.map { issue($0 + 1) }
        let good = right.indices.map { issue($0 + 1000, due: 20, done: 40) }
        let alerts =
            zip(bad, noise).map { alert($0, at: 10, score: $1, rule: rule) }
            + zip(good, right).map { alert($0, at: 10, score: $1, rule: rule) }
        let issues =
            bad.map { ($0, Optional(past($0, [(10, 80), (10.5, 10)]))) } + good.map { ($0, ScoredPast?.none) }
        return try #require(cards(alerts, of: issues, rules: [rule]).rules.first).advice
    }

    @Test func aHigherValueIsNamedThatDropsMostOfTheNoiseAndKeepsWhatCameTrue() throws {
        let advice = try Self.advice(noise: [70, 71, 71, 72, 72, 73, 74, 90], right: [80, 85])
        #expect(advice.kind == .raise && advice.field == "raise_at" && advice.value == 73)
        #expect(advice.sentence.contains("73 in place of 70 would have dropped 5 of 8, and kept all 2"))
    }

    @Test func whereNoValueDoesThatTheRuleIsToBeNarrowed() throws {
        let advice = try Self.advice(noise: [75, 76, 77, 78, 79, 80, 81, 82], right: [71, 90])
        #expect(advice.kind == .narrow && advice.value == nil)
    }

    /// Whatever the scores: the value that is named drops more than half of the noise and nothing that came true, and no lower
    /// one does.
    @Test func theValueThatIsNamedIsTheLowestThatDoes() throws {
        var random = SeededGenerator(seed: 7)
        var named = 0
        for _ in 0..<100 {
            let noise = (0..<Int.random(in: 11...20, using: &random)).map { _ in
                Int.random(in: 70...100, using: &random)
            }
            let right = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                Int.random(in: 75...100, using: &random)
            }
            let advice = try Self.advice(noise: noise, right: right)
            func does(_ value: Int) -> Bool {
                noise.count { $0 < value } * 2 > noise.count && right.allSatisfy { $0 >= value }
            }
            if let value = advice.value {
                named += 1
                #expect(advice.kind == .raise && does(value) && !(71..<value).contains(where: does))
            } else {
                #expect(advice.kind == .narrow && !(71...100).contains(where: does), "\(noise) \(right)")
            }
        }
        #expect(named > 10)
    }

    @Test func fewAlertsAreNotJudgedAndGoodOnesAreKept() throws {
        #expect(try Self.advice(noise: [70, 70, 70], right: []).kind == .tooFew)
        let kept = try Self.advice(noise: [70], right: Array(repeating: 80, count: 12))
        #expect(kept.kind == .keep && kept.sentence.contains("nothing to change"))
    }

    @Test func aRuleThatFindsTooLittleIsToBeLowered() throws {
        let issues = (1...20).map { Self.issue($0, due: 20, done: 40) }
        let alerts = issues.prefix(3).map { Self.alert($0, at: 10) }
        let advice = try #require(Self.cards(alerts, of: issues.map { ($0, nil) }).rules.first).advice
        #expect(advice.kind == .lower && advice.sentence.contains("3 of the 20"))
    }
}
