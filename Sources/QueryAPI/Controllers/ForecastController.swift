import Domain
import Forecast
import HTTPTypes
import Hummingbird
import Queries

/// How a tenant's forecasts are made and judged.
struct ForecastController: Sendable {
    var forecasts: Forecasts
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/forecast/model", use: model)
        group.get("/api/forecast/backtest", use: backtest)
        group.post("/api/forecast/backtest", use: start)
    }

    @Sendable private func model(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ForecastModelView> {
        Answer(ForecastModelView(try await forecasts.standing(for: context.principal)))
    }

    @Sendable private func backtest(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BacktestView> {
        Answer(try await newest(for: context.principal))
    }

    /// Starts one; a node does the work, and its progress is in the answer to GET.
    @Sendable private func start(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<BacktestView> {
        let principal = try context.principal
        var fields = try await RequestFields(bodyOf: request)
        var wanted = BacktestRequest()
        if let cuts = fields.optional("cuts", .integer(BacktestRequest.cutRange)) { wanted.cuts = cuts }
        if let days = fields.optional("horizon_days", .integer(BacktestRequest.horizons)) { wanted.horizonDays = days }
        if let names = fields.optional("questions", .list(.text(1...10))) {
            let questions = names.compactMap { Question(name: $0) }
            if questions.count != names.count || !(1...Forecasts.questionLimit).contains(names.count) {
                fields.reject(
                    "questions",
                    "must be 1 to \(Forecasts.questionLimit) of usual, due, sprint, or days as in 30d (1d to 1460d)")
            }
            wanted.questions = questions
        }
        try fields.check()
        guard try await forecasts.requestBacktest(wanted, for: principal, at: now()) else {
            throw APIError(.conflict, "A backtest is under way; GET /api/forecast/backtest says how far it is.")
        }
        return Answer(try await newest(for: principal), status: .accepted)
    }

    private func newest(for principal: Principal) async throws -> BacktestView {
        guard let backtest = try await forecasts.backtest(for: principal) else {
            throw APIError(.backtestNotFound, "There is no backtest yet: POST /api/forecast/backtest starts one.")
        }
        return try BacktestView(backtest)
    }
}
