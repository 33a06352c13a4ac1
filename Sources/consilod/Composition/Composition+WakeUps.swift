import Domain
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
        let secrets: WebhookSecretCache
        /// The workers of this process alone: for what other nodes send.
        let here: WakeUps
        /// The workers of this process, and through the store those of the other nodes.
        let everywhere: WakeUps
        /// Passes on what other nodes send; nil on a store of one process.
        let listener: NodeWakeUps?
    }

    func makeWakeUps(_ store: RiskStore) -> WakeUpPart {
        let secrets = WebhookSecretCache(
            now: { [clock] in clock.now },
            // Not by a clock that may be wrong: Jira drops what a secret that has ended does not verify.
            sealed: { [clock] in try await store.sealedWebhookSecrets($0, now: clock.certain) }, open: open,
            logger: logger)
        return WakeUpPart(secrets: secrets, signals: store.signals, logger: logger)
    }
}

extension Composition.WakeUpPart {
    fileprivate init(secrets: WebhookSecretCache, signals: NodeSignals?, logger: Logger) {
        self.secrets = secrets
        let (issues, alerts, jira) = (self.issues, self.alerts, self.jira)
        let here = WakeUps(
            issues: { issues() }, alerts: { alerts() }, jira: { jira() },
            tenantChanged: { id in
                await secrets.invalidate(id)
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
        listener = signals.map { NodeWakeUps(signals: $0, wakeUps: here, logger: logger) }
    }
}
