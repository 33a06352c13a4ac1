import Domain
import Foundation
import RiskEngine
import Store
import Synchronization
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// What a change would make of an issue is what the real change makes of it, by the real rescorer on a real store.
@Suite struct WhatIfTests {
    private typealias Workshop = RescorerTests.Workshop
    private static let start = RescorerTests.start
    /// When the changes happen.
    private static let now = start.adding(seconds: 3600)

    /// A change, and the webhook of it.
    enum Case: String, CaseIterable, Sendable {
        case dueDate, noDueDate, assignee, status, comment, linkRemoved, linkedIssueDone, commentsResolved

        var change: HypotheticalChange {
            switch self {
            case .dueDate: .dueDate(WhatIfTests.later)
            case .noDueDate: .dueDate(nil)
            case .assignee: .assignee("ada nowak")
            case .status: .status("in progress")
            case .comment: .comment(WhatIfTests.text)
            case .linkRemoved: .linkRemoved("PAY-2")
            case .linkedIssueDone: .blockerResolved(.link, id: "77")
            case .commentsResolved: .blockerResolved(.comment, id: "900")
            }
        }

        var webhook: String {
            switch self {
            case .dueDate:
                WhatIfTests.payout(due: "\"\(WhatIfTests.later)\"", item: WhatIfTests.move(to: WhatIfTests.later))
            case .noDueDate: WhatIfTests.payout(due: "null", item: WhatIfTests.move(to: nil))
            case .assignee:
                WhatIfTests.payout(
                    assignee: WhatIfTests.ada,
                    item:
                        #""field": "assignee", "from": null, "fromString": null, "to": "ada", "toString": "Ada Nowak""#)
            case .status:
                WhatIfTests.payout(
                    status: JiraStory.doing,
                    item:
                        #""field": "status", "from": "1", "fromString": "To Do", "to": "3", "toString": "In Progress""#)
            case .comment: WhatIfTests.comment("what-if-0", WhatIfTests.text, at: WhatIfTests.now)
            case .linkRemoved:
                """
                {"timestamp": \(WhatIfTests.now.milliseconds), "webhookEvent": "issuelink_deleted", "issueLink": {"id": 77,
                 "sourceIssueId": 10002, "destinationIssueId": 10001, "issueLinkType": {"id": 1, "name": "Blocks",
                 "outwardName": "blocks", "inwardName": "is blocked by"}}}
                """
            case .linkedIssueDone:
                WhatIfTests.gateway(status: JiraStory.status(5, "Done", "done"), at: WhatIfTests.now)
            case .commentsResolved: WhatIfTests.comment("what-if-0", "Resolved.", at: WhatIfTests.now)
            }
        }
    }

    private static let text = "We are blocked by the bank again, this is terrible."
    private static let due = start.adding(days: 2).utcDay
    private static let later = start.adding(days: 40).utcDay
    private static let ada = #"{"accountId": "ada", "displayName": "Ada Nowak", "timeZone": "Europe/Warsaw"}"#
    private static let linkType = #""type": {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}"#

    /// Without a user, and without an id of the change log, as what is not known of a change that was not made.
    private static func whole(
        _ number: Int, status: String, due: String, assignee: String, other: String, item: String?, updated: Timestamp,
        at: Timestamp
    ) -> String {
        let log = item.map { #", "changelog": {"items": [{\#($0)}]}"# } ?? ""
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "jira:issue_updated"\(log), "issue": {"id": "\(10_000 + number)",
             "key": "PAY-\(number)", "fields": {"summary": "Story \(number)", "project": {"id": "1", "key": "PAY"},
             "created": "\(start.adding(days: -40))", "updated": "\(updated)", "priority": {"name": "High"},
             "status": \(status), "duedate": \(due), "assignee": \(assignee), "reporter": \(ada),
             "issuelinks": [{"id": "77", \(linkType), \(other)}]}}}
            """
    }

    private static func payout(
        status: String = JiraStory.toDo, due: String = "\"\(WhatIfTests.due)\"", assignee: String = "null",
        item: String? = nil, updated: Timestamp = WhatIfTests.now, at: Timestamp = WhatIfTests.now
    ) -> String {
        let other = #""inwardIssue": {"id": "10002", "key": "PAY-2", "fields": {"status": \#(JiraStory.doing)}}"#
        return whole(
            1, status: status, due: due, assignee: assignee, other: other, item: item, updated: updated, at: at)
    }

    /// The issue that the other waits for.
    private static func gateway(status: String = JiraStory.doing, at: Timestamp) -> String {
        whole(
            2, status: status, due: "null", assignee: ada,
            other: #""outwardIssue": {"id": "10001", "key": "PAY-1"}"#, item: nil, updated: at, at: at)
    }

    private static func comment(_ id: String, _ text: String, at: Timestamp) -> String {
        """
        {"timestamp": \(at.milliseconds), "webhookEvent": "comment_created", "comment": {"id": "\(id)", "body": "\(text)",
         "created": "\(at)", "updated": "\(at)"}, "issue": {"id": "10001", "key": "PAY-1", "fields": {"summary": "Story 1"}}}
        """
    }

    private static func move(to day: CalendarDay?) -> String {
        let (to, text) = (day.map { "\"\($0)\"" } ?? "null", day.map { "\"\($0) 00:00:00.0\"" } ?? "null")
        return
            #""field": "duedate", "from": "\#(due)", "fromString": "\#(due) 00:00:00.0", "to": \#(to), "toString": \#(text)"#
    }

    /// PAY-1 has not begun, is due in two days, has no assignee, and waits for PAY-2 and for a vendor.
    private func workshop() async throws -> Workshop {
        let workshop = try await Workshop(profile: .standard)
        let told = Self.start.adding(seconds: -600)
        try await workshop.take([
            Self.gateway(at: told), Self.payout(updated: Self.start.adding(days: -20), at: told),
            Self.comment("900", "We are waiting for the vendor.", at: Self.start.adding(seconds: -300)),
        ])
        try await workshop.run { try await workshop.untilIdle() }
        workshop.clock.now = Self.now
        return workshop
    }

    private func analyst(_ workshop: Workshop) throws -> IssueAnalyst {
        IssueAnalyst(
            store: workshop.store, scorer: try RiskScorer(.default), classifiers: ClassifierSlot(workshop.classifier))
    }

    private func stored(_ workshop: Workshop) async throws -> Analysis {
        let listed = try await workshop.store.issues(
            workshop.tenant, filter: IssueFilter(includesDone: true), after: nil, limit: 10)
        return try #require(listed.items.first { $0.issue.key == "PAY-1" }).analysis
    }

    @Test(arguments: Case.allCases)
    func whatIsPredictedIsWhatTheRealChangeMakes(_ item: Case) async throws {
        let workshop = try await workshop()
        let (rows, before) = (try await workshop.history(), try await stored(workshop))
        let found = try await analyst(workshop).whatIf(
            [item.change], tenantID: workshop.tenant, key: "PAY-1", now: Self.now)
        let predicted = try #require(found)
        #expect(predicted.before.analysis.factors.map(\.points) == before.factors.map(\.points))
        #expect(predicted.after.analysis.factors != predicted.before.analysis.factors, "it makes a difference")
        #expect(try await workshop.history() == rows, "nothing is stored")

        try await workshop.take([item.webhook])
        try await workshop.run { try await workshop.untilIdle() }
        let real = try await stored(workshop)
        #expect(real.asOf == Self.now)
        #expect(real.riskScore == predicted.after.analysis.riskScore)
        #expect(
            try CanonicalJSON.encode(real.factors) == CanonicalJSON.encode(predicted.after.analysis.factors),
            "\(real.factors) \(predicted.after.analysis.factors)")
        #expect(real.blockers == predicted.after.analysis.blockers)
    }

    // MARK: Several issues

    private static let sprint = Sprint(id: "7", name: "Sprint 7", state: "active")

    private func predict(_ changes: [IssueChanges], _ workshop: Workshop) async throws -> [IssueAnalyst.WhatIf] {
        try await analyst(workshop).whatIf(
            changes, in: Self.sprint, members: ["10001": "PAY-1", "10002": "PAY-2"], tenantID: workshop.tenant,
            now: Self.now)
    }

    @Test func whatAChangedIssuePassesOnIsWhatTheRescorerPassesOn() async throws {
        let workshop = try await workshop()
        let before = try await stored(workshop)
        let changes: [HypotheticalChange] = [.dueDate(CalendarDay("2025-01-01")), .assignee(nil)]
        let found = try await predict([IssueChanges(key: "PAY-2", changes: changes)], workshop)
        #expect(found.map(\.after.analysis.issueKey) == ["PAY-2", "PAY-1"])
        let predicted = try #require(found.last)
        #expect(predicted.before.analysis.factors.map(\.points) == before.factors.map(\.points))
        #expect(predicted.after.analysis.riskScore > before.riskScore, "what blocks it is at more risk")

        let items = """
            "field": "duedate", "from": null, "fromString": null, "to": "2025-01-01", "toString": "2025-01-01 00:00:00.0"},
            {"field": "assignee", "from": "ada", "fromString": "Ada Nowak", "to": null, "toString": null
            """
        try await workshop.take([
            Self.whole(
                2, status: JiraStory.doing, due: "\"2025-01-01\"", assignee: "null",
                other: #""outwardIssue": {"id": "10001", "key": "PAY-1"}"#, item: items, updated: Self.now,
                at: Self.now)
        ])
        try await workshop.run { try await workshop.untilIdle() }
        let real = try await stored(workshop)
        #expect(try CanonicalJSON.encode(real.factors) == CanonicalJSON.encode(predicted.after.analysis.factors))
    }

    @Test func anIssueThatABlockerIsTakenToBeDoneForIsDone() async throws {
        let workshop = try await workshop()
        let found = try await predict(
            [IssueChanges(key: "PAY-1", changes: [.blockerResolved(.link, id: "77")])], workshop)
        #expect(found.map(\.after.issue.key) == ["PAY-1", "PAY-2"])
        #expect(found.map(\.before.issue.isOver) == [false, false])
        #expect(found.map(\.after.issue.isOver) == [false, true])
        let alone = try await analyst(workshop).whatIf(
            [.blockerResolved(.link, id: "77")], tenantID: workshop.tenant, key: "PAY-1", now: Self.now)
        #expect(found.first?.after.analysis == alone?.after.analysis)
        await #expect(throws: SprintHypothesisError.self) {
            _ = try await predict([IssueChanges(key: "PAY-9", changes: [.assignee(nil)])], workshop)
        }
    }

    @Test func aHypotheticalTextIsReadAndNotKept() async throws {
        let workshop = try await workshop()
        _ = try await analyst(workshop).whatIf(
            [.comment(Self.text)], tenantID: workshop.tenant, key: "PAY-1", now: Self.now)
        try await workshop.take([Self.comment("901", Self.text, at: Self.now)])
        try await workshop.run { try await workshop.untilIdle() }
        // Once for the question, and again when it was written: its reading was in no cache.
        #expect(workshop.classifier.texts.withLock { $0 }.count { $0.contains("bank") } == 2)
    }

    @Test func theLeastSetIsOneThatTheRescorerConfirms() async throws {
        let workshop = try await workshop()
        let before = try await stored(workshop).riskScore
        let found = try await analyst(workshop).remedies(
            tenantID: workshop.tenant, key: "PAY-1", now: Self.now
        ) { _, _, _ in
            Remedies.Goal(below: before - 18, .request)
        }
        let remedies = try #require(found)
        // The pressure of the date is 22 points, and putting it off costs 3; finishing PAY-2 takes more off, and more effort.
        #expect(remedies.actions.map(\.kind) == [.moveDueDate] && remedies.isReached)
        let day = try #require(remedies.actions.first?.sentence.firstMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/)?.output)
        let date = try #require(CalendarDay(String(day)))
        try await workshop.take([Self.payout(due: "\"\(date)\"", item: Self.move(to: date))])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await stored(workshop).riskScore == remedies.score)
    }
}
