import Domain
import Hummingbird
import Queries

/// The routing tree of a tenant: which alerts go to which channels, and which share a notification.
struct RouteController: Sendable {
    var routes: AlertRoutes

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/alert-routes", use: show)
        group.put("/api/alert-routes", use: replace)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RouteView> {
        Answer(RouteView(try await routes.root(for: try context.principal)))
    }

    @Sendable private func replace(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RouteView> {
        let fields = try await RequestFields(bodyOf: request)
        return Answer(RouteView(try await routes.replace(fields, by: try context.principal)))
    }
}
