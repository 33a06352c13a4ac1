import Domain
import Foundation
import HTTPTypes
import Queries
import Store
import Synchronization
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// Several API keys for a tenant: made, listed, rotated, ended, revoked.
@Suite struct APIKeyTests {
    private func made(
        _ client: APIClient, _ tenant: TestTenant, _ fields: String
    ) async throws -> (id: String, key: String) {
        let answer = try await client.call(.post, "/api/api-keys", as: tenant.apiKey, body: fields)
        #expect(answer.status == .created, "\(answer.text)")
        return (try #require(answer.json["id"]?.text), try #require(answer.json["api_key"]?.text))
    }

    private func status(_ client: APIClient, _ key: String) async throws -> HTTPResponse.Status {
        try await client.call(.get, "/api/issues", as: key).status
    }

    @Test func aKeyIsShownOnceAndListedByWhatPeopleRecogniseItBy() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            api.clock.now = testNow.adding(seconds: 1)
            let (id, key) = try await made(client, tenant, #"{"name": "CI", "role": "viewer"}"#)
            let list = try await client.call(.get, "/api/api-keys", as: tenant.apiKey)
            #expect(list.json.items.compactMap { $0["name"]?.text } == ["first key", "CI"])
            #expect(list.json.items.compactMap { $0["role"]?.text } == ["owner", "viewer"])
            for item in list.json.items { #expect(item["api_key"] == nil) }
            let shown = try await client.call(.get, "/api/api-keys/\(id)", as: tenant.apiKey)
            #expect(shown.json["prefix"]?.text == String(key.prefix(11)))
            #expect(shown.json["actor"]?.text == "api-key:\(APIKey.hash(key).prefix(12))")
            #expect(shown.json["created_by"]?.text == "api-key:\(APIKey.hash(tenant.apiKey).prefix(12))")
            #expect(shown.json["last_used_at"]?.isNull == true && shown.json["expires_at"]?.isNull == true)
            #expect(!list.text.contains(key) && !list.text.contains(APIKey.hash(key)))
            #expect(try await status(client, key) == .ok)
            for fields in [
                "{}", #"{"name": "x", "role": "operator"}"#,
                #"{"name": "x", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}"#,
            ] {
                let refused = try await client.call(.post, "/api/api-keys", as: tenant.apiKey, body: fields)
                #expect(refused.code == "validation_failed", "\(refused.text)")
            }
        }
    }

    @Test func theLastUseIsKeptToWithinMinutesAndNotByTheRequest() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            func lastUse() async throws -> Timestamp? { try await api.store.apiKeys(tenant.id).first?.lastUsedAt }
            #expect(try await status(client, tenant.apiKey) == .ok)
            #expect(try await lastUse() == nil)
            try await api.keyUses.write(to: api.store)
            #expect(try await lastUse() == testNow)
            for (seconds, stored) in [(299, Int64(0)), (1, 300)] {
                api.clock.now = api.clock.now.adding(seconds: Int64(seconds))
                #expect(try await status(client, tenant.apiKey) == .ok)
                try await api.keyUses.write(to: api.store)
                #expect(try await lastUse() == testNow.adding(seconds: stored))
            }
        }
    }

    @Test func aRotatedKeyWorksForTheOverlapAndNoLonger() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let (id, key) = try await made(client, tenant, #"{"name": "CI", "role": "manager"}"#)
            let path = "/api/api-keys/\(id)/rotate"
            let long = try await client.call(.post, path, as: tenant.apiKey, body: #"{"overlap_seconds": 2592001}"#)
            #expect(long.code == "validation_failed")
            let rotated = try await client.call(.post, path, as: tenant.apiKey, body: #"{"overlap_seconds": 60}"#)
            #expect(rotated.status == .created, "\(rotated.text)")
            let (new, old) = (try #require(rotated.json["new"]), try #require(rotated.json["old"]))
            #expect(new["name"]?.text == "CI" && new["role"]?.text == "manager" && old["api_key"] == nil)
            #expect(old["replaced_by"]?.text == new["id"]?.text)
            let newKey = try #require(new["api_key"]?.text)
            #expect(try await status(client, key) == .ok)
            #expect(try await status(client, newKey) == .ok)
            #expect(try await client.call(.post, path, as: tenant.apiKey).code == "conflict")
            api.clock.now = api.clock.now.adding(seconds: 60)
            #expect(try await status(client, key) == .unauthorized)
            #expect(try await status(client, newKey) == .ok)
            #expect(api.signals.changedTenants.withLock { $0.contains(tenant.id) })
        }
    }

    @Test func whatIsUnknownEndedOrRevokedGetsTheSameAnswer() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let end = testNow.adding(seconds: 60)
            let (_, ended) = try await made(
                client, tenant, #"{"name": "short", "role": "viewer", "expires_at": "\#(end)"}"#)
            let (id, revoked) = try await made(client, tenant, #"{"name": "leaked", "role": "owner"}"#)
            for key in [ended, revoked] { #expect(try await status(client, key) == .ok) }
            api.clock.now = api.clock.now.adding(seconds: 60)
            #expect(try await client.call(.delete, "/api/api-keys/\(id)", as: tenant.apiKey).status == .noContent)
            let twice = try await client.call(.delete, "/api/api-keys/\(id)", as: tenant.apiKey)
            #expect(twice.code == "api_key_not_found")
            let unknown = try await client.call(.get, "/api/issues", as: APIKey.generate())
            for key in [ended, revoked] {
                for header in [nil, "\(tenant.id)", "\(UUID())"] {
                    let answer = try await client.call(.get, "/api/issues", as: key, for: header)
                    #expect(answer.status == .unauthorized && answer.text == unknown.text)
                    #expect(answer.headers == unknown.headers)
                }
            }
        }
    }

    @Test func anOwnersKeyThatLastsIsAlwaysLeft() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let first = "\(try #require(try await api.store.apiKeys(tenant.id).first).id)"
            let end = testNow.adding(days: 1)
            _ = try await made(client, tenant, #"{"name": "short", "role": "owner", "expires_at": "\#(end)"}"#)
            _ = try await client.makeKey(.manager, as: tenant.apiKey)
            for token in [tenant.apiKey, APIHarness.adminToken] {
                let refused = try await client.call(
                    .delete, "/api/api-keys/\(first)", as: token, for: "\(tenant.id)")
                #expect(refused.status == .conflict && refused.code == "last_owner_key", "\(refused.text)")
            }
            #expect(try await status(client, tenant.apiKey) == .ok)
            // The host's owner can always make another one.
            let another = try await client.call(
                .post, "/api/api-keys", as: APIHarness.adminToken, for: "\(tenant.id)",
                body: #"{"name": "second", "role": "owner"}"#)
            #expect(another.json["created_by"]?.text == "operator")
            let revoked = try await client.call(.delete, "/api/api-keys/\(first)", as: tenant.apiKey)
            #expect(revoked.status == .noContent)
            #expect(try await status(client, tenant.apiKey) == .unauthorized)
            #expect(try await status(client, try #require(another.json["api_key"]?.text)) == .ok)
        }
    }

    @Test func replacingTheKeyOfTheCallEndsItAtOnceAndNoOther() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            api.clock.now = testNow.adding(seconds: 1)
            let second = try await client.makeKey(.owner, as: tenant.apiKey, name: "second")
            let path = "/api/tenants/\(tenant.id)/api-key"
            let replaced = try await client.call(.post, path, as: second)
            let new = try #require(replaced.json["api_key"]?.text, "\(replaced.text)")
            #expect(try await status(client, second) == .unauthorized)
            #expect(try await status(client, new) == .ok)
            #expect(try await status(client, tenant.apiKey) == .ok)
            #expect(try await api.store.apiKeys(tenant.id).map(\.name) == ["first key", "second"])
            // By the host's owner it is the first one.
            let byHost = try await client.call(.post, path, as: APIHarness.adminToken)
            #expect(try await status(client, tenant.apiKey) == .unauthorized)
            #expect(try await status(client, new) == .ok)
            #expect(try await status(client, try #require(byHost.json["api_key"]?.text)) == .ok)
        }
    }

    @Test func aLinkHasAtMostTheRoleOfItsKeyAndEndsWithIt() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            api.clock.now = testNow.adding(seconds: 1)
            let (id, key) = try await made(client, tenant, #"{"name": "lead", "role": "manager"}"#)
            let above = try await client.call(.post, "/api/login-links", as: key, body: #"{"role": "owner"}"#)
            #expect(above.code == "validation_failed" && above.invalidFields == ["role"])
            var sessions: [String] = []
            for (token, body) in [
                (key, "{}"), (key, #"{"role": "viewer"}"#), (APIHarness.adminToken, "{}"),
                (APIHarness.adminToken, #"{"role": "manager"}"#),
            ] {
                let answer = try await client.call(
                    .post, "/api/login-links", as: token, for: "\(tenant.id)", body: body)
                let link = try #require(answer.json["url"]?.text?.split(separator: "/").last.map(String.init))
                let session = "session \(sessions.count)"
                #expect(
                    try await api.store.redeem(
                        linkHash: APIKey.hash(link), as: session, until: testNow.adding(days: 1), from: nil,
                        now: testNow))
                sessions.append(session)
            }
            func roles() async throws -> [Role?] {
                var roles: [Role?] = []
                for session in sessions {
                    roles.append(try await api.store.signedIn(tokenHash: session, now: testNow)?.role)
                }
                return roles
            }
            #expect(try await roles() == [.manager, .viewer, .owner, .manager])
            #expect(try await client.call(.delete, "/api/api-keys/\(id)", as: tenant.apiKey).status == .noContent)
            #expect(try await roles() == [nil, nil, .owner, .manager])
        }
    }

    @Test func refusedKeysAreBoundedAndGoodOnesStillServed() async throws {
        var api = try await APIHarness()
        api.credentialLimits = .init(perClient: 5, total: 100)
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let late = try await client.makeKey(.viewer, as: tenant.apiKey)
            for _ in 0..<5 {
                #expect(try await status(client, APIKey.generate()) == .unauthorized)
            }
            let refused = try await client.call(.get, "/api/issues", as: APIKey.generate())
            #expect(refused.status == .tooManyRequests && refused.code == "too_many_attempts")
            let seconds = try #require(refused.headers[.retryAfter].flatMap(Int.init))
            #expect((1...60).contains(seconds))
            // Known on this node; the other one is not yet, and has to wait as if it did not exist.
            #expect(try await status(client, tenant.apiKey) == .ok)
            let waiting = try await client.call(.get, "/api/issues", as: late)
            #expect(waiting.code == "too_many_attempts")
            #expect(try await client.call(.get, "/api/tenants", as: APIHarness.adminToken).status == .ok)
        }
    }
}
