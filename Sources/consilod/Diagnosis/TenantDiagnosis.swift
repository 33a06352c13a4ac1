import Alerts
import Domain
import JiraCloud
import Queries
import Store

/// The checks of one tenant: of its Jira, of Jira Automation where it has tokens for it, and of its channels.
struct TenantDiagnosis: TenantDiagnosing {
    let store: RiskStore
    let jira: JiraDiagnosis
    let channels: ChannelDiagnosis
    let automation: AutomationDiagnosis
    let now: @Sendable () -> Timestamp

    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        async let channelChecks = channels.checks(of: try await store.alertChannels(tenant.id))
        let now = now()
        let standing = try await store.automationStanding(tenant.id, now: now)
        let automationChecks = automation.checks(of: tenant, standing, now: now)
        return try await jira.checks(of: tenant) + automationChecks + channelChecks
    }
}
