import Alerts
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

/// The people of a tenant through the API, and invitations.
@Suite struct MemberTests {
    @Test func ownersListChangeAndRemoveMembersAndTheLastOwnerStays() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let (ada, bob) = (
                try await api.addMember("ada", .owner, to: tenant.id),
                try await api.addMember("bob", .viewer, to: tenant.id)
            )
            func call(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> APIAnswer {
                try await client.call(method, "/api/members\(path)", as: tenant.apiKey, body: body)
            }
            let list = try await call(.get, "").json.items
            #expect(list.compactMap { $0["id"]?.text } == ["\(ada)", "\(bob)"])
            #expect(list.compactMap { $0["role"]?.text } == ["owner", "viewer"])
            #expect(list.first?["email"]?.text == "ada@people.example" && list.first?["source"]?.isNull == true)
            for (method, body) in [(HTTPRequest.Method.put, #"{"role": "viewer"}"#), (.delete, nil)] {
                #expect(try await call(method, "/\(ada)", body).code == "last_owner")
                #expect(try await call(method, "/\(UUID())", body).code == "member_not_found")
            }
            #expect(try await call(.put, "/\(bob)", #"{"role": "operator"}"#).code == "validation_failed")
            let before = api.signals.changedTenants.withLock { $0.count }
            #expect(try await call(.put, "/\(bob)", #"{"role": "owner"}"#).json["role"]?.text == "owner")
            #expect(try await call(.delete, "/\(ada)").status == .noContent)
            #expect(try await call(.delete, "/\(bob)").code == "last_owner")
            // Open pages learn of it.
            #expect(api.signals.changedTenants.withLock { $0.count } == before + 2)
        }
    }

    @Test func anInvitationIsMailedOrItsLinkShownOnce() async throws {
        var api = try await APIHarness()
        let sent = Mutex<[(MailInvitation, String)]>([])
        let takes = Mutex(true)
        for hasMail in [false, true] {
            if hasMail {
                api.invitationMail = { invitation, address in
                    sent.withLock { $0.append((invitation, address)) }
                    return takes.withLock { $0 }
                }
            }
            try await api.run { [api] client in
                let tenant = try await client.createTenant(hasMail ? "acme" : "other")
                func invite() async throws -> APIAnswer {
                    try await client.call(
                        .post, "/api/invitations", as: tenant.apiKey,
                        body: #"{"email": "Ada@ACME.example", "role": "viewer"}"#)
                }
                let made = try await invite()
                #expect(made.status == .created && made.json["email"]?.text == "ada@acme.example")
                #expect(made.json["is_mailed"]?.flag == hasMail && made.json["url"]?.isNull == hasMail)
                takes.withLock { $0 = false }
                // In place of the first; and what no relay takes is shown.
                let again = try await invite()
                let url = try #require(again.json["url"]?.text)
                #expect(url.hasPrefix("https://risk.example/dashboard/invitations/csli_"))
                let list = try await client.call(.get, "/api/invitations", as: tenant.apiKey)
                #expect(list.json.items.compactMap { $0["id"]?.text } == [again.json["id"]?.text ?? ""])
                #expect(!list.text.contains("csli_"))
                let hash = APIKey.hash(String(url.split(separator: "/").last ?? ""))
                #expect(try await api.store.waitingInvitation(tokenHash: hash, now: testNow) != nil)
                let path = "/api/invitations/\(again.json["id"]?.text ?? "")"
                #expect(try await client.call(.delete, path, as: tenant.apiKey).status == .noContent)
                #expect(try await client.call(.delete, path, as: tenant.apiKey).code == "invitation_not_found")
                takes.withLock { $0 = true }
            }
        }
        #expect(sent.withLock { $0.map(\.1) } == ["Ada@ACME.example", "Ada@ACME.example"])
    }

    @Test func nothingIsMailedUnderAnAddressThatAClientNames() async throws {
        var api = try await APIHarness()
        api.publicURL = nil
        api.invitationMail = { _, _ in true }
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/invitations", as: tenant.apiKey, body: #"{"email": "a@b.example", "role": "viewer"}"#)
            #expect(made.json["is_mailed"]?.flag == false && made.json["url"]?.text?.contains("csli_") == true)
        }
    }

    @Test func aCallerLearnsWhoItIs() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let viewer = try await client.makeKey(.viewer, as: tenant.apiKey)
            let own = try await client.call(.get, "/api/me", as: viewer).json
            #expect(own["actor"]?.text == "\(Actor.apiKey(storedHash: APIKey.hash(viewer)))")
            #expect(own["role"]?.text == "viewer" && own["tenant_id"]?.text == "\(tenant.id)")
            #expect(own["user"]?.isNull == true && own["tenants"]?.items.count == 1)
            let host = try await client.call(.get, "/api/me", as: APIHarness.adminToken).json
            #expect(host["role"]?.text == "operator" && host["tenant_id"]?.isNull == true)
        }
    }
}
