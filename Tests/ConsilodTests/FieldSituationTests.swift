import Domain
import Foundation
import RiskEngine
import Store
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// What real Jira sites do, and what a lead expects of it.
@Suite struct FieldSituationTests {
    private typealias Workshop = RescorerTests.Workshop
    private static let now = RescorerTests.start
    private static let created = now.adding(days: -30)

    private func analysis(_ workshop: Workshop, _ key: IssueKey) async throws -> Analysis? {
        let filter = IssueFilter(includesDone: true)
        return try await workshop.store.issues(workshop.tenant, filter: filter, after: nil, limit: 50).items
            .first { $0.issue.key == key }?.analysis
    }

    private func keys(_ workshop: Workshop) async throws -> [String] {
        try await workshop.store.issues(
            workshop.tenant, filter: IssueFilter(includesDone: true), after: nil, limit: 50
        ).items.map(\.issue.key.rawValue).sorted()
    }

    /// Takes all webhooks, works them off, and looks as of now.
    private func told(_ story: JiraStory, to workshop: Workshop) async throws {
        try await workshop.take(story.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        workshop.clock.now = workshop.clock.now.adding(seconds: 11)
        try await workshop.run { try await workshop.untilIdle() }
    }

    @Test(arguments: ["Done", "Shipped to prod"])
    func aStatusIsDoneByItsCategoryWhateverItsName(_ name: String) async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(days: -5))
        story.issue(1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(JiraStory.doing)")
        story.pass(seconds: 60)
        story.comment(1, on: 1, key: "ENG-1", "We are blocked by the vendor.")
        story.pass(days: 1)
        story.issue(
            1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(JiraStory.status(40, name, "done"))",
            items: JiraStory.item("status", "3", "In Progress", "40", name))
        story.pass(days: 1)
        story.issue(
            1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(JiraStory.doing)",
            items: JiraStory.item("status", "40", name, "3", "In Progress"))
        try await told(story, to: workshop)
        let analysis = try #require(try await analysis(workshop, "ENG-1"))
        #expect(analysis.blockers.isEmpty, "the finish has closed it")
        #expect(analysis.factors.first { $0.name == .churn }.map { $0.points > 0 } == true, "it was reopened")
    }

    @Test func aFinishedIssueOfAnotherProjectBlocksNobody() async throws {
        let workshop = try await Workshop(profile: .standard)
        func link(_ id: Int, _ status: String) -> String {
            #"{"id": "\#(id)", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}, "inwardIssue":"#
                + #" {"id": "9\#(id)", "key": "INFRA-\#(id)", "fields": {"status": \#(status)}}}"#
        }
        var story = JiraStory(start: Self.now)
        let finished = link(3, JiraStory.status(77, "Live", "done"))
        story.issue(1, key: "ENG-1", created: Self.created, fields: ", \"issuelinks\": [\(finished)]")
        story.issue(2, key: "ENG-2", created: Self.created, fields: ", \"issuelinks\": [\(link(4, JiraStory.doing))]")
        try await told(story, to: workshop)
        #expect(try await analysis(workshop, "ENG-1")?.blockers.isEmpty == true)
        #expect(try await analysis(workshop, "ENG-2")?.blockers.map(\.snippet) == ["Blocked by INFRA-4"])
    }

    @Test func theFlagIsABlockerUntilItIsRemoved() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        story.issue(
            1, key: "ENG-1", created: Self.created, fields: #", "customfield_10021": [{"value": "Impediment"}]"#,
            items: JiraStory.item("Flagged", "", "", "[10019]", "Impediment"))
        try await told(story, to: workshop)
        let flagged = try #require(try await analysis(workshop, "ENG-1"))
        #expect(flagged.blockers.map(\.evidence.kind) == [.change])
        story = JiraStory(start: Self.now)
        story.issue(
            1, key: "ENG-1", created: Self.created, fields: #", "customfield_10021": null"#,
            items: JiraStory.item("Flagged", "[10019]", "Impediment", "", ""))
        try await told(story, to: workshop)
        #expect(try await analysis(workshop, "ENG-1")?.blockers.isEmpty == true)
    }

    @Test func whatAppsDoIsNoActivityNoMoodAndNoBlocker() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(days: -20))
        story.issue(1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(JiraStory.doing)")
        story.clock = Self.now.adding(days: -1)
        story.issue(
            1, key: "ENG-1", created: Self.created, items: JiraStory.item("labels", "", "", "", "stale"),
            by: JiraStory.robot)
        story.comment(1, on: 1, key: "ENG-1", "We are blocked, this is terrible.", by: JiraStory.robot)
        story.issue(1, key: "ENG-1", created: Self.created, items: JiraStory.item("Rank", "", "", "", "Ranked higher"))
        try await told(story, to: workshop)
        let analysis = try #require(try await analysis(workshop, "ENG-1"))
        #expect(analysis.blockers.isEmpty && analysis.sentiment.total == 0)
        let silence = try #require(analysis.factors.first { $0.name == .staleness })
        #expect(silence.explanation.hasPrefix("No activity for 20 days"))
    }

    @Test func anAutomaticReplyIsNoSignOfLife() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(days: -20))
        story.issue(1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(JiraStory.doing)")
        story.clock = Self.now.adding(days: -1)
        story.comment(
            1, on: 1, key: "ENG-1", "Automatic reply: I am out of the office and read your message when I return.")
        try await told(story, to: workshop)
        let analysis = try #require(try await analysis(workshop, "ENG-1"))
        let silence = try #require(analysis.factors.first { $0.name == .staleness })
        #expect(silence.explanation.hasPrefix("No activity for 20 days"))
    }

    @Test func zeroPointsAndHoursAreEstimates() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now)
        story.issue(1, key: "ENG-1", created: Self.created, fields: #", "customfield_10016": 0"#)
        story.issue(
            2, key: "ENG-2", created: Self.created,
            fields: #", "timeoriginalestimate": 7200, "timeestimate": 1800, "timespent": 5400"#)
        try await told(story, to: workshop)
        #expect(try await analysis(workshop, "ENG-1")?.capacity.totalEstimatedCost == 0)
        #expect(try await analysis(workshop, "ENG-2")?.capacity.estimatedDays == 0.0625)
    }

    @Test func aFirstLookThatIsThinIsNoRise() async throws {
        let rules = [
            AlertRule(id: UUID(), name: "Rise", condition: .spike(points: 15, windowSeconds: 86_400)),
            AlertRule(id: UUID(), name: "High", condition: .threshold(raiseAt: 40, clearBelow: 30)),
        ]
        let workshop = try await Workshop(profile: .standard, rules: rules)
        var story = JiraStory(start: Self.now.adding(seconds: -30))
        story.comment(1, on: 1, key: "ENG-1", "Any news?")
        try await workshop.take(story.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await keys(workshop).isEmpty, "too little is known")
        story = JiraStory(start: Self.now)
        story.issue(1, key: "ENG-1", created: Self.now.adding(days: -60), fields: #", "duedate": "2026-08-01""#)
        try await told(story, to: workshop)
        #expect(try await workshop.history("ENG-1").count == 1)
        let alerts = try await workshop.alerts()
        #expect(alerts.map(\.kind) == [.threshold])
        #expect(alerts.first?.headline.contains("rose from") == false)
    }

    @Test func anIssueThatStaysThinIsScoredAfterAWhile() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now)
        story.comment(1, on: 1, key: "ENG-1", "We are blocked by the vendor.")
        try await workshop.take(story.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await keys(workshop).isEmpty)
        workshop.clock.now = workshop.clock.now.adding(seconds: 901)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await keys(workshop) == ["ENG-1"])
    }

    @Test func aThinWebhookNeverOutranksAWholeIssue() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        let done = JiraStory.status(40, "Done", "done")
        story.issue(
            1, key: "ENG-1", created: Self.created, fields: ", \"status\": \(done)",
            items: JiraStory.item("status", "3", "In Progress", "40", "Done"))
        story.pass(seconds: 1)
        // Read before the transition that it came with.
        story.comment(1, on: 1, key: "ENG-1", "Closing.", thin: ", \"status\": \(JiraStory.doing)")
        try await told(story, to: workshop)
        #expect(try await analysis(workshop, "ENG-1")?.riskScore == 0)
    }

    @Test func aMovedIssueIsOneIssueUnderBothKeys() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(days: -20))
        let (eng, ops) = (#", "project": {"id": "1", "key": "ENG"}"#, #", "project": {"id": "2", "key": "OPS"}"#)
        story.issue(5, key: "ENG-5", created: Self.created, fields: eng)
        story.issue(
            6, key: "ENG-6", created: Self.created,
            fields: eng + #"""
                , "issuelinks": [{"id": "7", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                "inwardIssue": {"id": "10005", "key": "ENG-5"}}]
                """#)
        story.pass(days: 10)
        story.issue(
            5, key: "OPS-9", created: Self.created,
            fields: ops + #"""
                , "issuelinks": [{"id": "7", "type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"},
                "outwardIssue": {"id": "10006", "key": "ENG-6"}}]
                """#, items: JiraStory.item("Key", "", "ENG-5", "", "OPS-9"))
        try await told(story, to: workshop)
        #expect(try await keys(workshop) == ["ENG-6", "OPS-9"])
        let history = try await workshop.history("OPS-9")
        #expect(Set(history.map(\.issueKey)) == ["ENG-5", "OPS-9"])
        #expect(try await workshop.history("ENG-5") == history)
        #expect(try await workshop.store.loadIssue(tenantID: workshop.tenant, key: "ENG-5")?.state?.id == "10005")
        // Its dependent calls it by its new name.
        #expect(try await analysis(workshop, "ENG-6")?.blockers.map(\.snippet) == ["Blocked by OPS-9"])
    }

    @Test func aRenamedProjectTakesItsIssuesAlong() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        for number in 1...3 {
            story.issue(
                number, key: "PAY-\(number)", created: Self.created, fields: #", "project": {"id": "1", "key": "PAY"}"#)
        }
        try await told(story, to: workshop)
        story = JiraStory(start: Self.now)
        story.append(
            #"{"timestamp": \#(Self.now.milliseconds), "webhookEvent": "project_updated", "project": {"id": 1, "key": "BILL"}}"#
        )
        try await told(story, to: workshop)
        #expect(try await keys(workshop) == ["BILL-1", "BILL-2", "BILL-3"])
        #expect(try await workshop.history("PAY-2") == workshop.history("BILL-2"))
        // Without a webhook of the project, one issue's new key tells of the others.
        story = JiraStory(start: Self.now.adding(seconds: 30))
        story.issue(2, key: "INV-2", created: Self.created, fields: #", "project": {"id": "1", "key": "INV"}"#)
        try await told(story, to: workshop)
        #expect(try await keys(workshop) == ["INV-1", "INV-2", "INV-3"])
    }

    @Test(arguments: ["project_deleted", "project_soft_deleted", "project_archived"])
    func theIssuesOfAProjectThatIsGoneLeaveTheList(_ event: String) async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        story.issue(1, key: "PAY-1", created: Self.created, fields: #", "project": {"id": "1", "key": "PAY"}"#)
        story.issue(2, key: "ENG-1", created: Self.created, fields: #", "project": {"id": "2", "key": "ENG"}"#)
        story.append(
            #"{"timestamp": \#(Self.now.milliseconds), "webhookEvent": "\#(event)", "project": {"id": 1, "key": "PAY"}}"#
        )
        try await told(story, to: workshop)
        #expect(try await keys(workshop) == ["ENG-1"])
    }

    @Test(arguments: [
        #", "visibility": {"type": "role", "value": "Administrators"}"#, #", "jsdPublic": false"#,
    ])
    func aRestrictedCommentIsReadAndNeverQuoted(_ restriction: String) async throws {
        for profile in RiskConfiguration.Profile.allCases {
            try await expectNoQuotation(restriction, profile: profile)
        }
    }

    private func expectNoQuotation(_ restriction: String, profile: RiskConfiguration.Profile) async throws {
        let workshop = try await Workshop(profile: profile)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        story.issue(1, key: "ENG-1", created: Self.created)
        story.comment(1, on: 1, key: "ENG-1", "We are blocked by the Zeta contract.", more: restriction)
        try await told(story, to: workshop)
        let analysis = try #require(try await analysis(workshop, "ENG-1"))
        #expect(analysis.blockerCount == 1)
        let text = String(decoding: try CanonicalJSON.encode(analysis), as: UTF8.self)
        #expect(!text.contains("Zeta") && text.contains("text withheld"))
        #expect(analysis.restrictions == Restrictions(securityLevel: nil, withheldComments: 1))
    }

    @Test func aJiraServerThatNamesNoDeletedCommentListsTheOthers() async throws {
        let workshop = try await Workshop(profile: .standard)
        var story = JiraStory(start: Self.now.adding(seconds: -60))
        story.issue(1, key: "ENG-1", created: Self.created)
        story.comment(1, on: 1, key: "ENG-1", "We are blocked by the vendor.")
        story.pass(seconds: 10)
        story.append(
            #"""
            {"timestamp": \#(story.clock.milliseconds), "webhookEvent": "jira:issue_updated",
             "issue_event_type_name": "issue_comment_deleted", "issue": {"id": "10001", "key": "ENG-1", "fields": {
             "summary": "Story 1", "created": "\#(Self.created)", "updated": "\#(story.clock)",
             "comment": {"comments": [], "total": 0, "maxResults": 0, "startAt": 0}}}}
            """#)
        try await told(story, to: workshop)
        #expect(try await analysis(workshop, "ENG-1")?.blockers.isEmpty == true)
    }
}
