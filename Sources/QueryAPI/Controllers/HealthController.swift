import HTTPTypes
import Hummingbird

/// The daemon's health, without credentials.
struct HealthController: Sendable {
    var health: any HealthReporting
    var version: String

    func addRoutes(to group: RouterGroup<some RequestContext>) {
        group.get("/", use: root)
        group.get("/health", use: report)
        group.get("/ready", use: report)
    }

    /// Programs get JSON; browsers, which ask for HTML, are sent to the dashboard.
    @Sendable private func root(_ request: Request, context: some RequestContext) throws -> Response {
        let wantsPage = request.headers[values: .accept].contains { $0.lowercased().contains("text/html") }
        var response =
            wantsPage
            ? Response(status: .seeOther, headers: [.location: "/dashboard"])
            : try Answer(RootView(version: version)).response()
        response.headers[.vary] = "Accept"
        return response
    }

    /// 200 while requests can be answered, 503 otherwise.
    @Sendable private func report(_ request: Request, context: some RequestContext) async -> Answer<HealthView> {
        let report = await health.health()
        let status: HTTPResponse.Status = report.status == .unhealthy ? .serviceUnavailable : .ok
        return Answer(HealthView(report, version: version), status: status)
    }
}
