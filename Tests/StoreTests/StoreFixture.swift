import Domain
import Foundation
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
        Analysis(
            issueID: id, issueKey: key, projectKey: key.projectKey, summary: "Refund button", asOf: at, ownScore: score,
            factors: [Factor(name: .age, points: score, cap: 100, explanation: "for the test")],
            sentiment: SentimentSummary(
                total: 0, positive: 0, negative: 0, neutral: 0, positivePct: 0, negativePct: 0, trend: []),
            blockers: [],
            timeline: Timeline(
                created: start, updated: at, ageDays: 1, lastUpdateDays: 0, currentStatus: "Open", statusChanges: [],
                timeInCurrentStatus: 0),
            capacity: Capacity(
                estimatedDays: 1, dailyCost: 3000, baseDailyCost: 3000, costMultipliers: [:], assignee: "Ada",
                assigneeRole: "Mid Engineer", assigneeLocation: "Remote", daysLostPerDayBlocked: 0,
                totalCostIfBlocked: 0, totalEstimatedCost: 3000, overtimeDetected: false, weekendDetected: false),
            predictions: Predictions(
                completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false),
            trends: Trends(sentimentTrend: "stable", activityTrend: "stable", riskTrend: "insufficient_data"),
            dependencies: Dependencies(blocks: [], blockedBy: [], relatesTo: []),
            engine: EngineIdentity(scorer: "test-1", model: "wordlist-1"), nextChangeAt: nil)
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
