import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The people of the tenant, for its owners: invited, given roles, and removed. The link of an invitation that was not mailed is shown
/// once, in the answer to its form.
struct MembersController: Sendable {
    static let path = "/dashboard/members"

    var people: PeoplePages
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp

    private struct Row: Sendable {
        var id: String
        var name: String
        var email: String
        var role: String
        var roles: [FormChoice]
        var origin: String
        var used: String
        /// Whether the role can be changed here.
        var isChangeable: Bool
    }

    private struct Waiting: Sendable {
        var id: String
        var email: String
        var role: String
        var made: String
        var ends: String
    }

    private struct Content: Sendable {
        var members: [Row]
        var hasMembers: Bool
        var invitations: [Waiting]
        var hasInvitations: Bool
        /// Whether people can sign in at all.
        var hasProviders: Bool
        var sent: String?
        var link: String?
        var email: String
        var roles: [FormChoice]
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var asOf: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/members/invite", use: invite)
        group.post("/dashboard/members/role", use: setRole)
        group.post("/dashboard/members/remove", use: remove)
        group.post("/dashboard/members/withdraw", use: withdraw)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try await page(try context.signedIn)
    }

    @Sendable private func invite(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("email", "role")
        let ownURL = publicURL ?? "\(request.head.scheme ?? "http")://\(request.head.authority ?? "localhost")"
        return try await accepting {
            let made = try await people.invitations.add(fields.fields, by: visit.principal, ownURL: ownURL)
            return try await page(
                visit, sent: Self.words(made.link == nil ? "mailed" : "made", ["email": made.invitation.email]),
                link: made.link)
        } orShowing: {
            try await page(
                visit, problems: $0, email: posted["email"] ?? "",
                role: posted["role"].flatMap(Role.init(rawValue:)) ?? .viewer)
        }
    }

    @Sendable private func setRole(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("role")
        let id = try userID(posted)
        return try await accepting {
            _ = try await people.members.setRole(of: id, fields.fields, by: visit.principal)
            return .see(Self.path)
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    @Sendable private func remove(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let id = try userID(try await PostedForm(request, of: visit))
        return try await accepting {
            try await people.members.remove(id, by: visit.principal)
            return .see(Self.path)
        } orShowing: {
            try await page(visit, problems: $0)
        }
    }

    @Sendable private func withdraw(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try context.signedIn
        let posted = try await PostedForm(request, of: visit)
        guard let id = posted["id"].flatMap(UUID.init(uuidString:)) else { throw PageError.notFound }
        try await people.invitations.withdraw(id, by: visit.principal)
        return .see(Self.path)
    }

    private func userID(_ posted: PostedForm) throws -> UserID {
        guard let id = posted["id"].flatMap(UserID.init) else { throw PageError.notFound }
        return id
    }

    private static func words(_ text: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("members", text, values)
    }

    private func page(
        _ visit: Visit, sent: String? = nil, link: String? = nil, problems: [FormProblem] = [], email: String = "",
        role: Role = .viewer
    ) async throws -> Response {
        let members = try await people.members.all(for: visit.principal)
        let invitations = try await people.invitations.all(for: visit.principal)
        let content = Content(
            members: members.map(row), hasMembers: !members.isEmpty,
            invitations: invitations.map {
                Waiting(
                    id: $0.id.canonicalText, email: $0.email, role: PageTexts.english("roles", $0.role.rawValue),
                    made: Self.words("made_at", ["at": PageText.instant($0.createdAt), "by": $0.createdBy]),
                    ends: PageText.instant($0.expiresAt))
            }, hasInvitations: !invitations.isEmpty, hasProviders: !people.signIns.providers.isEmpty, sent: sent,
            link: link, email: email, roles: FormChoice.roles(chosen: role), problems: problems,
            hasProblems: !problems.isEmpty, formToken: visit.formToken, asOf: PageText.instant(now()))
        // The page with a link does not load itself again, for that would lose it.
        return pages.page(
            "members", content, in: .signedIn(visit, PageTexts.english("navigation", "members"), .members))
    }

    private func row(_ member: Member) -> Row {
        let source = member.source.map { people.signIns.provider($0)?.label ?? $0 }
        return Row(
            id: "\(member.user.id)", name: member.user.shownName, email: member.user.identity.email ?? "–",
            role: PageTexts.english("roles", member.role.rawValue), roles: FormChoice.roles(chosen: member.role),
            origin: source.map { Self.words("from_claim", ["provider": $0]) }
                ?? Self.words("made_at", ["at": PageText.instant(member.createdAt), "by": member.createdBy]),
            used: PageText.instant(member.user.lastSignInAt), isChangeable: member.source == nil)
    }
}
