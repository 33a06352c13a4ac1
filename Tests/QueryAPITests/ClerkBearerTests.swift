import Domain
import Foundation
import HTTPTypes
import Identity
import Outbound
import Queries
import Store
import TestSupport
import Testing
import Vault

@testable import IdentityTestSupport
@testable import QueryAPI

/// Session tokens of Clerk beside API keys, with keys from a server.
@Suite struct ClerkBearerTests {
    private struct Scene {
        var api: APIHarness
        var client: APIClient
        var forge: TokenForge
        var keys: ChildServer
        var tenant: TestTenant
        var other: TestTenant

        /// A token at ``testNow``, with changes; nil removes a claim.
        func token(_ changes: [String: String?] = [:]) throws -> String {
            let now = testNow.milliseconds / 1000
            let claims: [String: String?] = [
                "iss": #""https://clerk.example.com""#, "sub": #""user_ada""#, "sid": #""sess_1""#,
                "azp": #""https://app.example.com""#, "iat": "\(now)", "nbf": "\(now - 10)", "exp": "\(now + 60)",
            ]
            return try forge.token(claims: claims.merging(changes) { $1 }.compactMapValues { $0 })
        }

        /// A session in an organisation, in the second version of its claims.
        func member(_ role: String, of organization: String = "org_acme", _ more: [String: String?] = [:]) throws
            -> String
        {
            let claim = #"{"id": "\#(organization)", "rol": "\#(role)", "slg": "acme"}"#
            return try token(["v": "2", "o": claim].merging(more) { $1 })
        }

        func get(
            _ path: String = "/api/issues", _ token: String, for tenant: TestTenant? = nil
        ) async throws -> APIAnswer {
            try await client.call(.get, path, as: token, for: tenant.map { "\($0.id)" })
        }
    }

    private func running(_ body: @Sendable @escaping (Scene) async throws -> Void) async throws {
        try await KeyServer.running { keys in
            try await withClient { http in
                var api = try await APIHarness()
                let forge = try await TokenForge.rsa("ins_1")
                try keys.publish(TokenForge.keys(forge))
                // Tenants exist before the configuration that names them.
                let ids = try await api.run { client in
                    [try await client.createTenant("acme"), try await client.createTenant("other")]
                }
                let configuration = try ClerkConfiguration(
                    issuer: "https://clerk.example.com", jwksURL: "\(keys.address)/jwks",
                    authorizedParties: ["https://app.example.com"])
                api.clerk = ClerkCallers(
                    tokens: ClerkTokens(configuration: configuration, http: http) { [clock = api.clock] in clock.now },
                    organizations: ["org_acme": ids[0].id], store: api.store, now: { [clock = api.clock] in clock.now })
                try await api.run { [api] client in
                    try await body(
                        Scene(api: api, client: client, forge: forge, keys: keys, tenant: ids[0], other: ids[1]))
                }
            }
        }
    }

    @Test func aTokenOfEitherVersionStandsForThePersonInItsOrganisation() async throws {
        try await running { scene in
            let first = try scene.token(["org_id": #""org_acme""#, "org_role": #""org:admin""#])
            for token in [first, try scene.member("admin")] {
                let me = try await scene.get("/api/me", token)
                #expect(me.status == .ok, "\(me.text)")
                #expect(me.json["role"]?.text == "owner" && me.json["tenant_id"]?.text == "\(scene.tenant.id)")
                #expect(me.json["tenants"]?.items.compactMap { $0["company_name"]?.text } == ["acme"])
            }
            let member = try #require(try await scene.api.store.members(scene.tenant.id).first)
            #expect(member.role == .owner && member.source == "clerk")
            #expect(member.user.identity.clerkUserID == "user_ada")
            // What is done is the person's.
            let made = try await scene.client.call(
                .post, "/api/alert-rules", as: first, body: #"{"name": "x", "kind": "threshold", "raise_at": 50}"#)
            #expect(made.status == .created, "\(made.text)")
            let rows = try await scene.api.store.auditEntries(
                .tenant(scene.tenant.id), filter: AuditFilter(action: "alert_rule.save"), after: nil, limit: 5)
            #expect(rows.items.map(\.actor) == ["user:\(member.user.id)"])
            #expect(try await scene.client.call(.get, "/api/issues", as: scene.tenant.apiKey).status == .ok)
        }
    }

    @Test func whatIsNotAcceptedIsRefusedForItsReason() async throws {
        try await running { scene in
            let now = testNow.milliseconds / 1000
            let stranger = try await TokenForge.rsa("ins_1")
            let cases: [(String, String)] = [
                (
                    try scene.member("admin", ["iat": "\(now - 120)", "nbf": "\(now - 120)", "exp": "\(now - 60)"]),
                    "token_expired"
                ),
                (try scene.member("admin", ["azp": #""https://evil.example""#]), "token_authorized_party"),
                (try scene.member("admin", ["azp": nil]), "token_authorized_party"),
                (try scene.member("admin", ["iss": #""https://clerk.other.example""#]), "token_issuer"),
                (try scene.member("admin", ["sts": #""pending""#]), "token_inactive_session"),
                (try stranger.token(claims: ["iss": #""https://clerk.example.com""#]), "token_signature"),
                ("a.b.c", "token_malformed"),
            ]
            for (token, code) in cases {
                let answer = try await scene.get("/api/issues", token)
                #expect(answer.status == .unauthorized && answer.text.contains(code), "\(code) \(answer.text)")
                #expect(!answer.text.contains(token))
                #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
            }
            #expect(try await scene.api.store.members(scene.tenant.id).isEmpty)
            #expect(scene.api.log.lines.allSatisfy { !$0.contains("eyJ") })
        }
    }

    @Test func anotherOrganisationAnotherTenantAndNoMembershipAreRefused() async throws {
        try await running { scene in
            let foreign = try await scene.get("/api/issues", try scene.member("admin", of: "org_evil"))
            #expect(foreign.status == .forbidden && foreign.code == "no_membership")
            let none = try await scene.get("/api/issues", try scene.token())
            #expect(none.code == "no_membership" && none.status == .forbidden)
            let unmapped = try await scene.get("/api/issues", try scene.member("billing"))
            #expect(unmapped.code == "no_membership")
            let pretending = try await scene.get("/api/issues", try scene.member("admin"), for: scene.other)
            #expect(pretending.status == .forbidden && pretending.code == "tenant_mismatch")
            #expect(try await scene.get("/api/issues", try scene.member("admin"), for: scene.tenant).status == .ok)
            // The organisation's role is for its own sessions.
            #expect(try await scene.get("/api/issues", try scene.token()).code == "no_membership")
        }
    }

    @Test func aRoleThatChangesOrGoesInClerkDoesSoHere() async throws {
        try await running { scene in
            let admin = try await scene.get("/api/api-keys", try scene.member("admin"))
            #expect(admin.status == .ok)
            let fallen = try await scene.get("/api/api-keys", try scene.member("member"))
            #expect(fallen.code == "permission_missing")
            #expect(try await scene.api.store.members(scene.tenant.id).map(\.role) == [.viewer])
            #expect(try await scene.get("/api/issues", try scene.member("nothing")).code == "no_membership")
            #expect(try await scene.api.store.members(scene.tenant.id).isEmpty)
        }
    }

    @Test func whoWasInvitedNeedsNoOrganisation() async throws {
        try await running { scene in
            let id = try await scene.api.addMember("user_ada", .manager, to: scene.tenant.id)
            let me = try await scene.get("/api/me", try scene.token())
            #expect(me.json["role"]?.text == "manager" && me.json["user"]?["id"]?.text == "\(id)")
            _ = try await scene.api.addMember("user_ada", .viewer, to: scene.other.id)
            #expect(try await scene.get("/api/issues", try scene.token()).code == "tenant_required")
            #expect(try await scene.get("/api/me", try scene.token(), for: scene.other).json["role"]?.text == "viewer")
            // At once, whatever the token's minute.
            let token = try scene.token()
            #expect(try await scene.get("/api/issues", token, for: scene.tenant).status == .ok)
            let removed = try await scene.client.call(.delete, "/api/members/\(id)", as: scene.tenant.apiKey)
            #expect(removed.status == .noContent, "\(removed.text)")
            #expect(try await scene.get("/api/issues", token, for: scene.tenant).code == "tenant_mismatch")
        }
    }

    @Test func whoActsInAPersonsPlaceOnlySees() async throws {
        try await running { scene in
            let token = try scene.member("admin", ["act": #"{"sub": "user_support"}"#])
            #expect(try await scene.get("/api/me", token).json["role"]?.text == "viewer")
            #expect(try await scene.get("/api/api-keys", token).code == "permission_missing")
        }
    }

    @Test func aPersonMakesNoLinkThatOutlastsThem() async throws {
        try await running { scene in
            let link = try await scene.client.call(.post, "/api/login-links", as: try scene.member("admin"), body: "{}")
            #expect(link.status == .forbidden && link.code == "api_key_required")
        }
    }

    @Test func keysMayChangeAndBeOutOfReach() async throws {
        try await running { scene in
            let next = try await TokenForge.rsa("ins_1")
            #expect(try await scene.get("/api/issues", try scene.member("admin")).status == .ok)
            try scene.keys.publish(TokenForge.keys(next))
            scene.api.clock.now = testNow.adding(seconds: 31)
            var changed = scene
            changed.forge = next
            #expect(try await scene.get("/api/issues", try changed.member("admin")).status == .ok)
            // After a day without the server nothing is known any more, and it is no fault of the caller's.
            try scene.keys.publish(nil)
            scene.api.clock.now = testNow.adding(days: 2)
            let silent = try await scene.get("/api/issues", try changed.member("admin"))
            #expect(silent.status == .serviceUnavailable && silent.code == "unavailable", "\(silent.text)")
        }
    }

    @Test func refusedTokensAreBoundedAndGoodOnesAreNot() async throws {
        try await running { scene in
            var api = scene.api
            api.credentialLimits = .init(perClient: 1, total: 1000)
            try await api.run { client in
                var statuses: [HTTPResponse.Status] = []
                for number in 0..<5 {
                    statuses.append(try await client.call(.get, "/api/issues", as: "a.b.\(number)").status)
                }
                #expect(statuses.suffix(4).allSatisfy { $0 == .tooManyRequests } && statuses[0] == .unauthorized)
                #expect(try await client.call(.get, "/api/issues", as: try scene.member("admin")).status == .ok)
            }
        }
    }
}
