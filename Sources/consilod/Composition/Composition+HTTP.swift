import Alerts
import Dashboard
import Domain
import Forecast
import HTTPServer
import Hummingbird
import JiraCloud
import Logging
import NIOCore
import Outbound
import Queries
import QueryAPI
import RiskEngine
import Store
import Vault
import WebhookIngest
import WorkLoop

extension Composition {
    /// What the HTTP server may hold, and holds.
    struct HTTPPart {
        let limits: HTTPLimits
        let ledger: ConnectionLedger
    }

    /// The limits of the HTTP server, as far as the limit of open files allows them.
    func makeHTTP() -> HTTPPart {
        var limits = configuration.http.limits
        limits.connections = OpenFiles.makeRoom(for: limits.connections)
        if limits.connections < configuration.http.limits.connections {
            logger.warning(
                "http.max_connections lowered to fit the limit of open files",
                metadata: ["connections": "\(limits.connections)"])
        }
        // Draining has half of the time; what is in flight after that has the rest.
        limits.drain = configuration.shutdownTimeout / 2
        return HTTPPart(limits: limits, ledger: ConnectionLedger(limit: limits.connections))
    }

    func makeIngest(_ store: RiskStore, _ http: HTTPPart, _ wakeUps: WakeUpPart) -> WebhookController {
        var limits = configuration.http.webhooks
        limits.unverifiedBodies = max(16, http.limits.connections * configuration.http.tenantShare / 100)
        return WebhookController(
            secrets: wakeUps.secrets,
            automationTokens: configuration.takesAutomation ? wakeUps.automationTokens : nil,
            inbox: store.inbox, decoder: decoder, limits: limits,
            threads: threads, now: { [clock] in clock.now }, nudge: wakeUps.everywhere.issues,
            metrics: WebhookMetrics(factory: registry),
            logger: Logger(label: "ingest"))
    }

    /// `/metrics`. Reads what Jira had been asked before the start.
    func makeMetrics(
        _ store: StorePart, model: ModelHost, http: HTTPPart, ingest: WebhookController
    ) async throws -> DaemonMetrics {
        DaemonMetrics(
            registry: registry, node: store.node, clock: clock, model: model,
            tallies: try await store.store.jiraTallies(),
            storeFolder: configuration.store.folder,
            load: .init(
                connections: { http.ledger.count }, connectionLimit: http.limits.connections,
                bytesInHand: { ingest.webhookBytesInHand },
                bytesInHandLimit: configuration.http.webhooks.bytesInHand))
    }

    /// Keeps credentials that were refused, by whichever door.
    func makeRefusalTrail(_ store: RiskStore) -> RefusalTrail {
        RefusalTrail(store: store, now: { [clock] in clock.now }, logger: Logger(label: "audit"))
    }

    /// What the API and the pages are both made of.
    struct DoorParts {
        let store: RiskStore
        let engine: EnginePart
        let forecaster: IssueForecaster
        let jira: JiraPart
        let diagnosis: DiagnosisPart
        let health: DaemonHealth
        let alerts: AlertsPart
        let people: PeoplePart
        let stripe: StripePart?
        let keyUses: APIKeyUses
        let refusals: RefusalTrail
        let wakeUps: WakeUpPart
    }

    /// All routes of the listener: those of webhooks, of the pages and of the API.
    func makeRouter(
        _ parts: DoorParts, ingest: WebhookController, metrics: DaemonMetrics
    ) throws -> Router<ConnectionContext> {
        let router = Router(context: ConnectionContext.self, options: .autoGenerateHeadEndpoints)
        ingest.addRoutes(to: router)
        parts.stripe?.door.addRoutes(to: router)
        try makeDashboard(parts).addRoutes(to: router)
        // Last: its middleware is for all routes that are added after it.
        makeQueryAPI(parts, metrics: metrics).addRoutes(to: router)
        return router
    }

    private func makeQueryAPI(_ parts: DoorParts, metrics: DaemonMetrics) -> QueryAPI {
        let store = parts.store
        return QueryAPI(
            store: store, jiraAccess: store, administration: parts.jira.administration,
            commenter: parts.jira.commenter, hostDiagnosis: parts.diagnosis.host,
            tenantDiagnosis: parts.diagnosis.tenants, analyst: parts.engine.analyst, forecasts: parts.forecaster,
            jira: parts.jira.search, vault: vault, decoder: decoder, health: parts.health, metrics: metrics,
            channelTest: parts.alerts.test,
            digests: Digests(store: store, composer: parts.alerts.composer, now: { [clock] in clock.now }),
            recipients: parts.alerts.recipients,
            refused: RefusedCredentials(factory: registry, logger: Logger(label: "api"), trail: parts.refusals),
            keyUses: parts.keyUses, options: apiOptions(parts.people, parts.stripe),
            now: { [clock] in clock.now }, wakeUps: parts.wakeUps.everywhere, turns: turns,
            executor: { [threads] in threads.executor(for: $0) },
            logger: Logger(label: "api"))
    }

    /// The pages for people.
    private func makeDashboard(_ parts: DoorParts) -> Dashboard {
        let logger = Logger(label: "dashboard")
        let (store, analyst, search) = (parts.store, parts.engine.analyst, parts.jira.search)
        let wakeUps = parts.wakeUps.everywhere
        let quota = MonthlyQuota(store: store, logger: logger)
        return Dashboard(
            store: store,
            analyses: IssueAnalyses(
                store: store, jira: search, analyst: analyst, forecasts: parts.forecaster, quota: quota,
                currency: configuration.currency),
            whatIfs: WhatIfs(
                analyst: analyst, forecasts: parts.forecaster,
                executor: { [threads] in threads.executor(for: $0) }),
            past: PastAnalyses(
                store: store, analyst: analyst, executor: { [threads] in threads.executor(for: $0) }),
            portfolios: PortfolioAnalyses(
                store: store, jira: search, analyst: analyst,
                completion: ProjectCompletion(store: store, jira: search), quota: quota,
                currency: configuration.currency),
            sprints: SprintProgresses(store: store, analyst: analyst),
            alerts: makeAlertSettings(store, engine: parts.engine, alerts: parts.alerts, wakeUps),
            channelChecks: { [channels = parts.alerts.diagnosis] in await channels.checks(of: $0) },
            setup: makeSetup(store, jira: parts.jira, diagnosis: parts.diagnosis, wakeUps),
            keys: makeKeys(store, wakeUps), keyUses: parts.keyUses,
            people: makePeoplePages(store, parts.people, wakeUps),
            plan: makePlanPages(store, parts.stripe, quota: quota),
            live: parts.wakeUps.live, access: makeOperatorAccess(store, health: parts.health, wakeUps),
            refusals: parts.refusals, billing: billing,
            options: .init(
                publicURL: configuration.http.publicURL, version: Version.current,
                apiDescription: QueryAPI.description(version: Version.current), currency: configuration.currency,
                proxies: configuration.http.trustedProxies),
            now: { [clock] in clock.now }, logger: logger)
    }

    private func makeOperatorAccess(
        _ store: RiskStore, health: DaemonHealth, _ wakeUps: WakeUps
    ) -> OperatorAccess? {
        guard let token = configuration.secrets.adminToken, let adminMark else { return nil }
        let hash = APIKey.hash(token.revealed)
        let folder = configuration.store.folder
        return OperatorAccess(
            mark: adminMark, isToken: { ConstantTime.equal(APIKey.hash($0), hash) },
            hostState: {
                let disk = folder.flatMap { folder in FreeSpace(at: folder).map { $0.check(of: folder) } }
                let report = await health.health()
                return OperatorAccess.HostState(
                    checks: HostDiagnosis.checks(of: report.components) + (disk.map { [$0] } ?? []),
                    figures: report.figures)
            },
            retryRejected: { [clock, decoder] id, actor in
                try await store.retryRejectedEvents(id, by: actor, now: clock.now, route: { decoder.route($0) })
            }, onRetry: wakeUps.issues,
            subscriptions: Subscriptions(store: store, wakeUps: wakeUps, now: { [clock] in clock.now }))
    }

    /// Whether plans and trials lock anything. A trial ends by what is certain of the time.
    var billing: BillingPolicy {
        BillingPolicy(
            isEnabled: configuration.isBilling, sells: configuration.stripe != nil,
            certain: { [clock] in clock.certain })
    }

    /// What is stored of the admin token with sessions and links that it opened.
    private var adminMark: String? { configuration.secrets.adminToken.map { vault.mark(of: $0.revealed) } }

    private func apiOptions(_ people: PeoplePart, _ stripe: StripePart?) -> QueryAPI.Options {
        // Hashes are compared, so that not even the token's length shows in the time.
        func recognizer(of token: Secret<String>?) -> (@Sendable (String) -> Bool)? {
            guard let hash = token.map({ APIKey.hash($0.revealed) }) else { return nil }
            return { ConstantTime.equal(APIKey.hash($0), hash) }
        }
        return QueryAPI.Options(
            isAdminToken: recognizer(of: configuration.secrets.adminToken), adminMark: adminMark,
            publicURL: configuration.http.publicURL,
            version: Version.current, trialDays: configuration.trialDays,
            deletionDays: configuration.deletionDays, defaultPlan: configuration.defaultPlan,
            tenantLimits: configuration.tenantLimits, allowsPlainHTTPChannels: configuration.allowsPlainHTTPChannels,
            channelPolicy: channelPolicy,
            asksJira: configuration.jira.isEnabled, jiraFields: configuration.fields,
            allowedOrigins: configuration.http.allowedOrigins, currency: configuration.currency,
            isMetricsToken: recognizer(of: configuration.secrets.metricsToken),
            hasPublicMetrics: configuration.hasPublicMetrics, alertTiming: configuration.alertTiming,
            credentialLimits: configuration.http.credentials, proxies: configuration.http.trustedProxies,
            invitationMail: people.mail, clerk: people.clerk, billing: billing, seller: stripe?.desk,
            returnHosts: configuration.stripe?.returnHosts ?? [])
    }

    /// The listener, which tells systemd and `onListening` the port once it accepts.
    func makeListener<Responder: HTTPResponder>(
        _ responder: Responder, _ http: HTTPPart, socket: InheritedSocket?, engine: EnginePart,
        live: LiveUpdates, onListening: @escaping @Sendable (Int) -> Void
    ) -> HTTPListener<Responder>
    where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let analyst = engine.analyst
        return HTTPListener(
            responder: responder,
            place: socket.map { .inherited(descriptor: $0.descriptor) }
                ?? .address(host: configuration.http.host, port: configuration.http.port),
            limits: http.limits, ledger: http.ledger, serverName: "consilod",
            logger: Logger(label: "http"),
            onListening: { [logger, notifier] channel in
                let port = channel.localAddress?.port
                let address = channel.localAddress.map { $0.ipAddress ?? $0.pathname ?? "" } ?? ""
                logger.notice(
                    "listening",
                    metadata: [
                        "host": "\(address)", "port": "\(port.map(String.init) ?? "none")",
                        "from": "\(socket == nil ? "http.host" : "systemd")",
                    ])
                notifier.ready(
                    status: "listening on \(port.map { "port \($0)" } ?? address); model \(analyst.engine.model)")
                onListening(port ?? 0)
            },
            onDraining: { [notifier, configuration] in
                // They would last as long as their pages.
                live.end()
                // As long as the parts may take, whatever the unit's TimeoutStopSec= is.
                notifier.stopping(within: configuration.shutdownTimeout + Self.longestCancellation)
            })
    }
}
