import Domain
import Foundation
import HTTPTypes
import Hummingbird
import Queries

/// The sessions of the person who is signed in, to end one or all, and whether the person gets the optional mails about the
/// account of the tenant that the session shows.
struct AccountController: Sendable {
    static let path = "/dashboard/account"

    var store: any DashboardStore
    var people: PeoplePages
    var door: PersonDoor
    var pages: PageRenderer
    var publicURL: String?
    var live: LiveUpdates
    var now: @Sendable () -> Timestamp

    private struct Row: Sendable {
        var id: String
        var company: String
        var provider: String
        var began: String
        var ends: String
        var isCurrent: Bool
    }

    private struct Content: Sendable {
        var person: String
        var email: String?
        var sessions: [Row]
        /// The tenant whose mails are switched; nil where the person gets none.
        var mailsOf: String?
        var hasMails: Bool
        var formToken: String
    }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get(RouterPath(Self.path), use: show)
        group.post("/dashboard/account/end", use: end)
        group.post("/dashboard/account/end-all", use: endAll)
        group.post("/dashboard/account/mails", use: setMails)
    }

    @Sendable private func show(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let user = visit.person.user
        let sessions = try await store.personSessions(user.id, now: now()).map { session in
            Row(
                id: session.shownID, company: session.companyName ?? "–",
                provider: people.signIns.provider(session.source)?.label ?? session.source,
                began: PageText.instant(session.createdAt), ends: PageText.instant(session.endsAt),
                isCurrent: session.tokenHash == visit.sessionHash)
        }
        let tenant = mailTenant(of: visit)
        var mails: LinkedAccountMails?
        if let tenant { mails = try await store.linkedAccountMails(tenant.id, recipientID: user.id.uuid) }
        let content = Content(
            person: user.shownName, email: user.identity.email, sessions: sessions, mailsOf: tenant?.companyName,
            hasMails: mails?.isOff == false, formToken: visit.formToken)
        return pages.page("account", content, in: .ofPerson(visit, PageTexts.english("account", "heading")))
    }

    /// The tenant of the session, where its mails go to the person: that is an owner of it, and the host sends them.
    private func mailTenant(of visit: PersonVisit) -> Tenant? {
        guard people.sendsAccountMails, let membership = visit.person.membership, membership.role == .owner else {
            return nil
        }
        return membership.tenant
    }

    @Sendable private func setMails(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let form = try await PostedForm(request, of: visit)
        guard let tenant = mailTenant(of: visit) else { throw PageError.notFound }
        let user = visit.person.user.id
        _ = try await store.setAccountMails(
            tenant.id, recipientID: user.uuid, isOff: form["mails"] != "on", by: .user(user).from(visit.origin),
            now: now())
        return .see(Self.path)
    }

    @Sendable private func end(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        let id = try await PostedForm(request, of: visit)["session"]
        let hashes = try await store.personSessions(visit.person.user.id, now: now())
            .filter { $0.shownID == id }.map(\.tokenHash)
        return try await end(hashes, visit, request)
    }

    @Sendable private func endAll(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let visit = try await door.required(request, context)
        _ = try await PostedForm(request, of: visit)
        let hashes = try await store.personSessions(visit.person.user.id, now: now()).map(\.tokenHash)
        return try await end(hashes, visit, request)
    }

    private func end(_ hashes: [String], _ visit: PersonVisit, _ request: Request) async throws -> Response {
        _ = try await store.endPersonSessions(visit.person.user.id, hashes, from: visit.origin)
        for hash in hashes { live.ended(sessionHash: hash) }
        // Pages that other nodes serve.
        if let id = visit.person.membership?.tenant.id { await people.wakeUps.tenantChanged(id) }
        guard hashes.contains(visit.sessionHash) else { return .see(Self.path) }
        let removal = SessionCookie.removal(isSecure: request.isSecure(publicURL: publicURL))
        return .see("/dashboard/sign-in", headers: [.setCookie: removal])
    }
}
