import Domain
import Forecast
import HTTPTypes
import Hummingbird
import Queries

/// How far the forecasts can be trusted: what they come from, how they did on the tenant's own past, and a backtest on request.
struct ForecastController: Sendable {
    var forecasts: Forecasts
    var pages: PageRenderer
    var now: @Sendable () -> Timestamp

    private static let path = "/dashboard/forecast"

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post(RouterPath(Self.path + "/backtest"), use: start)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        return try await page(for: visit)
    }

    @Sendable private func start(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let form = try await PostedForm(request, of: visit)
        var wanted = BacktestRequest()
        guard let cuts = Int(form["cuts"] ?? "\(wanted.cuts)"), BacktestRequest.cutRange.contains(cuts) else {
            return try await page(for: visit, problem: problem("bad_cuts", BacktestRequest.cutRange))
        }
        guard let days = Int(form["horizon_days"] ?? "\(wanted.horizonDays)"), BacktestRequest.horizons.contains(days)
        else { return try await page(for: visit, problem: problem("bad_horizon", BacktestRequest.horizons)) }
        (wanted.cuts, wanted.horizonDays, wanted.questions) = (cuts, days, Question.judged)
        // Where one is under way, the page says how far it is.
        _ = try await forecasts.requestBacktest(wanted, for: visit.principal, at: now())
        return .see(Self.path)
    }

    private func problem(_ name: String, _ range: ClosedRange<Int>) -> String {
        PageTexts.english("forecast", name, ["from": "\(range.lowerBound)", "to": "\(range.upperBound)"])
    }

    private func page(for visit: Visit, problem: String? = nil) async throws -> Response {
        let content = try ForecastContent(
            try await forecasts.standing(for: visit.principal),
            backtest: try await forecasts.backtest(for: visit.principal), formToken: visit.formToken, problem: problem,
            asOf: now())
        return pages.page(
            "forecast", content,
            in: .signedIn(visit, PageTexts.english("navigation", "forecast"), .forecast),
            status: problem == nil ? .ok : .unprocessableContent, headers: PageText.untilThere(!content.isUnderWay))
    }
}
