import Alerts
import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Vault

@testable import Store

/// What tests put into the store, and look up there.
extension APIHarness {
    /// A tenant made beside the API, in a state that the API does not make.
    func addTenant(
        _ name: String, status: Tenant.Status = .trial, trialEndsAt: Timestamp? = nil
    ) async throws -> TestTenant {
        let made = TestTenant(
            id: TenantID(UUID()), apiKey: APIKey.generate(), webhookSecret: WebhookSecret.generate(),
            jiraToken: "jira-token-of-\(name)")
        let tenant = Tenant(
            id: made.id, companyName: name, jiraURL: "https://\(name).example", jiraEmail: "it@\(name).example",
            plan: defaultPlan, status: status, limits: defaultPlan.limits, dailyRatePerPerson: 2500,
            createdAt: testNow, updatedAt: testNow, trialEndsAt: trialEndsAt)
        try await store.createTenant(
            NewTenant(
                tenant: tenant, jiraTokenEncrypted: try vault.seal(made.jiraToken),
                apiKeyHash: APIKey.hash(made.apiKey), webhookSecretID: UUID(),
                webhookSecretEncrypted: try vault.seal(made.webhookSecret), rules: []),
            by: .system("test"))
        return made
    }

    /// A person of a tenant.
    func addMember(_ subject: String, _ role: Role, to tenantID: TenantID) async throws -> UserID {
        let new = NewInvitation(
            id: UUID(), email: "\(subject.lowercased())@people.example", role: role,
            tokenHash: "link of \(subject) to \(tenantID)",
            expiresAt: testNow.adding(days: 7))
        _ = try await store.addInvitation(tenantID, new, by: .system("test"), now: testNow)
        let session = "session of \(subject) at \(tenantID)"
        let known = try await store.signIn(
            PersonSignIn(
                identity: PersonIdentity(
                    issuer: "https://clerk.example.com", subject: subject, email: new.email, isEmailVerified: true),
                source: "test", grants: [:], admitsStrangers: true,
                session: .init(tokenHash: session, endsAt: testNow.adding(days: 1))), from: nil, now: testNow)
        _ = try await store.acceptInvitation(.address(new.id), sessionHash: session, from: nil, now: testNow)
        guard let known else { throw Unexpected("\(subject) was not let in") }
        return known.user.id
    }

    /// Stores issues with their analyses, as the rescorer commits them, told by Jira a day ago.
    func add(_ listings: IssueListing..., to tenantID: TenantID) async throws {
        for listing in listings {
            try await fixture.commit(listing, of: tenantID, at: testNow, toldAt: testNow.adding(days: -1))
        }
    }

    /// Stores an issue that was fetched whole.
    func addWhole(_ listing: IssueListing, to tenantID: TenantID) async throws {
        let claim = try await fixture.claim(listing.issue.id, of: tenantID, at: testNow)
        let work = try await store.loadWork(for: claim)
        var state = IssueState(of: listing.issue, toldAt: testNow.adding(days: -1))
        state.wholeComments = Versioned(listing.issue.comments.map(\.id), Version(at: testNow, sentAt: testNow))
        try await store.commit(
            RescoreResult(
                previousState: work?.state, state: state, issue: listing.issue, analysis: listing.analysis,
                appliedEvents: work?.pending.map(\.id) ?? [], now: testNow), for: claim)
    }

    /// Adds an analysis to the history of an issue.
    func addHistory(_ key: IssueKey, score: Int, daysAgo: Int, to tenantID: TenantID) async throws {
        var analysis = Fixture.listing(key, score: score).analysis
        analysis.asOf = testNow.adding(days: -daysAgo)
        try await store.appendHistory(tenantID: tenantID, analysis: analysis, newReadings: [:], now: analysis.asOf)
    }

    func addChannel(_ name: String, to tenantID: TenantID, digest: DigestSchedule? = nil) async throws {
        let channel = AlertChannel(
            id: UUID(), kind: .slack, name: name, target: try vault.seal("https://s.example/hush"), digest: digest)
        try await store.saveAlertChannel(tenantID, channel, by: .system("test"))
    }

    /// A mail channel with one address, whose owner is to be asked; its id and that of the recipient.
    func addMailChannel(
        _ name: String, address: String, to tenantID: TenantID, state: MailRecipient.State = .unconfirmed
    ) async throws -> (channelID: UUID, recipientID: UUID) {
        let channel = AlertChannel(
            id: UUID(), kind: .email, name: name, target: try vault.seal(address), asksRecipients: true)
        try await store.saveAlertChannel(tenantID, channel, by: .system("test"))
        let recipient = MailRecipient(
            id: UUID(), channelID: channel.id, address: try vault.seal(address), state: state, changedAt: testNow)
        _ = try await store.addMailRecipients(tenantID, channelID: channel.id, [recipient], known: [])
        return (channel.id, recipient.id)
    }

    /// Raises an alert on every channel of the tenant, and ends its deliveries as `outcome` says.
    func addAlert(_ key: IssueKey, _ outcome: DeliveryOutcome, to tenantID: TenantID) async throws {
        var decision = AlertDecision(alerts: [Fixture.alert(key, tenantID: tenantID)])
        AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)).route(
            &decision, by: try await store.alertRouting(tenantID, now: testNow), now: testNow)
        try await fixture.commit(
            Fixture.listing(key, score: 74), of: tenantID, at: testNow, toldAt: testNow.adding(days: -1),
            decision: decision)
        let items = try await store.claimDeliveries(limit: 10, now: testNow, leaseUntil: testNow.adding(seconds: 30))
        for item in items { try await store.record(outcome, for: item, now: testNow) }
    }

    /// Stores a webhook that was not understood when it came, and would be now.
    func addRejectedWebhook(_ id: String, to tenantID: TenantID) async throws {
        var delivery = StoreFixture.delivery(id, of: tenantID, at: testNow)
        delivery.routing = .rejected(reason: "no issue in the body")
        delivery.body = Array(
            #"{"webhookEvent": "jira:issue_updated", "issue": {"id": "10077", "key": "ENG-77", "fields": {}}}"#.utf8)
        _ = try await store.inbox.append(delivery)
    }

    /// The month's uses.
    func uses(of tenantID: TenantID) async throws -> UsageCount {
        let month = CalendarMonth(containing: testNow)
        return try await store.usage(tenantID, from: month.start, to: month.end)
    }

    /// How many uses of a tenant are recorded with the time that they took.
    func timedUses(of tenantID: TenantID) async throws -> Int {
        try await store.driver.read {
            try $0.first(
                "SELECT COUNT(*) FROM usage_logs WHERE tenant_id = ? AND processing_time_ms IS NOT NULL",
                [.tenant(tenantID)])?.integer(0) ?? 0
        }
    }

    func history(of key: IssueKey, _ tenantID: TenantID) async throws -> [HistoryEntry] {
        try await store.history(tenantID, key: key, after: nil, limit: 200).items
    }

    /// Makes the stored analyses of a tenant unreadable.
    func damageAnalyses(of tenantID: TenantID) async throws {
        try await store.driver.write {
            try $0.run("UPDATE issue_snapshots SET analysis_json = '{}' WHERE tenant_id = ?", [.tenant(tenantID)])
        }
    }
}

extension APIHarness {
    /// A model with its basis, and a backtest that failed, all of which name `name`.
    func addForecasts(_ name: String, to tenantID: TenantID) async throws {
        try await store.requestTraining(tenantID, reason: .manual, dueAt: testNow)
        let until = testNow.adding(seconds: 60)
        if let claim = try await store.claimTraining(now: testNow, leaseUntil: until) {
            let model = ForecastModelRecord(
                id: "\(name)-model", kind: "boosted", state: .active, createdAt: testNow, cutAt: testNow, file: [1],
                verdict: #"{"results":[],"version":1}"#)
            try await store.saveModel(model, under: claim)
            let basis = ForecastBasis(
                pace: [1], asOf: testNow, finished: 3, judgedAt: testNow, judgedModelID: model.id)
            try await store.saveForecastBasis(basis, under: claim)
            try await store.release(claim, dueAt: until, error: "\(name) failed", now: testNow)
        }
        let options = #"{"cuts":6,"horizon_days":184,"questions":["usual"],"version":1}"#
        guard try await store.requestBacktest(tenantID, options: options, by: .system("test"), now: testNow),
            let claim = try await store.claimBacktest(now: testNow, leaseUntil: until)
        else { return }
        try await store.finish(claim, result: nil, error: "\(name) has no issue", now: testNow)
    }
}
