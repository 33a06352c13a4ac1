import Dashboard
import Domain
import HTTPServer
import Logging
import Store
import WebhookIngest
import WorkLoop

extension Composition {
    /// How workers are woken, and the cache that forgets changed tenants.
    struct WakeUpPart {
        /// What wakes each worker of this process.
        let issues = Nudge()
        let alerts = Nudge()
        let jira = Nudge()
        /// Wakes who writes into the tenants' Jiras.
        let writing = Nudge()
        let secrets: WebhookSecretCache
        /// The hashes of automation tokens.
        let automationTokens: WebhookSecretCache
        /// The pages that people have open on this node.
        let live: LiveUpdates
        /// The workers of this process alone: for what other nodes send.
        let here: WakeUps
        /// The workers of this process, and through the store those of the other nodes.
        let everywhere: WakeUps
        /// Passes on what other nodes send; nil on a store of one process.
        let listener: NodeWakeUps?
    }

    func makeWakeUps(_ store: RiskStore, _ http: HTTPPart) -> WakeUpPart {
        let secrets = WebhookSecretCache(
            now: { [clock] in clock.now },
            // Not by a clock that may be wrong: Jira drops what a secret that has ended does not verify.
            sealed: { [clock] in try await store.sealedWebhookSecrets($0, now: clock.certain) }, open: open,
            logger: logger)
        let tokens = WebhookSecretCache(
            now: { [clock] in clock.now },
            load: { [clock] in
                try await store.automationTokenHashes($0, now: clock.certain).map { $0.map { Array($0.utf8) } }
            })
        var limits = configuration.http.eventStreams
        // Most connections are left to Jira and the API.
        limits.total = min(limits.total, http.limits.connections / 4)
        let live = LiveUpdates(limits: limits)
        let signals = store.signals
        store.changes.observe { id in
            live.changed(id)
            signals?.send(.pagesChanged(id))
        }
        return WakeUpPart(
            secrets: secrets, automationTokens: tokens, live: live, signals: signals, logger: logger)
    }
}

extension Composition.WakeUpPart {
    fileprivate init(
        secrets: WebhookSecretCache, automationTokens: WebhookSecretCache, live: LiveUpdates, signals: NodeSignals?,
        logger: Logger
    ) {
        self.secrets = secrets
        self.automationTokens = automationTokens
        self.live = live
        let (issues, alerts, jira, writing) = (self.issues, self.alerts, self.jira, self.writing)
        let here = WakeUps(
            issues: { issues() }, alerts: { alerts() },
            jira: {
                jira()
                writing()
            },
            tenantChanged: { id in
                await secrets.invalidate(id)
                await automationTokens.invalidate(id)
                live.sessionsChanged(of: id)
                jira()
            })
        self.here = here
        everywhere = WakeUps(
            issues: {
                here.issues()
                signals?.send(.issuesQueued)
            },
            alerts: {
                here.alerts()
                signals?.send(.alertsQueued)
            },
            // Any node may make the calls; this one is awake.
            jira: here.jira,
            tenantChanged: { id in
                await here.tenantChanged(id)
                signals?.send(.tenantChanged(id))
            })
        listener = signals.map { NodeWakeUps(signals: $0, wakeUps: here, live: live, logger: logger) }
    }
}
