import Domain
import Foundation
import HTTPTypes
import StoreTestSupport
import Synchronization
import Testing

@testable import QueryAPI

@Suite struct ListingTests {
    @Test func parkedIssuesAreListedAndTriedAgain() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.fixture.park("10042", of: tenant.id, error: "the model is down", attempts: 8, at: testNow)
            let listed = try await client.call(.get, "/api/issues/parked", as: tenant.apiKey)
            #expect(
                listed.text == """
                    [{"attempts":8,"issue_id":"10042","issue_key":null,"last_error":"the model is down",\
                    "parked_at":"\(testNow)"}]
                    """)
            let path = "/api/issues/parked/10042/retry"
            #expect(try await client.call(.post, path, as: tenant.apiKey).status == .accepted)
            #expect(api.signals.work.withLock { $0 } == 1)
            #expect(try await client.call(.post, path, as: tenant.apiKey).code == "issue_not_found")
        }
    }

    @Test func issuesComeRiskiestFirstWithTheirReasons() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(
                Fixture.listing("ENG-1", score: 20), Fixture.listing("ENG-2", score: 80),
                Fixture.listing("OPS-1", score: 50), Fixture.listing("OPS-2", score: 90, isDone: true),
                to: tenant.id)
            @Sendable func keys(_ query: String) async throws -> [String] {
                let answer = try await client.call(.get, "/api/issues?\(query)", as: tenant.apiKey)
                return answer.json.items.compactMap { $0["issue_key"]?.text }
            }
            #expect(try await keys("") == ["ENG-2", "OPS-1", "ENG-1"])
            #expect(try await keys("include_done=true") == ["OPS-2", "ENG-2", "OPS-1", "ENG-1"])
            #expect(try await keys("project=OPS") == ["OPS-1"])
            #expect(try await keys("min_score=50") == ["ENG-2", "OPS-1"])
            #expect(try await keys("band=medium") == ["OPS-1"])
            #expect(try await keys("assignee=dana+moreau&sort=key") == ["ENG-1", "ENG-2", "OPS-1"])
            #expect(try await keys("assignee=unassigned&status=in%20progress") == [])
            #expect(try await keys("text=checkout+eng&sort=due") == ["ENG-1", "ENG-2"])

            let first = try await client.call(.get, "/api/issues/?limit=1&project=ENG", as: tenant.apiKey)
            #expect(
                first.text == """
                    [{"as_of":"2026-11-24T13:00:00.000Z","assignee":"Dana Moreau","band":"high",\
                    "due_date":"2026-11-26",\
                    "forecast":{"answers":[],"missing":[],"state":"pending"},"issue_key":"ENG-2","priority":"High","project_key":"ENG",\
                    "reasons":[{"explanation":"A comment says it is blocked.","factor":"blockers","points":41},\
                    {"explanation":"It is 40 days old.","factor":"age","points":39}],"risk_score":80,\
                    "security_level":null,"status":"In Progress","summary":"Checkout of ENG-2 times out",\
                    "updated_at":"2026-11-18T13:00:00.000Z","url":"https://acme.example/browse/ENG-2"}]
                    """)
            let next = try #require(first.nextPage)
            #expect(next.contains("project=ENG") && next.contains("limit=1"))
            let second = try await client.call(.get, next, as: tenant.apiKey)
            #expect(second.json.items.compactMap { $0["issue_key"]?.text } == ["ENG-1"])

            let empty = try await client.call(.get, "/api/issues?min_score=&project=&cursor=", as: tenant.apiKey)
            #expect(empty.status == .unprocessableContent)
            #expect(empty.invalidFields == ["project", "min_score", "cursor"])

            let wrong = try await client.call(
                .get, "/api/issues?min_score=101&band=x&label=&include_done=x", as: tenant.apiKey)
            #expect(wrong.invalidFields == ["min_score", "band", "label", "include_done"])
        }
    }

    @Test func alertsShowWhatBecameOfThem() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.addChannel("Team", to: tenant.id)
            try await api.addAlert("ENG-1", .delivered, to: tenant.id)
            try await api.addAlert("ENG-2", .dead(reason: "no_service"), to: tenant.id)
            let all = try await client.call(.get, "/api/alerts", as: tenant.apiKey).json.items
            #expect(all.count == 2)
            #expect(all.first?["changes"]?.items.first?["factor"]?.text == "age")
            let ofIssue = try await client.call(.get, "/api/alerts?issue=ENG-1", as: tenant.apiKey).json.items
            #expect(ofIssue.compactMap { $0["issue_key"]?.text } == ["ENG-1"])

            let dead = try await client.call(.get, "/api/alerts?state=dead", as: tenant.apiKey).json.items
            let delivery = try #require(dead.first?["deliveries"]?.items.first)
            #expect(delivery["last_error"]?.text == "no_service")
            #expect(delivery["delivered_at"]?.isNull == true)

            let path = "/api/alerts/deliveries/\(delivery["id"]?.text ?? "")/retry"
            #expect(try await client.call(.post, path, as: tenant.apiKey).status == .accepted)
            #expect(api.signals.alerts.withLock { $0 } == 1)
            #expect(try await client.call(.post, path, as: tenant.apiKey).code == "delivery_not_found")
            #expect(api.signals.alerts.withLock { $0 } == 1)
            let wrong = try await client.call(.get, "/api/alerts?state=lost", as: tenant.apiKey)
            #expect(wrong.invalidFields == ["state"])
        }
    }

    @Test func rejectedWebhooksShowWhyAndCanBeReadAgain() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 20), to: tenant.id)
            for id in ["second", "third"] { try await api.addRejectedWebhook(id, to: tenant.id) }
            let path = "/api/webhook-events?state=rejected"
            let rejected = try await client.call(.get, path, as: tenant.apiKey).json.items
            #expect(rejected.map { $0["id"]?.number } == [3, 2])
            #expect(rejected.first?["error"]?.text == "no issue in the body")

            let retried = try await client.call(.post, "/api/webhook-events/retry", as: tenant.apiKey)
            #expect(retried.status == .accepted)
            #expect(retried.json["retried"]?.number == 2)
            #expect(try await client.call(.get, path, as: tenant.apiKey).text == "[]")
            #expect(api.signals.work.withLock { $0 } == 1)
            _ = try await client.call(.post, "/api/webhook-events/retry", as: tenant.apiKey)
            #expect(api.signals.work.withLock { $0 } == 1)
        }
    }
}
