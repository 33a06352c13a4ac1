import Domain
import HTTPTypes
import Store
import StoreTestSupport
import Synchronization
import TestSupport
import Testing

@testable import QueryAPI

/// What an owner may set for the writes into Jira.
@Suite struct WriteBackAPITests {
    private func set(_ body: String, _ tenant: TestTenant, _ client: APIClient) async throws -> APIAnswer {
        try await client.call(.put, "/api/tenants/\(tenant.id)/jira/write-back", as: tenant.apiKey, body: body)
    }

    @Test(arguments: [
        ("score_field", "customfield_10016", "story points"), ("cause_field", "customfield_10020", "sprints"),
        ("band_field", "customfield_10021", "the flag"),
    ])
    func aFieldThatIsReadIsRefusedByItsName(name: String, id: String, use: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let refused = try await set(
                #"{"target": "fields", "forecast_date_field": "customfield_1", "\#(name)": "\#(id)"}"#, tenant, client)
            #expect(refused.code == "validation_failed" && refused.invalidFields == [name], "\(refused.text)")
            #expect(refused.text.contains(id) && refused.text.contains(use), "\(refused.text)")
            let taken = try await set(
                #"{"target": "fields", "\#(name)": "customfield_10100"}"#, tenant, client)
            #expect(taken.status == .ok, "\(taken.text)")
        }
    }

    @Test func whereFieldsWereDiscoveredThoseAreRefused() async throws {
        let harness = try await APIHarness()
        try await harness.run { client in
            let tenant = try await client.createTenant("acme")
            let store = harness.fixture.store
            let claim = try #require(
                try await store.claimSync(now: harness.clock.now, leaseUntil: harness.clock.now.adding(seconds: 60)))
            try await store.recordFields(claim, CustomFields(storyPoints: ["customfield_7"]))
            let refused = try await set(#"{"target": "fields", "score_field": "customfield_7"}"#, tenant, client)
            #expect(refused.invalidFields == ["score_field"], "\(refused.text)")
            let taken = try await set(#"{"target": "fields", "score_field": "customfield_10016"}"#, tenant, client)
            #expect(taken.status == .ok, "\(taken.text)")
        }
    }

    @Test func anIssueThatWasNeverFetchedWholeGetsNoComment() async throws {
        let harness = try await APIHarness()
        try await harness.run { client in
            let tenant = try await client.createTenant("acme")
            #expect(try await set(#"{"target": "none"}"#, tenant, client).status == .ok)
            try await harness.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            let refused = try await client.call(.post, "/api/analyze/issue/ENG-1/comment", as: tenant.apiKey)
            #expect(refused.status == .conflict && refused.code == "issue_not_fetched", "\(refused.text)")
            #expect(harness.commenter.posted.withLock { $0.isEmpty })
            try await harness.addWhole(Fixture.listing("ENG-2", score: 80), to: tenant.id)
            let posted = try await client.call(.post, "/api/analyze/issue/ENG-2/comment", as: tenant.apiKey)
            #expect(posted.status == .created, "\(posted.text)")
            #expect(harness.commenter.posted.withLock { $0.count } == 1)
        }
    }
}
