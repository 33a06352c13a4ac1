import Alerts
import Domain
import Foundation
import JiraCloud
import Logging
import RiskEngine
import ServiceLifecycle
import Store
import Synchronization
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
        let full = FullStore(store, refusals: options.attemptLimit + 2)
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

/// A store that refuses the first results, and hands everything else to a real one.
private final class FullStore: RescoreStore {
    private let store: RiskStore
    private let left: Mutex<Int>

    init(_ store: RiskStore, refusals: Int) {
        self.store = store
        left = Mutex(refusals)
    }

    /// Results that will be refused yet.
    var refusals: Int { left.withLock { $0 } }

    func commit(_ result: RescoreResult, for claim: IssueClaim) async throws {
        let isRefused = left.withLock { left in
            guard left > 0 else { return false }
            left -= 1
            return true
        }
        if isRefused { throw StorageError(.unavailable, "disk full") }
        try await store.commit(result, for: claim)
    }

    func claimIssues(
        limit: Int, turns: ClaimTurns, now: Timestamp, leaseUntil: Timestamp
    ) async throws -> [IssueClaim] {
        try await store.claimIssues(limit: limit, turns: turns, now: now, leaseUntil: leaseUntil)
    }
    func renewLeases(of claims: [IssueClaim], until: Timestamp) async throws {
        try await store.renewLeases(of: claims, until: until)
    }
    func loadWork(for claim: IssueClaim) async throws -> IssueWork? { try await store.loadWork(for: claim) }
    func sentimentReadings(
        tenantID: TenantID, model: String, hashes: [ContentHash]
    ) async throws -> [ContentHash: SentimentReading] {
        try await store.sentimentReadings(tenantID: tenantID, model: model, hashes: hashes)
    }
    func keep(_ readings: [ContentHash: SentimentReading], model: String, tenantID: TenantID) async throws {
        try await store.keep(readings, model: model, tenantID: tenantID)
    }
    func upstreamRisks(
        tenantID: TenantID, links: [IssueLink], asOf: Timestamp?
    ) async throws -> [UpstreamRisk] {
        try await store.upstreamRisks(tenantID: tenantID, links: links, asOf: asOf)
    }
    func ingredients(
        tenantID: TenantID, model: String, hashes: [ContentHash], links: [IssueLink], asOf: Timestamp
    ) async throws -> (readings: [ContentHash: SentimentReading], upstream: [UpstreamRisk]) {
        try await store.ingredients(tenantID: tenantID, model: model, hashes: hashes, links: links, asOf: asOf)
    }
    func upstreamInstants(
        tenantID: TenantID, links: [IssueLink], after: Timestamp
    ) async throws -> [Timestamp] {
        try await store.upstreamInstants(tenantID: tenantID, links: links, after: after)
    }
    func lookBack(tenantID: TenantID, issueID: IssueID, before: Timestamp) async throws -> LookBack {
        try await store.lookBack(tenantID: tenantID, issueID: issueID, before: before)
    }
    func appliedEvents(tenantID: TenantID, issueID: IssueID) async throws -> [PendingEvent] {
        try await store.appliedEvents(tenantID: tenantID, issueID: issueID)
    }
    func sprintRecords(tenantID: TenantID, sprintIDs: [String]) async throws -> [SprintRecord] {
        try await store.sprintRecords(tenantID: tenantID, sprintIDs: sprintIDs)
    }
    func alertRouting(_ tenantID: TenantID, now: Timestamp) async throws -> AlertRouting {
        try await store.alertRouting(tenantID, now: now)
    }
    func fail(_ claim: IssueClaim, error: String, retryAt: Timestamp?, now: Timestamp) async throws {
        try await store.fail(claim, error: error, retryAt: retryAt, now: now)
    }
    func postpone(_ claim: IssueClaim, until: Timestamp, now: Timestamp) async throws {
        try await store.postpone(claim, until: until, now: now)
    }
    func enqueueStale(keeping engine: EngineIdentity, now: Timestamp) async throws -> Int {
        try await store.enqueueStale(keeping: engine, now: now)
    }
    func loadIssue(tenantID: TenantID, key: IssueKey) async throws -> IssueWork? {
        try await store.loadIssue(tenantID: tenantID, key: key)
    }
    func appendHistory(
        tenantID: TenantID, analysis: Analysis, newReadings: [ContentHash: SentimentReading], now: Timestamp
    ) async throws {
        try await store.appendHistory(tenantID: tenantID, analysis: analysis, newReadings: newReadings, now: now)
    }
}
