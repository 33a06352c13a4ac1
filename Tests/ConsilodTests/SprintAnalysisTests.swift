import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// From signed webhooks to the analysis of a sprint and a portfolio, through the real program.
@Suite struct SprintAnalysisTests {
    private static let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))

    private struct Part: Decodable, Equatable {
        struct Item: Decodable, Equatable {
            var key: String
            var story_points: Double?
        }
        var count: Int
        var story_points: Double
        var issues: [Item]

        var keys: [String] { issues.map(\.key) }
    }

    private struct Answer: Decodable {
        struct Scope: Decodable {
            var committed: Part
            var added: Part
            var removed: Part
            var completed: Part
            var not_completed: Part
        }
        struct Sprint: Decodable {
            var id: String
            var state: String
        }
        var sprint_name: String
        var issue_count: Int
        var scope: Scope
        var sprint: Sprint
    }

    /// A body about an issue, `hour` hours from the start of sprint 7.
    private func issue(
        _ number: Int, hour: Int64, created: Int64 = -48, sprint state: String?, status: String = "To Do",
        points: Int = 3, change: (field: String, from: String, to: String)? = nil
    ) -> String {
        let (start, at) = (Self.now.adding(days: -5), Self.now.adding(days: -5).adding(seconds: hour * 3600))
        let sprints =
            state.map {
                """
                [{"id": 7, "name": "Sprint 7", "state": "\($0)", "boardId": 3, "startDate": "\(start)",
                 "endDate": "\(start.adding(days: 14))"
                 \($0 == "closed" ? #", "completeDate": "\#(start.adding(days: 3))""# : "")}]
                """
            } ?? "null"
        let category = status == "Erledigt" ? "done" : "new"
        let changelog =
            change.map {
                """
                , "changelog": {"id": "\(number * 1000 + Int(hour) + 100)", "items": [{"field": "\($0.field)",
                 "from": "\($0.from)", "fromString": "\($0.from)", "to": "\($0.to)", "toString": "\($0.to)"}]}
                """
            } ?? ""
        return """
            {"timestamp": \(at.milliseconds), "webhookEvent": "jira:issue_\(change == nil ? "created" : "updated")",
             "issue": {"id": "\(10_000 + number)", "key": "PAY-\(number)", "fields": {"summary": "Story \(number)",
              "project": {"id": "1", "key": "PAY", "name": "Payments"}, "issuetype": {"name": "Story"},
              "status": {"id": "3", "name": "\(status)", "statusCategory": {"id": 4, "key": "\(category)"}},
              "created": "\(start.adding(seconds: created * 3600))", "updated": "\(at)",
              "customfield_10016": \(points), "customfield_10020": \(sprints)}}\(changelog)}
            """.replacing("\n", with: " ")
    }

    /// Issue 1 and 4 are committed, 2 comes in late, 3 is taken out and 4 done; 5 was never in.
    private var bodies: [String] {
        [
            issue(1, hour: -48, sprint: "future", points: 5),
            issue(2, hour: -40, created: -40, sprint: nil, points: 8),
            issue(3, hour: -30, created: -30, sprint: nil),
            issue(3, hour: -20, created: -30, sprint: "future", change: ("Sprint", "", "7")),
            issue(4, hour: -10, created: -10, sprint: "future", points: 2),
            issue(5, hour: -9, created: -9, sprint: nil),
            issue(2, hour: 10, created: -40, sprint: "active", points: 8, change: ("Sprint", "", "7")),
            issue(3, hour: 20, created: -30, sprint: nil, change: ("Sprint", "7", "")),
            issue(
                4, hour: 30, created: -10, sprint: "active", status: "Erledigt", points: 2,
                change: ("status", "To Do", "Erledigt")),
        ]
    }

    private func sprint(_ event: String, hour: Int64, state: String) -> String {
        let start = Self.now.adding(days: -5)
        return """
            {"timestamp": \(start.adding(seconds: hour * 3600).milliseconds), "webhookEvent": "\(event)",
             "sprint": {"id": 7, "name": "Sprint \(state == "future" ? "seven" : "7")", "state": "\(state)", "originBoardId": 3,
             "startDate": "\(start)", "endDate": "\(start.adding(days: 14))"
             \(state == "closed" ? #", "completeDate": "\#(start.adding(days: 3))""# : "")}}
            """.replacing("\n", with: " ")
    }

    @Test func anyOrderOfWebhooksGivesTheSameSprint() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        var random = SeededGenerator(seed: 11)
        var answers: [String] = []
        let all =
            bodies + [
                sprint("sprint_created", hour: -49, state: "future"),
                sprint("sprint_started", hour: 0, state: "active"),
            ]
        for (index, order) in [all, all.reversed(), all.shuffled(using: &random)].enumerated() {
            let tenant = try await daemon.createTenant("site-\(index)")
            for body in order { #expect(try await daemon.post(body, to: tenant).status == 202) }
            try await daemon.waitUntilSettled(tenant, issues: 5)
            try await daemon.waitUntilApplied()
            let answer = try await daemon.request(
                .post, "/api/analyze/sprint", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            answers.append(answer.text.replacing(/"timestamp":"[^"]*"/, with: ""))

            let read = try answer.json(Answer.self)
            #expect(read.sprint_name == "Sprint 7" && read.sprint.id == "7" && read.sprint.state == "active")
            #expect(read.issue_count == 2)
            #expect(read.scope.committed.keys == ["PAY-1", "PAY-3", "PAY-4"])
            #expect(read.scope.committed.story_points == 10)
            #expect(read.scope.added.keys == ["PAY-2"])
            #expect(read.scope.removed.keys == ["PAY-3"])
            #expect(read.scope.completed.keys == ["PAY-4"])
            #expect(read.scope.not_completed.keys == ["PAY-1", "PAY-2"])
        }
        #expect(Set(answers).count == 1)
    }

    @Test func aClosedSprintKeepsTheScopeOfItsClose() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let closed = sprint("sprint_closed", hour: 72, state: "closed")
        let later = issue(
            1, hour: 80, sprint: "closed", status: "Erledigt", points: 5, change: ("status", "To Do", "Erledigt"))
        for body in [closed] + bodies + [later] { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 5)
        try await daemon.waitUntilApplied()
        let none = try await daemon.request(
            .post, "/api/analyze/sprint", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
        #expect(none.status == 404)
        let answer = try await daemon.request(
            .post, "/api/analyze/sprint", token: tenant.api_key,
            body: #"{"project_key": "PAY", "sprint_name": "SPRINT 7"}"#
        ).json(Answer.self)
        #expect(answer.sprint.state == "closed")
        #expect(answer.scope.completed.keys == ["PAY-4"])
        #expect(answer.scope.not_completed.keys == ["PAY-1", "PAY-2"])
        // Done since.
        #expect(answer.issue_count == 1)
    }

    @Test func aPortfolioOfProjectsNeedsNoJira() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let (tenant, other) = (try await daemon.createTenant("a"), try await daemon.createTenant("b"))
        for body in bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 5)
        func ask(_ slices: String, as asker: DaemonProcess.Tenant) async throws -> DaemonProcess.Answer {
            try await daemon.request(
                .post, "/api/analyze/portfolio", token: asker.api_key, body: #"{"slices": [\#(slices)]}"#)
        }
        let asked =
            #"{"name": "A", "jql": "project = PAY AND statusCategory != Done"}, {"name": "B", "jql": "project = pay"}"#
        struct Read: Decodable {
            struct Rollup: Decodable { var issues_by_project: [String: Int] }
            struct Slice: Decodable { var issue_count: Int }
            var overall: Rollup
            var slices: [Slice]
        }
        // A failure is not charged: the plan allows one portfolio a month.
        let unanswered = try await ask(#"{"name": "A", "jql": "labels = urgent"}"#, as: tenant)
        #expect(unanswered.status == 409 && unanswered.text.contains("jira_disabled"))
        let answer = try await ask(asked, as: tenant)
        #expect(answer.status == 200, "\(answer.text)")
        let read = try answer.json(Read.self)
        #expect(read.slices.map(\.issue_count) == [4, 5])
        #expect(read.overall.issues_by_project == ["PAY": 5])
        #expect(try await ask(asked, as: tenant).status == 429)
        let strange = try await ask(asked, as: other)
        #expect(strange.status == 409 && !strange.text.contains("PAY"))
    }
}
