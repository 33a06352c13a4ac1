import Domain
import HTTPTypes
import Hummingbird
import Queries

/// Plans, and what was used of them on each day.
struct PlanController: Sendable {
    var store: any QueryStore & OperatorStore
    var plans: Plans
    var quota: MonthlyQuota
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/plans", use: list)
        group.put("/api/plans/{name}", use: update)
        group.get("/api/tenants/{id}/usage/days", use: days)
        group.get("/api/operator/usage", use: daysOfHost)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[PlanView]> {
        Answer(try await plans.all().map(PlanView.init))
    }

    @Sendable private func update(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<PlanView> {
        guard let name = context.parameters.get("name").flatMap({ Plan(rawValue: $0) }) else {
            throw APIError(.planNotFound, "Unknown plan.")
        }
        let fields = try await RequestFields(bodyOf: request)
        return Answer(PlanView(try await plans.update(name, fields, by: try context.principal)))
    }

    @Sendable private func days(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        var query = RequestFields(queryOf: request)
        let format = AnswerFormat.asked(by: request, &query)
        let month = query.month(at: now())
        try query.check()
        let tenant = try await context.tenantInPath(from: store)
        let days = try await quota.days(of: tenant, in: month)
        return try format.response(
            "usage-days", json: Answer(days.map(UsageDayView.init)), file: UsageDayCSV.records(of: days))
    }

    @Sendable private func daysOfHost(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        var query = RequestFields(queryOf: request)
        let month = query.month(at: now())
        let page = try PageRequest(request, fields: &query, offersFile: true)
        return try await page.answer(
            { [store] cursor, limit in
                try await store.usageDaysOfHost(from: month.start, to: month.end, after: cursor, limit: limit)
            }, view: TenantUsageDayView.init, file: UsageDayCSV.table)
    }
}

extension RequestFields {
    /// The field `month`, as `2026-11`; the present one where it is absent or invalid, and then with an error noted.
    fileprivate mutating func month(at now: Timestamp) -> CalendarMonth {
        optional("month", .month) ?? CalendarMonth(containing: now)
    }
}

extension FieldParser where Value == CalendarMonth {
    /// A month.
    fileprivate static var month: FieldParser {
        FieldParser { value throws(Mismatch) in
            guard case .string(let text) = value, let month = CalendarMonth(text) else {
                throw Mismatch(message: "must be a month such as 2026-11")
            }
            return month
        }
    }
}
