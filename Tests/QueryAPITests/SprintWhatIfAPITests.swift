import Domain
import Foundation
import HTTPTypes
import StoreTestSupport
import Synchronization
import Testing

@testable import Queries
@testable import QueryAPI

/// `POST /api/analyze/sprint/what-if` and `GET /api/analyze/sprint/remedies`.
@Suite struct SprintWhatIfAPITests {
    private static let seventh = Sprint(
        id: "7", name: "Sprint 7", state: "active", startDate: testNow.adding(days: -10),
        endDate: testNow.adding(days: 4))

    /// Sprint 7 with PAY-1, which is overdue and has no assignee (72 points), and PAY-2 (32); OPS-1 beside it is as PAY-1.
    private func run(_ body: @Sendable (APIHarness, APIClient, TestTenant) async throws -> Void) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for key in ["PAY-1", "PAY-2", "OPS-1"] as [IssueKey] {
                var listing = Fixture.listing(key, score: key == "PAY-2" ? 32 : 72)
                if key != "PAY-2" {
                    listing.issue.assignee = nil
                    listing.issue.dueDate = CalendarDay("2025-01-01")
                }
                if key != "OPS-1" { listing.issue.sprints = [Self.seventh] }
                try await api.add(listing, to: tenant.id)
            }
            try await body(api, client, tenant)
        }
    }

    private func ask(
        _ issues: String, _ client: APIClient, _ tenant: TestTenant, more: String = ""
    ) async throws -> APIAnswer {
        try await client.call(
            .post, "/api/analyze/sprint/what-if", as: tenant.apiKey,
            body: #"{"project_key": "pay"\#(more), "issues": [\#(issues)]}"#)
    }

    @Test func whatChangesMakeOfTheSprintIsCounted() async throws {
        try await run { api, client, tenant in
            let answer = try await ask(
                #"{"issue_key": "pay-2", "changes": [{"kind": "assignee", "assignee": null}, "#
                    + #"{"kind": "due_date", "due_date": "2025-01-01"}]}"#, client, tenant)
            #expect(answer.status == .ok, "\(answer.text)")
            let json = answer.json
            #expect(json["measure"]?.text == "band" && json["band"]?.text == "high")
            #expect(json["project_key"]?.text == "PAY" && json["sprint"]?["id"]?.text == "7")
            #expect(json["coverage"]?.text == "seen")
            #expect(json["before"]?["misses"]?.number == 1 && json["before"]?["open_issues"]?.number == 2)
            #expect(json["after"]?["misses"]?.number == 2 && json["after"]?["risky_issues"]?.number == 2)
            #expect(json["issues"]?.items.count == 1)
            let issue = json["issues"]?.items.first
            #expect(issue?["issue_key"]?.text == "PAY-2")
            #expect(issue?["before"]?["band"]?.text == "low" && issue?["after"]?["band"]?.text == "high")
            #expect(issue?["after"]?["percent"]?.isNull == true)

            #expect(try await api.history(of: "PAY-2", tenant.id).isEmpty)
            #expect(try await api.uses(of: tenant.id).total == 0)
            #expect(api.jira.asked.withLock { $0 }.isEmpty)
        }
    }

    @Test func anIssueLeavesTheSprintAndAnotherEntersIt() async throws {
        try await run { _, client, tenant in
            let removal = #"{"issue_key": "PAY-1", "changes": [{"kind": "remove_from_sprint"}]}"#
            let addition = #"{"issue_key": "OPS-1", "changes": [{"kind": "add_to_sprint"}]}"#
            let left = try await ask(removal, client, tenant).json
            #expect(left["before"]?["misses"]?.number == 1 && left["after"]?["misses"]?.number == 0)
            #expect(left["after"]?["open_issues"]?.number == 1)
            let sides = left["issues"]?.items.first
            #expect(sides?["before"]?["is_in_sprint"]?.flag == true && sides?["after"]?["is_in_sprint"]?.flag == false)

            let both = try await ask("\(removal), \(addition)", client, tenant, more: #", "sprint_name": "sprint 7""#)
            #expect(both.json["before"]?["open_issues"]?.number == 2 && both.json["after"]?["open_issues"]?.number == 2)
            #expect(both.json["before"]?["misses"]?.number == 1 && both.json["after"]?["misses"]?.number == 1)
        }
    }

    @Test func theLeastIsFoundAndTakesNoIssueOutOfTheSprint() async throws {
        try await run { api, client, tenant in
            func remedies(_ query: String) async throws -> APIAnswer {
                try await client.call(
                    .get, "/api/analyze/sprint/remedies?project_key=pay&\(query)", as: tenant.apiKey)
            }
            let least = try await remedies("below=1")
            #expect(least.status == .ok, "\(least.text)")
            #expect(least.json["misses"]?.number == 1 && least.json["misses_after"]?.number == 0)
            #expect(least.json["is_reached"]?.flag == true && least.json["open_issues"]?.number == 2)
            // Without the 12 points of a missing assignee the band is lower; a new date takes more effort.
            let action = least.json["actions"]?.items.first
            #expect(least.json["actions"]?.items.count == 1 && action?["name"]?.text == "assign")
            #expect(action?["issue_keys"]?.items.compactMap(\.text) == ["PAY-1"])
            #expect(least.json["considered_issues"]?.number == 2)

            let enough = try await remedies("below=2")
            #expect(enough.json["is_reached"]?.flag == true && enough.json["actions"]?.items.isEmpty == true)
            let medium = try await remedies("below=1&band=medium")
            #expect(medium.json["band"]?.text == "medium" && medium.json["is_reached"]?.flag == true)
            #expect(medium.json["actions"]?.items.compactMap { $0["name"]?.text } == ["move_due_date"])

            #expect(try await remedies("below=0").invalidFields == ["below"])
            #expect(try await remedies("sprint_name=none&below=1").code == "sprint_not_found")
            #expect(try await api.uses(of: tenant.id).total == 0)
        }
    }

    /// A search takes seconds of a processor; what a tenant asks for at the same time is refused and delays no other one (P11).
    @Test func searchesOfATenantTakeTurns() async throws {
        try await run { api, client, tenant in
            func remedies(of tenant: TestTenant) async throws -> APIAnswer {
                try await client.call(
                    .get, "/api/analyze/sprint/remedies?project_key=pay&below=1", as: tenant.apiKey)
            }
            let other = try await client.createTenant("other")
            try await api.turns.run(for: tenant.id) {
                let refused = try await remedies(of: tenant)
                #expect(refused.status == .conflict && refused.code == "conflict", "\(refused.text)")
                #expect(refused.headers[.retryAfter] != nil)
                // It has no issues, and learns so at once.
                let free = try await remedies(of: other)
                #expect(free.status != .conflict && free.code != "conflict", "\(free.text)")
                // What takes one score for each issue needs no turn.
                let change = #"{"issue_key": "PAY-1", "changes": [{"kind": "assignee", "assignee": null}]}"#
                #expect(try await ask(change, client, tenant).status == .ok)
            }
            #expect(try await remedies(of: tenant).status == .ok)
        }
    }

    @Test(arguments: [
        (#"{"issue_key": "PAY-9", "changes": [{"kind": "assignee", "assignee": null}]}"#, ["issues[0].issue_key"]),
        (#"{"issue_key": "OPS-1", "changes": [{"kind": "remove_from_sprint"}]}"#, ["issues[0].changes[0].kind"]),
        (#"{"issue_key": "PAY-1", "changes": [{"kind": "add_to_sprint"}]}"#, ["issues[0].changes[0].kind"]),
        (#"{"issue_key": "PAY-1", "changes": [{"kind": "status", "status": "No"}]}"#, ["issues[0].changes[0].status"]),
        (#"{"issue_key": "PAY-1", "changes": []}"#, ["issues[0].changes"]),
        (
            #"{"issue_key": "PAY-1", "changes": [{"kind": "remove_from_sprint", "status": "x"}]}"#,
            ["issues[0].changes[0].status"]
        ),
        ("", ["issues"]),
    ])
    func whatCannotBeIsNamed(issues: String, fields: [String]) async throws {
        try await run { _, client, tenant in
            let answer = try await ask(issues, client, tenant)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == fields, "\(answer.text)")
        }
    }

    @Test func anIssueIsNamedOnce() async throws {
        try await run { _, client, tenant in
            let one = #"{"issue_key": "PAY-1", "changes": [{"kind": "assignee", "assignee": null}]}"#
            #expect(try await ask("\(one), \(one)", client, tenant).invalidFields == ["issues[1].issue_key"])
            let alone = try await client.call(
                .post, "/api/analyze/what-if", as: tenant.apiKey,
                body: #"{"issue_key": "PAY-1", "changes": [{"kind": "remove_from_sprint"}]}"#)
            #expect(alone.invalidFields == ["changes[0].kind"], "no sprint is spoken of")
        }
    }

    // MARK: What is counted

    private func issue(
        _ number: Int, score: Int?, _ probability: Double? = nil, rung: ForecastRung = .own
    ) -> SprintMisses.Issue {
        let answer = probability.map {
            IssueForecast.Answer(question: .sprint, deadline: testNow.adding(days: 4), rung: rung, probability: $0)
        }
        return SprintMisses.Issue(
            id: IssueID("\(number)"), key: IssueKey("PAY-\(number)"), riskScore: score,
            forecast: answer.map { IssueForecast(modelID: "m1", asOf: testNow, finished: 300, answers: [$0]) })
    }

    @Test func probabilitiesAreAddedUpWhereThereAreAny() {
        let issues = [issue(1, score: 90, 0.9), issue(2, score: 10, 0.25), issue(3, score: 80)]
        let misses = SprintMisses(of: issues, in: Self.seventh, band: .high)
        #expect(misses.measure == .forecast)
        #expect(misses.expected(issues) == 1_150_000)
        #expect(misses.standing(of: issues).misses == 1.2 && misses.standing(of: issues).riskyIssues == 2)
        var other = Self.seventh
        other.endDate = testNow.adding(days: 5)
        #expect(SprintMisses(of: issues, in: other, band: .high).measure == .band, "it is of another end")
    }

    @Test func bandsAreCountedWhereForecastsGiveNoNumbers() {
        let issues = [
            issue(1, score: 70, 0.9, rung: .prior), issue(2, score: 69), issue(3, score: 39), issue(4, score: nil),
        ]
        let high = SprintMisses(of: issues, in: Self.seventh, band: .high)
        #expect(high.measure == .band && high.standing(of: issues).misses == 1)
        #expect(SprintMisses(of: issues, in: Self.seventh, band: .medium).standing(of: issues).misses == 2)
        #expect(SprintMisses.shown(SprintMisses.target(below: 1) - 1) == 0.9)
        #expect(SprintMisses.shown(SprintMisses.target(below: 1)) == 1)
    }
}
