import Domain
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Links that sign in to the dashboard once.
struct LoginLinkController: Sendable {
    /// How long one works.
    private static let seconds: Int64 = 600

    var store: any QueryStore & OperatorStore
    var publicURL: String?
    /// Nil where no admin token is configured.
    var adminMark: String?
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/operator/login-links", use: createForOwner)
        group.post("/api/login-links", use: create)
    }

    /// For the pages of the host's owner.
    @Sendable private func createForOwner(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<LoginLinkView> {
        guard let adminMark else {
            throw APIError(.adminDisabled, "This host has no admin token configured.")
        }
        let (token, now) = (SignInToken.generate(), now())
        let endsAt = now.adding(seconds: Self.seconds)
        try await store.addOperatorSignIn(
            OperatorSignIn(
                tokenHash: APIKey.hash(token), kind: .link, adminMark: adminMark, createdAt: now, endsAt: endsAt),
            from: context.origin)
        return answer(token, endsAt, request)
    }

    /// For the holder of a key, as long as that key works, and with at most its role.
    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<LoginLinkView> {
        let (principal, tenant, now) = (try context.principal, try context.tenant, now())
        // It would outlast the person's membership.
        guard principal.userID == nil else { throw RequestError.needsAPIKey }
        var fields = try await RequestFields(bodyOf: request)
        let role = fields.optional("role", .choice(Role.ofTenants)) ?? min(principal.role, .owner)
        if role > principal.role { fields.reject("role", "must not be above that of these credentials") }
        try fields.check()
        let (token, endsAt) = (SignInToken.generate(), now.adding(seconds: Self.seconds))
        let isMade = try await store.addSignInLink(
            tenant.id, tokenHash: APIKey.hash(token), apiKeyHash: principal.apiKeyHash, role: role, until: endsAt,
            by: principal.actor, now: now)
        guard isMade else { throw RequestError.noAPIKey }
        return answer(token, endsAt, request)
    }

    private func answer(_ token: String, _ endsAt: Timestamp, _ request: Request) -> Answer<LoginLinkView> {
        let site = publicURL ?? request.ownURL
        return Answer(LoginLinkView(url: "\(site)/dashboard/links/\(token)", expiresAt: endsAt), status: .created)
    }
}

/// A link that signs in once, and until when.
struct LoginLinkView: Encodable, Sendable {
    var url: String
    var expiresAt: Timestamp
}
