import Domain
import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import QueryAPI

/// `POST /api/analyze/what-if` and `GET /api/analyze/issue/{key}/remedies`.
@Suite struct WhatIfAPITests {
    /// ENG-1 has 32 points: 22 for its due date, 8 for its priority, 1 each for its age and its progress.
    private func run(_ body: @Sendable (APIHarness, APIClient, TestTenant) async throws -> Void) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 32), to: tenant.id)
            try await body(api, client, tenant)
        }
    }

    private func ask(_ changes: String, _ client: APIClient, _ tenant: TestTenant) async throws -> APIAnswer {
        try await client.call(
            .post, "/api/analyze/what-if", as: tenant.apiKey, body: #"{"issue_key": "eng-1", "changes": [\#(changes)]}"#
        )
    }

    @Test func changesAreScoredTogetherAndTheRulesThatTheyWouldRaiseAreNamed() async throws {
        try await run { api, client, tenant in
            let answer = try await ask(
                #"{"kind": "assignee", "assignee": null}, {"kind": "due_date", "due_date": "2025-01-01"}"#, client,
                tenant)
            #expect(answer.status == .ok, "\(answer.text)")
            #expect(answer.json["issue_key"]?.text == "ENG-1")
            #expect(answer.json["before"]?["risk_score"]?.number == 32)
            let after = try #require(answer.json["after"])
            // Overdue by more than a year 50, no assignee 12.
            #expect(after["risk_score"]?.number == 72 && after["band"]?.text == "high")
            #expect(after["forecast"]?["state"]?.text == "pending" && after["is_over"]?.flag == false)
            let rules = answer.json["rules"]?.items ?? []
            #expect(rules.map { $0["name"]?.text } == ["High risk", "Risk spike"])
            #expect(rules.allSatisfy { $0["event"]?.text == "raised" })

            #expect(try await api.history(of: "ENG-1", tenant.id).isEmpty)
            #expect(try await api.uses(of: tenant.id).total == 0)
            let raw = try await client.call(.get, "/api/analyze/issue/ENG-1/raw", as: tenant.apiKey)
            #expect(raw.json["risk_score"]?.number == 32)
        }
    }

    @Test func aHypotheticalCommentIsReadAsAnyOther() async throws {
        try await run { _, client, tenant in
            let answer = try await ask(
                #"{"kind": "comment", "comment": "We are blocked by the vendor."}"#, client, tenant)
            #expect(answer.json["before"]?["blocker_count"]?.number == 0)
            #expect(answer.json["after"]?["blocker_count"]?.number == 1)
            #expect(answer.json["after"]?["risk_score"]?.number == 47)
        }
    }

    @Test(arguments: [
        (#"{"kind": "status", "status": "Nowhere"}"#, "changes[0].status"),
        (#"{"kind": "link_removed", "issue_key": "ENG-2"}"#, "changes[0].issue_key"),
        (#"{"kind": "blocker_resolved", "evidence_kind": "comment", "evidence_id": "1"}"#, "changes[0].evidence_id"),
        (#"{"kind": "due_date"}"#, "changes[0].due_date"),
        (#"{"kind": "due_date", "due_date": "tomorrow"}"#, "changes[0].due_date"),
        (#"{"kind": "assignee", "assignee": null, "status": "Done"}"#, "changes[0].status"),
        (#"{"kind": "priority", "priority": "Low"}"#, "changes[0].kind"),
        ("", "changes"),
    ])
    func whatCannotBeIsNamed(change: String, field: String) async throws {
        try await run { _, client, tenant in
            let answer = try await ask(change, client, tenant)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == [field], "\(answer.text)")
        }
    }

    @Test func theLeastIsFoundOrHowFarTheBestGoesIsSaid() async throws {
        try await run { _, client, tenant in
            func remedies(_ query: String) async throws -> JSONValue {
                try await client.call(.get, "/api/analyze/issue/eng-1/remedies\(query)", as: tenant.apiKey).json
            }
            let low = try await remedies("")
            #expect(low["goal"]?.text == "band" && low["below"]?.number == 40 && low["rule"]?.isNull == true)
            #expect(low["is_reached"]?.flag == true && low["actions"]?.items.isEmpty == true)

            let least = try await remedies("?below=20")
            #expect(least["goal"]?.text == "request" && least["is_reached"]?.flag == true)
            #expect(least["actions"]?.items.map { $0["name"]?.text } == ["move_due_date"])
            #expect(least["actions"]?.items.first?["sentence"]?.text?.contains("2026-11-30") == true)
            // Age 1, progress 1, and the postponement 3.
            #expect(least["score_after"]?.number == 5)

            let best = try await remedies("?below=5")
            #expect(best["is_reached"]?.flag == false && best["score_after"]?.number == 5)
            #expect(best["actions"]?.items.count == 1)

            _ = try await client.call(
                .post, "/api/alert-rules", as: tenant.apiKey,
                body: #"{"name": "Some risk", "kind": "threshold", "raise_at": 35, "clear_below": 30}"#)
            let rule = try await remedies("")
            #expect(rule["goal"]?.text == "rule" && rule["rule"]?.text == "Some risk" && rule["below"]?.number == 30)
            let wrong = try await client.call(
                .get, "/api/analyze/issue/ENG-1/remedies?below=0", as: tenant.apiKey)
            #expect(wrong.invalidFields == ["below"])
        }
    }

    @Test func anIssueThatIsNotInTheStoreIsNotFetched() async throws {
        try await run { api, client, tenant in
            for answer in [
                try await client.call(.get, "/api/analyze/issue/ENG-9/remedies", as: tenant.apiKey),
                try await client.call(
                    .post, "/api/analyze/what-if", as: tenant.apiKey,
                    body: #"{"issue_key": "ENG-9", "changes": [{"kind": "comment", "comment": "Done."}]}"#),
            ] {
                #expect(answer.code == "issue_not_found")
            }
            #expect(api.jira.fetchedKeys.withLock { $0 }.isEmpty)
        }
    }
}
