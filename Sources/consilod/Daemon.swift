import Alerts
import AsyncHTTPClient
import Domain
import Foundation
import Hummingbird
import JiraCloud
import Logging
import NIOCore
import QueryAPI
import RiskEngine
import ServiceLifecycle
import Store
import UnixSignals
import Vault
import WebhookIngest
import WorkLoop

/// The composition root: builds every part from the configuration and runs them as one group.
struct Daemon {
    private let store: RiskStore
    /// Held as long as a store of one file is open.
    private let lock: StoreLock?
    private let node: StoreNode
    private let client: HTTPClient
    private let connections: JiraConnections
    private let group: ServiceGroup

    /// Opens and migrates the store, then wires everything; nothing runs yet.
    ///
    /// - Parameters:
    ///   - socket: what systemd listens on for the daemon; nil to bind `http.host` and `http.port`.
    ///   - onListening: told the port once the listener accepts.
    static func make(
        configuration: DaemonConfiguration, reload: Reload, notifier: SystemdNotifier = SystemdNotifier(),
        socket: InheritedSocket? = nil,
        onListening: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> Daemon {
        let logger = Logger(label: "daemon")
        // libdispatch makes the file descriptors of a clock's timers at the first use, and ends the process where there are
        // none left. Now there are.
        try await Task.sleep(for: .milliseconds(1), clock: .continuous)
        try await Task.sleep(for: .milliseconds(1), clock: .suspending)
        let vault = try Vault(keys: configuration.secrets.encryptionKeys)
        let scorer = try RiskScorer(configuration.scoring)
        let decoder = JiraWebhookDecoder(fields: configuration.fields)
        // Before anything is changed: the leases ended below may be those of a daemon that is at work.
        let lock: StoreLock? =
            switch configuration.store {
            case .sqlite(let path): try StoreLock(storePath: path)
            case .postgres: nil
            }
        let registry = DaemonMetrics.makeRegistry()
        let store = try await notifier.keepingStartAlive("opening the store and bringing its schema up to date") {
            try await opened(
                configuration.store, metrics: StoreMetrics(factory: registry), notifier: notifier, logger: logger)
        }
        let node = StoreNode(host: ProcessInfo.processInfo.hostName, version: Version.current, startedAt: .now)
        try await store.endLeftLeases()
        let progress = ProgressBoard()
        // Before the door opens: what comes in is read by the model at once, not by the word list and then again. A batch
        // is a sign of life of the rescorer, which waits for it.
        let model = ModelHost(
            configuration.model, onBatch: { progress.advance(.rescorer) }, logger: Logger(label: "model"))
        try await notifier.keepingStartAlive("loading the model") { _ = await model.refresh() }
        let scoring = ScoringMetrics(factory: registry)
        let analyst = IssueAnalyst(store: store, scorer: scorer, classifiers: model.slot, metrics: scoring)
        // From here on nothing may fail: a client that is not shut down ends the process.
        let tallies = try await store.jiraTallies()
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: SlackSink.clientConfiguration)

        let (workNudge, alertNudge, jiraNudge, listening) = (Nudge(), Nudge(), Nudge(), Nudge())
        let onWork: @Sendable () -> Void = {
            workNudge()
            store.signals?.send(.issuesQueued)
        }
        let onAlerts: @Sendable () -> Void = {
            alertNudge()
            store.signals?.send(.alertsQueued)
        }
        let health = DaemonHealth(
            store: store, node: node, progress: progress, model: model, engine: { analyst.engine },
            mailIsConfigured: configuration.mail != nil, asksJira: configuration.jira.isEnabled,
            sweepOverdueSeconds: 3 * configuration.jira.options.sweepSeconds
                + configuration.jira.options.overlapSeconds,
            // A worker that waits for a frozen database is told so in the end: a restart would not wake the database.
            stallLimit: (notifier.watchdogInterval ?? .seconds(60)) + configuration.store.longestWait)
        let connections = JiraConnections(
            store: store, vault: vault, configuration: configuration.jira, fields: configuration.fields,
            metrics: JiraCallMetrics(factory: registry))
        let onTenantChanged: @Sendable (TenantID) async -> Void
        let secrets = WebhookSecretCache(now: { .now }) { tenantID in
            try await store.sealedWebhookSecrets(tenantID, now: .now)?.compactMap { sealed in
                do {
                    return Array(try vault.open(sealed).utf8)
                } catch {
                    // The others may still verify; without any, every signature is refused.
                    logger.error("a webhook secret cannot be opened", metadata: ["tenant": "\(tenantID)"])
                    return nil
                }
            }
        }

        let rescorer = Rescorer(
            store: store, analyst: analyst, reader: decoder, planner: AlertPlanner(), options: configuration.rescorer,
            nudges: workNudge.stream, now: { .now }, onLoop: { progress.advance(.rescorer) },
            onAlerts: onAlerts, metrics: scoring, logger: Logger(label: "rescorer"))
        let mail = configuration.mail.map(EmailSink.init)
        let deliverer = AlertDeliverer(
            outbox: OpeningOutbox(store: store, vault: vault), sinks: sinks(mail: mail, client: client),
            retry: RetryPolicy(attemptLimit: configuration.alertAttemptLimit), nudges: alertNudge.stream, now: { .now },
            onLoop: { progress.advance(.alerts) }, metrics: DeliveryMetrics(factory: registry),
            logger: Logger(label: "alerts"))

        let synchronizer = JiraSynchronizer(
            store: store, connections: connections, options: configuration.jira.options, nudges: jiraNudge.stream,
            now: { .now }, onEvents: onWork,
            decisionOnStop: { try await store.decisionOnStop(of: $0, because: $1, now: .now) },
            onAlert: onAlerts, logger: Logger(label: "jira"))

        onTenantChanged = { tenantID in
            await secrets.invalidate(tenantID)
            jiraNudge()
        }
        let router = Router(options: .autoGenerateHeadEndpoints)
        // Hashes are compared, so that not even the token's length shows in the time.
        func recognizer(of token: String?) -> (@Sendable (String) -> Bool)? {
            guard let hash = token.map({ APIKey.hash($0) }) else { return nil }
            return { ConstantTime.equal(APIKey.hash($0), hash) }
        }
        let door = WebhookController(
            secrets: secrets, inbox: store, decoder: decoder, limits: configuration.http.webhooks,
            now: { .now }, nudge: onWork, metrics: WebhookMetrics(factory: registry), logger: Logger(label: "ingest"))
        var limits = configuration.http.limits
        limits.connections = OpenFiles.makeRoom(for: limits.connections)
        if limits.connections < configuration.http.limits.connections {
            logger.warning(
                "the limit of open files allows fewer connections than http.max_connections",
                metadata: ["connections": "\(limits.connections)"])
        }
        let ledger = ConnectionLedger(limit: limits.connections)
        let metrics = DaemonMetrics(
            registry: registry, node: node, model: model, tallies: tallies,
            storeFolder: configuration.store.folder,
            load: .init(
                connections: { ledger.count }, connectionLimit: limits.connections,
                bytesInHand: { door.webhookBytesInHand }, bytesInHandLimit: configuration.http.webhooks.bytesInHand))
        let onDemand = OnDemandAnalyst(analyst: analyst)
        let onTenantChangedHere: @Sendable (TenantID) async -> Void = { tenantID in
            await onTenantChanged(tenantID)
            store.signals?.send(.tenantChanged(tenantID))
        }
        let publicDoor = configuration.http.publicURL.map { PublicDoor(publicURL: $0, client: client) }
        let administration = WebhookAdministration(
            store: store, vault: vault, connections: connections, door: publicDoor,
            onTenantChanged: onTenantChangedHere,
            logger: Logger(label: "jira"))
        let diagnosis = DaemonDiagnosis(
            host: HostDiagnosis(health: health, configuration: configuration, door: publicDoor, mail: mail),
            tenants: TenantDiagnosis(
                store: store, vault: vault, connections: connections, administration: administration,
                slack: SlackSink(client: client), asksJira: configuration.jira.isEnabled, hasMail: mail != nil,
                now: { .now }))
        QueryAPI(
            store: store, jiraAccess: store, administration: administration, diagnosis: diagnosis, analyst: onDemand,
            rollups: onDemand,
            jira: JiraSearch(
                store: store, connections: connections, isEnabled: configuration.jira.isEnabled, onWork: onWork,
                onJiraWork: { jiraNudge() }),
            sealing: VaultSealing(vault: vault),
            health: health, metrics: metrics,
            options: QueryAPI.Options(
                isAdminToken: recognizer(of: configuration.secrets.adminToken),
                publicURL: configuration.http.publicURL, version: Version.current, trialDays: configuration.trialDays,
                defaultPlan: configuration.defaultPlan,
                allowsPlainHTTPChannels: configuration.allowsPlainHTTPChannels,
                asksJira: configuration.jira.isEnabled,
                isMetricsToken: recognizer(of: configuration.secrets.metricsToken),
                hasPublicMetrics: configuration.hasPublicMetrics),
            now: { .now },
            onTenantChanged: onTenantChangedHere, onAlertsQueued: onAlerts, onWorkQueued: onWork,
            onJiraWork: { jiraNudge() }, route: { decoder.route($0) },
            logger: Logger(label: "api")
        ).addRoutes(to: router)
        door.addRoutes(to: router)

        // What is in hand after the limit is a mail at most, which cannot be interrupted.
        let longestCancellation = Duration.seconds(EmailSink.longestSeconds + 5)
        // The door has half of the time; what is then in hand has the rest.
        limits.drain = configuration.shutdownTimeout / 2
        let place = socket.map { ListeningPlace.inherited($0) }
        let http = HTTPListener(
            responder: router.buildResponder(),
            place: place ?? .address(host: configuration.http.host, port: configuration.http.port), limits: limits,
            ledger: ledger, logger: Logger(label: "http"),
            onListening: { channel in
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
                listening()
                onListening(port ?? 0)
            },
            onDraining: {
                // As long as the parts may take, whatever the unit's TimeoutStopSec= is.
                notifier.stopping(within: configuration.shutdownTimeout + longestCancellation)
            })

        // Shutdown goes through this list backwards, one at a time: the door closes first, then what is in hand is
        // finished.
        let wakeUps = store.signals.map { signals in
            NodeWakeUps(
                signals: signals, onWork: { workNudge() }, onAlerts: { alertNudge() },
                onTenantChanged: onTenantChanged, logger: logger)
        }
        let services: [any Service] =
            (wakeUps.map { [$0] } ?? []) + [
                deliverer, rescorer,
            ] + (configuration.jira.isEnabled ? [synchronizer] : []) + [
                Housekeeper(
                    store: store, policy: configuration.retention, currentModel: { analyst.engine.model },
                    now: { .now }, logger: Logger(label: "housekeeping")),
                Supervision(health: health, notifier: notifier, listening: listening.stream, logger: logger),
                ReloadOnSignal(
                    reload: reload, secrets: secrets, model: model, notifier: notifier, logger: logger,
                    onModelChanged: {
                        await rescorer.queueStaleAnalyses()
                        workNudge()
                    }), http,
            ]
        var group = ServiceGroupConfiguration(
            services: services.map {
                .init(
                    service: $0, successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup)
            },
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.shutdownTimeout
        // Beyond this limit the service group crashes on purpose.
        group.maximumCancellationDuration = longestCancellation
        return Daemon(
            store: store, lock: lock, node: node, client: client, connections: connections,
            group: ServiceGroup(configuration: group))
    }

    /// Runs until SIGTERM or SIGINT, drains, and closes the store. Throws when a part failed for good.
    func run() async throws {
        let result = await Result.catching { try await group.run() }
        try await client.shutdown()
        try await connections.shutdown()
        // A node that is not forgotten counts as gone after a minute.
        do { try await store.forget(node) } catch let error as StorageError where error.code == .unavailable {}
        try store.close()
        withExtendedLifetime(lock) {}
        try result.get()
    }

    /// Opens the store. A database server that cannot be reached now is waited for: a restart would not bring it back.
    private static func opened(
        _ place: DaemonConfiguration.Store, metrics: StoreMetrics, notifier: SystemdNotifier, logger: Logger
    ) async throws -> RiskStore {
        switch place {
        case .sqlite(let path): return try await RiskStore.sqlite(path: path, now: .now, metrics: metrics)
        case .postgres(let settings):
            while true {
                do {
                    return try await RiskStore.postgres(settings, now: .now, metrics: metrics)
                } catch let error as StorageError where error.code == .unavailable {
                    logger.error(
                        "waiting for the database", metadata: ["place": "\(settings.place)", "error": "\(error)"])
                    notifier.status("waiting for \(settings.place): \(error)")
                    try await Task.sleep(for: .seconds(2))
                }
            }
        }
    }

    private static func sinks(mail: EmailSink?, client: HTTPClient) -> [AlertChannel.Kind: any AlertSink] {
        var sinks: [AlertChannel.Kind: any AlertSink] = [.slack: SlackSink(client: client)]
        if let mail { sinks[.email] = mail }
        return sinks
    }
}

extension EmailSink {
    fileprivate init(_ mail: DaemonConfiguration.Mail) {
        self.init(
            MailSettings(
                host: mail.host, port: mail.port, security: MailSettings.Security(mail.security),
                username: mail.username, password: mail.password, from: mail.from))
    }
}

extension Result where Failure == any Error {
    /// The outcome of an asynchronous operation as a value.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}

extension MailSettings.Security {
    fileprivate init(_ security: DaemonConfiguration.Mail.Security) {
        self =
            switch security {
            case .none: .none
            case .starttls: .starttls
            case .tls: .tls
            }
    }
}
