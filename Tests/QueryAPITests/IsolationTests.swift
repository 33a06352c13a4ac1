import Domain
import Foundation
import HTTPTypes
import Store
import StoreTestSupport
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// P8: no request of one tenant shows or changes another's data. P9: secrets are shown once.
@Suite struct IsolationTests {
    @Test func everyEndpointKeepsAnothersDataShut() async throws {
        let api = try await APIHarness()
        let all = Route.all(of: api.makeRouter())
        try await api.run { client in
            let (a, b) = try await api.populate(client)
            let before = try await Holdings(of: b, in: api)
            let secretID = "\(try #require(before.secrets.first).id)"
            let backfillID = "\(try #require(before.backfills.first).id)"
            let tokenID = "\(try #require(before.tokens.first).id)"
            let ids = [
                tokenID, "\(b.id)", "\(before.rules[0].id)", "\(before.channels[0].id)",
                "\(try #require(before.alerts.first?.deliveries.first).id)", secretID, backfillID,
                "\(try #require(before.parked.first).issueID)", "\(try #require(before.silences.first).id)",
                "\(try #require(before.alerts.first).alert.id)", "\(try #require(before.recipients.first).id)",
                "\(before.channels[1].id)", "\(try #require(before.keys.first).id)",
                "\(try #require(before.members.first).user.id)", "\(try #require(before.invitations.first).id)",
            ]
            let routes = try await Route.needingCredentials(among: all, client)
            let described = try OpenAPIOperation.all.filter(\.needsCredentials)
            #expect(Set(routes) == Set(described.map { Route(method: $0.method, template: $0.template) }))
            for route in routes {
                let body = """
                    {"issue_key": "BEE-1", "name": "x", "kind": "threshold", "raise_at": 5, "project_key": "BEE"
                      \(route.template.hasSuffix("/portfolio") ? #", "project_keys": ["BEE"]"# : "")}
                    """
                for id in ids {
                    let secondID =
                        route.template.contains("backfill")
                        ? backfillID : route.template.contains("automation") ? tokenID : secretID
                    let path = route.path(id: id, secondID: secondID, key: "BEE-1")
                    let answer = try await client.call(route.method, path, as: a.apiKey, body: body)
                    #expect(!answer.text.contains("BEE"), "\(route)")
                    if route.template.contains("{id}") {
                        #expect(answer.status == .notFound, "\(route) \(answer.text)")
                    }
                    let pretending = try await client.call(
                        route.method, path, as: a.apiKey, for: "\(b.id)", body: body)
                    #expect(pretending.status == .forbidden, "\(route)")
                }
                #expect(try await Holdings(of: b, in: api) == before, "\(route)")
            }
        }
    }

    @Test func ownSecretSlotsDoNotReachAnothersSecrets() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (a, b) = try await api.populate(client)
            let secretID = try #require(try await api.store.webhookSecretInfos(b.id).first?.id)
            let answer = try await client.call(
                .delete, "/api/tenants/\(a.id)/webhook-secrets/\(secretID)", as: a.apiKey)
            #expect(answer.code == "webhook_secret_not_found")
            #expect(try await api.store.webhookSecretInfos(b.id).count == 1)
        }
    }

    @Test func ownTenantPathsDoNotReachAnothersBackfills() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (a, b) = try await api.populate(client)
            let backfill = try #require(try await api.store.recentBackfills(b.id, limit: 1).first)
            let path = "/api/tenants/\(b.id)/backfills/\(backfill.id)"
            #expect(try await client.call(.get, path, as: b.apiKey).status == .ok)
            let answer = try await client.call(
                .get, path.replacingOccurrences(of: "\(b.id)", with: "\(a.id)"), as: a.apiKey)
            #expect(answer.code == "backfill_not_found")
        }
    }

    /// While all is well, where stored analyses cannot be read, and while the store cannot answer.
    @Test func noAnswerAndNoLogLineHoldsASecret() async throws {
        let api = try await APIHarness()
        let all = Route.all(of: api.makeRouter())
        try await api.run { client in
            let (_, b) = try await api.populate(client)
            var secrets = [
                b.apiKey, b.webhookSecret, b.jiraToken, "hush", APIHarness.adminToken, APIKey.hash(b.apiKey),
                try #require(try await api.store.jiraCredentials(b.id)).sealedToken,
            ]
            secrets += try #require(try await api.store.sealedWebhookSecrets(b.id, now: testNow))
            secrets += try await api.store.alertChannels(b.id).map(\.target)
            func check(_ text: String, _ comment: String) {
                for secret in secrets { #expect(!text.contains(secret), "\(comment)") }
            }
            let routes = try await Route.needingCredentials(among: all, client)
            let open = ["/", "/health", "/ready", "/openapi.json"]
            let paths =
                open
                + routes.filter { $0.method == .get }.map {
                    $0.path(id: "\(b.id)", secondID: "\(UUID())", key: "BEE-1")
                }
            /// How many answers were failures of the server.
            func failures() async throws -> Int {
                var count = 0
                for path in paths {
                    for token in [b.apiKey, APIHarness.adminToken] {
                        let answer = try await client.call(.get, path, as: token, for: "\(b.id)")
                        check(answer.text, path)
                        if answer.status.code >= 500 { count += 1 }
                    }
                }
                return count
            }
            #expect(try await failures() == 0)
            try await api.damageAnalyses(of: b.id)
            #expect(try await failures() == 2)
            let refused = try await client.call(
                .put, "/api/tenants/\(b.id)", as: b.apiKey,
                body: #"{"jira_url": "https://x.example/\#(b.jiraToken)", "jira_token": "short-one"}"#)
            check(refused.text, "refused")
            #expect(!refused.text.contains("short-one"))
            try api.store.close()
            let unanswered = try await failures()
            #expect(unanswered > 20)
            let lines = api.log.lines
            // Besides those of keys that may not do something.
            #expect(lines.count { !$0.contains("credentials refused") } == 2 + unanswered)
            for line in lines { check(line, "log") }
        }
    }
}
