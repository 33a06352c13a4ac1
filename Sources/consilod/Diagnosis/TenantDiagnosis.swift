import Alerts
import Domain
import JiraCloud
import Queries
import Store

/// The checks of one tenant: of its Jira, and of its channels.
struct TenantDiagnosis: TenantDiagnosing {
    let store: RiskStore
    let jira: JiraDiagnosis
    let channels: ChannelDiagnosis

    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] {
        async let channelChecks = channels.checks(of: try await store.alertChannels(tenant.id))
        return try await jira.checks(of: tenant) + channelChecks
    }
}
