import Domain
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Links that sign in to the dashboard once.
struct LoginLinkController: Sendable {
    /// How long one works.
    private static let seconds: Int64 = 600

    var store: any QueryStore
    var publicURL: String?
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.post("/api/login-links", use: create)
    }

    @Sendable private func create(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<LoginLinkView> {
        let (tenant, now) = (try context.tenant(to: .manage), now())
        let (token, endsAt) = (SignInToken.generate(), now.adding(seconds: Self.seconds))
        let isKnown = try await store.addSignInLink(
            tenant.id, tokenHash: APIKey.hash(token), until: endsAt, by: try context.principal.actor, now: now)
        guard isKnown else { throw APIError.unknownTenant }
        let site = publicURL ?? request.ownURL
        return Answer(LoginLinkView(url: "\(site)/dashboard/links/\(token)", expiresAt: endsAt), status: .created)
    }
}

/// A link that signs in once, and until when.
struct LoginLinkView: Encodable, Sendable {
    var url: String
    var expiresAt: Timestamp
}
