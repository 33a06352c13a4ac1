import Domain
import Foundation
import RiskEngine
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// The history is a function of the webhooks, not of when or in which order they came.
@Suite struct TrueHistoryTests {
    private typealias Workshop = RescorerTests.Workshop
    private static let now = RescorerTests.start

    /// Two issues, one of which blocks the other, over forty days: comments, statuses, due dates, a link.
    private static func story(_ seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        var story = JiraStory(start: now.adding(days: -60))
        let created = story.clock
        let statuses = [JiraStory.toDo, JiraStory.doing, JiraStory.status(9, "Blocked", "indeterminate")]
        let texts = ["We are blocked by the vendor.", "Unblocked, thanks!", "Fine so far.", "Still waiting for legal."]
        let link =
            #", "issuelinks": [{"id": "7", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},"#
        let ends = [
            link + #" "outwardIssue": {"id": "10002", "key": "ENG-2"}}]"#,
            link + #" "inwardIssue": {"id": "10001", "key": "ENG-1"}}]"#,
        ]
        for number in 1...2 {
            story.issue(number, key: "ENG-\(number)", event: "jira:issue_created", created: created)
            story.pass(seconds: 1)
        }
        for event in 0..<24 {
            story.pass(seconds: Int64.random(in: 3600...200_000, using: &random))
            let number = Int.random(in: 1...2, using: &random)
            if Bool.random(using: &random) {
                story.comment(
                    event, on: number, key: "ENG-\(number)", texts.randomElement(using: &random) ?? texts[0])
            } else {
                let due = created.adding(days: Int.random(in: 5...60, using: &random)).utcDay
                let status = statuses.randomElement(using: &random) ?? statuses[0]
                story.issue(
                    number, key: "ENG-\(number)", created: created,
                    fields: ", \"status\": \(status), \"duedate\": \"\(due)\"" + ends[number - 1],
                    items: JiraStory.item("description", "", "", "", "\(event)"))
            }
        }
        return story.bodies
    }

    private struct Row: Hashable, CustomStringConvertible {
        var key: String
        var at: Timestamp
        var score: Int
        var blockers: Int
        var cost: Double
        var description: String { "\(key) \(at): \(score), \(blockers) blockers" }
    }

    /// The history after these webhooks came in portions, each worked off before the next; and the alerts in the end.
    private func outcome(of portions: [[String]]) async throws -> (rows: [Row], alerts: [String]) {
        let workshop = try await Workshop(profile: .standard)
        for portion in portions {
            try await workshop.take(portion)
            try await workshop.run { try await workshop.untilIdle() }
        }
        // A look as of now may have others follow: what it finds is passed on.
        workshop.clock.now = workshop.clock.now.adding(seconds: 11)
        try await workshop.run { try await workshop.untilIdle() }
        var rows: [Row] = []
        for key in ["ENG-1", "ENG-2"] {
            rows += try await workshop.history(IssueKey(key)).map {
                Row(
                    key: key, at: $0.analyzedAt, score: $0.riskScore, blockers: $0.blockerCount, cost: $0.dailyCost)
            }
        }
        return (rows.sorted { ($0.key, $0.at) < ($1.key, $1.at) }, try await workshop.alerts().map(\.headline).sorted())
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func speedAndOrderOfArrivalChangeNeitherHistoryNorAlerts(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let bodies = Self.story(seed)
        let atOnce = try await outcome(of: [bodies])
        #expect(atOnce.rows.count > 20)
        #expect(Set(atOnce.rows.map(\.at)).count > 10)
        let others: [(String, [[String]])] = [
            ("one by one", bodies.map { [$0] }), ("at once, shuffled", [bodies.shuffled(using: &random)]),
            ("one by one, shuffled", bodies.shuffled(using: &random).map { [$0] }),
        ]
        for (how, portions) in others {
            let other = try await outcome(of: portions)
            // Only what differs is told: the histories are long.
            #expect(other.rows.filter { !atOnce.rows.contains($0) } == [], "\(how)")
            #expect(atOnce.rows.filter { !other.rows.contains($0) } == [], "\(how)")
            #expect(other.rows.count == atOnce.rows.count, "\(how)")
            #expect(other.alerts == atOnce.alerts, "\(how)")
        }
    }

    /// A status that is said to be done and not done in turn, in the log of changes of both issues.
    private static func turns() -> [String] {
        var story = JiraStory(start: now.adding(days: -20))
        let created = story.clock
        for turn in 0..<10 {
            story.pass(seconds: 40_000)
            let review = JiraStory.status(5, "Review", turn % 4 == 0 ? "done" : "indeterminate")
            let begins = turn.isMultiple(of: 2)
            for number in 1...2 {
                story.pass(seconds: 60)
                story.issue(
                    number, key: "ENG-\(number)", created: created,
                    fields: ", \"status\": \(begins ? review : JiraStory.toDo)",
                    items: begins
                        ? JiraStory.item("status", "1", "To Do", "5", "Review")
                        : JiraStory.item("status", "5", "Review", "1", "To Do"))
            }
        }
        return story.bodies
    }

    @Test(arguments: [1, 2] as [UInt64])
    func theOrderOfArrivalDecidesNoCategory(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let bodies = Self.turns()
        let atOnce = try await outcome(of: [bodies])
        #expect(atOnce.rows.count > 2)
        let others: [[[String]]] = [
            bodies.map { [$0] }, bodies.reversed().map { [$0] }, [bodies.shuffled(using: &random)],
        ]
        for portions in others {
            let other = try await outcome(of: portions)
            #expect(other.rows == atOnce.rows)
            #expect(other.alerts == atOnce.alerts)
        }
    }

    /// An issue that goes into a status and out of it every day; what its webhooks say of the status, day by day.
    private static func days(_ categories: [String]) -> [String] {
        var story = JiraStory(start: now.adding(days: -20))
        let created = story.clock
        for category in categories {
            story.pass(days: 1)
            story.issue(
                1, key: "ENG-1", created: created,
                fields: ", \"status\": \(JiraStory.status(5, "Review", category))",
                items: JiraStory.item("status", "1", "To Do", "5", "Review"))
            story.pass(seconds: 3600)
            story.issue(
                1, key: "ENG-1", created: created, fields: ", \"status\": \(JiraStory.toDo)",
                items: JiraStory.item("status", "5", "Review", "1", "To Do"))
        }
        return story.bodies
    }

    /// No other issue says so, and none has this one scored again.
    @Test func whatAnIssueItselfSaysOfAStatusIsOfItsWholeHistory() async throws {
        let bodies = Self.days(["done", "indeterminate", "done"])
        let atOnce = try await outcome(of: [bodies])
        #expect(try await outcome(of: bodies.map { [$0] }).rows == atOnce.rows)
        // The category makes a difference: whoever leaves a status that is done has opened the issue again.
        let never = try await outcome(of: [Self.days(["indeterminate", "indeterminate", "indeterminate"])])
        #expect(never.rows.map(\.score) != atOnce.rows.map(\.score))
    }

    /// As in a backfill: the category of a status becomes known when the first issue that is in it comes.
    @Test func theHistoryOfAFetchedIssueBeginsWithTheFetchHoweverOftenItIsMadeAgain() async throws {
        var story = JiraStory(start: Self.now.adding(days: -20))
        let created = story.clock
        story.pass(days: 1)
        let fetched = story.clock
        story.issue(
            1, key: "ENG-1", event: "consilod:issue_fetched", created: created,
            fields: ", \"status\": \(JiraStory.toDo)", items: JiraStory.item("status", "5", "Review", "1", "To Do"))
        story.pass(seconds: 60)
        story.issue(
            2, key: "ENG-2", created: created, fields: ", \"status\": \(JiraStory.status(5, "Review", "done"))")
        let known = try await outcome(of: story.bodies.reversed().map { [$0] })
        let later = try await outcome(of: story.bodies.map { [$0] })
        #expect(later.rows == known.rows)
        #expect(later.rows.filter { $0.key == "ENG-1" }.map(\.at).min() == fetched)
    }

    @Test func timeLeavesRowsBetweenOldEvents() async throws {
        let workshop = try await Workshop(profile: .classic)
        var story = JiraStory(start: Self.now.adding(days: -60))
        let created = story.clock
        story.issue(1, key: "ENG-1", event: "jira:issue_created", created: created)
        story.pass(days: 40)
        story.issue(1, key: "ENG-1", created: created, items: JiraStory.item("labels", "", "", "", "late"))
        try await workshop.take(story.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        let rows = try await workshop.history("ENG-1").reversed()
        // Silent for more than 3, 5 and 10 days; older than 7, 14 and 30; then somebody touched it.
        #expect(rows.map(\.riskScore) == [0, 5, 10, 15, 25, 30, 40, 20])
        #expect(rows.map { created.daysUntil($0.analyzedAt) } == [0, 4, 6, 8, 11, 15, 31, 40])
    }
}

extension Timestamp {
    fileprivate func daysUntil(_ later: Timestamp) -> Int { later.wholeDays(since: self) }
}
