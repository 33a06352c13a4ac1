import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing

@testable import QueryAPI

/// What a tenant can make many of has a limit; the answer names it.
@Suite struct TenantLimitTests {
    private func limited(_ kind: TenantLimits.Kind, to limit: Int) async throws -> APIHarness {
        var limits = TenantLimits()
        limits[kind] = limit
        return try await APIHarness(limits: limits)
    }

    private func create(
        _ kind: TenantLimits.Kind, _ number: Int, _ tenant: TestTenant, _ client: APIClient
    ) async throws -> APIAnswer {
        let (path, body) =
            switch kind {
            case .apiKeys: ("/api/api-keys", #"{"name": "\#(number)", "role": "viewer"}"#)
            case .invitations:
                ("/api/invitations", #"{"email": "person\#(number)@b.example", "role": "viewer"}"#)
            case .webhookSecrets: ("/api/tenants/\(tenant.id)/webhook-secrets", "{}")
            case .automationTokens: ("/api/tenants/\(tenant.id)/automation-tokens", "{}")
            case .alertChannels:
                ("/api/alert-channels", #"{"kind": "email", "name": "\#(number)", "target": "a@b.example"}"#)
            case .alertRules: ("/api/alert-rules", #"{"name": "\#(number)", "kind": "threshold", "raise_at": 50}"#)
            case .alertSilences: ("/api/alert-silences", Self.silence)
            case .alertRoutes:
                (
                    "/api/alert-routes",
                    #"{"routes": [\#(Array(repeating: "{}", count: number).joined(separator: ","))]}"#
                )
            case .channelRecipients:
                (
                    "/api/alert-channels",
                    #"{"kind": "email", "name": "x", "target": "\#(addresses(number))"}"#
                )
            case .runningBackfills: ("/api/tenants/\(tenant.id)/backfills", #"{"project_key": "P\#(number)"}"#)
            }
        return try await client.call(kind == .alertRoutes ? .put : .post, path, as: tenant.apiKey, body: body)
    }

    private static let silence = """
        {"matchers": [{"name": "project", "values": ["ENG"]}], "ends_at": "2027-01-01T00:00:00Z", "reason": "Release"}
        """

    private func addresses(_ count: Int) -> String {
        (0..<count).map { "person\($0)@b.example" }.joined(separator: ",")
    }

    @Test(arguments: [
        (TenantLimits.Kind.webhookSecrets, 1), (.apiKeys, 1), (.invitations, 0), (.alertChannels, 0), (.alertRules, 2),
        (.runningBackfills, 0), (.alertSilences, 0), (.alertRoutes, 0), (.automationTokens, 0),
    ])
    func beyondALimitNothingIsAdded(kind: TenantLimits.Kind, atFirst: Int) async throws {
        try await limited(kind, to: 3).run { client in
            let tenant = try await client.createTenant("acme")
            for number in atFirst..<3 {
                let added = try await create(kind, number, tenant, client)
                #expect(added.status.kind == .successful, "\(added.text)")
            }
            let refused = try await create(kind, 3, tenant, client)
            #expect(refused.status == .conflict)
            #expect(refused.code == "limit_reached")
            #expect(refused.invalidFields == [kind.rawValue])
            // Another tenant has its own.
            let other = try await client.createTenant("other")
            #expect(try await create(kind, 0, other, client).status.kind == .successful)
        }
    }

    @Test(arguments: [
        TenantLimits.Kind.webhookSecrets, .apiKeys, .alertChannels, .alertRules, .runningBackfills, .alertSilences,
        .automationTokens,
    ])
    func twoAtOnceDoNotBothPass(kind: TenantLimits.Kind) async throws {
        let limit = kind == .alertRules ? 5 : 3
        let api = try await limited(kind, to: limit)
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let statuses = try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { group in
                for number in 0..<12 {
                    group.addTask { try await create(kind, number, tenant, client).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let atFirst = kind == .alertRules ? 2 : [.webhookSecrets, .apiKeys].contains(kind) ? 1 : 0
            #expect(statuses.count { $0.kind == .successful } == limit - atFirst)
            #expect(statuses.count { $0 == .conflict } == 12 - limit + atFirst)
        }
    }

    @Test func aChannelHasALimitedNumberOfRecipients() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            #expect(try await create(.channelRecipients, 50, tenant, client).status == .created)
            let refused = try await create(.channelRecipients, 51, tenant, client)
            #expect(refused.status == .conflict)
            #expect(refused.code == "limit_reached")
            #expect(refused.invalidFields == ["channel_recipients"])
        }
    }

    @Test func whatIsAboveALoweredLimitStaysAndCanBeChanged() async throws {
        var api = try await APIHarness()
        let (tenant, channel, rule) = try await api.run { client in
            let tenant = try await client.createTenant("acme")
            var (channel, rule): (String?, String?)
            for number in 0..<4 {
                channel = try await create(.alertChannels, number, tenant, client).json["id"]?.text
                rule = try await create(.alertRules, number, tenant, client).json["id"]?.text
            }
            return (tenant, try #require(channel), try #require(rule))
        }
        for kind in TenantLimits.Kind.allCases { api.limits[kind] = 1 }
        try await api.run { client in
            let path = "/api/alert-channels/\(channel)"
            let renamed = try await client.call(.put, path, as: tenant.apiKey, body: #"{"name": "renamed"}"#)
            #expect(renamed.status == .ok)
            let raised = try await client.call(
                .put, "/api/alert-rules/\(rule)", as: tenant.apiKey,
                body: #"{"name": "renamed", "kind": "threshold", "raise_at": 60}"#)
            #expect(raised.status == .ok)
            #expect(try await client.call(.get, "/api/alert-channels", as: tenant.apiKey).json.items.count == 4)
            #expect(try await create(.alertRules, 9, tenant, client).code == "limit_reached")
        }
    }

    @Test func anExpiredSecretDoesNotCount() async throws {
        let api = try await limited(.webhookSecrets, to: 2)
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let added = try await create(.webhookSecrets, 0, tenant, client)
            #expect(try await create(.webhookSecrets, 1, tenant, client).code == "limit_reached")
            try await api.store.retireWebhookSecrets(
                tenant.id, except: try #require(added.json["id"]?.text.flatMap(UUID.init(uuidString:))),
                expiresAt: api.clock.now, by: .operator)
            #expect(try await create(.webhookSecrets, 1, tenant, client).status == .created)
        }
    }

    @Test func aNameIsBoundedInBytesToo() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let one = "e" + String(repeating: "\u{301}", count: 100_000)
            let answer = try await client.call(
                .post, "/api/alert-rules", as: tenant.apiKey,
                body: #"{"name": "\#(one)", "kind": "threshold", "raise_at": 50}"#)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == ["name"])
        }
    }

    @Test func theOperatorSuspendsATenantAndNobodyElseDoes() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/tenants/\(tenant.id)"
            let own = try await client.call(.put, path, as: tenant.apiKey, body: #"{"status": "active"}"#)
            #expect(own.status == .forbidden && own.code == "admin_required")
            #expect(own.invalidFields == ["status"])
            let suspended = try await client.call(
                .put, path, as: APIHarness.adminToken, body: #"{"status": "suspended"}"#)
            #expect(suspended.json["status"]?.text == "suspended")
            #expect(try await client.call(.get, "/api/alert-rules", as: tenant.apiKey).code == "tenant_inactive")
            #expect(try await client.call(.get, path, as: tenant.apiKey).status == .ok)
            let resumed = try await client.call(
                .put, path, as: APIHarness.adminToken, body: #"{"status": "active"}"#)
            #expect(resumed.json["status"]?.text == "active")
            #expect(try await client.call(.get, "/api/alert-rules", as: tenant.apiKey).status == .ok)
            let wrong = try await client.call(.put, path, as: APIHarness.adminToken, body: #"{"status": "gone"}"#)
            #expect(wrong.invalidFields == ["status"])
        }
    }
}
