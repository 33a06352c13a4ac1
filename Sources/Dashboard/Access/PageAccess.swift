import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Queries

/// Admits who may use a page, by the table of what each needs: the only place where the dashboard decides that.
///
/// To a tenant's session the pages of the host's owner do not exist, and to the owner's session those of tenants do not.
struct PageAccess<Parent: RequestContext>: RouterMiddleware {
    var table: AccessTable
    var store: any DashboardStore
    var door: PersonDoor
    var live: LiveUpdates
    var billing: BillingPolicy
    /// Nil where no admin token is configured.
    var adminMark: String?
    var now: @Sendable () -> Timestamp

    func handle(
        _ request: Request, context: DashboardContext<Parent>,
        next: (Request, DashboardContext<Parent>) async throws -> Response
    ) async throws -> Response {
        // A page that was forgotten is closed.
        guard let access = table.access(of: request, context) else { throw PageError.notFound }
        guard let permission = access.permission else { return try await next(request, context) }
        guard let token = SessionCookie.token(of: request) else { throw PageError.signedOut }
        var context = context
        if permission == .operate {
            context.operatorVisit = try await operatorVisit(token)
            context.operatorVisit?.origin = context.origin
        } else {
            context.visit = try await visit(token, request, to: permission, access)
            context.visit?.principal.actor.origin = context.origin
        }
        return try await next(request, context)
    }

    private func visit(
        _ token: SessionToken, _ request: Request, to permission: Permission, _ access: RouteAccess
    ) async throws -> Visit {
        let (held, tenant) = try await holder(of: token)
        var principal = held
        principal.certainNow = billing.certainNow
        if let deletesAt = tenant.deletesAt { throw PageError.deleted(after: deletesAt) }
        switch tenant.status {
        case .trial, .active: break
        case .suspended, .cancelled:
            guard access.admitsInactive else {
                // Who can pay is led to where that is done.
                if tenant.status == .cancelled, billing.sells, principal.may(.administer) { throw PageError.unpaid }
                throw PageError.inactive(tenant.status.rawValue)
            }
        }
        guard principal.may(permission) else { throw QueryError.forbidden(permission) }
        if access.offersFile { try billing.check(.csvExport, for: principal) }
        return Visit(
            principal: principal, tenant: tenant, formToken: token.formToken, sessionHash: token.hash,
            change: request.method == .get ? live.mark(of: tenant.id) : nil,
            hasFiles: billing.has(.csvExport, principal), notice: notice(of: tenant))
    }

    /// How long before its end a trial is spoken of.
    private static var noticeDays: Int { 3 }

    /// What every page says of the tenant's trial.
    private func notice(of tenant: Tenant) -> String? {
        guard billing.isEnabled, tenant.status == .trial, let end = tenant.trialEndsAt else { return nil }
        let now = now()
        let at = PageText.instant(end)
        if billing.trialEnd(of: tenant, at: now) != nil {
            return PageTexts.english("trial", billing.sells ? "ended_buy" : "ended", ["at": at])
        }
        guard end <= now.adding(days: Self.noticeDays) else { return nil }
        return PageTexts.english("trial", billing.sells ? "ends_buy" : "ends", ["at": at])
    }

    /// Whose a session is, and the tenant that it shows. Membership and role are those of this instant.
    private func holder(of token: SessionToken) async throws -> (Principal, Tenant) {
        guard !token.isPersons else {
            guard let person = try await door.person(tokenHash: token.hash) else { throw PageError.signedOut }
            guard let membership = person.membership else { throw PageError.tenantNotChosen }
            return (.user(person.user.id, role: membership.role, of: membership.tenant), membership.tenant)
        }
        guard let signedIn = try await store.signedIn(tokenHash: token.hash, now: now()) else {
            throw try await hasOperatorSession(token) ? PageError.notFound : PageError.signedOut
        }
        let principal = Principal.apiKey(
            hash: signedIn.session.apiKeyHash, role: signedIn.role, of: signedIn.tenant)
        return (principal, signedIn.tenant)
    }

    private func operatorVisit(_ token: SessionToken) async throws -> OperatorVisit {
        guard try await hasOperatorSession(token) else {
            let isTenants =
                try await token.isPersons
                ? door.person(tokenHash: token.hash) != nil
                : store.session(tokenHash: token.hash, now: now()) != nil
            throw isTenants ? PageError.notFound : PageError.signedOut
        }
        return OperatorVisit(formToken: token.formToken)
    }

    private func hasOperatorSession(_ token: SessionToken) async throws -> Bool {
        guard let adminMark else { return false }
        return try await store.hasOperatorSession(tokenHash: token.hash, adminMark: adminMark, now: now())
    }
}
