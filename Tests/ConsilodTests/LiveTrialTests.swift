import Alerts
import Domain
import Foundation
import RiskEngine
import Store
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// The real rescorer raised, on webhooks that came as they happened, what a trial of its rules says.
@Suite struct LiveTrialTests {
    private typealias Workshop = RescorerTests.Workshop

    private static func rule(_ name: String, _ condition: AlertRule.Condition) -> AlertRule {
        AlertRule(id: UUID(), name: name, condition: condition)
    }

    private static let rules = [
        rule("Middle", .threshold(raiseAt: 30, clearBelow: 20)), rule("Low", .threshold(raiseAt: 10, clearBelow: 10)),
        rule("Day", .spike(points: 8, windowSeconds: 86_400)), rule("Week", .spike(points: 15, windowSeconds: 604_800)),
    ]

    /// Two issues of which much is said: statuses, due dates, comments, the end of one, and its reopening.
    private static func story(_ seed: UInt64) -> [(at: Timestamp, body: String)] {
        var random = SeededGenerator(seed: seed)
        var story = JiraStory(start: RescorerTests.start)
        var instants: [Timestamp] = []
        let created = story.clock
        let statuses = [
            JiraStory.toDo, JiraStory.doing, JiraStory.status(9, "Blocked", "indeterminate"),
            JiraStory.status(6, "Done", "done"),
        ]
        let texts = ["We are blocked by the vendor.", "Unblocked, thanks!", "This is terrible.", "Fine so far."]
        for number in 1...2 {
            story.issue(
                number, key: "ENG-\(number)", event: "jira:issue_created", created: created,
                fields: ", \"status\": \(JiraStory.toDo)")
            instants.append(story.clock)
            story.pass(seconds: 1)
        }
        for event in 0..<18 {
            story.pass(seconds: Int64.random(in: 60...250_000, using: &random))
            let number = Int.random(in: 1...2, using: &random)
            if Bool.random(using: &random) {
                story.comment(event, on: number, key: "ENG-\(number)", texts.randomElement(using: &random) ?? "")
            } else {
                let due = created.adding(days: Int.random(in: 3...30, using: &random)).utcDay
                let status = statuses.randomElement(using: &random) ?? JiraStory.toDo
                story.issue(
                    number, key: "ENG-\(number)", created: created,
                    fields: ", \"status\": \(status), \"duedate\": \"\(due)\"",
                    items: JiraStory.item("description", "", "", "", "\(event)"))
            }
            instants.append(story.clock)
        }
        story.pass(seconds: 3600)
        story.issue(2, key: "ENG-2", event: "jira:issue_deleted", created: created)
        instants.append(story.clock)
        return Array(zip(instants, story.bodies))
    }

    /// Lets time pass to `end`: stops wherever time alone changes a score, as a running daemon does.
    private func pass(to end: Timestamp, _ workshop: Workshop) async throws {
        while true {
            let next = try await workshop.store.issues(
                workshop.tenant, filter: IssueFilter(includesDone: true), after: nil, limit: 10
            ).items.compactMap(\.analysis.nextChangeAt).filter { $0 > workshop.clock.now }.min()
            guard let next, next < end else { break }
            workshop.clock.now = next
            try await workshop.run { try await workshop.untilIdle() }
        }
        workshop.clock.now = end
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theRulesRangWhenATrialSaysSo(seed: UInt64) async throws {
        let workshop = try await Workshop(profile: seed % 2 == 0 ? .classic : .standard, rules: Self.rules)
        for (at, body) in Self.story(seed) {
            try await pass(to: at, workshop)
            try await workshop.take([body])
            try await workshop.run { try await workshop.untilIdle() }
        }
        let end = workshop.clock.now
        let alerts = try await workshop.store.raisedAlerts(
            workshop.tenant, from: RescorerTests.start, to: end, after: nil, limit: 1000)
        let pasts = try await workshop.store.scoredPasts(
            workshop.tenant, from: RescorerTests.start, to: end, after: nil, limit: 10)
        #expect(pasts.count == 2)
        var rang = 0
        for rule in Self.rules {
            let trial = try #require(RuleTrial(rule))
            for past in pasts {
                let really = alerts.filter { $0.ruleID == rule.id && $0.issueID == past.issueID && $0.event == .raised }
                rang += really.count
                let rings = trial.rings(in: past)
                #expect(rings.map(\.at) == really.map(\.at), "\(rule.name) of \(past.issueID)")
                // The second issue is deleted in the end, whatever that does to its score.
                if past.issueID == "10002" { #expect(rings.allSatisfy { $0.clearedAt != nil }, "\(rule.name)") }
            }
        }
        #expect(rang > 4)
    }
}
