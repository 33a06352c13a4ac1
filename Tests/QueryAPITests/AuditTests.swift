import Alerts
import Domain
import Foundation
import HTTPTypes
import Queries
import Store
import StoreTestSupport
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// The audit log through the API: every route that changes something leaves exactly one row.
@Suite struct AuditTests {
    /// Routes with a method that changes something and without exactly one row, with the reason.
    private static let exceptions: [String: String] = [
        "POST /api/analyze/issue": "an analysis is recorded in usage_logs",
        "POST /api/analyze/sprint": "an analysis is recorded in usage_logs",
        "POST /api/analyze/portfolio": "an analysis is recorded in usage_logs",
        "POST /api/alert-rules/try": "a trial changes nothing",
        "POST /api/analyze/what-if": "a what-if changes nothing",
        "POST /api/analyze/sprint/what-if": "a what-if changes nothing",
        "POST /api/billing/checkout": "this host sells nothing: StripeStoreTests",
        "POST /api/billing/portal": "this host sells nothing: StripeStoreTests",
        "POST /api/billing/upgrade": "this host sells nothing: StripeStoreTests",
        "POST /api/billing/downgrade": "this host sells nothing: StripeStoreTests",
        "POST /api/billing/cancel": "this host sells nothing: StripeStoreTests",
        "POST /api/tenants/{id}/jira/webhooks/rotate-secret":
            "two transactions, which leave a row each: WebhookCommandTests",
    ]

    private struct Call {
        var path: String
        var body: String?
        /// The host's owner asks.
        var isOwners = false
        /// The row is in the host's chain.
        var isOfHost = false
        var action: String
        /// By the one who has a link.
        var isByLink = false
    }

    /// What the calls are about.
    private struct Scene {
        var tenant: TestTenant
        var doomed: TestTenant
        var leaving: TestTenant
        var keys: [UUID]
        var members: [UserID]
        var invitation: UUID
        var rule: UUID
        var channel: UUID
        var digest: UUID
        var mail: UUID
        var silence: UUID
        var secret: UUID
        var token: UUID
        var deadMail: UUID
        var alert: AlertRecord
        var link: String
    }

    private func scene(_ api: APIHarness, _ client: APIClient) async throws -> Scene {
        let (tenant, doomed) = (try await client.createTenant("acme"), try await client.createTenant("doomed"))
        let leaving = try await client.createTenant("leaving")
        let (store, by) = (api.store, Actor.system("test"))
        _ = try await store.scheduleDeletion(of: leaving.id, at: testNow.adding(days: 7), by: by, now: testNow)
        let keys = [UUID(), UUID()]
        for id in keys {
            let key = NewAPIKey(id: id, name: "key", role: .manager, mark: APIKey.mark(APIKey.generate()))
            _ = try await store.addAPIKey(tenant.id, key, by: by, now: testNow)
        }
        try await api.addChannel("team", to: tenant.id)
        let channel = try #require(try await store.alertChannels(tenant.id).first).id
        try await api.addAlert("ENG-1", .dead(reason: "deaf"), to: tenant.id)
        let digest = AlertChannel(
            id: UUID(), kind: .slack, name: "digest", target: try api.vault.seal("https://s.example/hush"),
            digest: DigestSchedule(every: .day, minute: 480, timeZone: "UTC"))
        try await store.saveAlertChannel(tenant.id, digest, by: by)
        let mail = try await api.addMailChannel("Leads", address: "ana@acme.example", to: tenant.id)
        let other = try await api.addMailChannel("Others", address: "ana@acme.example", to: tenant.id)
        try await api.addWhole(Fixture.listing("ENG-2", score: 80), to: tenant.id)
        try await api.fixture.park("id-ENG-2", of: tenant.id, error: "broken", attempts: 8, at: testNow)
        try await api.addRejectedWebhook("rejected", to: tenant.id)
        let silence = AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .project, values: ["OPS"])], startsAt: testNow,
            endsAt: testNow.adding(days: 1), createdBy: "operator", reason: "Release", createdAt: testNow)
        try await store.addAlertSilence(tenant.id, silence, by: by)
        let secret = UUID()
        try await store.addWebhookSecret(
            tenant.id, secretID: secret, encrypted: try api.vault.seal("a-webhook-secret"), by: by, now: testNow)
        let token = UUID()
        try await store.addAutomationToken(
            tenant.id, tokenID: token, hash: "hash", formerUntil: nil, by: by, now: testNow)
        _ = try await store.setWriteBack(tenant.id, WriteBackSettings(target: .none), by: by, now: testNow)
        let alert = try #require(
            try await store.alerts(tenant.id, state: nil, issueKey: nil, after: nil, limit: 10).items.first)
        let members = [
            try await api.addMember("ada", .viewer, to: tenant.id),
            try await api.addMember("bob", .viewer, to: tenant.id),
        ]
        let invitation = NewInvitation(
            id: UUID(), email: "eve@acme.example", role: .viewer, tokenHash: "link", expiresAt: testNow.adding(days: 7))
        _ = try await store.addInvitation(tenant.id, invitation, by: by, now: testNow)
        let deadMail = try await api.addDeadMail(to: tenant.id)
        let link = MessageLink(
            tenantID: tenant.id, action: .unsubscribe(recipientID: other.recipientID), endsAt: nil)
        return Scene(
            tenant: tenant, doomed: doomed, leaving: leaving, keys: keys, members: members, invitation: invitation.id,
            rule: try #require(try await store.alertRules(tenant.id).first).id,
            channel: channel, digest: digest.id, mail: mail.channelID, silence: silence.id, secret: secret,
            token: token, deadMail: deadMail, alert: alert, link: "/links/\(api.vault.linkTokens.token(for: link))")
    }

    /// About accounts and Jira.
    private func accountCalls(_ scene: Scene) -> [String: Call] {
        let tenant = "/api/tenants/\(scene.tenant.id)"
        return [
            "POST /api/tenants": Call(
                path: "/api/tenants",
                body: """
                    {"company_name": "new", "jira_url": "https://new.example/", "jira_email": "it@new.example",
                     "jira_token": "jira-token-of-new"}
                    """, isOwners: true, isOfHost: true, action: "tenant.create"),
            "PUT /api/plans/{name}": Call(
                path: "/api/plans/growth", body: #"{"price_monthly": 199}"#, isOwners: true, isOfHost: true,
                action: "plan.update"),
            "POST /api/operator/mails/{mail-id}/retry": Call(
                path: "/api/operator/mails/\(scene.deadMail)/retry", isOwners: true, action: "account_mail.retry"),
            "PUT /api/tenants/{id}": Call(path: tenant, body: #"{"company_name": "Acme 2"}"#, action: "tenant.update"),
            "DELETE /api/tenants/{id}": Call(
                path: "/api/tenants/\(scene.doomed.id)?company_name=doomed", isOwners: true, isOfHost: true,
                action: "tenant.schedule_deletion"),
            "POST /api/tenants/{id}/restore": Call(
                path: "/api/tenants/\(scene.leaving.id)/restore", isOwners: true, isOfHost: true,
                action: "tenant.restore"),
            "POST /api/api-keys": Call(
                path: "/api/api-keys", body: #"{"name": "x", "role": "viewer"}"#, action: "api_key.create"),
            "POST /api/api-keys/{id}/rotate": Call(
                path: "/api/api-keys/\(scene.keys[0])/rotate", action: "api_key.rotate"),
            "DELETE /api/api-keys/{id}": Call(path: "/api/api-keys/\(scene.keys[1])", action: "api_key.revoke"),
            "PUT /api/members/{id}": Call(
                path: "/api/members/\(scene.members[0])", body: #"{"role": "manager"}"#, action: "membership.change"),
            "DELETE /api/members/{id}": Call(path: "/api/members/\(scene.members[1])", action: "membership.end"),
            "POST /api/invitations": Call(
                path: "/api/invitations", body: #"{"email": "ana@acme.example", "role": "viewer"}"#,
                action: "invitation.create"),
            "DELETE /api/invitations/{id}": Call(
                path: "/api/invitations/\(scene.invitation)", action: "invitation.withdraw"),
            "POST /api/tenants/{id}/api-key": Call(
                path: "\(tenant)/api-key", isOwners: true, action: "api_key.replace"),
            "POST /api/tenants/{id}/webhook-secrets": Call(
                path: "\(tenant)/webhook-secrets", action: "webhook_secret.create"),
            "DELETE /api/tenants/{id}/webhook-secrets/{secret-id}": Call(
                path: "\(tenant)/webhook-secrets/\(scene.secret)", action: "webhook_secret.remove"),
            "POST /api/tenants/{id}/automation-tokens": Call(
                path: "\(tenant)/automation-tokens", body: #"{"grace_minutes": 90}"#, action: "automation_token.create"),
            "DELETE /api/tenants/{id}/automation-tokens/{token-id}": Call(
                path: "\(tenant)/automation-tokens/\(scene.token)", action: "automation_token.remove"),
            "POST /api/tenants/{id}/jira/sweep": Call(path: "\(tenant)/jira/sweep", action: "sweep.request"),
            "POST /api/tenants/{id}/jira/webhooks": Call(
                path: "\(tenant)/jira/webhooks", action: "jira_webhook.register"),
            "POST /api/tenants/{id}/jira/webhooks/test": Call(
                path: "\(tenant)/jira/webhooks/test", action: "jira_webhook.test"),
            "PUT /api/tenants/{id}/jira/write-back": Call(
                path: "\(tenant)/jira/write-back", body: #"{"target": "property", "step_points": 7}"#,
                action: "jira_write_back.set"),
            "DELETE /api/tenants/{id}/jira/write-back": Call(
                path: "\(tenant)/jira/write-back", action: "jira_write_back.end"),
            "POST /api/analyze/issue/{key}/comment": Call(
                path: "/api/analyze/issue/ENG-2/comment", action: "jira_comment.post"),
            "POST /api/tenants/{id}/backfills": Call(
                path: "\(tenant)/backfills", body: #"{"project_key": "ENG"}"#, action: "backfill.start"),
        ]
    }

    /// About alerts, and all else.
    private func otherCalls(_ scene: Scene) throws -> [String: Call] {
        let delivery = try #require(scene.alert.deliveries.first).id
        let silence = """
            {"matchers": [{"name": "project", "values": ["PAY"]}], "ends_at": "\(testNow.adding(days: 1))",
             "reason": "Release"}
            """
        return [
            "POST /api/issues/parked/{id}/retry": Call(
                path: "/api/issues/parked/id-ENG-2/retry", action: "issue.retry"),
            "POST /api/alerts/{id}/acknowledge": Call(
                path: "/api/alerts/\(scene.alert.alert.id)/acknowledge", action: "alert.acknowledge"),
            "POST /api/alerts/deliveries/{id}/retry": Call(
                path: "/api/alerts/deliveries/\(delivery)/retry", action: "delivery.retry"),
            "POST /api/alert-rules": Call(
                path: "/api/alert-rules", body: #"{"name": "x", "kind": "threshold", "raise_at": 50}"#,
                action: "alert_rule.save"),
            "PUT /api/alert-rules/{id}": Call(
                path: "/api/alert-rules/\(scene.rule)", body: #"{"name": "y", "kind": "threshold", "raise_at": 55}"#,
                action: "alert_rule.save"),
            "DELETE /api/alert-rules/{id}": Call(path: "/api/alert-rules/\(scene.rule)", action: "alert_rule.delete"),
            "POST /api/login-links": Call(path: "/api/login-links", action: "login_link.create"),
            "POST /api/operator/login-links": Call(
                path: "/api/operator/login-links", isOwners: true, isOfHost: true, action: "login_link.create"),
            "PUT /api/alert-routes": Call(
                path: "/api/alert-routes", body: #"{"group_by": "project"}"#, action: "alert_route.save"),
            "POST /api/alert-silences": Call(
                path: "/api/alert-silences", body: silence, action: "alert_silence.create"),
            "DELETE /api/alert-silences/{id}": Call(
                path: "/api/alert-silences/\(scene.silence)", action: "alert_silence.end"),
            "POST /api/alert-channels": Call(
                path: "/api/alert-channels",
                body: #"{"kind": "slack", "name": "Ops", "target": "https://hooks.example/x"}"#,
                action: "alert_channel.save"),
            "PUT /api/alert-channels/{id}": Call(
                path: "/api/alert-channels/\(scene.channel)", body: #"{"name": "Renamed"}"#,
                action: "alert_channel.save"),
            "DELETE /api/alert-channels/{id}": Call(
                path: "/api/alert-channels/\(scene.channel)", action: "alert_channel.delete"),
            "POST /api/alert-channels/{id}/test": Call(
                path: "/api/alert-channels/\(scene.mail)/test", action: "alert_channel.test"),
            "POST /api/alert-channels/{id}/digest": Call(
                path: "/api/alert-channels/\(scene.digest)/digest", action: "digest.send"),
            "POST /api/alert-channels/{id}/confirm": Call(
                path: "/api/alert-channels/\(scene.mail)/confirm", action: "recipients.ask"),
            "POST /api/forecast/backtest": Call(path: "/api/forecast/backtest", action: "backtest.request"),
            "DELETE /api/people/{account_id}": Call(
                path: "/api/people/5b10a2844c20165700ede21g", action: "person.erase"),
            "POST /api/webhook-events/retry": Call(path: "/api/webhook-events/retry", action: "webhook_events.retry"),
            "POST /links/{token}": Call(path: scene.link, action: "recipient.set", isByLink: true),
        ]
    }

    @Test func everyRouteThatChangesSomethingLeavesExactlyOneRow() async throws {
        var api = try await APIHarness()
        api.recipientPolicy = RecipientPolicy(asks: true)
        let routes = Route.all(of: api.makeRouter())
        try await api.run { [api] client in
            let scene = try await scene(api, client)
            let calls = try accountCalls(scene).merging(otherCalls(scene)) { first, _ in first }
            var changing: [Route] = []
            for route in routes where [.post, .put, .patch, .delete].contains(route.method) {
                let path = route.path(id: "\(UUID())", secondID: "\(UUID())", key: "ENG-1")
                // What answers so is no route.
                guard try await client.call(route.method, path).status != .methodNotAllowed else { continue }
                changing.append(route)
            }
            #expect(changing.count > 30)
            #expect(Set(changing.map(\.description)) == Set(calls.keys).union(Self.exceptions.keys))
            func rows() async throws -> [AuditEntry] {
                var rows: [AuditEntry] = []
                for chain in [AuditChain.host, .tenant(scene.tenant.id)] {
                    rows += try await api.store.auditEntries(chain, filter: AuditFilter(), after: nil, limit: 100).items
                }
                return rows
            }
            // What other calls need goes last.
            func rank(_ route: Route) -> Int {
                route.method == .delete ? 2 : route.template.hasSuffix("/api-key") ? 1 : 0
            }
            for route in changing.sorted(by: { rank($0) < rank($1) }) {
                guard let call = calls[route.description] else { continue }
                let before = Set(try await rows())
                let key = call.isByLink ? nil : call.isOwners ? APIHarness.adminToken : scene.tenant.apiKey
                // The key is another one once it was replaced.
                let token = key == scene.tenant.apiKey && route.method == .delete ? APIHarness.adminToken : key
                let answer = try await client.call(
                    route.method, call.path, as: token,
                    for: token == nil || call.isOfHost ? nil : "\(scene.tenant.id)", body: call.body)
                #expect(answer.status.code < 300, "\(route) \(answer.text)")
                let new = Set(try await rows()).subtracting(before)
                #expect(new.count == 1, "\(route) \(new)")
                let row = try #require(new.first)
                #expect(row.action == call.action, "\(route)")
                #expect(row.chain == (call.isOfHost ? .host : .tenant(scene.tenant.id)), "\(route)")
                let actor =
                    call.isByLink
                    ? "link"
                    : token == APIHarness.adminToken
                        ? "operator" : "\(Actor.apiKey(storedHash: APIKey.hash(scene.tenant.apiKey)))"
                #expect(row.actor == actor && row.requestID != nil, "\(route) \(row)")
                for secret in [scene.tenant.jiraToken, "hooks.example/x", "ana@", "hush", "jira-token-of"] {
                    #expect(!"\(row.before ?? "")\(row.after ?? "")".contains(secret), "\(route)")
                }
            }
            for chain in try await api.store.auditChains() {
                #expect(try await api.store.verifyAudit(chain)?.isSound == true)
            }
        }
    }

    @Test func aTrialAndAnAnalysisLeaveNoRow() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            let tried = try await client.call(
                .post, "/api/alert-rules/try", as: tenant.apiKey,
                body: #"{"name": "x", "kind": "threshold", "raise_at": 50}"#)
            #expect(tried.status == .ok, "\(tried.text)")
            let analyzed = try await client.call(
                .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "ENG-1"}"#)
            #expect(analyzed.status == .ok, "\(analyzed.text)")
            #expect(try await client.call(.get, "/api/audit", as: tenant.apiKey).json.items.isEmpty)
        }
    }

    @Test func aTenantReadsItsOwnRowsAndTheOwnerThoseOfTheHost() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            for number in 1...3 {
                _ = try await client.call(
                    .post, "/api/alert-rules", as: tenant.apiKey,
                    body: #"{"name": "Rule \#(number)", "kind": "threshold", "raise_at": 50}"#)
            }
            let first = try await client.call(.get, "/api/audit?limit=2", as: tenant.apiKey)
            #expect(first.status == .ok && first.json.items.compactMap { $0["sequence"]?.number } == [3, 2])
            let second = try await client.call(.get, try #require(first.nextPage), as: tenant.apiKey)
            #expect(second.json.items.compactMap { $0["sequence"]?.number } == [1] && second.nextPage == nil)
            let row = try #require(first.json.items.first)
            #expect(row["chain"]?.text == "\(tenant.id)" && row["action"]?.text == "alert_rule.save")
            #expect(row["after"]?.text?.contains("Rule 3") == true && row["before"] == .null)
            #expect(row["at"]?.text == testNow.description)
            #expect(try await client.call(.get, "/api/audit", as: other.apiKey).json.items.isEmpty)

            let host = try await client.call(.get, "/api/operator/audit", as: APIHarness.adminToken)
            #expect(host.json.items.compactMap { $0["action"]?.text } == ["tenant.create", "tenant.create"])
            #expect(!host.text.contains("jira-token"))
            let refused = try await client.call(.get, "/api/operator/audit", as: tenant.apiKey)
            #expect(refused.status == .forbidden)
            for (query, count) in [
                ("action=alert_rule.save", 3), ("action=alert_rule.delete", 0), ("actor=operator", 0),
                ("since=\(testNow)", 4), ("until=\(testNow)", 0),
            ] {
                let found = try await client.call(.get, "/api/audit?\(query)", as: tenant.apiKey)
                #expect(found.json.items.count == count, "\(query) \(found.text)")
            }
            let wrong = try await client.call(.get, "/api/audit?action=x&since=yesterday", as: tenant.apiKey)
            #expect(wrong.invalidFields.sorted() == ["action", "since"])
        }
    }

    @Test func refusalsAreKeptInABoundedNumber() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            func rows(_ chain: AuditChain) async throws -> [AuditEntry] {
                let filter = AuditFilter(action: AuditAction.credentialsRefuse.rawValue)
                let page = try await api.store.auditEntries(chain, filter: filter, after: nil, limit: 100)
                return page.items
            }
            for number in 0..<30 { _ = try await client.call(.get, "/api/alerts", as: "guess-\(number)") }
            _ = try await client.call(.get, "/api/alerts")
            _ = try await client.call(.get, "/api/alert-rules", as: tenant.apiKey, for: "\(other.id)")
            let unknown = try await rows(.host)
            #expect(unknown.count == RefusalTrail.perHour)
            #expect(unknown.allSatisfy { $0.actor == "unknown" && $0.requestID != nil })
            #expect(AuditEntry.fields(unknown[0].after) == ["reason": "unknown", "request": "GET /api/alerts"])
            let own = try #require(try await rows(.tenant(tenant.id)).first)
            #expect(AuditEntry.fields(own.after)["reason"] == "tenant_mismatch")
            #expect(own.actor.hasPrefix("api-key:"))
            #expect(try await rows(.tenant(other.id)).isEmpty)
            api.clock.now = testNow.adding(seconds: 3600)
            _ = try await client.call(.get, "/api/alerts", as: "guess")
            #expect(try await rows(.host).count == RefusalTrail.perHour + 1)
            #expect(AuditEntry.fields(try #require(try await rows(.host).first).after)["left_out_before"] == 10)
            #expect(try await rows(.host).allSatisfy { !"\($0.after ?? "")".contains("guess") })
        }
    }
}
