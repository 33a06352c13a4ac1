import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The people of a tenant, and invitations to it.
struct MemberController: Sendable {
    var members: Members
    var invitations: Invitations

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/members", use: list)
        group.put("/api/members/{id}", use: setRole)
        group.delete("/api/members/{id}", use: remove)
        group.get("/api/invitations", use: listInvitations)
        group.post("/api/invitations", use: invite)
        group.delete("/api/invitations/{id}", use: withdraw)
    }

    @Sendable private func list(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[MemberView]> {
        Answer(try await members.all(for: try context.principal).map { MemberView($0) })
    }

    @Sendable private func setRole(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MemberView> {
        let id = try userID(in: context)
        let fields = try await RequestFields(bodyOf: request)
        return Answer(MemberView(try await members.setRole(of: id, fields, by: try context.principal)))
    }

    @Sendable private func remove(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        try await members.remove(try userID(in: context), by: try context.principal)
        return .noContent
    }

    @Sendable private func listInvitations(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<[InvitationView]> {
        Answer(try await invitations.all(for: try context.principal).map { InvitationView($0) })
    }

    @Sendable private func invite(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<MadeInvitationView> {
        let made = try await invitations.add(
            try await RequestFields(bodyOf: request), by: try context.principal, ownURL: request.ownURL)
        return Answer(MadeInvitationView(made), status: .created)
    }

    @Sendable private func withdraw(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> HTTPResponse.Status {
        let id = try context.uuid("id", else: APIError(RequestError.unknownInvitation))
        try await invitations.withdraw(id, by: try context.principal)
        return .noContent
    }

    private func userID(in context: APIContext<some RequestContext>) throws -> UserID {
        UserID(try context.uuid("id", else: APIError(RequestError.unknownMember)))
    }
}

/// Who calls.
struct CallerController: Sendable {
    var store: any PeopleStore

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/me", use: show)
    }

    @Sendable private func show(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<CallerView> {
        let principal = try context.principal
        guard let userID = principal.userID else { return Answer(CallerView(principal, person: nil)) }
        let person = try await store.knownPerson(userID, source: ClerkCallers.source)
        return Answer(CallerView(principal, person: person))
    }
}
