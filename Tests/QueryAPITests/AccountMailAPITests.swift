import Domain
import Foundation
import HTTPTypes
import Store
import StoreTestSupport
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// Mails about accounts through the API: the operator's list, and the link that switches reminders off.
@Suite struct AccountMailAPITests {
    private func path(_ tenant: TestTenant, _ api: APIHarness) -> String {
        let link = MessageLink(
            tenantID: tenant.id, action: .accountMails(recipientID: tenant.id.uuid), endsAt: nil)
        return "/links/\(api.vault.linkTokens.token(for: link))"
    }

    private func isOff(_ tenant: TestTenant, _ api: APIHarness) async throws -> Bool? {
        try await api.store.linkedAccountMails(tenant.id, recipientID: tenant.id.uuid)?.isOff
    }

    @Test func theOperatorSeesWhatBecameOfEachMailAndRetriesADeadOne() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let id = try await api.addDeadMail(to: tenant.id)
            let path = "/api/operator/mails"
            let listed = try await client.call(.get, "\(path)?state=dead", as: APIHarness.adminToken)
            let mail = try #require(listed.json.items.first)
            #expect(mail["id"]?.text == "\(id.uuidString.lowercased())" && mail["state"]?.text == "dead")
            #expect(mail["kind"]?.text == "trial_ended" && mail["tenant_id"]?.text == "\(tenant.id)")
            #expect(mail["reason"]?.text == "refused" && mail["company_name"]?.text == "acme")
            #expect(try await client.call(.get, "\(path)?state=sent", as: APIHarness.adminToken).json.items.isEmpty)
            let wrong = try await client.call(.get, "\(path)?state=lost", as: APIHarness.adminToken)
            #expect(wrong.invalidFields == ["state"])
            #expect(try await client.call(.get, path, as: tenant.apiKey).code == "admin_required")
            let own = try await client.call(.post, "\(path)/\(id)/retry", as: tenant.apiKey)
            #expect(own.code == "admin_required")
            let retried = try await client.call(.post, "\(path)/\(id)/retry", as: APIHarness.adminToken)
            #expect(retried.status == .accepted, "\(retried.text)")
            for other in ["\(id)", "\(UUID())", "x"] {
                let answer = try await client.call(.post, "\(path)/\(other)/retry", as: APIHarness.adminToken)
                #expect(answer.status == .notFound && answer.code == "account_mail_not_found", "\(other)")
            }
            let queued = try await client.call(.get, "\(path)?state=queued", as: APIHarness.adminToken)
            #expect(queued.json.items.count == 1)
        }
    }

    @Test func aLinkShowsOnGetAndSwitchesRemindersOffAndOnByPost() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let link = path(tenant, api)
            let page = try await client.call(.get, link)
            #expect(page.status == .ok && page.text.contains("<form method=\"post\">"))
            #expect(try await isOff(tenant, api) == false)
            // RFC 8058: one click of a mail program.
            let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]
            for _ in 0..<2 {
                let done = try await client.call(
                    .post, link, headers: form, body: "List-Unsubscribe=One-Click")
                #expect(done.status == .ok && done.text.contains("No reminders"), "\(done.text)")
                #expect(try await isOff(tenant, api) == true)
            }
            let back = try await client.call(.post, link, headers: form, body: "choice=resume")
            #expect(back.status == .ok)
            #expect(try await isOff(tenant, api) == false)
            let rows = try await api.store.auditEntries(
                .tenant(tenant.id), filter: AuditFilter(action: "account_mails.set"), after: nil, limit: 10
            ).items
            #expect(rows.count == 2 && rows.allSatisfy { $0.actor == "link" })
            _ = try await api.store.deleteTenant(tenant.id, by: .system("test"))
            #expect(try await client.call(.get, link).status == .notFound)
        }
    }
}

extension APIHarness {
    /// A mail that was given up; its id.
    func addDeadMail(to tenant: TenantID) async throws -> UUID {
        let key = AccountMailKey(kind: .trialEnded, occasion: "2026-11-24", recipientID: tenant.uuid)
        _ = try await store.queueAccountMails([key], of: tenant, now: testNow)
        let claims = try await store.claimAccountMails(
            limit: 20, now: testNow, leaseUntil: testNow.adding(seconds: 60))
        let claim = try #require(claims.first { $0.key == key })
        #expect(try await store.recordAccountMail(claim, .dead(reason: "refused"), now: testNow))
        return claim.id
    }
}
