import Domain
import QueryAPI

/// The daemon's look at itself, for the API.
struct DaemonDiagnosis: Diagnosing {
    let host: HostDiagnosis
    let tenants: TenantDiagnosis

    func hostChecks() async -> [DiagnosticCheck] { await host.checks() }

    func checks(of tenant: Tenant) async throws -> [DiagnosticCheck] { try await tenants.checks(of: tenant) }
}
