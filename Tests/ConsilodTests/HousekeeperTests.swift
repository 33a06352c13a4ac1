import Domain
import Foundation
import Logging
import ServiceLifecycle
import Store
import TestSupport
import Testing

@testable import consilod

/// Housekeeping on a real store, with a clock that stands still until the test moves it.
@Suite struct HousekeeperTests {
    private static let start = Timestamp(seconds: 1_790_000_000)

    @Test func looksAfterTheStartAndThenOnceADay() async throws {
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
        func take(_ id: String, at: Timestamp) async throws {
            _ = try await store.inbox.append(
                WebhookDelivery(
                    tenantID: tenant, deliveryID: id, receivedAt: at, event: "user_created", sentAt: at,
                    routing: .ignored, body: [1]))
        }
        @Sendable func deliveries() async throws -> [String] {
            try await store.webhookEvents(tenant, state: nil, after: nil, limit: 10).items.map(\.deliveryID)
        }
        var policy = RetentionPolicy()
        (policy.payloadDays, policy.webhookDays) = (1, 2)
        let clock = SettableClock(Self.start)
        try await take("old", at: Self.start.adding(days: -3))
        try await take("young", at: Self.start.adding(days: -1))

        let housekeeper = Housekeeper(
            store: store, policy: policy, currentModel: { "wordlist-1" }, now: { clock.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(
            configuration: .init(services: [housekeeper], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("what had expired at the start is gone") { try await deliveries() == ["young"] }
            try await take("older", at: Self.start.adding(days: -5))
            clock.now = Self.start.adding(days: 2)
            try await eventually("what has expired since is gone") { try await deliveries() == [] }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try store.close()
    }
}
