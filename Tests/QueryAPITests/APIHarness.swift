import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import Outbound
import RiskEngine
import Synchronization
import Testing

@testable import QueryAPI

/// The API on a router, over a store in memory, with what it signalled and logged.
struct APIHarness: Sendable {
    static let adminToken = "admin-token-for-tests"

    let store = MemoryQueryStore()
    let analyst: StoredAnalyst
    let signals = Signals()
    let log = CapturedLog()
    let administration = ScriptedAdministration()
    var health = HealthReport(
        status: .healthy, components: ["store": .init(status: .healthy, detail: "answers")], figures: nil,
        engine: EngineIdentity(scorer: "classic-1", model: "wordlist-1"))
    var hasAdmin = true
    var metricsToken: String?
    var hasPublicMetrics = false
    var publicURL: String? = "https://risk.example"
    var trialDays = 14
    var defaultPlan = Plan.starter
    var allowsPlainHTTPChannels = false
    var allowedChannelHosts: Set<String> = []
    let jira = ScriptedJira()

    init() { analyst = StoredAnalyst(store: store) }

    func makeRouter() -> Router<BasicRequestContext> {
        let router = Router()
        let isAdminToken: @Sendable (String) -> Bool = { $0 == Self.adminToken }
        var isMetricsToken: (@Sendable (String) -> Bool)?
        if let metricsToken { isMetricsToken = { $0 == metricsToken } }
        let api = QueryAPI(
            store: store, jiraAccess: UnknownJiraAccess(), administration: administration,
            diagnosis: FixedDiagnosis(), analyst: analyst, rollups: PureRollups(), jira: jira,
            sealing: ReversibleSealing(), health: FixedHealth(report: health), metrics: ComponentCount(),
            options: QueryAPI.Options(
                isAdminToken: hasAdmin ? isAdminToken : nil, publicURL: publicURL, version: "1.2.3",
                trialDays: trialDays, defaultPlan: defaultPlan, allowsPlainHTTPChannels: allowsPlainHTTPChannels,
                channelPolicy: AddressPolicy(allowedHosts: allowedChannelHosts),
                isMetricsToken: isMetricsToken,
                hasPublicMetrics: hasPublicMetrics),
            now: { testNow },
            onTenantChanged: { [signals] id in signals.changedTenants.withLock { $0.append(id) } },
            onAlertsQueued: { [signals] in signals.alerts.withLock { $0 += 1 } },
            onWorkQueued: { [signals] in signals.work.withLock { $0 += 1 } },
            onJiraWork: {}, route: { _ in WebhookRoute(event: "", sentAt: nil, routing: .ignored) },
            logger: Logger(label: "test", factory: { [log] _ in log }))
        api.addRoutes(to: router)
        return router
    }

    /// Runs `body` with a client of the API.
    func run<Value>(_ body: @Sendable (APIClient) async throws -> Value) async throws -> Value {
        try await Application(router: makeRouter()).test(.router) { try await body(APIClient(client: $0)) }
    }
}

/// What the API told the rest of the daemon.
final class Signals: Sendable {
    let changedTenants = Mutex<[TenantID]>([])
    let alerts = Mutex(0)
    let work = Mutex(0)
}

/// Every line logged, with its metadata.
final class CapturedLog: LogHandler {
    let lines = Mutex<[String]>([])
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }
}

/// "Analyses" by looking the issue up.
final class StoredAnalyst: IssueAnalyzing {
    let store: MemoryQueryStore
    /// Every issue analysed.
    let analyzed = Mutex<[IssueKey]>([])
    let reportTemplates = ["executive", "technical", "pm", "all"]

    init(store: MemoryQueryStore) { self.store = store }

    func analyze(
        tenantID: TenantID, key: IssueKey, now: Timestamp, store storesHistory: Bool
    ) async throws -> IssueListing? {
        analyzed.withLock { $0.append(key) }
        if key == "ENG-500" { throw StorageError(.unavailable, "disk full") }
        guard let listing = await store.records[tenantID]?.issues.first(where: { $0.issue.key == key }) else {
            return nil
        }
        if storesHistory {
            await store.change(tenantID) {
                $0.history.append(Fixture.history(key, score: listing.analysis.riskScore, daysAgo: 0))
            }
        }
        return listing
    }

    func report(_ template: String, listing: IssueListing) -> String? {
        reportTemplates.contains(template) ? "\(template): \(listing.issue.key)" : nil
    }

    func trendDirection(_ points: [ScorePoint]) -> String {
        guard let first = points.first, let last = points.last, points.count > 1 else { return "insufficient_data" }
        return last.score - first.score > 10 ? "degrading" : last.score - first.score < -10 ? "improving" : "stable"
    }
}

/// The real roll-ups.
struct PureRollups: RiskRollingUp {
    func scope(of sprint: Sprint, issues: [SprintIssue], now: Timestamp) -> SprintScope {
        SprintScope(of: sprint, issues: issues, now: now) { _ in false }
    }

    func openIssues(of sprint: Sprint, among issues: [SprintIssue]) -> [SprintIssue] {
        SprintScope.openIssues(of: sprint, among: issues)
    }

    func rollUp(sprint issues: [RolledUpIssue], at now: Timestamp) -> SprintRollup { SprintRollup(of: issues, at: now) }
    func rollUp(portfolio issues: [RolledUpIssue]) -> PortfolioRollup { PortfolioRollup(of: issues) }

    func summary(
        of sprint: Sprint, projectKey: String, rollup: SprintRollup, scope: SprintScope, openCount: Int
    ) -> String {
        RollupSummary.of(sprint, projectKey: projectKey, rollup: rollup, scope: scope, open: openCount)
    }

    func summary(ofSlices slices: [(name: String, rollup: PortfolioRollup)], overall: PortfolioRollup) -> String {
        RollupSummary.of(slices: slices, overall: overall)
    }
}

/// A Jira that answers as told, and keeps what it was asked.
final class ScriptedJira: JiraSearching {
    let answers = Mutex<[String: Result<[IssueID], JiraSearchError>]>([:])
    let asked = Mutex<[String]>([])

    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID] {
        asked.withLock { $0.append("\(tenantID) \(limit) \(jql)") }
        return try answers.withLock { $0[jql] ?? .failure(.notConfigured) }.get()
    }
}

/// Not encryption, but what it seals is not legible.
struct ReversibleSealing: SecretSealing {
    struct Damaged: Error {}

    func seal(_ secret: String) -> String { "sealed:" + Data(secret.utf8).base64EncodedString() }

    func open(_ sealed: String) throws -> String {
        guard sealed.hasPrefix("sealed:"), let data = Data(base64Encoded: String(sealed.dropFirst(7))) else {
            throw Damaged()
        }
        return String(decoding: data, as: UTF8.self)
    }

    func newAPIKey() -> String { "key-\(UUID())" }
    func hash(ofAPIKey key: String) -> String { "hash:" + Data(key.utf8.reversed()).base64EncodedString() }
    func newWebhookSecret() -> String { "webhook-\(UUID())" }
}

struct FixedHealth: HealthReporting {
    var report: HealthReport
    func health() async -> HealthReport { report }
}

/// One metric, made of the health that it is given.
struct ComponentCount: MetricsReporting {
    func exposition(of health: HealthReport) -> String { "components \(health.components.count)\n" }
}

/// A tenant made through the API, with the secrets shown once.
struct TestTenant: Sendable {
    var id: TenantID
    var apiKey: String
    var webhookSecret: String
    var jiraToken: String
}

struct APIAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var text: String
    var json: JSONValue

    var code: String? { json["code"]?.text }

    /// The fields named in `errors`.
    var invalidFields: [String] { json["errors"]?.items.compactMap { $0["field"]?.text } ?? [] }

    /// The target of the link to the next page.
    var nextPage: String? {
        guard let link = headers.first(where: { $0.name.canonicalName == "link" })?.value, link.hasPrefix("<"),
            link.hasSuffix(">; rel=\"next\"")
        else { return nil }
        return String(link.dropFirst().prefix { $0 != ">" })
    }
}

struct APIClient: Sendable {
    let client: any TestClientProtocol

    func call(
        _ method: HTTPRequest.Method, _ path: String, as token: String? = nil, for tenantID: String? = nil,
        body: String? = nil
    ) async throws -> APIAnswer {
        var headers: HTTPFields = [:]
        if let token { headers[.authorization] = "Bearer \(token)" }
        if let tenantID { headers[try #require(HTTPField.Name("X-Tenant-ID"))] = tenantID }
        let response = try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let text = String(buffer: response.body)
        let json =
            text.hasPrefix("{") || text.hasPrefix("[")
            ? try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) : .null
        return APIAnswer(status: response.status, headers: response.headers, text: text, json: json)
    }

    func createTenant(_ name: String) async throws -> TestTenant {
        let token = "jira-token-of-\(name)"
        let answer = try await call(
            .post, "/api/tenants", as: APIHarness.adminToken,
            body: """
                {"company_name": "\(name)", "jira_url": "https://\(name).example/", "jira_email": "it@\(name).example",
                 "jira_token": "\(token)"}
                """)
        try #require(answer.status == .created, "\(answer.text)")
        return TestTenant(
            id: try #require(TenantID(answer.json["id"]?.text ?? "")),
            apiKey: try #require(answer.json["api_key"]?.text),
            webhookSecret: try #require(answer.json["webhook_secret"]?.text), jiraToken: token)
    }
}

extension JSONValue {
    subscript(key: String) -> JSONValue? {
        if case .object(let object) = self { object[key] } else { nil }
    }
    var text: String? {
        if case .string(let text) = self { text } else { nil }
    }
    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }
    var flag: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }
    var isNull: Bool {
        if case .null = self { true } else { false }
    }
    var items: [JSONValue] {
        if case .array(let items) = self { items } else { [] }
    }
    var keys: Set<String> {
        if case .object(let object) = self { Set(object.keys) } else { [] }
    }
}

/// A store in which no tenant has access to Jira. The real one stands behind the tests of the daemon.
private struct UnknownJiraAccess: JiraAccessStore {
    func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus? { nil }
    func requestSweep(_ tenantID: TenantID, isFull: Bool, now: Timestamp) async throws -> Bool { false }
    func startBackfill(_ tenantID: TenantID, jql: String, now: Timestamp) async throws -> Backfill {
        Backfill(id: UUID(), tenantID: tenantID, jql: jql, createdAt: now)
    }
    func backfill(_ tenantID: TenantID, _ id: UUID) async throws -> Backfill? { nil }
    func recentBackfills(_ tenantID: TenantID, limit: Int) async throws -> [Backfill] { [] }
}
