public import Domain
import Foundation
public import HTTPServer
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore
public import Queries

/// The pages for people: rendered here, of use without a script, and behind a session that begins with the tenant's API key or with a
/// link that signs in once.
public struct Dashboard: Sendable {
    /// How the dashboard behaves on this host.
    public struct Options: Sendable {
        /// The address under which people reach this host, without a trailing slash; nil where it is not known. A session's
        /// cookie goes over https alone where this begins with `https:`, or the proxy says so (`X-Forwarded-Proto`).
        public var publicURL: String?
        /// The daemon's version.
        public var version: String
        /// The description of the API (OpenAPI 3.1) as YAML, of which `/docs` makes pages.
        public var apiDescription: String
        /// Stands before amounts of money.
        public var currency: String
        /// Who is believed about where requests come from.
        public var proxies: TrustedProxies

        public init(
            publicURL: String?, version: String, apiDescription: String, currency: String,
            proxies: TrustedProxies = .onThisHost
        ) {
            self.publicURL = publicURL
            self.version = version
            self.apiDescription = apiDescription
            self.currency = currency
            self.proxies = proxies
        }
    }

    /// How long a session lasts.
    static let sessionSeconds = 7 * 86_400

    private let store: any DashboardStore
    private let analyses: IssueAnalyses
    private let whatIfs: WhatIfs
    private let past: PastAnalyses
    private let portfolios: PortfolioAnalyses
    private let sprints: SprintProgresses
    private let alerts: AlertSettings
    private let channelChecks: @Sendable ([AlertChannel]) async -> [DiagnosticCheck]
    private let setup: SiteSetup
    private let keys: APIKeys
    private let keyUses: APIKeyUses
    private let people: PeoplePages
    private let plan: PlanPages
    private let options: Options
    private let now: @Sendable () -> Timestamp
    private let live: LiveUpdates
    private let access: OperatorAccess?
    private let refusals: RefusalTrail?
    private let billing: BillingPolicy
    private let logger: Logger

    /// - Parameters:
    ///   - analyses: makes the analysis that the page of an issue shows.
    ///   - whatIfs: says what would lower the score of an issue.
    ///   - past: scores an issue as it stood, and says what changed its score.
    ///   - portfolios: makes the analyses of portfolios that somebody asks for.
    ///   - sprints: says how sprints stand.
    ///   - alerts: what is done about alerts.
    ///   - channelChecks: whether channels can be reached, in the order of those that are enabled.
    ///   - setup: what the page of the set-up does.
    ///   - keys: what the page of the API keys does.
    ///   - keyUses: notes which keys somebody signs in with.
    ///   - people: what the pages for people who sign in by themselves do.
    ///   - plan: what the page of the plan does.
    ///   - live: tells open pages of changes.
    ///   - access: how the host's owner gets in; nil where no admin token is configured.
    ///   - refusals: keeps sign-ins that were refused; nil keeps none.
    ///   - billing: whether plans and trials lock anything beside the monthly limits.
    public init(
        store: any DashboardStore, analyses: IssueAnalyses, whatIfs: WhatIfs, past: PastAnalyses,
        portfolios: PortfolioAnalyses, sprints: SprintProgresses, alerts: AlertSettings,
        channelChecks: @escaping @Sendable ([AlertChannel]) async -> [DiagnosticCheck], setup: SiteSetup,
        keys: APIKeys, keyUses: APIKeyUses, people: PeoplePages, plan: PlanPages, live: LiveUpdates,
        access: OperatorAccess?,
        refusals: RefusalTrail?, billing: BillingPolicy = .off,
        options: Options, now: @escaping @Sendable () -> Timestamp,
        logger: Logger
    ) {
        self.store = store
        self.analyses = analyses
        self.whatIfs = whatIfs
        self.past = past
        self.portfolios = portfolios
        self.sprints = sprints
        self.alerts = alerts
        self.channelChecks = channelChecks
        self.setup = setup
        self.keys = keys
        self.keyUses = keyUses
        self.people = people
        self.plan = plan
        self.live = live
        self.access = access
        self.refusals = refusals
        self.billing = billing
        self.options = options
        self.now = now
        self.logger = logger
    }

    /// Adds the routes, under `/dashboard` and `/docs`. Throws where a template of the program cannot be read, or a route does
    /// not stand in the table of what each needs.
    public func addRoutes<Context: RequestContext>(to router: Router<Context>) throws {
        let others = Set(router.routes.map(\.description))
        let pages = try PageRenderer(version: options.version)
        let door = PersonDoor(store: store, providers: Set(people.signIns.providers.map(\.name)), now: now)
        let group = router.group(context: DashboardContext<Context>.self)
            .add(middleware: NoteOrigin(proxies: options.proxies))
            .add(middleware: PageErrors(pages: pages, sells: billing.sells, logger: logger))
            .add(
                middleware: PageAccess(
                    table: DashboardAccess.table, store: store, door: door, live: live, billing: billing,
                    adminMark: access?.mark, now: now))
        AssetsController().addRoutes(to: group)
        ReferenceController(source: options.apiDescription, publicURL: options.publicURL, pages: pages)
            .addRoutes(to: group)
        addSignInRoutes(to: group, pages, door)
        LiveController(store: store, door: door, live: live, now: now).addRoutes(to: group)
        OverviewController(store: store, pages: pages, now: now).addRoutes(to: group)
        IssuesController(store: store, pages: pages, now: now).addRoutes(to: group)
        IssuePageController(
            analyses: analyses, whatIfs: whatIfs, past: past, stories: IssueStories(store: store), pages: pages,
            currency: options.currency, now: now
        ).addRoutes(to: group)
        ProjectsController(
            store: store, portfolios: portfolios, pages: pages, currency: options.currency, now: now
        ).addRoutes(to: group)
        ProjectPageController(store: store, pages: pages, currency: options.currency, now: now).addRoutes(to: group)
        SprintsController(store: store, progresses: sprints, pages: pages, now: now).addRoutes(to: group)
        ForecastController(forecasts: Forecasts(store: store), pages: pages, now: now).addRoutes(to: group)
        addAlertRoutes(to: group, pages)
        SetupController(setup: setup, pages: pages, publicURL: options.publicURL, now: now).addRoutes(to: group)
        KeysController(keys: keys, pages: pages, now: now).addRoutes(to: group)
        PlanController(
            parts: plan, pages: pages, publicURL: options.publicURL, currency: options.currency,
            locksFeatures: billing.isEnabled, now: now
        ).addRoutes(to: group)
        AuditPageController(trail: AuditTrail(store: store), pages: pages, now: now).addRoutes(to: group)
        if let access { addOwnersRoutes(to: group, access, pages) }
        try DashboardAccess.table.check(
            router.routes.filter { !others.contains($0.description) }.map { (method: $0.method, path: $0.path) },
            isServed: { access != nil || $0.permission != .operate })
    }

    /// How people come in, and what is theirs.
    private func addSignInRoutes(
        to group: RouterGroup<DashboardContext<some RequestContext>>, _ pages: PageRenderer, _ door: PersonDoor
    ) {
        let (throttle, log) = (SignInThrottle(), BoundedLog(logger, now: { .now }))
        SignInController(
            store: store, pages: pages, publicURL: options.publicURL, now: now, log: log, refusals: refusals,
            live: live, access: access, keyUses: keyUses, throttle: throttle, providers: people.signIns.providers
        ).addRoutes(to: group)
        ProviderSignInController(
            people: people, pages: pages, publicURL: options.publicURL, now: now, log: log, refusals: refusals,
            throttle: throttle
        ).addRoutes(to: group)
        TenantChoiceController(
            store: store, people: people, door: door, pages: pages, live: live, throttle: throttle, now: now
        ).addRoutes(to: group)
        AccountController(
            store: store, people: people, door: door, pages: pages, publicURL: options.publicURL, live: live, now: now
        ).addRoutes(to: group)
        MembersController(people: people, pages: pages, publicURL: options.publicURL, now: now).addRoutes(to: group)
    }

    private func addAlertRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>, _ pages: PageRenderer) {
        AlertsController(alerts: alerts, pages: pages, now: now).addRoutes(to: group)
        NotificationsController(alerts: alerts, pages: pages, now: now).addRoutes(to: group)
        SilencesController(alerts: alerts, pages: pages, now: now).addRoutes(to: group)
        RulesController(alerts: alerts, pages: pages, now: now).addRoutes(to: group)
        ScorecardsController(alerts: alerts, pages: pages, now: now).addRoutes(to: group)
        RoutesController(alerts: alerts, pages: pages).addRoutes(to: group)
        ChannelsController(alerts: alerts, checks: channelChecks, pages: pages).addRoutes(to: group)
    }

    /// The pages of the host's owner.
    private func addOwnersRoutes(
        to group: RouterGroup<DashboardContext<some RequestContext>>, _ access: OperatorAccess, _ pages: PageRenderer
    ) {
        HostController(store: store, access: access, pages: pages, now: now).addRoutes(to: group)
        TenantsController(store: store, pages: pages, now: now).addRoutes(to: group)
        TenantPageController(store: store, access: access, pages: pages, now: now).addRoutes(to: group)
        WorkController(store: store, access: access, pages: pages, now: now).addRoutes(to: group)
        UsageController(store: store, pages: pages, now: now).addRoutes(to: group)
        MailsController(store: store, pages: pages, now: now).addRoutes(to: group)
        OperatorAuditController(trail: AuditTrail(store: store), pages: pages, now: now).addRoutes(to: group)
    }
}
