import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Where a person chooses a tenant, accepts an invitation, or makes a tenant.
struct TenantChoiceController: Sendable {
    static let path = "/dashboard/tenants"

    /// The page, which leads on to another.
    static func address(next: String) -> String { "\(path)?next=\(PathText.encoded(next))" }

    var store: any DashboardStore
    var people: PeoplePages
    var door: PersonDoor
    var pages: PageRenderer
    var live: LiveUpdates
    var throttle: SignInThrottle
    var now: @Sendable () -> Timestamp

    private struct Choice: Sendable {
        var id: String
        var company: String
        var role: String
        var isCurrent: Bool
    }

    private struct Content: Sendable {
        var person: String
        var tenants: [Choice]
        var hasTenants: Bool
        var invitations: [Choice]
        var hasInvitations: Bool
        /// Whether a tenant may be made here.
        var isOpen: Bool
        var isAlone: Bool
        var companyName: String
        var jiraURL: String
        var jiraEmail: String
        var problems: [FormProblem]
        var hasProblems: Bool
        var formToken: String
        var next: String
    }

    private struct InvitationContent: Sendable {
        var path: String
        /// Nil for a link that opens nothing.
        var sentence: String?
        /// Nil where no person is signed in.
        var formToken: String?
        var person: String?
        var problem: String?
        var providers: [SignInContent.Choice]
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post(RouterPath(Self.path), use: choose)
        group.post("/dashboard/tenants/accept", use: acceptWaiting)
        group.post("/dashboard/tenants/new", use: make)
        group.get("/dashboard/invitations/{token}", use: showInvitation)
        group.post("/dashboard/invitations/{token}", use: acceptLink)
    }

    // MARK: Tenants

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let next = PathText.page(request.uri.queryParameters["next"].map(String.init)) ?? "/dashboard"
        return try await page(visit, next: next)
    }

    @Sendable private func choose(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let form = try await PostedForm(request, of: visit)
        guard let id = form["tenant"].flatMap(TenantID.init),
            try await store.chooseTenant(id, tokenHash: visit.sessionHash, from: visit.origin, now: now())
        else { throw PageError.notFound }
        // They show the other tenant.
        live.ended(sessionHash: visit.sessionHash)
        return .see(PathText.page(form["next"]) ?? "/dashboard")
    }

    @Sendable private func acceptWaiting(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let form = try await PostedForm(request, of: visit)
        guard let id = form["invitation"].flatMap(UUID.init(uuidString:)) else { throw PageError.notFound }
        switch try await accept(.address(id), visit) {
        case .accepted: return .see("/dashboard")
        case .unknown, .otherAddress: throw PageError.notFound
        }
    }

    @Sendable private func make(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        guard people.signIns.isSelfService else { throw PageError.notFound }
        let posted = try await PostedForm(request, of: visit)
        var fields = FormFields(posted)
        fields.text("company_name", "jira_url", "jira_email", "jira_token")
        return try await accepting {
            let made = try await people.creation.make(
                fields.fields, sessionHash: visit.sessionHash, from: visit.origin)
            // Who has a tenant makes no other one.
            return .see(made == nil ? Self.path : "/dashboard/setup")
        } orShowing: {
            try await page(visit, next: "/dashboard", problems: $0, entered: posted)
        }
    }

    private func accept(_ key: InvitationKey, _ visit: PersonVisit) async throws -> InvitationAcceptance {
        let outcome = try await store.acceptInvitation(
            key, sessionHash: visit.sessionHash, from: visit.origin, now: now())
        if case .accepted = outcome { live.ended(sessionHash: visit.sessionHash) }
        return outcome
    }

    private static func role(_ role: Role) -> String { PageTexts.english("roles", role.rawValue) }

    private func page(
        _ visit: PersonVisit, next: String, problems: [FormProblem] = [], entered: PostedForm? = nil
    ) async throws -> Response {
        let user = visit.person.user
        let known = try await store.knownPerson(user.id, source: visit.person.source)
        let tenants = (known?.memberships ?? []).map {
            Choice(
                id: "\($0.tenant.id)", company: $0.tenant.companyName, role: Self.role($0.role),
                isCurrent: $0.tenant.id == visit.person.membership?.tenant.id)
        }
        var waiting: [WaitingInvitation] = []
        if let email = user.identity.verifiedEmail {
            waiting = try await store.waitingInvitations(for: email, now: now())
        }
        let isOpen = people.signIns.isSelfService && tenants.isEmpty
        let content = Content(
            person: user.shownName, tenants: tenants, hasTenants: !tenants.isEmpty,
            invitations: waiting.map {
                Choice(
                    id: $0.invitation.id.canonicalText, company: $0.companyName, role: Self.role($0.invitation.role),
                    isCurrent: false)
            }, hasInvitations: !waiting.isEmpty, isOpen: isOpen,
            isAlone: tenants.isEmpty && waiting.isEmpty && !isOpen, companyName: entered?["company_name"] ?? "",
            jiraURL: entered?["jira_url"] ?? "", jiraEmail: entered?["jira_email"] ?? user.identity.email ?? "",
            problems: problems, hasProblems: !problems.isEmpty, formToken: visit.formToken, next: next)
        return pages.page("tenants", content, in: .ofPerson(visit, PageTexts.english("tenants", "heading")))
    }

    // MARK: Links of invitations

    @Sendable private func showInvitation(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try throttle.check(context.origin, now: now())
        return try await invitationPage(request, context, visit: try await door.visit(request, from: context.origin))
    }

    @Sendable private func acceptLink(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        try throttle.check(context.origin, now: now())
        let visit = try await door.required(request, context)
        _ = try await PostedForm(request, of: visit)
        switch try await accept(.link(APIKey.hash(context.parameters.get("token") ?? "")), visit) {
        case .accepted: return .see("/dashboard")
        case .unknown: return try await invitationPage(request, context, visit: visit)
        case .otherAddress:
            return try await invitationPage(
                request, context, visit: visit, problem: PageTexts.english("invitation", "other_address"))
        }
    }

    /// An unknown link, one that was used and one that has ended look the same.
    private func invitationPage(
        _ request: Request, _ context: DashboardContext<some RequestContext>, visit: PersonVisit?,
        problem: String? = nil
    ) async throws -> Response {
        let hash = APIKey.hash(context.parameters.get("token") ?? "")
        let found = try await store.waitingInvitation(tokenHash: hash, now: now())
        if found == nil { throttle.note(context.origin, now: now()) }
        let path = request.uri.path
        let content = InvitationContent(
            path: path,
            sentence: found.map {
                PageTexts.english(
                    "invitation", "sentence", ["company": $0.companyName, "role": Self.role($0.invitation.role)])
            }, formToken: visit?.formToken, person: visit?.person.user.shownName, problem: problem,
            providers: SignInContent.choices(people.signIns.providers, next: path))
        let title = PageTexts.english("invitation", "heading")
        let frame = visit.map { PageRenderer.Frame.ofPerson($0, title) } ?? .signedOut(title)
        let status: HTTPResponse.Status = problem != nil ? .forbidden : found == nil ? .notFound : .ok
        return pages.page("invitation", content, in: frame, status: status)
    }
}
