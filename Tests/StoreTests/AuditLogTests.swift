import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Every change by a person leaves one row, in its own transaction and without secrets.
@Suite struct AuditLogTests {
    private let start = StoreFixture.start
    private let origin = RequestOrigin(address: "203.0.113.7", requestID: "r1", request: "PUT /x")

    private func rows(_ chain: AuditChain, of fixture: StoreFixture) async throws -> [AuditEntry] {
        try await fixture.store.auditEntries(chain, filter: AuditFilter(), after: nil, limit: 200).items
    }

    private func rule(_ name: String = "High", raiseAt: Int = 70) -> AlertRule {
        AlertRule(id: UUID(), name: name, condition: .threshold(raiseAt: raiseAt, clearBelow: 60))
    }

    @Test func aRuleThatIsMadeChangedAndDeletedLeavesARowEachWithWhatDiffers() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        var rule = rule()
        let actor = Actor.apiKey("1a2b3c4d5e6f").from(origin)
        try await store.saveAlertRule(tenant, rule, by: actor)
        rule.name = "Higher"
        rule.condition = .threshold(raiseAt: 80, clearBelow: 60)
        try await store.saveAlertRule(tenant, rule, by: .operator)
        // Changes nothing.
        try await store.saveAlertRule(tenant, rule, by: .operator)
        #expect(try await store.deleteAlertRule(tenant, ruleID: rule.id, by: actor))
        #expect(try await store.deleteAlertRule(tenant, ruleID: rule.id, by: actor) == false)

        let found = try await rows(.tenant(tenant), of: fixture)
        #expect(found.map(\.action) == ["alert_rule.delete", "alert_rule.save", "alert_rule.save"])
        #expect(found.map(\.sequence) == [3, 2, 1])
        let (deleted, changed, made) = (found[0], found[1], found[2])
        #expect(made.actor == "api-key:1a2b3c4d5e6f" && made.address == "203.0.113.7" && made.requestID == "r1")
        #expect(made.objectKind == "alert_rule" && made.objectID == rule.id.canonicalText)
        #expect(made.before == nil && AuditEntry.fields(made.after)["name"] == "High")
        #expect(changed.actor == "operator" && changed.address == nil && changed.requestID == nil)
        let threshold: AuditValue = .object(["threshold": .object(["raise_at": 70, "clear_below": 60])])
        #expect(AuditEntry.fields(changed.before) == ["name": "High", "condition": threshold])
        #expect(AuditEntry.fields(changed.after).keys.sorted() == ["condition", "name"])
        #expect(deleted.after == nil && AuditEntry.fields(deleted.before)["name"] == "Higher")
    }

    @Test func aSecretIsNeverKeptButThatItChanged() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        var channel = AlertChannel(id: UUID(), kind: .slack, name: "team", target: "sealed-one")
        try await store.saveAlertChannel(tenant, channel, by: .operator)
        channel.target = "sealed-two"
        try await store.saveAlertChannel(tenant, channel, by: .operator)
        _ = try await store.updateTenant(
            tenant, TenantChanges(companyName: "New", jiraTokenEncrypted: "sealed-three"), by: .operator, now: start)
        #expect(
            try await store.replaceAPIKey(
                tenant, current: nil, mark: APIKeyMark(hash: String(repeating: "f", count: 64), prefix: nil),
                by: .operator, now: start))
        try await store.addWebhookSecret(
            tenant, secretID: UUID(), encrypted: "sealed-four", by: .operator, now: start)

        let found = try await rows(.tenant(tenant), of: fixture)
        #expect(
            found.map(\.action) == [
                "webhook_secret.create", "api_key.replace", "tenant.update", "alert_channel.save", "alert_channel.save",
            ])
        #expect(AuditEntry.fields(found[1].after) == ["api_key": .text("api-key:" + String(repeating: "f", count: 12))])
        #expect(AuditEntry.fields(found[2].before) == ["company_name": "acme", "jira_token": "set"])
        #expect(AuditEntry.fields(found[2].after) == ["company_name": "New", "jira_token": "changed"])
        #expect(AuditEntry.fields(found[3].before) == ["target": "set"])
        #expect(AuditEntry.fields(found[3].after) == ["target": "changed"])
        #expect(AuditEntry.fields(found[4].after)["target"] == "set")
        for row in found {
            let text = "\(row.before ?? "")\(row.after ?? "")"
            #expect(!text.contains("sealed") && !text.contains(String(repeating: "f", count: 13)), "\(text)")
        }
    }

    @Test func whatConsilodDoesByItselfLeavesNoRow() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        // The sessions that the fixture begins, one of a person who becomes a member and chooses the tenant, and nothing of
        // webhooks, scores and deliveries.
        let actions = try await rows(.tenant(tenant), of: fixture).map(\.action)
        #expect(actions.sorted() == ["membership.create", "session.begin", "session.begin", "session.switch"])
        #expect(try await rows(.host, of: fixture).isEmpty)
    }

    @Test func aChangeThatFailsLeavesNoRow() async throws {
        let fixture = try await StoreFixture()
        var limits = TenantLimits()
        limits[.alertRules] = 1
        var changed = fixture.store
        changed.limits = limits
        let (store, tenant) = (changed, try await fixture.makeTenant())
        try await store.saveAlertRule(tenant, rule(), by: .operator)
        await #expect(throws: StorageError.self) {
            try await store.saveAlertRule(tenant, rule("Second"), by: .operator)
        }
        #expect(try await rows(.tenant(tenant), of: fixture).count == 1)
    }

    @Test func theHostsChainKeepsThatATenantWasDeletedAndItsOwnGoesWithIt() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        try await store.saveAlertRule(tenant, rule(), by: .operator)
        #expect(try await store.deleteTenant(tenant, by: .operator.from(origin)))
        #expect(try await rows(.tenant(tenant), of: fixture).isEmpty)
        #expect(try await fixture.count("SELECT COUNT(*) FROM audit_chains WHERE chain <> 'host'") == 0)
        let row = try #require(try await rows(.host, of: fixture).first)
        #expect(row.action == "tenant.delete" && row.objectID == "\(tenant)" && row.address == "203.0.113.7")
        #expect(AuditEntry.fields(row.before)["company_name"] == "acme")
        #expect(try await store.auditChains() == [.host])
    }

    @Test func manyAtOnceMakeOneChainWithoutGaps() async throws {
        let fixture = try await StoreFixture()
        let (store, other) = (fixture.store, try await fixture.reopened())
        let tenant = try await fixture.makeTenant()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let store = number.isMultiple(of: 2) ? store : other
                let rule = rule("Rule \(number)")
                group.addTask {
                    try await store.saveAlertRule(tenant, rule, by: .operator)
                    try await store.record(AuditAct(.storeKey), in: .host, by: .operator, now: StoreFixture.start)
                    // Holds the tenant's row before it comes to the chain.
                    _ = try await store.updateTenant(
                        tenant, TenantChanges(jiraURL: "https://\(number).example"), by: .operator,
                        now: StoreFixture.start)
                }
            }
            try await group.waitForAll()
        }
        try other.close()
        for (chain, count) in [(AuditChain.tenant(tenant), 80), (.host, 40)] {
            let found = try #require(try await store.verifyAudit(chain))
            #expect(found.isSound && found.rows == count && found.head.sequence == count, "\(found)")
        }
    }

    @Test func signInsAndSignOutsAreKeptWithWhoTheyAreOf() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let key = "hash-\(tenant)"
        let until = start.adding(days: 1)
        _ = try await store.addSignInLink(
            tenant, tokenHash: "link", apiKeyHash: nil, role: .owner, until: until, by: .operator, now: start)
        #expect(try await store.redeem(linkHash: "link", as: "one", until: until, from: origin, now: start))
        #expect(try await !store.redeem(linkHash: "link", as: "two", until: until, from: origin, now: start))
        try await store.endSession(tokenHash: "one", from: origin)
        try await store.endSession(tokenHash: "one", from: origin)
        let found = try await rows(.tenant(tenant), of: fixture)
        #expect(found.map(\.action) == ["session.end", "session.begin", "login_link.create"])
        #expect(found.prefix(2).allSatisfy { $0.actor == "api-key:\(key.prefix(12))" && $0.address != nil })

        try await store.addOperatorSignIn(
            OperatorSignIn(tokenHash: "own", kind: .session, adminMark: "mark", createdAt: start, endsAt: until),
            from: origin)
        try await store.endSession(tokenHash: "own", from: origin)
        let ofHost = try await rows(.host, of: fixture)
        #expect(ofHost.map(\.action) == ["session.end", "session.begin"])
        #expect(ofHost.allSatisfy { $0.actor == "operator" && $0.requestID == "r1" })
    }

    @Test func aListIsFilteredAndHasPages() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        for number in 0..<7 {
            let actor: Actor = number.isMultiple(of: 2) ? .operator : .apiKey("a")
            try await store.record(
                AuditAct(number < 4 ? .channelTest : .webhookTest), in: .tenant(tenant), by: actor,
                now: start.adding(days: number))
        }
        func sequences(_ filter: AuditFilter) async throws -> [Int] {
            var (found, cursor): ([Int], String?) = ([], nil)
            repeat {
                let page = try await store.auditEntries(.tenant(tenant), filter: filter, after: cursor, limit: 2)
                found += page.items.map(\.sequence)
                cursor = page.nextCursor
            } while cursor != nil
            return found
        }
        #expect(try await sequences(AuditFilter()) == [7, 6, 5, 4, 3, 2, 1])
        #expect(try await sequences(AuditFilter(action: "alert_channel.test")) == [4, 3, 2, 1])
        #expect(try await sequences(AuditFilter(actor: "operator")) == [7, 5, 3, 1])
        #expect(
            try await sequences(AuditFilter(since: start.adding(days: 2), until: start.adding(days: 4))) == [4, 3])
    }

    @Test func fieldsThatAreTooManyAreLeftOutWithTheirSize() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let long = String(repeating: "x", count: AuditStatements.fieldLimit)
        try await store.record(
            AuditAct(.channelTest, after: ["note": .text(long)]), in: .tenant(tenant), by: .operator, now: start)
        let row = try #require(try await rows(.tenant(tenant), of: fixture).first)
        #expect(AuditEntry.fields(row.after).keys.sorted() == ["omitted_bytes"])
    }
}
