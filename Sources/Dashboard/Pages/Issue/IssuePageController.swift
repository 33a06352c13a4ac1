import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// One issue: its score with what it rests on, its forecast, its blockers, what it waits for, and how it got there.
struct IssuePageController: Sendable {
    var analyses: IssueAnalyses
    var whatIfs: WhatIfs
    var past: PastAnalyses
    var stories: IssueStories
    var pages: PageRenderer
    /// Stands before amounts of money.
    var currency: String
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/issues/{key}", use: show)
        group.get("/dashboard/issues/{key}/past", use: showPast)
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
                path: PageText.issuePath(found.analysis.issueKey), address: address, compared: compared),
            changes: try await changes(of: found.analysis.issueKey, query, for: visit.principal, address: address),
            asOf: now)
        return pages.page("issue", content, in: .signedIn(visit, "\(content.key) \(content.summary)", .issues))
    }

    /// What changed the score in the days of the address, where it names any.
    private func changes(
        of key: IssueKey, _ query: PageQuery, for principal: Principal, address: String
    ) async throws -> IssueChangesContent {
        let now = now()
        var content = IssueChangesContent(since: query["since"], until: query["until"], now: now)
        guard let span = content.span else { return content }
        do {
            let found = try await past.difference(of: key, from: span.from, to: span.to, for: principal, now: now)
            content.take(found, Happenings(address: address))
        } catch let error as RequestError {
            guard let problems = FormProblem.all(in: error) else { throw error }
            content.note(problems)
        }
        return content
    }

    /// The issue as it stood at the instant of the address, in milliseconds since the Unix epoch; else as it stands.
    @Sendable private func showPast(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let key = IssueKey((context.parameters.get("key") ?? "").uppercased())
        let now = now()
        let at = PageQuery(request)["at"].flatMap { Int64($0) }.map { Timestamp(milliseconds: $0) } ?? now
        let look = try await past.look(at: key, asOf: at, for: visit.principal, now: now)
        let content = IssuePastContent(
            look, address: "\(visit.tenant.jiraURL)/browse/\(look.comparison.analysis.issueKey)")
        return pages.page("issue-past", content, in: .signedIn(visit, "\(content.key) \(content.summary)", .issues))
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
