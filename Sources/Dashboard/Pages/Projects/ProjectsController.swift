import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// The projects with their open issues by band, and portfolios: named sets of issues, which are put together when somebody asks
/// for it, for that counts against the plan.
struct ProjectsController: Sendable {
    var store: any DashboardStore
    var portfolios: PortfolioAnalyses
    var pages: PageRenderer
    var currency: String
    var now: @Sendable () -> Timestamp

    /// Sets of issues in one portfolio.
    private static let sliceLimit = 20
    /// Issues of each that are looked at: the riskiest.
    private static let issueLimit = 200

    private struct Project: Sendable {
        var key: String
        var path: String
        var high: Int
        var medium: Int
        var low: Int
        var total: Int

        init(_ risk: ProjectRisk) {
            key = risk.projectKey
            path = PageText.projectPath(risk.projectKey)
            (high, medium, low) = (risk.counts.high, risk.counts.medium, risk.counts.low)
            total = risk.counts.total
        }
    }

    private struct Slice: Sendable {
        var name: String
        var issues: Int
        var high: Int
        var average: String
        var largest: Int
        var blockers: Int
        var cost: String
        var coverage: String
        var outlooks: [String]
    }

    private struct Portfolio: Sendable {
        var slices: [Slice]
        var overall: Slice
        var summary: String
        var asOf: String
    }

    private struct Content: Sendable {
        var projects: [Project]
        var hasProjects: Bool
        var slices: String
        var problem: String?
        var portfolio: Portfolio?
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/projects", use: show)
        group.get("/dashboard/projects.csv", use: download)
        group.post("/dashboard/projects", use: analyze)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await page(for: try context.signedIn, slices: "")
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let risks = try await store.projectRisks(try context.signedIn.tenant.id)
        return .csv(
            "projects", columns: ["project_key", "high", "medium", "low", "open"],
            rows: risks.map {
                [
                    $0.projectKey, "\($0.counts.high)", "\($0.counts.medium)", "\($0.counts.low)",
                    "\($0.counts.total)",
                ]
            })
    }

    @Sendable private func analyze(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        let text = form["slices"] ?? ""
        let slices: [PortfolioAnalyses.Slice]
        do {
            slices = try PortfolioText.slices(of: text, limit: Self.sliceLimit)
        } catch let error as PortfolioText.Problem {
            return try await page(for: visit, slices: text, problem: error.text)
        }
        do {
            let analysis = try await portfolios.analyze(
                slices, limit: Self.issueLimit, for: visit.principal, at: now())
            return try await page(for: visit, slices: text, portfolio: portfolio(analysis))
        } catch QueryError.unknownProject(let place?) {
            return try await page(for: visit, slices: text, problem: problem("unknown_project", slices, place))
        } catch QueryError.search(_, let place?) {
            return try await page(for: visit, slices: text, problem: problem("search_failed", slices, place))
        }
    }

    private func problem(_ name: String, _ slices: [PortfolioAnalyses.Slice], _ place: Int) -> String {
        PageTexts.english(
            "projects", name, ["name": slices.indices.contains(place) ? slices[place].name : "\(place + 1)"])
    }

    private func page(
        for visit: Visit, slices: String, problem: String? = nil, portfolio: Portfolio? = nil
    ) async throws -> Response {
        let risks = try await store.projectRisks(visit.tenant.id)
        let content = Content(
            projects: risks.map(Project.init), hasProjects: !risks.isEmpty, slices: slices, problem: problem,
            portfolio: portfolio, formToken: visit.formToken, asOf: PageText.instant(now()))
        return pages.page(
            "projects", content, in: .signedIn(visit, PageTexts.english("navigation", "projects"), .projects),
            status: problem == nil ? .ok : .unprocessableContent)
    }

    private func portfolio(_ analysis: PortfolioAnalysis) -> Portfolio {
        Portfolio(
            slices: analysis.slices.map {
                slice($0.name, $0.rollup, coverage: "coverage_\($0.coverage.rawValue)", $0.outlooks)
            },
            overall: slice(
                PageTexts.english("projects", "overall"), analysis.overall, coverage: "coverage_overall",
                analysis.outlooks), summary: analysis.summary, asOf: PageText.instant(analysis.asOf))
    }

    private func slice(
        _ name: String, _ rollup: PortfolioRollup, coverage: String, _ outlooks: [ForecastOutlook]
    ) -> Slice {
        Slice(
            name: name, issues: rollup.counts.issues, high: rollup.counts.highRisk, average: "\(rollup.risk.avg)",
            largest: rollup.risk.max, blockers: rollup.counts.blockers,
            cost: MoneyText.text(rollup.capacity.totalDailyCost, in: currency),
            coverage: PageTexts.english("projects", coverage), outlooks: outlooks.compactMap(\.sentence))
    }
}
