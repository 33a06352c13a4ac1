import Domain
import Hummingbird
import Queries

/// The checks of `consilod doctor`, with their remedies.
struct DiagnosisController: Sendable {
    var store: any QueryStore
    var host: any HostDiagnosing
    var tenants: any TenantDiagnosing

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/doctor") { _, _ in Answer(DiagnosisView(await host.checks())) }
        group.get("/api/tenants/{id}/doctor") { _, context in
            let tenant = try await context.tenantInPath(from: store)
            return Answer(DiagnosisView(try await tenants.checks(of: tenant)))
        }
    }
}
