import Domain
import Hummingbird
import Queries

/// The routing tree as an ordered list: an alert goes to the first route that matches it.
///
/// Every form carries which tree it was made from: what somebody else has changed meanwhile is not overwritten.
struct RoutesController: Sendable {
    var alerts: AlertSettings
    var pages: PageRenderer

    private struct ListContent: Sendable {
        var routes: [RouteRow]
        var seen: String
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
    }

    private struct Content: Sendable {
        var heading: String
        var action: String
        var at: String
        var seen: String
        var isRoot: Bool
        var form: RouteForm
        var matchers: [MatcherRow]
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/routes", use: list)
        group.get("/dashboard/routes/new", use: new)
        group.post("/dashboard/routes/new", use: add)
        group.get("/dashboard/routes/edit", use: edit)
        group.post("/dashboard/routes/edit", use: change)
        group.post("/dashboard/routes/move", use: move)
        group.post("/dashboard/routes/delete", use: delete)
    }

    @Sendable private func list(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await listPage(for: try context.signedIn)
    }

    @Sendable private func new(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let (root, place) = try await node(in: request, for: visit)
        let form = RouteForm(AlertRoute(), channels: try await alerts.channels.list(for: visit.principal))
        return page(form, at: place, isNew: true, seen: AlertRouteVersion(root), for: visit)
    }

    @Sendable private func edit(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let (root, place) = try await node(in: request, for: visit)
        let channels = try await alerts.channels.list(for: visit.principal)
        let form = RouteForm(root.node(at: place) ?? AlertRoute(), channels: channels)
        return page(form, at: place, isNew: false, seen: AlertRouteVersion(root), for: visit)
    }

    @Sendable private func add(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await save(request, isNew: true, for: try context.signedIn)
    }

    @Sendable private func change(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await save(request, isNew: false, for: try context.signedIn)
    }

    @Sendable private func move(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        let (place, offset) = (try Self.place(form["at"] ?? ""), form["to"] == "up" ? -1 : 1)
        return try await changing(form, for: visit) { $0.move(place, by: offset) }
    }

    @Sendable private func delete(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        let place = try Self.place(form["at"] ?? "")
        return try await changing(form, for: visit) { $0.remove(at: place) }
    }

    private func changing(
        _ form: PostedForm, for visit: Visit, _ body: (inout AlertRoute) -> Bool
    ) async throws -> Response {
        try await accepting {
            _ = try await alerts.routes.change(
                AlertRouteVersion(text: form["seen"] ?? ""), by: visit.principal, body)
            return .see(AlertTab.routes.path)
        } orShowing: {
            try await listPage(for: visit, problems: $0)
        }
    }

    private func save(_ request: Request, isNew: Bool, for visit: Visit) async throws -> Response {
        let posted = try await PostedForm(request, of: visit)
        let (place, seen) = (try Self.place(posted["at"] ?? ""), AlertRouteVersion(text: posted["seen"] ?? ""))
        let form = RouteForm(posted, channels: try await alerts.channels.list(for: visit.principal))
        return try await accepting {
            _ = try await alerts.routes.set(
                place, isNew: isNew, RouteForm.fields(posted), seen: seen, by: visit.principal)
            return .see(AlertTab.routes.path)
        } orShowing: {
            page(form, at: place, isNew: isNew, seen: seen, for: visit, problems: $0)
        }
    }

    /// The tree, and the place in it that the address names.
    private func node(in request: Request, for visit: Visit) async throws -> (AlertRoute, AlertRoutePlace) {
        let place = try Self.place(request.uri.queryParameters["at"].map(String.init) ?? "")
        let root = try await alerts.routes.root(for: visit.principal)
        guard root.node(at: place) != nil else { throw PageError.notFound }
        return (root, place)
    }

    private static func place(_ text: String) throws -> AlertRoutePlace {
        guard let place = AlertRoutePlace(text: text) else { throw PageError.notFound }
        return place
    }

    private func listPage(for visit: Visit, problems: [FormProblem] = []) async throws -> Response {
        let root = try await alerts.routes.root(for: visit.principal)
        let channels = try await alerts.channels.list(for: visit.principal)
        let content = ListContent(
            routes: RouteRow.all(in: root, channels: channels), seen: AlertRouteVersion(root).text, problems: problems,
            hasProblems: !problems.isEmpty, formToken: visit.formToken)
        return pages.page("routes", content, in: .alerts(visit, .routes))
    }

    private func page(
        _ form: RouteForm, at place: AlertRoutePlace, isNew: Bool, seen: AlertRouteVersion, for visit: Visit,
        problems: [FormProblem] = []
    ) -> Response {
        let isRoot = place.isRoot && !isNew
        let heading = PageTexts.english("routes", isNew ? "new" : isRoot ? "edit_rest" : "edit")
        let content = Content(
            heading: heading, action: "\(AlertTab.routes.path)/\(isNew ? "new" : "edit")", at: place.text,
            seen: seen.text, isRoot: isRoot, form: form, matchers: form.matchers, problems: problems,
            hasProblems: !problems.isEmpty, formToken: visit.formToken)
        return pages.page("route", content, in: .alerts(visit, .routes, title: heading))
    }
}
