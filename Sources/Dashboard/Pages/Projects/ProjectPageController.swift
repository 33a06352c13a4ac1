import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// One project: its risk over time, what its open work costs, its blockers, the mood of its comments, and its issues.
struct ProjectPageController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var currency: String
    var now: @Sendable () -> Timestamp

    private struct Category: Sendable {
        var name: String
        var count: Int
    }

    private struct Figures: Sendable {
        var cost: String
        var daysLost: String?
        var mood: String
        var blockers: Int
        var categories: [Category]
        var series: RiskSeries
        var asOf: String
    }

    private struct Content: Sendable {
        var key: String
        var high: Int
        var medium: Int
        var low: Int
        var total: Int
        var figures: Figures?
        var list: IssueTable
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/projects/{key}", use: show)
        group.get("/dashboard/projects/{key}/risk.csv", use: download)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let (id, now) = (visit.tenant.id, now())
        let key = try key(context)
        guard let counts = try await store.projectRisk(id, projectKey: key) else { throw PageError.notFound }
        let picture = try await store.riskPicture(id, projectKey: key, now: now)
        let query = PageQuery(request)
        let address = IssueAddress(PageText.projectPath(key), query, project: key)
        let cursor = query["cursor"]
        let page = try await store.issueLines(id, filter: address.filter, after: cursor, limit: IssueTable.pageSize)
        let choices = try await store.issueChoices(id, limit: IssueTable.choiceLimit)
        let content = Content(
            key: key, high: counts.high, medium: counts.medium, low: counts.low, total: counts.total,
            figures: picture.map { figures($0, of: key) },
            list: IssueTable(address, page, choices, isFirst: cursor == nil), asOf: PageText.instant(now))
        // A project without open issues has no picture.
        return pages.page(
            "project", content, in: .signedIn(visit, key, .projects),
            headers: PageText.untilThere(picture != nil || counts.total == 0))
    }

    @Sendable private func download(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let id = try context.signedIn.tenant.id
        let key = try key(context)
        guard try await store.projectRisk(id, projectKey: key) != nil else { throw PageError.notFound }
        let picture = try await store.riskPicture(id, projectKey: key, now: now())
        return .csv("risk", columns: RiskSeries.columns, rows: RiskSeries.cells(of: picture))
    }

    private func key(_ context: DashboardContext<some RequestContext>) throws -> String {
        guard let key = context.parameters.get("key")?.uppercased(), !key.isEmpty else { throw PageError.notFound }
        return key
    }

    private func figures(_ picture: RiskPicture, of key: String) -> Figures {
        func text(_ name: String, _ values: KeyValuePairs<String, String>) -> String {
            PageTexts.english("project", name, values)
        }
        let mood = picture.mood
        return Figures(
            cost: text("cost", ["amount": MoneyText.text(picture.dailyCost, in: currency)]),
            daysLost: picture.daysLostPerDay > 0 ? text("days_lost", ["days": "\(Int(picture.daysLostPerDay))"]) : nil,
            mood: mood.comments == 0
                ? PageTexts.english("project", "no_mood")
                : text(
                    "mood",
                    [
                        "comments": "\(mood.comments)", "negative": "\(100 * mood.negative / mood.comments)",
                        "positive": "\(100 * mood.positive / mood.comments)",
                    ]),
            blockers: picture.blockers,
            categories: picture.blockersByCategory.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { Category(name: $0.key.replacing("_", with: " "), count: $0.value) },
            series: RiskSeries(picture, csv: "\(PageText.projectPath(key))/risk.csv"),
            asOf: PageText.instant(picture.asOf))
    }
}
