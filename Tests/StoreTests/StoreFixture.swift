import Domain
import Foundation
import TestSupport
@testable import Store

/// A real store of its own, gone with the value that holds it: a SQLite file, or where CONSILOD_TEST_POSTGRES names a
/// PostgreSQL server, a schema there. `script/test` runs every test of the store on both.
final class StoreFixture: Sendable {
    let store: RiskStore
    private let place: Place

    private enum Place {
        case folder(URL)
        case schema(PostgresSchema)
    }

    static let start = Timestamp(seconds: 1_760_000_000)

    init() async throws {
        if let server = PostgresSchema.server {
            place = .schema(try PostgresSchema(server: server))
        } else {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            place = .folder(folder)
        }
        store = try await Self.open(place)
    }

    /// Opens the same store anew, beside the one that is open.
    func reopened() async throws -> RiskStore { try await Self.open(place) }

    private static func open(_ place: Place) async throws -> RiskStore {
        switch place {
        case .folder(let folder):
            try await RiskStore.sqlite(path: folder.appendingPathComponent("test.sqlite").path, now: Self.start)
        case .schema(let schema):
            try await RiskStore.postgres(
                PostgresSettings(connectionString: schema.url, connectionLimit: 4), now: Self.start)
        }
    }

    deinit {
        // Leftovers of a failed clean-up stay in a temporary place, which is not the test's concern.
        try? store.close()
        if case .folder(let folder) = place { try? FileManager.default.removeItem(at: folder) }
    }

    /// Where the store's file is, `test.sqlite`; nil for PostgreSQL.
    var folder: URL? {
        guard case .folder(let folder) = place else { return nil }
        return folder
    }

    /// Whether other processes may work on the store.
    static var isShared: Bool { PostgresSchema.server != nil }

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
