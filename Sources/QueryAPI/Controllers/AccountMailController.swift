import Domain
import Hummingbird
import Queries

/// The mails about the accounts of all tenants, for the host's owner.
struct AccountMailController: Sendable {
    var mails: AccountMails

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/operator/mails", use: list)
        group.post("/api/operator/mails/{mail-id}/retry", use: retry)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[AccountMailView]> {
        let principal = try context.principal
        var query = RequestFields(queryOf: request)
        let state = query.optional("state", .choice(AccountMailState.allCases))
        return try await PageRequest(request, fields: &query).answer(
            { [mails] cursor, limit in
                try await mails.all(in: state, for: principal, after: cursor, limit: limit)
            }, view: AccountMailView.init)
    }

    @Sendable private func retry(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MessageView> {
        let id = try context.uuid("mail-id", else: APIError(RequestError.unknownAccountMail))
        try await mails.retry(id, by: try context.principal)
        return Answer(MessageView(message: "Mail queued"), status: .accepted)
    }
}
