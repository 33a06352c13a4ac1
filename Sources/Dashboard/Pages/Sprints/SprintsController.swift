import Domain
import HTTPServer
import Hummingbird
import Queries

/// The sprints, and each one: its scope, what is left, and which issues are at risk.
struct SprintsController: Sendable {
    var store: any DashboardStore
    var progresses: SprintProgresses
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    /// Sprints in the list.
    private static let listLimit = 40
    /// Issues in the table of a sprint.
    private static let issueLimit = 30

    private struct ListContent: Sendable {
        var sprints: [SprintRow]
        var hasSprints: Bool
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/sprints", use: list)
        group.get("/dashboard/sprints.csv", use: downloadList)
        group.get("/dashboard/sprints/{id}", use: show)
        group.get("/dashboard/sprints/{id}/burn-down.csv", use: download)
    }

    @Sendable private func list(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let sprints = try await store.sprintListings(visit.tenant.id, limit: Self.listLimit)
        let content = ListContent(
            sprints: sprints.map(SprintRow.init), hasSprints: !sprints.isEmpty, asOf: PageText.instant(now()))
        return pages.page(
            "sprints", content, in: .signedIn(visit, PageTexts.english("navigation", "sprints"), .sprints))
    }

    @Sendable private func downloadList(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let sprints = try await store.sprintListings(try context.signedIn.tenant.id, limit: Self.listLimit)
        return .csv(
            "sprints",
            columns: [
                "id", "name", "state", "projects", "start_date", "end_date", "complete_date", "high", "medium", "low",
            ],
            rows: sprints.map { listing in
                let sprint = listing.sprint
                return [
                    sprint.id, sprint.name, sprint.state, listing.projectKeys.joined(separator: " "),
                    sprint.startDate?.description, sprint.endDate?.description, sprint.completeDate?.description,
                    "\(listing.open.high)", "\(listing.open.medium)", "\(listing.open.low)",
                ]
            })
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let progress = try await progress(of: context, limit: Self.issueLimit)
        return pages.page(
            "sprint", SprintContent(progress), in: .signedIn(visit, progress.listing.sprint.name, .sprints))
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let progress = try await progress(of: context, limit: 0)
        return .csv(
            "burn-down", columns: ["at", "issues", "story_points"],
            rows: progress.burnDown.map { ["\($0.at)", "\($0.issues)", PageText.number($0.storyPoints)] })
    }

    private func progress(
        of context: DashboardContext<some RequestContext>, limit: Int
    ) async throws -> SprintProgress {
        try await progresses.progress(
            of: context.parameters.get("id") ?? "", limit: limit, for: try context.signedIn.principal, at: now())
    }
}

/// A row of the list of sprints.
struct SprintRow: Sendable {
    var path: String
    var name: String
    var state: String
    var projects: String
    var start: String
    var end: String
    var high: Int
    var medium: Int
    var low: Int

    init(_ listing: SprintListing) {
        let sprint = listing.sprint
        path = "/dashboard/sprints/\(PathText.encoded(sprint.id))"
        name = sprint.name
        state = sprint.state
        projects = listing.projectKeys.joined(separator: ", ")
        start = sprint.startDate.map { "\($0.utcDay)" } ?? ""
        end = (sprint.completeDate ?? sprint.endDate).map { "\($0.utcDay)" } ?? ""
        (high, medium, low) = (listing.open.high, listing.open.medium, listing.open.low)
    }
}
