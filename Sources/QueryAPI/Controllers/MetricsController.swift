import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import NIOCore

/// `GET /metrics`, for Prometheus.
///
/// Figures over all tenants are the host owner's. The address of the caller is no credential: behind a reverse proxy on
/// this host every client appears as loopback.
struct MetricsController: Sendable {
    var metrics: any MetricsReporting
    var health: any HealthReporting
    var authenticator: Authenticator
    var isMetricsToken: (@Sendable (String) -> Bool)?
    var isPublic: Bool
    var proxies: TrustedProxies

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/metrics", use: exposition)
    }

    @Sendable private func exposition(_ request: Request, context: some RequestContext) async throws -> Response {
        try await authorize(request, from: proxies.origin(of: request, in: context))
        // The store may be down, which the metrics show: they are answered all the same.
        let text = metrics.exposition(of: await health.health())
        return Response(
            status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private func authorize(_ request: Request, from origin: RequestOrigin) async throws {
        if isPublic { return }
        let isAdminToken = authenticator.isAdminToken
        guard isAdminToken != nil || isMetricsToken != nil else {
            throw APIError(.adminDisabled, "This host has neither metrics.token nor an admin token configured.")
        }
        // Without a query to the store, which may be what fails.
        if let token = request.headers.bearerToken, isMetricsToken?(token) ?? false || isAdminToken?(token) ?? false {
            return
        }
        let principal = try await authenticator.principal(of: request, from: origin)
        await authenticator.refused.note(
            .notAllowed, request, tenant: principal.tenant?.id, by: principal.actor.from(origin))
        throw APIError(.adminRequired, "This needs the metrics token or the admin token.")
    }
}
