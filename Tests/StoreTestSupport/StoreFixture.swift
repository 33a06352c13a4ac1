public import Domain
public import Foundation
public import Store
import TestSupport

/// A real store of its own, gone with the value that holds it: a SQLite file, or where CONSILOD_TEST_POSTGRES names a
/// PostgreSQL server, a schema there. `script/test` runs every test of the store on both.
public final class StoreFixture: Sendable {
    public let store: RiskStore
    private let place: Place

    private enum Place {
        case folder(URL)
        case schema(PostgresSchema)
    }

    /// When tests of the store take place.
    public static let start = Timestamp(seconds: 1_760_000_000)

    /// Opens an empty store.
    public init() async throws {
        if let server = PostgresSchema.server {
            place = .schema(try PostgresSchema(server: server))
        } else {
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            place = .folder(folder)
        }
        store = try await Self.open(place)
        store.erasure.use(.plain)
    }

    /// Opens the same store again, beside the one that is open.
    public func reopened() async throws -> RiskStore {
        let store = try await Self.open(place)
        store.erasure.use(.plain)
        return store
    }

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
    public var folder: URL? {
        guard case .folder(let folder) = place else { return nil }
        return folder
    }

    /// Whether other processes may work on the store.
    public static var isShared: Bool { PostgresSchema.server != nil }

    /// A tenant with no secrets that open.
    public func makeTenant(_ name: String = "acme", rules: [AlertRule] = []) async throws -> TenantID {
        let id = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: id, companyName: name, jiraURL: "https://\(name).atlassian.net",
                    jiraEmail: "it@\(name).example",
                    plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                    createdAt: Self.start, updatedAt: Self.start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed-token", apiKeyHash: "hash-\(id)", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed-secret", rules: rules), by: .system("test"))
        return id
    }

    /// Gives a tenant a monthly limit of its own; nil for none.
    public func limit(_ tenant: TenantID, _ action: UsageAction, to limit: Int?) async throws {
        var limits = PlanLimitChanges()
        limits.set(action, to: limit)
        _ = try await store.updateTenant(
            tenant, TenantChanges(subscription: SubscriptionChange(limits: limits)), by: .system("test"),
            now: Self.start)
    }

    /// A webhook about issues, whose body nothing understands.
    public static func delivery(
        _ id: String, of tenant: TenantID, issues: [IssueID] = ["10001"], at: Timestamp = start, size: Int = 100
    ) -> WebhookDelivery {
        WebhookDelivery(
            tenantID: tenant, deliveryID: id, receivedAt: at, event: "jira:issue_updated", sentAt: at,
            routing: .issues(issues), body: Array(repeating: UInt8(ascii: "x"), count: size))
    }

    /// A small analysis whose score is `score`.
    public static func analysis(_ id: IssueID, key: IssueKey, score: Int, at: Timestamp = start) -> Analysis {
        .sample(
            id: id, key: key, summary: "Refund button",
            factors: [Factor(name: .age, points: score, cap: 100, explanation: "for the test")], at: at)
    }

    /// The result of a claim on an issue that has the given score.
    public static func result(
        _ work: IssueWork?, id: IssueID, key: IssueKey = "PAY-1", score: Int, now: Timestamp = start,
        decision: AlertDecision = AlertDecision(), requeueAt: Timestamp? = nil
    ) -> RescoreResult {
        RescoreResult(
            previousState: work?.state, state: work?.state ?? IssueState(id: id),
            issue: Issue(id: id, key: key, summary: "Refund button", created: start, updated: now),
            analysis: analysis(id, key: key, score: score, at: now),
            history: [HistoryRow(analysis: analysis(id, key: key, score: score, at: now), isOver: false)],
            appliedEvents: work?.pending.map(\.id) ?? [], decision: decision, requeueAt: requeueAt, now: now)
    }
}
