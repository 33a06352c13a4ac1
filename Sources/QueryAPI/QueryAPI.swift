public import Domain
import Foundation
import HTTPTypes
public import Hummingbird
public import Logging
public import Outbound

/// The HTTP API: the original product's endpoints under their names, with authentication, paging and one error shape.
///
/// A tenant authenticates with `Authorization: Bearer <API key>` and sees its own data only (P8). The host's owner
/// has the admin token and names the tenant to act for in `X-Tenant-ID`.
public struct QueryAPI: Sendable {
    /// How the API behaves on this host.
    public struct Options: Sendable {
        /// Tells, in constant time, whether a bearer token is the admin token; nil where none is configured, and then
        /// no tenant can be created.
        public var isAdminToken: (@Sendable (String) -> Bool)?
        /// The address under which Jira reaches this host, without a trailing slash; nil takes the `Host` header.
        public var publicURL: String?
        /// The daemon's version, as `/` and `/health` tell it.
        public var version: String
        /// How long a new tenant may try, in days; 0 means for ever.
        public var trialDays: Int
        /// The plan of a new tenant, and so its monthly limits.
        public var defaultPlan: Plan
        /// Whether Slack channels may have an `http` URL, as tests and local sinks need.
        public var allowsPlainHTTPChannels: Bool
        /// Which hosts a channel may have; what DNS says of a name is checked at each delivery.
        public var channelPolicy: AddressPolicy
        /// Whether Jira is asked for what webhooks do not tell.
        public var asksJira: Bool
        /// Tells, in constant time, whether a bearer token opens `/metrics`, as the admin token does; nil where there is
        /// no such token.
        public var isMetricsToken: (@Sendable (String) -> Bool)?
        /// Whether `/metrics` is open to everybody.
        public var hasPublicMetrics: Bool

        public init(
            isAdminToken: (@Sendable (String) -> Bool)?, publicURL: String?, version: String, trialDays: Int,
            defaultPlan: Plan = .starter, allowsPlainHTTPChannels: Bool = false,
            channelPolicy: AddressPolicy = AddressPolicy(), asksJira: Bool = true,
            isMetricsToken: (@Sendable (String) -> Bool)? = nil, hasPublicMetrics: Bool = false
        ) {
            self.isAdminToken = isAdminToken
            self.publicURL = publicURL
            self.version = version
            self.trialDays = trialDays
            self.defaultPlan = defaultPlan
            self.allowsPlainHTTPChannels = allowsPlainHTTPChannels
            self.channelPolicy = channelPolicy
            self.asksJira = asksJira
            self.isMetricsToken = isMetricsToken
            self.hasPublicMetrics = hasPublicMetrics
        }
    }

    private let store: any QueryStore
    private let analyst: any IssueAnalyzing
    private let rollups: any RiskRollingUp
    private let jira: any JiraSearching
    private let sealing: any SecretSealing
    private let jiraAccess: any JiraAccessStore
    private let administration: any JiraAdministering
    private let diagnosis: any Diagnosing
    private let health: any HealthReporting
    private let metrics: any MetricsReporting
    private let options: Options
    private let now: @Sendable () -> Timestamp
    private let onTenantChanged: @Sendable (TenantID) async -> Void
    private let onAlertsQueued: @Sendable () -> Void
    private let onWorkQueued: @Sendable () -> Void
    private let onJiraWork: @Sendable () -> Void
    private let route: @Sendable ([UInt8]) -> WebhookRoute
    private let logger: Logger

    /// Makes the API over its parts; ``addRoutes(to:)`` opens it.
    ///
    /// - Parameters:
    ///   - jira: What is asked for the issues of a JQL query that the store cannot answer.
    ///   - now: The wall clock, for trials, quotas and time stamps.
    ///   - onTenantChanged: Called after a tenant, its API key or its webhook secrets have changed, before the answer.
    ///   - onAlertsQueued: Called when a delivery went back into the outbox.
    ///   - onWorkQueued: Called when webhooks or issues went back into the queue.
    ///   - onJiraWork: Called when there is something to ask Jira for.
    ///   - route: Reads the body of a webhook that was not understood when it came.
    public init(
        store: any QueryStore, jiraAccess: any JiraAccessStore, administration: any JiraAdministering,
        diagnosis: any Diagnosing, analyst: any IssueAnalyzing, rollups: any RiskRollingUp, jira: any JiraSearching,
        sealing: any SecretSealing, health: any HealthReporting, metrics: any MetricsReporting, options: Options,
        now: @escaping @Sendable () -> Timestamp,
        onTenantChanged: @escaping @Sendable (TenantID) async -> Void, onAlertsQueued: @escaping @Sendable () -> Void,
        onWorkQueued: @escaping @Sendable () -> Void, onJiraWork: @escaping @Sendable () -> Void,
        route: @escaping @Sendable ([UInt8]) -> WebhookRoute,
        logger: Logger
    ) {
        self.store = store
        self.analyst = analyst
        self.rollups = rollups
        self.jira = jira
        self.sealing = sealing
        self.jiraAccess = jiraAccess
        self.administration = administration
        self.diagnosis = diagnosis
        self.health = health
        self.metrics = metrics
        self.options = options
        self.now = now
        self.onTenantChanged = onTenantChanged
        self.onAlertsQueued = onAlertsQueued
        self.onWorkQueued = onWorkQueued
        self.onJiraWork = onJiraWork
        self.route = route
        self.logger = logger
    }

    /// Adds the routes.
    ///
    /// Every route added to `router` after this, and its answer to unknown paths, gets the error shape and the security
    /// headers too; routes added before do not.
    public func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        let others = Set(router.routes.map(\.description))
        router.add(middleware: SecurityHeaders())
        router.add(middleware: ErrorResponses(logger: logger))

        let health = SharedHealth(health)
        HealthController(health: health, version: options.version).addRoutes(to: router.group())
        DocumentationController().addRoutes(to: router.group())

        let authenticator = Authenticator(store: store, sealing: sealing, isAdminToken: options.isAdminToken)
        MetricsController(
            metrics: metrics, health: health, authenticator: authenticator, isMetricsToken: options.isMetricsToken,
            isPublic: options.hasPublicMetrics
        ).addRoutes(to: router.group())
        let tenants = TenantController(
            store: store, sealing: sealing, options: options, now: now, onTenantChanged: onTenantChanged)
        let admin = router.group(context: APIContext<Context>.self)
            .add(middleware: AdminOnly(authenticator: authenticator))
        tenants.addAdminRoutes(to: admin)
        tenants.addRoutes(to: authenticated(router, authenticator))
        JiraController(
            store: store, jira: jiraAccess, isEnabled: options.asksJira, now: now, onTenantChanged: onTenantChanged,
            onJiraWork: onJiraWork
        ).addRoutes(to: authenticated(router, authenticator))
        JiraWebhookController(store: store, administration: administration, isEnabled: options.asksJira)
            .addRoutes(to: authenticated(router, authenticator))
        let doctor = DiagnosisController(store: store, diagnosis: diagnosis)
        doctor.addAdminRoutes(to: admin)
        doctor.addRoutes(to: authenticated(router, authenticator))

        let active = authenticated(router, authenticator).add(middleware: ActiveTenantOnly())
        let quota = MonthlyQuota(store: store, logger: logger)
        AnalysisController(store: store, analyst: analyst, quota: quota, now: now).addRoutes(to: active)
        let analyses = CurrentAnalyses(store: store, analyst: analyst)
        let completion = ProjectCompletion(store: store, jira: jira)
        SprintController(
            store: store, analyses: analyses, rollups: rollups, completion: completion, quota: quota, now: now
        )
        .addRoutes(to: active)
        PortfolioController(
            store: store, analyses: analyses, rollups: rollups, jira: jira, completion: completion, quota: quota,
            now: now
        ).addRoutes(to: active)
        IssueController(store: store, now: now, onWorkQueued: onWorkQueued).addRoutes(to: active)
        AlertController(store: store, now: now, onAlertsQueued: onAlertsQueued).addRoutes(to: active)
        RuleController(store: store).addRoutes(to: active)
        ChannelController(
            store: store, sealing: sealing, allowsPlainHTTP: options.allowsPlainHTTPChannels,
            policy: options.channelPolicy
        ).addRoutes(to: active)
        WebhookEventController(store: store, now: now, onWorkQueued: onWorkQueued, route: route).addRoutes(to: active)

        refuseOtherMethods(on: router, exceptOf: others)
    }

    private func authenticated<Context: RequestContext>(
        _ router: Router<Context>, _ authenticator: Authenticator
    ) -> RouterGroup<APIContext<Context>> {
        router.group(context: APIContext<Context>.self).add(middleware: Authentication(authenticator: authenticator))
    }

    /// Hummingbird answers a known path with an unknown method 404; RFC 9110 (section 15.5.6) wants 405 and `Allow`.
    private func refuseOtherMethods(on router: Router<some RequestContext>, exceptOf others: Set<String>) {
        let own = router.routes.filter { !others.contains($0.description) }
        for (_, routes) in Dictionary(grouping: own, by: \.path.description) {
            guard let path = routes.first?.path else { continue }
            let allowed = routes.map(\.method)
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] where !allowed.contains(method) {
                router.on(path, method: method) { _, _ -> HTTPResponse.Status in
                    throw APIError(.methodNotAllowed, "Allowed here: \(allow).", headers: [.allow: allow])
                }
            }
        }
    }
}
