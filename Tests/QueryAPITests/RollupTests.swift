import Domain
import Foundation
import HTTPTypes
import Queries
import StoreTestSupport
import Synchronization
import Testing

@testable import QueryAPI

/// `POST /api/analyze/sprint` and `/portfolio`.
@Suite struct RollupTests {
    private static func sprint(_ id: String, _ name: String, _ state: String, startDay: Int? = -10) -> Sprint {
        Sprint(
            id: id, name: name, state: state, startDate: startDay.map { testNow.adding(days: $0) },
            endDate: testNow.adding(days: 4))
    }

    /// PAY-1 (72, added late), PAY-2 (10), PAY-3 (done) and PAY-4 (41, taken out) of sprint 7; OPS-1 (90) beside it.
    private func run(
        _ given: APIHarness? = nil, whole: [String] = ["PAY", "OPS", "NEW"],
        _ body: @Sendable (APIClient, TestTenant) async throws -> Void
    ) async throws {
        let api = if let given { given } else { try await APIHarness() }
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await addIssues(to: tenant.id, of: api)
            for project in whole { try await api.fixture.markWhole(project, of: tenant.id, at: testNow) }
            try await body(client, tenant)
        }
    }

    private func addIssues(to tenantID: TenantID, of api: APIHarness) async throws {
        let seventh = Self.sprint("7", "Sprint 7", "active")
        func change(_ day: Int, _ from: String, _ to: String) -> Change {
            Change(
                id: ChangeID("\(abs(day))/0"), at: testNow.adding(days: day), author: nil, field: "Sprint", from: from,
                fromString: from, to: to, toString: to)
        }
        var late = Fixture.listing("PAY-1", score: 72)
        late.issue.storyPoints = 5
        late.issue.sprints = [seventh]
        late.issue.changes = [change(-5, "", "7")]
        var done = Fixture.listing("PAY-3", score: 0, isDone: true)
        done.issue.sprints = [seventh]
        var takenOut = Fixture.listing("PAY-4", score: 41)
        takenOut.issue.changes = [change(-20, "", "7"), change(-4, "7", "")]
        try await api.add(
            late, Self.carriedOver(in: [seventh]), done, takenOut, Fixture.listing("OPS-1", score: 90), to: tenantID)
    }

    /// PAY-2, which was in sprint 6 too.
    private static func carriedOver(in sprints: [Sprint]) -> IssueListing {
        var listing = Fixture.listing("PAY-2", score: 10)
        listing.issue.sprints = [Self.sprint("6", "Sprint 6", "closed", startDay: -30)] + sprints
        return listing
    }

    private func ask(
        _ client: APIClient, _ tenant: TestTenant, _ what: String, _ body: String
    ) async throws -> APIAnswer {
        try await client.call(.post, "/api/analyze/\(what)", as: tenant.apiKey, body: body)
    }

    private func keys(_ part: JSONValue?) -> [String] { part?["issues"]?.items.compactMap { $0["key"]?.text } ?? [] }

    // MARK: Sprint

    @Test func rollsUpTheActiveSprintAndTellsItsScope() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await ask(client, tenant, "sprint", #"{"project_key": "pay"}"#)
            #expect(answer.status == .ok, "\(answer.text)")
            let json = answer.json
            #expect(
                json.keys == [
                    "project_key", "sprint_name", "coverage", "issue_count", "open_issue_count", "executive_summary",
                    "rollup",
                    "scope", "outlook", "sprint", "other_sprints", "timestamp",
                ])
            #expect(json["project_key"]?.text == "PAY" && json["sprint_name"]?.text == "Sprint 7")
            #expect(json["issue_count"]?.number == 2 && json["open_issue_count"]?.number == 2)
            #expect(json["executive_summary"]?.text?.contains("Sprint 7 (PAY, active)") == true)
            #expect(json["sprint"]?["id"]?.text == "7")
            #expect(json["sprint"]?["start_date"]?.text == "2026-11-14T13:00:00.000Z")
            #expect(json["sprint"]?["complete_date"]?.isNull == true)
            #expect(
                json["rollup"]?["counts"]?.keys == [
                    "issues", "blockers", "high_risk", "medium_risk", "low_risk", "stale_updates_gt_5d",
                    "stale_updates_gt_10d",
                ])
            #expect(json["rollup"]?["counts"]?["stale_updates_gt_5d"]?.number == 2)
            #expect(json["rollup"]?["risk"]?["high_risk_keys"]?.items.compactMap(\.text) == ["PAY-1"])
            #expect(json["rollup"]?["capacity"]?["total_daily_cost"]?.number == 7200)
            let scope = json["scope"]
            #expect(keys(scope?["committed"]) == ["PAY-2", "PAY-3", "PAY-4"])
            #expect(keys(scope?["added"]) == ["PAY-1"])
            #expect(scope?["added"]?["story_points"]?.number == 5)
            #expect(scope?["committed"]?["issues"]?.items.first?["story_points"]?.isNull == true)
            #expect(keys(scope?["removed"]) == ["PAY-4"])
            #expect(keys(scope?["completed"]) == ["PAY-3"])
            #expect(keys(scope?["not_completed"]) == ["PAY-1", "PAY-2"])

            #expect(try await api.uses(of: tenant.id) == UsageCount(issue: 0, sprint: 1, portfolio: 0))
            #expect(try await api.timedUses(of: tenant.id) == 1)
            #expect(try await api.history(of: "PAY-1", tenant.id).isEmpty)
        }
    }

    @Test func takesTheRiskiestWhereMoreAreOpenThanAskedFor() async throws {
        try await run { client, tenant in
            let answer = try await ask(client, tenant, "sprint", #"{"project_key": "PAY", "max_issues": 1}"#)
            #expect(answer.json["issue_count"]?.number == 1 && answer.json["open_issue_count"]?.number == 2)
            #expect(answer.json["rollup"]?["risk"]?["max"]?.number == 72)
            #expect(keys(answer.json["scope"]?["not_completed"]) == ["PAY-1", "PAY-2"])
        }
    }

    @Test func findsASprintByNameAndSaysWhichItTook() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let named = try await ask(client, tenant, "sprint", #"{"project_key": "PAY", "sprint_name": " sprint 6 "}"#)
            #expect(named.json["sprint"]?["id"]?.text == "6")
            #expect(named.json["other_sprints"]?.items.isEmpty == true)

            let besides = [
                Self.sprint("7", "Sprint 7", "active"), Self.sprint("8", "Beside", "active", startDay: -2),
                Self.sprint("9", "Beside", "active", startDay: nil),
                Self.sprint("10", "beside", "closed", startDay: -1),
            ]
            try await api.add(Self.carriedOver(in: besides), to: tenant.id)
            let active = try await ask(client, tenant, "sprint", #"{"project_key": "PAY", "sprint_name": null}"#)
            #expect(active.json["sprint"]?["id"]?.text == "8")
            #expect(active.json["other_sprints"]?.items.compactMap { $0["id"]?.text } == ["7", "9"])
            let byName = try await ask(client, tenant, "sprint", #"{"project_key": "PAY", "sprint_name": "Beside"}"#)
            #expect(byName.json["sprint"]?["id"]?.text == "8")
            #expect(byName.json["other_sprints"]?.items.compactMap { $0["id"]?.text } == ["9", "10"])
        }
    }

    /// An analysis whose score time has changed is made anew; here its issue has become riskier.
    @Test func anAnalysisThatTimeHasChangedIsMadeAnew() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let seventh = Self.sprint("7", "Sprint 7", "active")
            func issue(_ key: IssueKey, nextChangeAt: Timestamp) -> IssueListing {
                var listing = Fixture.listing(key, score: key == "PAY-1" ? 72 : 10)
                listing.issue.sprints = [seventh]
                listing.issue.comments = [
                    Comment(id: "1", author: nil, body: "Text of \(key)", created: testNow, updated: testNow)
                ]
                listing.analysis.nextChangeAt = nextChangeAt
                return listing
            }
            try await api.add(
                issue("PAY-1", nextChangeAt: testNow.adding(days: 1)), issue("PAY-2", nextChangeAt: testNow),
                to: tenant.id)
            let answer = try await ask(client, tenant, "sprint", #"{"project_key": "PAY"}"#)
            #expect(api.classifier.texts.withLock { $0 } == ["Text of PAY-2"])
            let again = try await client.call(.get, "/api/analyze/issue/PAY-2/raw", as: tenant.apiKey)
            let score = try #require(again.json["risk_score"]?.number)
            #expect(score > 10 && answer.json["rollup"]?["risk"]?["avg"]?.number == (72 + score) / 2)
            for key in ["PAY-1", "PAY-2"] {
                #expect(try await api.history(of: IssueKey(key), tenant.id).isEmpty)
            }
        }
    }

    @Test(arguments: [
        ("sprint", #"{}"#, 422, "validation_failed", ["project_key"]),
        ("sprint", #"{"project_key": "PAY", "max_issues": 201}"#, 422, "validation_failed", ["max_issues"]),
        (
            "sprint", #"{"project_key": "PAY", "max_issues": 0, "sprint_name": 5}"#, 422, "validation_failed",
            ["sprint_name", "max_issues"]
        ),
        ("sprint", #"{"project_key": "NO"}"#, 404, "project_not_found", []),
        ("sprint", #"{"project_key": "OPS"}"#, 404, "sprint_not_found", []),
        ("sprint", #"{"project_key": "PAY", "sprint_name": "x\" OR project = OPS"}"#, 404, "sprint_not_found", []),
        ("portfolio", #"{}"#, 422, "validation_failed", ["slices"]),
        ("portfolio", #"{"slices": []}"#, 422, "validation_failed", ["slices"]),
        ("portfolio", #"{"slices": "all"}"#, 422, "validation_failed", ["slices"]),
        (
            "portfolio", #"{"slices": [{"name": "a", "jql": "project = PAY"}, {"jql": ""}, 5]}"#, 422,
            "validation_failed", ["slices[1].name", "slices[1].jql", "slices[2]"]
        ),
        ("portfolio", #"{"project_keys": ["PAY", "a b"]}"#, 422, "validation_failed", ["project_keys[1]"]),
        (
            "portfolio", #"{"project_keys": ["PAY"], "max_issues_per_slice": 201}"#, 422, "validation_failed",
            ["max_issues_per_slice"]
        ),
        ("portfolio", #"{"project_keys": ["PAY", "NO"]}"#, 404, "project_not_found", ["project_keys[1]"]),
        (
            "portfolio", #"{"slices": [{"name": "a", "jql": "assignee is EMPTY"}]}"#, 409, "jira_disabled",
            ["slices[0].jql"]
        ),
    ])
    func aFailureNamesItsFieldsAndChargesNothing(
        what: String, body: String, status: Int, code: String, fields: [String]
    ) async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await ask(client, tenant, what, body)
            #expect(answer.status.code == status, "\(answer.text)")
            #expect(answer.code == code)
            #expect(answer.invalidFields == fields)
            #expect(try await api.uses(of: tenant.id).total == 0)
        }
    }

    @Test func thePlanLimitsBothAndAnExpiredTrialMakesNone() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let (sprint, portfolio) = (#"{"project_key": "PAY"}"#, #"{"project_keys": ["PAY"]}"#)
            for _ in 0..<5 { #expect(try await ask(client, tenant, "sprint", sprint).status == .ok) }
            #expect(try await ask(client, tenant, "sprint", sprint).code == "quota_exceeded")
            #expect(try await ask(client, tenant, "portfolio", portfolio).status == .ok)
            let refused = try await ask(client, tenant, "portfolio", portfolio)
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] == "558000")
            let usage = try await client.call(.get, "/api/tenants/\(tenant.id)/usage", as: tenant.apiKey)
            #expect(usage.json["sprint_remaining"]?.number == 0 && usage.json["portfolio_analyses"]?.number == 1)
            #expect(usage.json["issue_analyses"]?.number == 0)

            let late = try await api.addTenant("late", trialEndsAt: testNow)
            try await addIssues(to: late.id, of: api)
            for (what, body) in [("sprint", sprint), ("portfolio", portfolio)] {
                #expect(try await ask(client, late, what, body).code == "trial_expired")
            }
        }
    }

    // MARK: Portfolio

    @Test func overlappingSlicesCountEachIssueOnceOverall() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await ask(
                client, tenant, "portfolio",
                """
                {"slices": [{"name": "Payments", "jql": "project = PAY AND statusCategory != Done"},
                  {"name": "Everything", "jql": "project in (pay, \\"OPS\\") ORDER BY rank"}]}
                """)
            #expect(answer.status == .ok, "\(answer.text)")
            #expect(answer.json.keys == ["slices", "overall", "outlooks", "executive_summary", "timestamp"])
            let slices = answer.json["slices"]?.items ?? []
            #expect(slices.compactMap { $0["name"]?.text } == ["Payments", "Everything"])
            #expect(slices.compactMap { $0["issue_count"]?.number } == [3, 5])
            #expect(slices.first?.keys == ["name", "jql", "coverage", "issue_count", "rollup", "outlooks"])
            let overall = answer.json["overall"]
            #expect(
                overall?.keys == [
                    "counts", "risk", "capacity", "blockers_by_category", "issues_by_project", "top_high_risk",
                ])
            #expect(overall?["counts"]?.keys == ["issues", "blockers", "high_risk", "projects"])
            #expect(overall?["counts"]?["issues"]?.number == 5)
            #expect(overall?["risk"]?.keys == ["avg", "max"])
            #expect(overall?["issues_by_project"]?.keys == ["PAY", "OPS"])
            #expect(overall?["issues_by_project"]?["PAY"]?.number == 4)
            #expect(overall?["top_high_risk"]?.items.compactMap { $0["key"]?.text } == ["OPS-1", "PAY-1"])
            #expect(
                overall?["top_high_risk"]?.items.first?.keys == ["key", "risk", "status", "assignee", "summary"])
            // The store answered all of it.
            #expect(api.jira.asked.withLock { $0 }.isEmpty)
            #expect(try await api.uses(of: tenant.id) == UsageCount(issue: 0, sprint: 0, portfolio: 1))
            #expect(try await api.history(of: "PAY-1", tenant.id).isEmpty)
        }
    }

    @Test func projectKeysAloneAreASliceEach() async throws {
        try await run { client, tenant in
            let answer = try await ask(
                client, tenant, "portfolio", #"{"project_keys": ["pay", "OPS"], "max_issues_per_slice": 2}"#)
            let slices = answer.json["slices"]?.items ?? []
            #expect(slices.compactMap { $0["name"]?.text } == ["PAY", "OPS"])
            #expect(slices.first?["jql"]?.text == "project = \"PAY\" AND statusCategory != Done")
            // The riskiest two of three.
            #expect(slices.compactMap { $0["issue_count"]?.number } == [2, 1])
            #expect(slices.first?["rollup"]?["risk"]?["avg"]?.number == 56.5)
        }
    }

    @Test func ofAProjectThatIsNotHeldWholeJiraIsAskedForTheRest() async throws {
        let api = try await APIHarness()
        try await run(api, whole: ["OPS"]) { client, tenant in
            let (sprint, portfolio) = (#"{"project_key": "pay"}"#, #"{"project_keys": ["PAY", "OPS"]}"#)
            // Jira cannot be asked: what is known is the answer, and says so.
            let seen = try await ask(client, tenant, "sprint", sprint)
            #expect(seen.status == .ok && seen.json["coverage"]?.text == "seen", "\(seen.text)")
            api.jira.answers.withLock {
                $0[#"project in ("PAY") AND sprint in openSprints()"#] = .success(["id-PAY-1"])
                $0[#"project = "PAY" AND statusCategory != Done"#] = .success(["id-PAY-1"])
            }
            #expect(try await ask(client, tenant, "sprint", sprint).json["coverage"]?.text == "asked")
            let answer = try await ask(client, tenant, "portfolio", portfolio)
            #expect(answer.json["slices"]?.items.compactMap { $0["coverage"]?.text } == ["asked", "whole"])
            // All that the store has, not only what Jira named first.
            #expect(answer.json["slices"]?.items.compactMap { $0["issue_count"]?.number } == [3, 1])
        }
    }

    @Test func anyOtherQueryIsAskedOfJiraAsItStands() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            api.jira.answers.withLock {
                $0["labels = urgent"] = .success(["id-PAY-4", "id-unknown", "id-OPS-1", "id-PAY-1"])
                // A project that the store knows nothing of.
                $0["project = NEW"] = .success([])
            }
            let answer = try await ask(
                client, tenant, "portfolio",
                """
                {"slices": [{"name": "Urgent", "jql": "labels = urgent"}, {"name": "New", "jql": "project = NEW"}],
                 "max_issues_per_slice": 3}
                """)
            #expect(answer.status == .ok, "\(answer.text)")
            #expect(answer.json["slices"]?.items.compactMap { $0["issue_count"]?.number } == [2, 0])
            #expect(answer.json["overall"]?["risk"]?["max"]?.number == 90)
            #expect(
                api.jira.asked.withLock { $0 } == [
                    "\(tenant.id) 3 labels = urgent", "\(tenant.id) 3 project = NEW",
                ])
            #expect(answer.json["slices"]?.items.compactMap { $0["coverage"]?.text } == ["asked", "asked"])
        }
    }

    @Test func whatJiraRefusesIsSaidWithItsFieldAndAHint() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let body = #"{"slices": [{"name": "a", "jql": "project = PAY"}, {"name": "b", "jql": "x = 1"}]}"#
            func answer(_ error: JiraSearchError) async throws -> APIAnswer {
                api.jira.answers.withLock { $0["x = 1"] = .failure(error) }
                return try await ask(client, tenant, "portfolio", body)
            }
            let invalid = try await answer(.invalidJQL(message: "Field 'x'\ndoes not exist."))
            #expect(invalid.status == .unprocessableContent && invalid.invalidFields == ["slices[1].jql"])
            #expect(
                invalid.json["errors"]?.items.first?["message"]?.text
                    == "is refused by Jira: Field 'x' does not exist.")
            let refused = try await answer(.credentialsRefused)
            #expect(refused.status == .badGateway && refused.code == "jira_credentials_refused")
            let away = try await answer(.unreachable(retryAfterSeconds: 7))
            #expect(away.status == .serviceUnavailable && away.code == "jira_unreachable")
            #expect(away.headers[.retryAfter] == "7")
            #expect(try await api.uses(of: tenant.id).total == 0)
        }
    }

    @Test func anotherTenantsProjectsAndSprintsAreUnknown() async throws {
        let api = try await APIHarness()
        try await run(api) { client, _ in
            let stranger = try await client.createTenant("stranger")
            for (what, body) in [
                ("sprint", #"{"project_key": "PAY", "sprint_name": "Sprint 7"}"#),
                ("portfolio", #"{"project_keys": ["PAY"]}"#),
            ] {
                let answer = try await ask(client, stranger, what, body)
                #expect(answer.code == "project_not_found")
                #expect(!answer.text.contains("PAY"))
            }
            // A Jira that names another tenant's issue shows nothing of it.
            api.jira.answers.withLock { $0["labels = urgent"] = .success(["id-PAY-1"]) }
            let answer = try await ask(
                client, stranger, "portfolio", #"{"slices": [{"name": "a", "jql": "labels = urgent"}]}"#)
            #expect(answer.json["overall"]?["counts"]?["issues"]?.number == 0)
            #expect(!answer.text.contains("PAY"))
        }
    }
}
