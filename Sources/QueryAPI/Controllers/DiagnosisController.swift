import Domain
import Hummingbird

/// Whether consilod can do its work, and what to do where it cannot.
struct DiagnosisController: Sendable {
    var store: any QueryStore
    var diagnosis: any Diagnosing

    func addAdminRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/doctor") { _, _ in Answer(DiagnosisView(await diagnosis.hostChecks())) }
    }

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/tenants/{id}/doctor") { _, context in
            let tenant = try await context.tenantInPath(from: store)
            return Answer(DiagnosisView(try await diagnosis.checks(of: tenant)))
        }
    }
}
