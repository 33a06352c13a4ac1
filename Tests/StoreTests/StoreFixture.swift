import Domain
import Foundation
import TestSupport
@testable import Store

/// A real SQLite store in a folder of its own, gone with the value that holds it.
final class StoreFixture: Sendable {
    let folder: URL
    let store: RiskStore

    static let start = Timestamp(seconds: 1_760_000_000)

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try await RiskStore.sqlite(path: folder.appendingPathComponent("test.sqlite").path, now: Self.start)
    }

    deinit {
        // Leftovers of a failed clean-up stay in the temporary folder, which is not the test's concern.
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func makeTenant(_ name: String = "acme", rules: [AlertRule] = []) async throws -> TenantID {
        let id = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: id, companyName: name, jiraURL: "https://\(name).atlassian.net",
                    jiraEmail: "it@\(name).example",
                    plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                    createdAt: Self.start, updatedAt: Self.start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed-token", apiKeyHash: "hash-\(id)", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed-secret", rules: rules))
        return id
    }

    static func delivery(
        _ id: String, of tenant: TenantID, issues: [IssueID] = ["10001"], at: Timestamp = start, size: Int = 100
    ) -> WebhookDelivery {
        WebhookDelivery(
            tenantID: tenant, deliveryID: id, receivedAt: at, event: "jira:issue_updated", sentAt: at,
            routing: .issues(issues), body: Array(repeating: UInt8(ascii: "x"), count: size))
    }

    /// A small analysis whose score is `score`.
    static func analysis(_ id: IssueID, key: IssueKey, score: Int, at: Timestamp = start) -> Analysis {
        .sample(
            id: id, key: key, summary: "Refund button",
            factors: [Factor(name: .age, points: score, cap: 100, explanation: "for the test")], at: at)
    }

    /// The result of a claim on an issue that has the given score.
    static func result(
        _ work: IssueWork?, id: IssueID, key: IssueKey = "PAY-1", score: Int, now: Timestamp = start,
        decision: AlertDecision = AlertDecision(), requeueAt: Timestamp? = nil
    ) -> RescoreResult {
        RescoreResult(
            previousState: work?.state, state: work?.state ?? IssueState(id: id),
            issue: Issue(id: id, key: key, summary: "Refund button", created: start, updated: now),
            analysis: analysis(id, key: key, score: score, at: now), appendsHistory: true, newReadings: [:],
            appliedEvents: work?.pending.map(\.id) ?? [], rejectedEvents: [:], decision: decision, requeueAt: requeueAt,
            dependents: [], now: now)
    }
}
