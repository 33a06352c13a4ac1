import Alerts
import Domain
import Foundation
import JiraCloud
import Logging
public import Queries
public import RiskEngine
public import Store
import Synchronization
import WorkLoop

// As the composition root makes them.
extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}

/// A tenant with the default rules and one channel, in a store of its own, with all that the daemon's rescorer makes of a
/// stream: the score of each issue at every instant at which it changed, as if each webhook had come at its instant
/// (decision 0027). Comments are read by the word list.
final class ScoredTeam: Sendable {
    let store: RiskStore
    let tenant: Tenant
    let channel = AlertChannel(id: UUID(), kind: .slack, name: "team", target: "")
    let analyst: IssueAnalyst
    let webhooks: [Timestamp]
    private let folder: URL
    private let clock: Mutex<Timestamp>

    /// The first and the last instant of the stream.
    var from: Timestamp { webhooks.first ?? end }
    let end: Timestamp

    init(_ stream: WebhookStream) async throws {
        guard let last = stream.entries.last else { fail("the stream holds no issue") }
        end = last.at
        clock = Mutex(last.at)
        webhooks = stream.entries.map(\.at)
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("alerts-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await RiskStore.sqlite(path: folder.appendingPathComponent("c.sqlite").path, now: end)
        analyst = IssueAnalyst(
            store: store, scorer: try RiskScorer(.default), classifiers: ClassifierSlot(WordListClassifier()))
        tenant = Tenant(
            id: TenantID(UUID()), companyName: "Benchmark", jiraURL: "https://b.example", jiraEmail: "b@example.com",
            plan: .starter, status: .active, limits: Plan.starter.limits, dailyRatePerPerson: 0, createdAt: end,
            updatedAt: end, trialEndsAt: nil)
        try await store.createTenant(
            NewTenant(
                tenant: tenant, jiraTokenEncrypted: "", apiKeyHash: "b", webhookSecretID: UUID(),
                webhookSecretEncrypted: "", rules: AlertRule.defaults()), by: .system("benchmark"))
        try await store.saveAlertChannel(tenant.id, channel, by: .system("benchmark"))
        for (number, entry) in stream.entries.enumerated() {
            _ = try await store.inbox.append(
                WebhookDelivery(
                    tenantID: tenant.id, deliveryID: "\(number)", receivedAt: entry.at, event: "jira:issue_updated",
                    sentAt: entry.at, routing: entry.routing, body: entry.body))
        }
        try await score()
    }

    func remove() throws {
        try store.close()
        try FileManager.default.removeItem(at: folder)
    }

    /// Nothing is decided here: rules do not fire for what is over when it comes.
    private func score() async throws {
        let rescorer = Rescorer(
            store: store, analyst: analyst,
            readEvent: JiraWebhookDecoder(isAutomaticReply: AutomaticReply.isOne).fragment(of:for:fields:own:),
            decideAlerts: { _, _, _, _, _, _, _, _, _, _ in AlertDecision() }, routeAlerts: { _, _, _ in },
            makeForecast: { _, _, _, _, _, _, _ in nil }, nudges: Nudge().stream,
            now: { [self] in clock.withLock { $0 } }, onLoop: {}, onAlerts: {}, logger: Logger(label: "rescorer"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await rescorer.run() }
            try await untilIdle()
            // The look as of the end follows once late webhooks have settled.
            clock.withLock { $0 = $0.adding(seconds: 3600) }
            try await untilIdle()
            group.cancelAll()
        }
    }

    private func untilIdle() async throws {
        while true {
            let figures = try await store.figures(now: clock.withLock { $0 })
            if figures.pendingEvents == 0, figures.dueIssues == 0 { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
