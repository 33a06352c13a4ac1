public import Alerts
public import Domain
import Foundation
public import HTTPServer
import HTTPTypes
public import Hummingbird
public import JiraCloud
public import Logging
public import Outbound
public import Queries
public import RiskEngine
public import Vault

/// The HTTP API: the original product's endpoints under their names, with authentication, paging and one error shape.
///
/// A tenant authenticates with `Authorization: Bearer <API key>` and sees its own data only (P8). The host's owner
/// has the admin token and names the tenant to act for in `X-Tenant-ID`.
public struct QueryAPI: Sendable {
    /// How the API behaves on this host.
    public struct Options: Sendable {
        /// Whether a bearer token is the admin token, compared in constant time; nil where none is configured, and then
        /// no tenant can be created.
        public var isAdminToken: (@Sendable (String) -> Bool)?
        /// What follows from the admin token, and is stored with links that sign the host's owner in; nil where none is
        /// configured.
        public var adminMark: String?
        /// The address under which Jira reaches this host, without a trailing slash; nil takes the `Host` header.
        public var publicURL: String?
        /// The daemon's version, as `/` and `/health` show it.
        public var version: String
        /// The length of a new tenant's trial, in days; 0 means without end.
        public var trialDays: Int
        /// How long the deletion of a tenant can be undone, in days; 0 deletes at once.
        public var deletionDays: Int
        /// The plan of a new tenant, and so its monthly limits.
        public var defaultPlan: Plan
        /// How many of each thing a tenant may have.
        public var tenantLimits: TenantLimits
        /// Whether alert channels may have an `http` URL, as tests and local sinks need.
        public var allowsPlainHTTPChannels: Bool
        /// Which hosts a channel may have; what DNS says of a name is checked at each delivery.
        public var channelPolicy: AddressPolicy
        /// Whether this host makes calls to Jira at all.
        public var asksJira: Bool
        /// The custom fields that are read of sites where none were discovered.
        public var jiraFields: CustomFields
        /// The origins whose pages may call the API from a browser, as `https://app.example`; `*` is any.
        public var allowedOrigins: [String]
        /// What stands before amounts of money in reports: `$`, `EUR`.
        public var currency: String
        /// Whether a bearer token opens `/metrics`, as the admin token does, compared in constant time; nil where no such
        /// token is configured.
        public var isMetricsToken: (@Sendable (String) -> Bool)?
        /// Whether `/metrics` needs no credentials.
        public var hasPublicMetrics: Bool
        /// How long notifications of alerts wait where no route says so.
        public var alertTiming: AlertGroupTiming
        /// How many wrong API keys are looked up.
        public var credentialLimits: CredentialThrottle.Limits
        /// The clock of those limits.
        public var credentialClock: @Sendable () -> ContinuousClock.Instant
        /// Who is believed about where requests come from.
        public var proxies: TrustedProxies
        /// Sends an invitation by mail; whether it was taken over. Nil where no mail server is configured.
        public var invitationMail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)?
        /// Callers with a session token of Clerk; nil where no instance is configured.
        public var clerk: ClerkCallers?
        /// Whether plans and trials lock anything beside the monthly limits.
        public var billing: BillingPolicy
        /// What sells subscriptions; nil for a host that is not connected to Stripe.
        public var seller: (any SubscriptionSelling)?
        /// The hosts to which a browser may be sent back after a payment, in lower case.
        public var returnHosts: Set<String>

        public init(
            isAdminToken: (@Sendable (String) -> Bool)?, adminMark: String? = nil, publicURL: String?, version: String,
            trialDays: Int, deletionDays: Int = 7,
            defaultPlan: Plan = .starter, tenantLimits: TenantLimits = TenantLimits(),
            allowsPlainHTTPChannels: Bool = false,
            channelPolicy: AddressPolicy = AddressPolicy(), asksJira: Bool = true,
            jiraFields: CustomFields = CustomFields(),
            allowedOrigins: [String] = [], currency: String = "$",
            isMetricsToken: (@Sendable (String) -> Bool)? = nil, hasPublicMetrics: Bool = false,
            alertTiming: AlertGroupTiming = AlertGroupTiming(wait: 30, interval: 300),
            credentialLimits: CredentialThrottle.Limits = .init(),
            credentialClock: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
            proxies: TrustedProxies = .onThisHost,
            invitationMail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)? = nil,
            clerk: ClerkCallers? = nil, billing: BillingPolicy = .off, seller: (any SubscriptionSelling)? = nil,
            returnHosts: Set<String> = []
        ) {
            self.isAdminToken = isAdminToken
            self.adminMark = adminMark
            self.publicURL = publicURL
            self.version = version
            self.trialDays = trialDays
            self.deletionDays = deletionDays
            self.defaultPlan = defaultPlan
            self.tenantLimits = tenantLimits
            self.allowsPlainHTTPChannels = allowsPlainHTTPChannels
            self.channelPolicy = channelPolicy
            self.asksJira = asksJira
            self.jiraFields = jiraFields
            self.allowedOrigins = allowedOrigins
            self.currency = currency
            self.isMetricsToken = isMetricsToken
            self.hasPublicMetrics = hasPublicMetrics
            self.alertTiming = alertTiming
            self.credentialLimits = credentialLimits
            self.credentialClock = credentialClock
            self.proxies = proxies
            self.invitationMail = invitationMail
            self.clerk = clerk
            self.billing = billing
            self.seller = seller
            self.returnHosts = returnHosts
        }
    }

    private let store: any QueryStore & OperatorStore
    private let analyst: IssueAnalyst
    private let forecasts: any ForecastExplaining
    private let jira: any JiraSearching
    private let vault: Vault
    private let decoder: JiraWebhookDecoder
    private let jiraAccess: any JiraAccessStore
    private let administration: any JiraAdministering
    private let commenter: any JiraCommenting
    private let hostDiagnosis: any HostDiagnosing
    private let tenantDiagnosis: any TenantDiagnosing
    private let health: any HealthReporting
    private let metrics: any MetricsReporting
    private let channelTest: ChannelTest
    private let digests: Digests
    private let recipients: MailRecipients
    private let refused: RefusedCredentials
    private let throttle: CredentialThrottle
    private let keyUses: APIKeyUses
    private let options: Options
    private let now: @Sendable () -> Timestamp
    private let wakeUps: WakeUps
    private let turns: TenantTurns
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    private let logger: Logger

    /// Makes the API over its parts; ``addRoutes(to:)`` opens it.
    ///
    /// - Parameters:
    ///   - forecasts: Explains the forecast of an issue that is analysed.
    ///   - jira: Runs the JQL queries that the store cannot answer.
    ///   - commenter: Posts comments that are asked for.
    ///   - vault: Seals the tenants' secrets.
    ///   - channelTest: Sends a test to an alert channel.
    ///   - digests: Makes a digest that is asked for.
    ///   - recipients: What the owners of mail addresses say.
    ///   - refused: Counts credentials that are refused.
    ///   - keyUses: Notes which API keys are used; a worker writes it down.
    ///   - decoder: Reads rejected webhooks again.
    ///   - now: The wall clock, for trials, quotas and time stamps.
    ///   - wakeUps: Wakes the workers of what a request has queued.
    ///   - turns: One long computation of a tenant at a time, shared with the other doors.
    ///   - executor: Where long computations of a tenant run; nil for where everything runs.
    public init(
        store: any QueryStore & OperatorStore, jiraAccess: any JiraAccessStore, administration: any JiraAdministering,
        commenter: any JiraCommenting,
        hostDiagnosis: any HostDiagnosing, tenantDiagnosis: any TenantDiagnosing, analyst: IssueAnalyst,
        forecasts: any ForecastExplaining, jira: any JiraSearching, vault: Vault, decoder: JiraWebhookDecoder,
        health: any HealthReporting, metrics: any MetricsReporting, channelTest: ChannelTest,
        digests: Digests, recipients: MailRecipients, refused: RefusedCredentials, keyUses: APIKeyUses,
        options: Options,
        now: @escaping @Sendable () -> Timestamp, wakeUps: WakeUps,
        turns: TenantTurns = TenantTurns(),
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil }, logger: Logger
    ) {
        self.store = store
        self.analyst = analyst
        self.forecasts = forecasts
        self.jira = jira
        self.vault = vault
        self.decoder = decoder
        self.jiraAccess = jiraAccess
        self.administration = administration
        self.commenter = commenter
        self.hostDiagnosis = hostDiagnosis
        self.tenantDiagnosis = tenantDiagnosis
        self.health = health
        self.metrics = metrics
        self.channelTest = channelTest
        self.digests = digests
        self.recipients = recipients
        self.refused = refused
        self.throttle = CredentialThrottle(limits: options.credentialLimits, now: options.credentialClock)
        self.keyUses = keyUses
        self.options = options
        self.now = now
        self.wakeUps = wakeUps
        self.turns = turns
        self.executor = executor
        self.logger = logger
    }

    /// Adds the routes.
    ///
    /// The router's answer to unknown paths gets the error shape and the security headers too.
    public func addRoutes<Context: RequestContext>(to router: Router<Context>) {
        let others = Set(router.routes.map(\.description))
        router.add(middleware: SecurityHeaders())
        if !options.allowedOrigins.isEmpty {
            // Around the error responses, so that a browser may read those too.
            router.add(middleware: CrossOriginRequests(origins: options.allowedOrigins))
        }
        router.add(middleware: ErrorResponses(sells: options.billing.sells, logger: logger))

        let health = SharedHealth(health)
        HealthController(health: health, version: options.version).addRoutes(to: router.group())
        DocumentationController(version: options.version).addRoutes(to: router.group())

        let authenticator = Authenticator(
            store: store, isAdminToken: options.isAdminToken, clerk: options.clerk, refused: refused,
            throttle: throttle, uses: keyUses, now: now)
        MetricsController(
            metrics: metrics, health: health, authenticator: authenticator, isMetricsToken: options.isMetricsToken,
            isPublic: options.hasPublicMetrics, proxies: options.proxies
        ).addRoutes(to: router.group())
        LinkController(
            store: store, tokens: vault.linkTokens, refused: refused, proxies: options.proxies, now: now,
            wakeUps: wakeUps
        ).addRoutes(to: router.group())

        let group = router.group(context: APIContext<Context>.self)
            .add(middleware: NoteOrigin(proxies: options.proxies))
            .add(
                middleware: AccessControl(
                    table: APIAccess.table, authenticator: authenticator, billing: options.billing))
        addTenantRoutes(to: group)
        addAnalysisRoutes(to: group)
        IssueController(store: store, now: now, wakeUps: wakeUps).addRoutes(to: group)
        let settings = alertSettings
        AlertController(desk: settings.desk, vault: vault, now: now).addRoutes(to: group)
        RuleController(rules: settings.rules).addRoutes(to: group)
        RuleTrialController(
            rules: settings.rules, trials: settings.trials, scorecards: settings.scorecards, now: now
        ).addRoutes(to: group)
        RouteController(routes: settings.routes).addRoutes(to: group)
        SilenceController(silences: settings.silences, now: now).addRoutes(to: group)
        ChannelController(channels: settings.channels).addRoutes(to: group)
        DigestController(store: store, digests: digests, wakeUps: wakeUps).addRoutes(to: group)
        ForecastController(forecasts: Forecasts(store: store), now: now).addRoutes(to: group)
        AuditController(trail: AuditTrail(store: store)).addRoutes(to: group)
        PersonDataController(people: PersonData(store: store, now: now)).addRoutes(to: group)
        WebhookEventController(store: store, now: now, decoder: decoder, wakeUps: wakeUps).addRoutes(to: group)

        refuseOtherMethods(on: router, exceptOf: others)
    }

    private var alertSettings: AlertSettings {
        AlertSettings(
            store: store, analyst: analyst, vault: .init(seal: { try vault.seal($0) }, open: { try vault.open($0) }),
            limits: .init(
                allowsPlainHTTP: options.allowsPlainHTTPChannels, policy: options.channelPolicy,
                recipients: options.tenantLimits[.channelRecipients], routes: options.tenantLimits[.alertRoutes]),
            timing: options.alertTiming, test: channelTest, recipients: recipients, billing: options.billing,
            turns: turns, wakeUps: wakeUps, executor: executor, now: now)
    }

    private var automationTokens: AutomationTokens {
        let make: @Sendable () -> AutomationTokens.Material = {
            let text = AutomationToken.generate()
            return AutomationTokens.Material(text: text, hash: APIKey.hash(text))
        }
        return AutomationTokens(store: store, make: make, wakeUps: wakeUps, now: now)
    }

    private var quota: MonthlyQuota { MonthlyQuota(store: store, logger: logger) }

    /// What is about accounts, keys, and the access to Jira.
    private func addTenantRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        let makeKey: @Sendable () -> APIKeys.Material = {
            let text = APIKey.generate()
            return APIKeys.Material(text: text, mark: APIKey.mark(text))
        }
        let keys = APIKeys(store: store, make: makeKey, wakeUps: wakeUps, now: now)
        TenantController(
            store: store, quota: quota,
            creation: TenantCreation(
                store: store, terms: .init(plan: options.defaultPlan, trialDays: options.trialDays),
                seal: { try vault.seal($0) }, makeKey: makeKey, makeSecret: { WebhookSecret.generate() },
                wakeUps: wakeUps, now: now),
            settings: TenantSettings(
                store: store, seal: { try vault.seal($0) }, makeSecret: { WebhookSecret.generate() }, wakeUps: wakeUps,
                now: now), keys: keys, options: options, now: now, wakeUps: wakeUps
        ).addRoutes(to: group)
        PlanController(store: store, plans: Plans(store: store, now: now), quota: quota, now: now).addRoutes(to: group)
        AccountMailController(mails: AccountMails(store: store, now: now)).addRoutes(to: group)
        BillingController(
            calls: BillingCalls(seller: options.seller, returnHosts: options.returnHosts), quota: quota,
            store: store, now: now
        ).addRoutes(to: group)
        AutomationTokenController(store: store, tokens: automationTokens, publicURL: options.publicURL)
            .addRoutes(to: group)
        APIKeyController(keys: keys).addRoutes(to: group)
        MemberController(
            members: Members(store: store, wakeUps: wakeUps, now: now),
            invitations: Invitations(
                store: store, publicURL: options.publicURL,
                make: {
                    let text = InvitationToken.generate()
                    return Invitations.Material(text: text, hash: APIKey.hash(text))
                }, mail: options.invitationMail, now: now)
        ).addRoutes(to: group)
        CallerController(store: store).addRoutes(to: group)
        LoginLinkController(store: store, publicURL: options.publicURL, adminMark: options.adminMark, now: now)
            .addRoutes(to: group)
        JiraController(
            store: store,
            calls: JiraCalls(jira: jiraAccess, isEnabled: options.asksJira, wakeUps: wakeUps, now: now),
            isEnabled: options.asksJira
        ).addRoutes(to: group)
        JiraWebhookController(
            store: store,
            webhooks: JiraWebhooks(
                administration: administration, audit: store, isEnabled: options.asksJira, now: now)
        ).addRoutes(to: group)
        WriteBackController(
            store: store,
            writeBacks: WriteBacks(
                store: store, isEnabled: options.asksJira, configuredFields: options.jiraFields, wakeUps: wakeUps,
                now: now),
            comments: RiskComments(
                store: store, analyst: analyst, jira: commenter, isEnabled: options.asksJira,
                publicURL: options.publicURL, now: now)
        ).addRoutes(to: group)
        DiagnosisController(store: store, host: hostDiagnosis, tenants: tenantDiagnosis).addRoutes(to: group)
    }

    private func addAnalysisRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        let quota = quota
        AnalysisController(
            store: store,
            analyses: IssueAnalyses(
                store: store, jira: jira, analyst: analyst, forecasts: forecasts, quota: quota,
                currency: options.currency),
            past: PastAnalyses(store: store, analyst: analyst, executor: executor), now: now
        ).addRoutes(to: group)
        WhatIfController(
            whatIfs: WhatIfs(analyst: analyst, forecasts: forecasts, executor: executor), now: now
        ).addRoutes(to: group)
        let completion = ProjectCompletion(store: store, jira: jira)
        SprintController(
            analyses: SprintAnalyses(
                store: store, analyst: analyst, completion: completion, quota: quota, currency: options.currency),
            now: now
        ).addRoutes(to: group)
        SprintWhatIfController(
            whatIfs: SprintWhatIfs(
                store: store, analyst: analyst, forecasts: forecasts, turns: turns, executor: executor), now: now
        ).addRoutes(to: group)
        PortfolioController(
            analyses: PortfolioAnalyses(
                store: store, jira: jira, analyst: analyst, completion: completion, quota: quota,
                currency: options.currency), now: now
        ).addRoutes(to: group)
    }

    /// Hummingbird answers a known path with an unknown method 404; RFC 9110 (section 15.5.6) wants 405 and `Allow`.
    private func refuseOtherMethods(on router: Router<some RequestContext>, exceptOf others: Set<String>) {
        let own = router.routes.filter { !others.contains($0.description) }
        for (_, routes) in Dictionary(grouping: own, by: \.path.description) {
            guard let path = routes.first?.path else { continue }
            let allowed = routes.map(\.method)
            let allow = allowed.map(\.rawValue).joined(separator: ", ")
            for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .trace] where !allowed.contains(method)
            {
                router.on(path, method: method) { _, _ -> HTTPResponse.Status in
                    throw APIError(.methodNotAllowed, "Allowed here: \(allow).", headers: [.allow: allow])
                }
            }
        }
    }
}
