import Domain
import Foundation
import HTTPTypes
import Synchronization
import Testing

@testable import QueryAPI

/// P8: no request of one tenant shows or changes another's data. P9: secrets are shown once.
@Suite struct IsolationTests {
    /// Tenant B with one of everything, and A with nothing.
    private func populate(_ api: APIHarness, _ client: APIClient) async throws -> (a: TestTenant, b: TestTenant) {
        let (a, b) = (try await client.createTenant("tenant-a"), try await client.createTenant("tenant-b"))
        await api.store.change(b.id) {
            $0.issues = [Fixture.listing("BEE-1", score: 80)]
            $0.parked = [
                ParkedIssue(
                    issueID: "10042", issueKey: "BEE-2", lastError: "BEE is broken", attempts: 8, parkedAt: testNow)
            ]
            $0.history = [Fixture.history("BEE-1", score: 80, daysAgo: 1)]
            $0.alerts = [Fixture.alert("BEE-1", tenantID: b.id, state: .dead)]
            $0.events = [Fixture.event(1, .rejected)]
            $0.channels = [
                AlertChannel(
                    id: UUID(), kind: .slack, name: "BEE", target: ReversibleSealing().seal("https://s.example/hush"))
            ]
        }
        return (a, b)
    }

    @Test func everyEndpointKeepsAnothersDataShut() async throws {
        let api = APIHarness()
        try await api.run { client in
            let (a, b) = try await populate(api, client)
            let before = try #require(await api.store.records[b.id])
            let delivery = try #require(before.alerts.first?.deliveries.first)
            let ids = [
                "\(b.id)", "\(before.rules[0].id)", "\(before.channels[0].id)", "\(delivery.id)",
                "\(before.secrets[0].info.id)", "10042",
            ]
            for operation in try OpenAPIOperation.all where operation.needsCredentials {
                for id in ids {
                    let path = operation.path(id: id, secretID: "\(before.secrets[0].info.id)", key: "BEE-1")
                    let body = """
                        {"issue_key": "BEE-1", "name": "x", "kind": "threshold", "raise_at": 5, "project_key": "BEE"
                          \(operation.template.hasSuffix("/portfolio") ? #", "project_keys": ["BEE"]"# : "")}
                        """
                    let answer = try await client.call(operation.method, path, as: a.apiKey, body: body)
                    #expect(!answer.text.contains("BEE"), "\(operation)")
                    if operation.template.contains("{id}") {
                        #expect(answer.status == .notFound, "\(operation) \(answer.text)")
                    }
                    let pretending = try await client.call(
                        operation.method, path, as: a.apiKey, for: "\(b.id)", body: body)
                    #expect(pretending.status == .forbidden, "\(operation)")
                }
            }
            let after = try #require(await api.store.records[b.id])
            #expect(after.tenant == before.tenant)
            #expect(after.rules == before.rules && after.channels == before.channels)
            #expect(after.alerts == before.alerts && after.events == before.events)
            #expect(after.history == before.history && after.uses.isEmpty)
            #expect(after.parked == before.parked)
            #expect(after.secrets.map(\.info) == before.secrets.map(\.info))
            #expect(after.apiKeyHash == before.apiKeyHash)
        }
    }

    @Test func ownSecretSlotsDoNotReachAnothersSecrets() async throws {
        let api = APIHarness()
        try await api.run { client in
            let (a, b) = try await populate(api, client)
            let secretID = try #require(await api.store.webhookSecretInfos(b.id).first?.id)
            let answer = try await client.call(
                .delete, "/api/tenants/\(a.id)/webhook-secrets/\(secretID)", as: a.apiKey)
            #expect(answer.code == "webhook_secret_not_found")
            #expect(await api.store.webhookSecretInfos(b.id).count == 1)
        }
    }

    @Test func noAnswerAndNoLogLineHoldsASecret() async throws {
        let api = APIHarness()
        try await api.run { client in
            let (_, b) = try await populate(api, client)
            let record = try #require(await api.store.records[b.id])
            let secrets = [
                b.apiKey, b.webhookSecret, b.jiraToken, record.apiKeyHash, record.jiraTokenEncrypted,
                record.secrets[0].encrypted, "hush", APIHarness.adminToken, "sealed:",
            ]
            func check(_ text: String, _ comment: String) {
                for secret in secrets { #expect(!text.contains(secret), "\(comment)") }
            }
            for failure in [nil, StorageError(.unavailable, "disk full"), StorageError(.corrupt, "bad row")] {
                await api.store.fail(with: failure)
                for operation in try OpenAPIOperation.all where operation.method == .get {
                    let path = operation.path(id: "\(b.id)", key: "BEE-1")
                    for token in [b.apiKey, APIHarness.adminToken] {
                        let answer = try await client.call(.get, path, as: token, for: "\(b.id)")
                        check(answer.text, "\(operation)")
                    }
                }
            }
            let refused = try await client.call(
                .put, "/api/tenants/\(b.id)", as: b.apiKey,
                body: #"{"jira_url": "https://x.example/\#(b.jiraToken)", "jira_token": "short-one"}"#)
            check(refused.text, "refused")
            #expect(!refused.text.contains("short-one"))
            let lines = api.log.lines.withLock { $0 }
            #expect(lines.count == 4)
            for line in lines { check(line, "log") }
        }
    }
}
