import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// One issue: its score with what it rests on, its forecast, its blockers, what it waits for, and how it got there.
struct IssuePageController: Sendable {
    var analyses: IssueAnalyses
    var whatIfs: WhatIfs
    var stories: IssueStories
    var pages: PageRenderer
    /// Stands before amounts of money.
    var currency: String
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/issues/{key}", use: show)
        group.get("/dashboard/issues/{key}/history.csv", use: csv)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let key = IssueKey((context.parameters.get("key") ?? "").uppercased())
        let now = now()
        let look = try await analyses.look(at: key, for: visit.principal, at: now)
        let found = look.comparison
        let remedies = try await whatIfs.remedies(of: look.found, for: visit.principal)
        let address = "\(visit.tenant.jiraURL)/browse/\(found.analysis.issueKey)"
        let query = PageQuery(request)
        var compared: (from: Timestamp, to: Timestamp)?
        if let from = query["from"].flatMap({ Int64($0) }), let to = query["to"].flatMap({ Int64($0) }) {
            compared = (Timestamp(milliseconds: from), Timestamp(milliseconds: to))
        }
        let content = IssueContent(
            found, remedies: remedies, address: address, currency: currency,
            story: IssueStoryContent(
                look.story,
                upstream: try await stories.upstream(
                    of: found.analysis.issueKey, links: found.links, nearest: look.nearest, for: visit.principal),
                address: address, compared: compared), asOf: now)
        return pages.page("issue", content, in: .signedIn(visit, "\(content.key) \(content.summary)", .issues))
    }

    @Sendable private func csv(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let key = IssueKey((context.parameters.get("key") ?? "").uppercased())
        let story = try await stories.story(of: key, for: visit.principal)
        let factors = Factor.Name.allCases
        return .csv(
            "\(key.rawValue)-history",
            columns: ["analyzed_at", "risk_score", "blocker_count", "total_estimated_cost"] + factors.map(\.rawValue),
            rows: story.moments.map { moment in
                ["\(moment.at)", "\(moment.score)", "\(moment.blockerCount)", "\(moment.cost)"]
                    + factors.map { "\(moment.points[$0] ?? 0)" }
            })
    }
}
