import Billing
import Domain
import JiraCloud
import RiskEngine
import Store

extension Composition {
    func makeHealth(_ store: StorePart, model: ModelHost, engine: EnginePart) -> DaemonHealth {
        let analyst = engine.analyst
        return DaemonHealth(
            store: store.store, node: store.node, clock: clock, sealed: sealed, progress: progress, model: model,
            engine: { analyst.engine },
            mailIsConfigured: configuration.mail != nil, stripeMode: configuration.stripe?.terms.mode,
            asksJira: configuration.jira.isEnabled,
            sweepOverdueSeconds: 3 * configuration.jira.options.sweepSeconds
                + configuration.jira.options.overlapSeconds,
            // A frozen database keeps a worker waiting until its timeout; a restart would not wake the database.
            stallLimit: (notifier.watchdogInterval ?? .seconds(60)) + configuration.store.longestWait)
    }

    /// What `consilod doctor` asks.
    struct DiagnosisPart {
        let host: HostDiagnosis
        let tenants: TenantDiagnosis
    }

    func makeDiagnosis(
        _ store: RiskStore, health: DaemonHealth, probe: PublicURLProbe?, alerts: AlertsPart, jira: JiraPart,
        stripe: StripePart?
    ) -> DiagnosisPart {
        DiagnosisPart(
            host: HostDiagnosis(
                health: health, configuration: configuration, probe: probe, mail: alerts.mail,
                stripe: stripe?.diagnosis,
                survey: { [vault] in try await SealedSurvey.run(of: store, with: vault) }),
            tenants: TenantDiagnosis(
                store: store, jira: jira.diagnosis, channels: alerts.diagnosis,
                automation: AutomationDiagnosis(
                    isOn: configuration.takesAutomation, asksJira: configuration.jira.isEnabled),
                now: { [clock] in clock.now }))
    }
}
