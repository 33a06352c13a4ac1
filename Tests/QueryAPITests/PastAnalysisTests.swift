import Domain
import Foundation
import HTTPTypes
import Testing

@testable import QueryAPI

/// Scores of the past, and what made them others.
@Suite struct PastAnalysisTests {
    private static let dana = Person(id: "5b10", displayName: "Dana Moreau")

    /// ENG-1 got its due date three days ago, and a comment that it is blocked two days ago.
    private static var listing: IssueListing {
        var listing = Fixture.listing("ENG-1", score: 72)
        let (set, written) = (testNow.adding(days: -3), testNow.adding(days: -2))
        let due = listing.issue.dueDate?.description
        listing.issue.changes = [
            Change(
                id: "200/0", at: set, author: dana, field: "duedate", from: nil, fromString: nil, to: due,
                toString: due)
        ]
        listing.issue.comments = [
            Comment(
                id: "100", author: dana, body: "We are blocked by the vendor.", created: written, updated: written)
        ]
        (listing.issue.updated, listing.issue.activeAt) = (written, written)
        return listing
    }

    private func run(_ body: @Sendable (APIHarness, APIClient, TestTenant) async throws -> Void) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Self.listing, to: tenant.id)
            try await body(api, client, tenant)
        }
    }

    private func points(_ name: String, in answer: APIAnswer) -> Double? {
        answer.json["factors"]?.items.first { $0["name"]?.text == name }?["points"]?.number
    }

    @Test func anIssueIsScoredAsItStood() async throws {
        try await run { api, client, tenant in
            func raw(_ query: String) async throws -> APIAnswer {
                try await client.call(.get, "/api/analyze/issue/ENG-1/raw\(query)", as: tenant.apiKey)
            }
            let now = try await raw("")
            let same = try await raw("?as_of=\(testNow)")
            #expect(same.status == .ok, "\(same.text)")
            #expect(same.json["risk_score"] == now.json["risk_score"] && same.json["factors"] == now.json["factors"])
            #expect(now.json["past"] == nil && now.json["forecast"] != nil)
            #expect(same.json["past"]?["known_from"]?.isNull == true && same.json["forecast"] == nil)
            #expect(same.json["past"]?["stored"] == nil, "the history has nothing of it")

            let blocked = try await raw("?as_of=\(testNow.adding(days: -2))")
            #expect(points("due_date", in: blocked) ?? 0 > 0 && blocked.json["blocker_count"]?.number == 1)
            let dated = try await raw("?as_of=\(testNow.adding(days: -3))")
            #expect(dated.json["blocker_count"]?.number == 0 && dated.json["sentiment"]?["total"]?.number == 0)
            #expect(points("blockers", in: dated) == 0 && dated.json["as_of"]?.text == "\(testNow.adding(days: -3))")
            let undated = try await raw("?as_of=\(testNow.adding(days: -4))")
            #expect(points("due_date", in: undated) == 0)
            #expect(try await api.uses(of: tenant.id).total == 0)
            #expect(try await api.history(of: "ENG-1", tenant.id).isEmpty)
        }
    }

    @Test func theDifferenceNamesWhatMadeIt() async throws {
        try await run { api, client, tenant in
            let from = testNow.adding(days: -4)
            let answer = try await client.call(
                .get, "/api/analyze/issue/eng-1/diff?from=\(from)", as: tenant.apiKey)
            #expect(answer.status == .ok, "\(answer.text)")
            let parts = try #require(answer.json["parts"]).items
            let sum = parts.compactMap { $0["points"]?.number }.reduce(0, +)
            let before = try #require(answer.json["from"]?["risk_score"]?.number)
            let after = try #require(answer.json["to"]?["risk_score"]?.number)
            #expect(answer.json["change"]?.number == sum && sum == after - before && sum > 15)
            let happened = parts.flatMap { $0["events"]?.items ?? [] }
            #expect(happened.compactMap { $0["kind"]?.text } == ["change", "comment"])
            #expect(happened.allSatisfy { $0["who"]?.text == "Dana Moreau" })
            #expect(happened.first?["field"]?.text == "duedate")
            #expect(happened.first?["url"]?.text == "https://acme.example/browse/ENG-1")
            #expect(happened.last?["url"]?.text == "https://acme.example/browse/ENG-1?focusedCommentId=100")
            #expect(happened.last?["text"]?.text == "We are blocked by the vendor.")
            let factors = parts.flatMap { $0["factors"]?.items ?? [] }.compactMap { $0["name"]?.text }
            #expect(Set(factors).isSuperset(of: ["due_date", "blockers"]))
            // Each end is what the analysis of that instant says.
            let raw = try await client.call(
                .get, "/api/analyze/issue/ENG-1/raw?as_of=\(from)", as: tenant.apiKey)
            #expect(raw.json["risk_score"]?.number == before)
            #expect(try await api.uses(of: tenant.id).total == 0)
        }
    }

    @Test func aCommentThatNotEverybodyMayReadIsNotQuoted() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            var listing = Self.listing
            listing.issue.comments[0].isRestricted = true
            try await api.add(listing, to: tenant.id)
            let answer = try await client.call(
                .get, "/api/analyze/issue/ENG-1/diff?from=\(testNow.adding(days: -4))", as: tenant.apiKey)
            #expect(answer.status == .ok && answer.text.contains("\"comment\""), "\(answer.text)")
            #expect(!answer.text.contains("vendor"))
        }
    }

    @Test(arguments: [
        ("raw?as_of=2026-11-24T13:00:01Z", 422, "as_of"), ("raw?as_of=yesterday", 422, "as_of"),
        ("raw?as_of=2020-01-01T00:00:00Z", 422, "as_of"), ("diff", 422, "from"),
        ("diff?from=2026-11-24T13:00:00Z", 422, "from"),
        ("diff?from=2026-11-01T00:00:00Z&to=2027-01-01T00:00:00Z", 422, "to"),
        ("diff?from=2019-01-01T00:00:00Z&to=2020-01-01T00:00:00Z", 422, "to"),
    ])
    func instantsThatDoNotFitAreNamed(query: String, status: Int, field: String) async throws {
        try await run { _, client, tenant in
            let answer = try await client.call(.get, "/api/analyze/issue/ENG-1/\(query)", as: tenant.apiKey)
            #expect(answer.status.code == status && answer.invalidFields == [field], "\(answer.text)")
        }
    }

    @Test func anUnknownIssueHasNoPast() async throws {
        try await run { _, client, tenant in
            for query in ["raw?as_of=2026-11-20T00:00:00Z", "diff?from=2026-11-20T00:00:00Z"] {
                let answer = try await client.call(.get, "/api/analyze/issue/ENG-9/\(query)", as: tenant.apiKey)
                #expect(answer.code == "issue_not_found", "\(query)")
            }
        }
    }
}
