import Domain
import Hummingbird
import Queries

/// What changes would make of an issue, and the least that would lower its score. Nothing is stored or charged.
struct WhatIfController: Sendable {
    var whatIfs: WhatIfs
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/analyze/what-if", use: whatIf)
        group.get("/api/analyze/issue/{key}/remedies", use: remedies)
    }

    @Sendable private func whatIf(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<WhatIfView> {
        var fields = try await RequestFields(bodyOf: request)
        let changes = fields.hypotheticalChanges()
        let key = try fields.required(("issue_key", .issueKey))
        let answer = try await whatIfs.answer(
            try fields.present(changes), on: key, for: try context.principal, at: now())
        return Answer(WhatIfView(answer))
    }

    @Sendable private func remedies(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<RemediesView> {
        guard let key = context.parameters.get("key") else { throw QueryError.unknownIssue }
        var query = RequestFields(queryOf: request)
        let below = query.optional("below", .integer(WhatIfs.targets))
        try query.check()
        let remedies = try await whatIfs.remedies(
            of: IssueKey(key.uppercased()), below: below, for: try context.principal, at: now())
        return Answer(RemediesView(remedies))
    }
}
