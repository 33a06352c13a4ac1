import Domain
import Hummingbird

/// Analyses of one issue: made now, or as its history tells.
struct AnalysisController: Sendable {
    /// A trend looks at no more than this many of the newest analyses.
    static let trendLimit = 1000

    var store: any QueryStore
    var analyst: any IssueAnalyzing
    var quota: MonthlyQuota
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/issue", use: analyze)
        group.get("/api/analyze/issue/{key}/raw", use: raw)
        group.get("/api/analyze/history/{key}", use: history)
        group.get("/api/analyze/trends/{key}", use: trends)
    }

    @Sendable private func analyze(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<ReportView> {
        let tenant = try context.tenant
        var fields = try await RequestFields(bodyOf: request)
        let template = fields.optional("template", .text(1...50)) ?? "executive"
        let storesHistory = fields.optional("store_history", .bool) ?? true
        let key = IssueKey(try fields.required(("issue_key", .text(1...255))))
        guard analyst.reportTemplates.contains(template) else { throw unknownTemplate(template) }

        let now = now()
        try tenant.checkTrial(at: now)
        return try await quota.charging(tenant, .issue, for: key.rawValue, at: now) {
            guard
                let listing = try await analyst.analyze(tenantID: tenant.id, key: key, now: now, store: storesHistory)
            else { throw APIError.unknownIssue }
            guard let report = analyst.report(template, listing: listing) else { throw unknownTemplate(template) }
            return Answer(ReportView(listing.analysis, template: template, report: report))
        }
    }

    /// Not charged, and nothing is stored.
    @Sendable private func raw(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RawAnalysisView> {
        let (tenant, now) = (try context.tenant, now())
        try tenant.checkTrial(at: now)
        let key = try context.issueKey
        guard let listing = try await analyst.analyze(tenantID: tenant.id, key: key, now: now, store: false) else {
            throw APIError.unknownIssue
        }
        let surroundings = RawAnalysisView.Surroundings(
            similarIssues: try await store.similarIssues(tenant.id, to: listing.issue, limit: 5),
            teamBaseline: try await store.teamBaseline(tenant.id, projectKey: listing.issue.projectKey, now: now))
        return Answer(RawAnalysisView(analysis: listing.analysis, surroundings: surroundings))
    }

    @Sendable private func history(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[HistoryView]> {
        let (id, key) = (try context.tenant.id, try context.issueKey)
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query, defaultLimit: 30)
            .answer({ try await store.history(id, key: key, after: $0, limit: $1) }, view: HistoryView.init)
    }

    @Sendable private func trends(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<TrendsView> {
        let key = try context.issueKey
        let entries = try await newestHistory(of: key, tenantID: try context.tenant.id)
        guard let newest = entries.first else { throw APIError.unknownIssue }
        let oldestFirst = entries.reversed()
        let points = oldestFirst.map {
            TrendsView.DataPoint(
                timestamp: $0.analyzedAt, riskScore: $0.riskScore, dailyCost: $0.dailyCost,
                blockerCount: $0.blockerCount, sentimentNegativePct: $0.sentimentNegativePct)
        }
        let direction = analyst.trendDirection(oldestFirst.map { ScorePoint(at: $0.analyzedAt, score: $0.riskScore) })
        return Answer(
            TrendsView(issueKey: key, projectKey: newest.projectKey, dataPoints: points, trendDirection: direction))
    }

    // MARK: Parts

    private func newestHistory(of key: IssueKey, tenantID: TenantID) async throws -> [HistoryEntry] {
        var (entries, cursor): ([HistoryEntry], String?) = ([], nil)
        repeat {
            let limit = min(200, Self.trendLimit - entries.count)
            let page = try await store.history(tenantID, key: key, after: cursor, limit: limit)
            entries += page.items
            cursor = page.nextCursor
        } while cursor != nil && entries.count < Self.trendLimit
        return entries
    }

    private func unknownTemplate(_ template: String) -> APIError {
        let message = "must be one of: \(analyst.reportTemplates.joined(separator: ", "))"
        return APIError(
            .unknownTemplate, "There is no such report template.",
            fieldErrors: [FieldError(field: "template", message: message)])
    }
}

extension APIError {
    static var unknownIssue: APIError { APIError(.issueNotFound, "There is no such issue.") }
}

extension RequestContext {
    var issueKey: IssueKey {
        get throws {
            guard let key = parameters.get("key") else { throw APIError.unknownIssue }
            return IssueKey(key)
        }
    }
}
