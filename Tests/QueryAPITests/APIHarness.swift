public import Alerts
import Domain
public import Forecast
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JiraCloud
import Logging
import NIOCore
import Outbound
public import Queries
public import RiskEngine
public import Store
import StoreTestSupport
import Synchronization
import TestSupport
import Testing
import Vault

@testable import QueryAPI

// As the composition root makes them.
extension RiskStore: QueryStore {}
extension RiskStore: OperatorStore {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: RescoreStore {}
extension RiskStore: RecipientStore {}
extension RiskStore: ServingStore {}
extension RiskStore: DigestStore {}
extension IssueForecaster: ForecastExplaining {}

/// The API on a router, over a real store, vault and analyst, with what it signalled and logged.
struct APIHarness: Sendable {
    static let adminToken = "admin-token-for-tests"

    let fixture: StoreFixture
    let vault: Vault
    let analyst: IssueAnalyst
    let forecaster: IssueForecaster
    let classifier = ObservedClassifier()
    /// Stands at ``testNow`` until a test moves it.
    let clock = SettableClock(testNow)
    let signals = Signals()
    let log = CapturedLog()
    /// What the API counts, by the metric's name and labels.
    let counts = CountedMetrics()
    let administration = ScriptedAdministration()
    let commenter = ScriptedCommenter()
    /// One long computation of a tenant at a time.
    let turns = TenantTurns()
    var health = HealthReport(
        status: .healthy, components: ["store": .init(status: .healthy, detail: "answers")], figures: nil,
        engine: EngineIdentity(scorer: "classic-1", model: "wordlist-1"))
    var hasAdmin = true
    var metricsToken: String?
    var hasPublicMetrics = false
    var publicURL: String? = "https://risk.example"
    var trialDays = 14
    var defaultPlan = Plan.starter
    /// Whether plans and trials lock anything beside the monthly limits.
    var isBilling = false
    /// What is certain of the time where that is not the clock's.
    var certain: Timestamp?
    var allowsPlainHTTPChannels = false
    var allowedChannelHosts: Set<String> = []
    var allowedOrigins: [String] = []
    /// How long deletions of tenants can be taken back.
    var deletionDays = 7
    /// Whether the owners of mail addresses are asked.
    var recipientPolicy = RecipientPolicy()
    /// What tests of alert channels are sent with.
    var sinks: [AlertChannel.Kind: any AlertSink] = [:]
    /// Who is looked at when keys are wrong; so high that no test meets it which is not about it.
    var credentialLimits = CredentialThrottle.Limits(perClient: 100_000, total: 100_000)
    /// Which keys were used.
    let keyUses = APIKeyUses()
    /// How many of each thing a tenant may add.
    var limits: TenantLimits
    let jira = ScriptedJira()
    /// Who may send session tokens of Clerk.
    var clerk: ClerkCallers?
    /// Takes invitations over; nil for a host without a mail server.
    var invitationMail: (@Sendable (MailInvitation, String) async -> Bool)?

    init(limits: TenantLimits = TenantLimits()) async throws {
        self.limits = limits
        fixture = try await StoreFixture()
        vault = try Vault(keys: [Fernet.generateKey()])
        var scoring = RiskConfiguration()
        scoring.people = ["5b10": .init(role: "Mid Engineer", location: "New York")]
        let scorer = try RiskScorer(scoring)
        analyst = IssueAnalyst(store: fixture.store, scorer: scorer, classifiers: ClassifierSlot(classifier))
        let residue = TextResidue(scoring, classifiers: ClassifierSlot(classifier))
        fixture.store.erasure.use(
            ErasureParts(
                seal: { [vault] in try vault.seal($0) }, open: { [vault] in try vault.open($0) },
                model: { residue.model }, hash: { residue.hash(of: $0) },
                residue: { residue.residue(of: $0, mood: $1, id: $2) }, staffing: { residue.staffing(of: $0) },
                comment: { JiraComment.read($0) }))
        forecaster = IssueForecaster(library: ForecastLibrary(store: fixture.store))
    }

    var store: RiskStore {
        var store = fixture.store
        store.limits = limits
        store.now = { [clock] in clock.now }
        return store
    }

    var recipients: MailRecipients {
        MailRecipients(
            store: store, policy: recipientPolicy, open: { [vault] in try vault.open($0) },
            seal: { [vault] in try vault.seal($0) }, now: { [clock] in clock.now })
    }

    func makeRouter() -> Router<BasicRequestContext> {
        let router = Router()
        let isAdminToken: @Sendable (String) -> Bool = { $0 == Self.adminToken }
        var isMetricsToken: (@Sendable (String) -> Bool)?
        if let metricsToken { isMetricsToken = { $0 == metricsToken } }
        let scorecards = Scorecards(store: store, analyst: analyst, turns: turns, executor: { _ in nil })
        let reviews = RuleReviews(store: store, scorecards: scorecards)
        let composer = DigestComposer(
            store: store, reviewRules: { try await reviews.changes(for: $0) },
            logger: Logger(label: "test", factory: { [log] _ in log }))
        let api = QueryAPI(
            store: store, jiraAccess: store, administration: administration, commenter: commenter,
            hostDiagnosis: FixedHostDiagnosis(), tenantDiagnosis: FixedTenantDiagnosis(), analyst: analyst,
            forecasts: forecaster, jira: jira, vault: vault,
            decoder: JiraWebhookDecoder(), health: FixedHealth(report: health), metrics: ComponentCount(),
            channelTest: ChannelTest(sinks: sinks, recipients: recipients, now: { [clock] in clock.now }),
            digests: Digests(store: store, composer: composer, now: { [clock] in clock.now }),
            recipients: recipients,
            refused: RefusedCredentials(
                factory: counts, logger: Logger(label: "test", factory: { [log] _ in log }),
                trail: RefusalTrail(
                    store: store, now: { [clock] in clock.now },
                    logger: Logger(label: "test", factory: { [log] _ in log }))),
            keyUses: keyUses,
            options: QueryAPI.Options(
                isAdminToken: hasAdmin ? isAdminToken : nil, adminMark: hasAdmin ? "mark" : nil, publicURL: publicURL,
                version: "1.2.3",
                trialDays: trialDays, deletionDays: deletionDays, defaultPlan: defaultPlan, tenantLimits: limits,
                allowsPlainHTTPChannels: allowsPlainHTTPChannels,
                channelPolicy: AddressPolicy(allowedHosts: allowedChannelHosts), allowedOrigins: allowedOrigins,
                isMetricsToken: isMetricsToken,
                hasPublicMetrics: hasPublicMetrics, credentialLimits: credentialLimits,
                // It stands still: on a busy machine the bound would else give way in the middle of a test.
                credentialClock: { [start = ContinuousClock.now] in start }, invitationMail: invitationMail,
                clerk: clerk,
                billing: BillingPolicy(isEnabled: isBilling, certain: { [clock, certain] in certain ?? clock.now })),
            now: { [clock] in clock.now },
            wakeUps: WakeUps(
                issues: { [signals] in signals.work.withLock { $0 += 1 } },
                alerts: { [signals] in signals.alerts.withLock { $0 += 1 } }, jira: {},
                tenantChanged: { [signals] id in signals.changedTenants.withLock { $0.append(id) } }),
            turns: turns, logger: Logger(label: "test", factory: { [log] _ in log }))
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

/// The word list, with every text it was given; one text it cannot read, as a model that is out of order.
final class ObservedClassifier: SentimentClassifier {
    static let unreadableText = "this text cannot be read"

    let texts = Mutex<[String]>([])
    private let wordList = WordListClassifier()

    var modelID: String { wordList.modelID }

    func classify(_ texts: [String]) async throws -> [SentimentReading] {
        self.texts.withLock { $0 += texts }
        guard !texts.contains(Self.unreadableText) else { throw StorageError(.unavailable, "disk full") }
        return wordList.classify(texts)
    }
}

/// A Jira that answers as told, and keeps what it was asked.
final class ScriptedJira: JiraSearching {
    let answers = Mutex<[String: Result<[IssueID], JiraSearchError>]>([:])
    let asked = Mutex<[String]>([])
    /// What it has under a key; by default it may not be asked.
    let fetch = Mutex<@Sendable (IssueKey) async throws -> IssueKey?>({ _ in throw JiraSearchError.notConfigured })
    let fetchedKeys = Mutex<[IssueKey]>([])

    func fetchIssue(_ key: IssueKey, tenantID: TenantID) async throws -> IssueKey? {
        fetchedKeys.withLock { $0.append(key) }
        return try await fetch.withLock { $0 }(key)
    }

    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID] {
        asked.withLock { $0.append("\(tenantID) \(limit) \(jql)") }
        return try answers.withLock { $0[jql] ?? .failure(.notConfigured) }.get()
    }
}

struct FixedHealth: HealthReporting {
    var report: HealthReport
    func health() async -> HealthReport { report }
}

/// One metric, made of the health that it is given.
struct ComponentCount: MetricsReporting {
    func exposition(of health: HealthReport) -> String { "components \(health.components.count)\n" }
}
