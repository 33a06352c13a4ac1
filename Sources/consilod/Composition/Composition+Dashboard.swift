import Alerts
import Dashboard
import Domain
import JiraCloud
import Queries
import Store
import Vault
import WorkLoop

extension Composition {
    /// What the pages do about alerts: the same as the API.
    func makeAlertSettings(
        _ store: RiskStore, engine: EnginePart, alerts: AlertsPart, _ wakeUps: WakeUps
    ) -> AlertSettings {
        AlertSettings(
            store: store, analyst: engine.analyst, vault: .init(seal: seal, open: open),
            limits: .init(
                allowsPlainHTTP: configuration.allowsPlainHTTPChannels, policy: channelPolicy,
                recipients: configuration.tenantLimits[.channelRecipients],
                routes: configuration.tenantLimits[.alertRoutes]),
            timing: configuration.alertTiming, test: alerts.test, recipients: alerts.recipients, billing: billing,
            turns: turns,
            wakeUps: wakeUps, executor: { [threads] in threads.executor(for: $0) }, now: { [clock] in clock.now })
    }

    /// What the page of the API keys does: the same as the API.
    func makeKeys(_ store: RiskStore, _ wakeUps: WakeUps) -> APIKeys {
        APIKeys(store: store, make: Self.makeKey, wakeUps: wakeUps, now: { [clock] in clock.now })
    }

    /// What the page of the plan does: the same as the API.
    func makePlanPages(_ store: RiskStore, _ stripe: StripePart?, quota: MonthlyQuota) -> PlanPages {
        PlanPages(
            plans: Plans(store: store, now: { [clock] in clock.now }), quota: quota,
            calls: BillingCalls(seller: stripe?.desk, returnHosts: configuration.stripe?.returnHosts ?? []))
    }

    /// What the page of the set-up does.
    func makeSetup(_ store: RiskStore, jira: JiraPart, diagnosis: DiagnosisPart, _ wakeUps: WakeUps) -> SiteSetup {
        SiteSetup(
            store: store,
            settings: TenantSettings(
                store: store, seal: seal, makeSecret: { WebhookSecret.generate() }, wakeUps: wakeUps,
                now: { [clock] in clock.now }),
            calls: JiraCalls(
                jira: store, isEnabled: configuration.jira.isEnabled, wakeUps: wakeUps, now: { [clock] in clock.now }),
            webhooks: JiraWebhooks(
                administration: jira.administration, audit: store, isEnabled: configuration.jira.isEnabled,
                now: { [clock] in clock.now }),
            webhookEvents: WebhookContract.events, diagnosis: diagnosis.tenants, asksJira: configuration.jira.isEnabled)
    }
}
