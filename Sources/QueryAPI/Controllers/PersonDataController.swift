import Domain
import Foundation
import Hummingbird
import Queries

/// What is stored of a person of Jira, and its erasure.
struct PersonDataController: Sendable {
    var people: PersonData

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/people/{account_id}", use: show)
        group.delete("/api/people/{account_id}", use: erase)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[PersonRecordView]> {
        let (principal, account) = (try context.principal, Self.account(in: context))
        var query = RequestFields(queryOf: request)
        return try await PageRequest(request, fields: &query).answer(
            { try await people.records(of: account, after: $0, limit: $1, for: principal) },
            view: PersonRecordView.init)
    }

    /// 202 while something is left to be done.
    @Sendable private func erase(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<PersonErasureView> {
        let erasure = try await people.erase(Self.account(in: context), by: try context.principal)
        return Answer(PersonErasureView(erasure), status: erasure.finishedAt == nil ? .accepted : .ok)
    }

    /// As the path has it; a colon may be percent-encoded.
    private static func account(in context: some RequestContext) -> String {
        let text = context.parameters.get("account_id") ?? ""
        return text.removingPercentEncoding ?? text
    }
}
