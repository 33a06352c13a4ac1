import Domain
import Hummingbird
import Queries
import RiskEngine

/// Analyses of one issue: made now or as of an earlier instant, or as its history shows them.
struct AnalysisController: Sendable {
    var store: any QueryStore
    var analyses: IssueAnalyses
    var past: PastAnalyses
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/issue", use: analyze)
        group.get("/api/analyze/issue/{key}/raw", use: raw)
        group.get("/api/analyze/issue/{key}/diff", use: difference)
        group.get("/api/analyze/history", use: histories)
        group.get("/api/analyze/history/{key}", use: history)
        group.get("/api/analyze/trends/{key}", use: trends)
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ReportView> {
        var fields = try await RequestFields(bodyOf: request)
        let name = fields.optional("template", .text(1...50)) ?? IssueReport.Template.executive.rawValue
        let storesHistory = fields.optional("store_history", .bool) ?? true
        let key = try fields.required(("issue_key", .issueKey))
        guard let template = IssueReport.Template(rawValue: name) else { throw APIError.unknownTemplate }
        let report = try await analyses.report(
            on: key, template: template, storesHistory: storesHistory, for: try context.principal, at: now())
        return Answer(ReportView(report, template: name))
    }

    /// Not charged, and the analysis is not stored.
    @Sendable private func raw(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RawAnalysisView> {
        let (key, principal) = (try context.issueKey, try context.principal)
        var query = RequestFields(queryOf: request)
        let instant = query.optional("as_of", .timestamp)
        try query.check()
        guard let instant else {
            return Answer(RawAnalysisView(try await analyses.comparison(of: key, for: principal, at: now())))
        }
        let look = try await past.look(at: key, asOf: instant, for: principal, now: now())
        return Answer(RawAnalysisView(look.comparison, past: PastView(look)))
    }

    /// What made a score another between two instants. Not charged.
    @Sendable private func difference(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ScoreDifferenceView> {
        let (key, principal) = (try context.issueKey, try context.principal)
        let now = now()
        var query = RequestFields(queryOf: request)
        let end = query.optional("to", .timestamp) ?? now
        let start = try query.required(("from", .timestamp))
        let told = try await past.difference(of: key, from: start, to: end, for: principal, now: now)
        let site = try context.tenant.jiraURL
        return Answer(
            ScoreDifferenceView(told.difference, of: told.issueKey, knownFrom: told.knownFrom, site: site))
    }

    @Sendable private func history(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let (id, key) = (try context.tenant.id, try context.issueKey)
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query, defaultLimit: 30, offersFile: true).answer(
            { try await store.history(id, key: key, after: $0, limit: $1) }, view: HistoryView.init,
            file: HistoryCSV.table)
    }

    /// Of all issues.
    @Sendable private func histories(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Response {
        let id = try context.tenant.id
        var query = RequestFields(queryOf: request)
        let filter = HistoryFilter(
            projectKey: query.optional("project", .projectKey), from: query.optional("from", .timestamp),
            to: query.optional("to", .timestamp))
        if let from = filter.from, let to = filter.to, to <= from { query.reject("to", "must be after from") }
        return try await PageRequest(request, fields: &query, offersFile: true).answer(
            { try await store.history(id, filter: filter, after: $0, limit: $1) }, view: HistoryView.init,
            file: HistoryCSV.table)
    }

    @Sendable private func trends(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TrendsView> {
        let key = try context.issueKey
        return Answer(TrendsView(try await analyses.trend(of: key, for: try context.principal), of: key))
    }
}

extension APIError {
    fileprivate static var unknownTemplate: APIError {
        let names = IssueReport.Template.allCases.map(\.rawValue).joined(separator: ", ")
        return APIError(
            .unknownTemplate, "Unknown report template.",
            fieldErrors: [FieldError(field: "template", message: "must be one of: \(names)")])
    }
}

extension RequestContext {
    /// The issue that the path names.
    var issueKey: IssueKey {
        get throws {
            guard let key = parameters.get("key") else { throw QueryError.unknownIssue }
            // Jira's keys are in capital letters.
            return IssueKey(key.uppercased())
        }
    }
}
