import Domain
import Foundation
import Store
import StoreTestSupport
import Testing

@testable import QueryAPI

/// Everything of a tenant that a request could change.
struct Holdings: Equatable {
    var tenant: Tenant?
    var keys: [TenantAPIKey]
    var members: [Member]
    var invitations: [Invitation]
    /// But for refusals, which a request that changes nothing leaves.
    var audit: [AuditEntry]
    var rules: [AlertRule]
    var channels: [AlertChannel]
    var silences: [AlertSilence]
    var route: AlertRoute
    var alerts: [AlertRecord]
    var recipients: [MailRecipient]
    var events: [WebhookEventRecord]
    var issues: [IssueListing]
    var parked: [ParkedIssue]
    var history: [HistoryEntry]
    var secrets: [WebhookSecretInfo]
    var tokens: [AutomationTokenInfo]
    var writeBack: WriteBackStatus?
    var uses: UsageCount
    var backfills: [Backfill]
    var jiraStatus: JiraAccessStatus?
    var credentials: JiraCredentials?
    var backtest: ForecastBacktest?
    var basis: ForecastBasis?
    var models: [ForecastModelRecord]
    var training: TrainingStatus?

    init(of tenant: TestTenant, in api: APIHarness) async throws {
        let (store, id) = (api.store, tenant.id)
        self.tenant = try await store.tenant(id)
        keys = try await store.apiKeys(id)
        members = try await store.members(id)
        invitations = try await store.invitations(id, now: testNow)
        audit = try await store.auditEntries(.tenant(id), filter: AuditFilter(), after: nil, limit: 100).items
            .filter { $0.action != AuditAction.credentialsRefuse.rawValue }
        rules = try await store.alertRules(id)
        channels = try await store.alertChannels(id)
        silences = try await store.alertSilences(id, after: nil, limit: 100).items
        route = try await store.alertRoute(id)
        alerts = try await store.alerts(id, state: nil, issueKey: nil, after: nil, limit: 100).items
        var recipients: [MailRecipient] = []
        for channel in channels { recipients += try await store.mailRecipients(id, channelID: channel.id) }
        self.recipients = recipients
        events = try await store.webhookEvents(id, state: nil, after: nil, limit: 100).items
        issues = try await store.issues(id, filter: IssueFilter(includesDone: true), after: nil, limit: 100).items
        parked = try await store.parkedIssues(id, after: nil, limit: 100).items
        history = try await api.history(of: "BEE-1", id)
        secrets = try await store.webhookSecretInfos(id)
        tokens = try await store.automationTokenInfos(id)
        writeBack = try await store.writeBackStatus(id)
        uses = try await api.uses(of: id)
        backfills = try await store.recentBackfills(id, limit: 100)
        jiraStatus = try await store.jiraAccessStatus(id)
        credentials = try await store.jiraCredentials(id)
        backtest = try await store.backtest(id)
        basis = try await store.forecastBasis(id)
        models = try await store.models(id)
        training = try await store.trainingStatus(id)
    }
}

extension APIHarness {
    /// Tenant B with one of everything, and A with nothing.
    func populate(_ client: APIClient) async throws -> (a: TestTenant, b: TestTenant) {
        let (a, b) = (try await client.createTenant("tenant-a"), try await client.createTenant("tenant-b"))
        try await addChannel("BEE", to: b.id, digest: DigestSchedule(every: .day, minute: 480, timeZone: "UTC"))
        _ = try await addMailChannel("BEE mail", address: "bee@bee.example", to: b.id)
        try await addAlert("BEE-1", .dead(reason: "BEE is deaf"), to: b.id)
        try await add(Fixture.listing("BEE-2", score: 80), to: b.id)
        try await fixture.park("id-BEE-2", of: b.id, error: "BEE is broken", attempts: 8, at: testNow)
        try await addHistory("BEE-1", score: 80, daysAgo: 1, to: b.id)
        let forecast = IssueForecast(modelID: "BEE", asOf: testNow, finished: 1)
        try await store.saveForecasts([try ForecastRecord(forecast, of: "id-BEE-1")], of: b.id)
        try await addRejectedWebhook("BEE-webhook", to: b.id)
        try await fixture.markWhole("BEE", of: b.id, at: testNow)
        let silence = AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .project, values: ["BEE"])], startsAt: testNow,
            endsAt: testNow.adding(days: 1), createdBy: "operator", reason: "BEE sleeps", createdAt: testNow)
        try await store.addAlertSilence(b.id, silence, by: .system("test"))
        try await addForecasts("BEE", to: b.id)
        _ = try await addMember("BEE", .viewer, to: b.id)
        let invitation = NewInvitation(
            id: UUID(), email: "bee2@bee.example", role: .viewer, tokenHash: "BEE", expiresAt: testNow.adding(days: 7))
        _ = try await store.addInvitation(b.id, invitation, by: .system("test"), now: testNow)
        try await store.addAutomationToken(
            b.id, tokenID: UUID(), hash: "hush BEE", formerUntil: nil, by: .system("test"), now: testNow)
        _ = try await store.setWriteBack(
            b.id, WriteBackSettings(target: .property, propertyKey: "BEE.risk"), by: .system("test"), now: testNow)
        try await store.record(AuditAct(.channelTest, "BEE"), in: .tenant(b.id), by: .operator, now: testNow)
        return (a, b)
    }
}
