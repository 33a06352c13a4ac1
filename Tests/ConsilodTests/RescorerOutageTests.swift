import Alerts
import Domain
import Foundation
import JiraCloud
import Logging
import RiskEngine
import ServiceLifecycle
import Store
import TestSupport
import Testing
import WorkLoop

@testable import DaemonTestSupport
@testable import consilod

/// The rescorer on a store that takes the small writes of the queue, but no results: a disk that is all but full.
@Suite struct RescorerOutageTests {
    private static let start = Timestamp(seconds: 1_790_000_000)

    @Test func aFullDiskSetsNoIssueAside() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let store = try await RiskStore.sqlite(path: folder.appendingPathComponent("c.sqlite").path, now: Self.start)
        let tenant = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: tenant, companyName: "Acme", jiraURL: "https://acme.atlassian.net",
                    jiraEmail: "it@acme.example", plan: .starter, status: .active, limits: Plan.starter.limits,
                    dailyRatePerPerson: 2500, createdAt: Self.start, updatedAt: Self.start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed", apiKeyHash: "hash", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed", rules: []), by: .system("test"))
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1)
        for body in stream.bodies {
            let route = try JiraWebhookDecoder().envelope(of: Array(body.utf8))
            _ = try await store.inbox.append(
                WebhookDelivery(
                    tenantID: tenant, deliveryID: UUID().uuidString, receivedAt: Self.start, event: route.event,
                    sentAt: route.sentAt, routing: route.routing, body: Array(body.utf8)))
        }
        let options = Rescorer.Options()
        let full = RelayingStore(store, refusals: options.attemptLimit + 2)
        let (clock, nudge) = (SettableClock(Self.start), Nudge())
        let rescorer = Rescorer(
            store: full,
            analyst: IssueAnalyst(
                store: full, scorer: try RiskScorer(.default), classifiers: ClassifierSlot(WordListClassifier())),
            readEvent: JiraWebhookDecoder().fragment(of:for:fields:own:), decideAlerts: AlertPlanner().decide,
            routeAlerts: AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)).route,
            options: options, nudges: nudge.stream, now: { clock.now }, onLoop: {}, onAlerts: {},
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(
            configuration: .init(services: [rescorer], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("the issue is scored") {
                clock.now = clock.now.adding(seconds: 11)
                nudge()
                return try await store.figures(now: clock.now).pendingEvents == 0
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(full.refusals == 0)
        #expect(try await store.figures(now: clock.now).parkedIssues == 0)
        #expect(try await store.history(tenant, key: "PAY-1", after: nil, limit: 10).items.count == 2)
        try store.close()
    }
}
