import Domain
import Foundation
import HTTPServer
import Hummingbird
import NIOCore
import Queries

/// The context of a request to the API.
struct APIContext<Parent: RequestContext>: ChildRequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// Set by ``NoteOrigin``.
    var origin: RequestOrigin?
    /// Set by ``AccessControl``; nil for an unauthenticated request.
    var authenticated: Principal?

    init(context: Parent) throws {
        self.coreContext = context.coreContext
        self.remoteAddress = context.peerAddress
    }

    /// Who is calling. Throws `unauthorized` (401).
    var principal: Principal {
        get throws {
            guard var authenticated else { throw APIError.unauthorized }
            authenticated.actor.origin = origin
            return authenticated
        }
    }

    /// The tenant whose data the request is about. Throws `unauthorized` (401) or `tenant_required` (400).
    var tenant: Tenant {
        get throws { try principal.tenant(to: .read) }
    }
}

extension APIContext {
    /// The tenant that the path names as `{id}`, if it is the caller's own or the caller is the host's owner.
    func tenantInPath(from store: any QueryStore) async throws -> Tenant {
        let principal = try principal
        guard let id = parameters.get("id").flatMap(TenantID.init) else { throw APIError.unknownTenant }
        if principal.may(.operate) {
            guard let tenant = try await store.tenant(id) else { throw APIError.unknownTenant }
            return tenant
        }
        guard let own = principal.tenant, own.id == id else { throw APIError.unknownTenant }
        return own
    }

    /// The caller, acting for the tenant that the path names, as ``tenantInPath(from:)``.
    func principalInPath(from store: any QueryStore) async throws -> Principal {
        var principal = try principal
        principal.tenant = try await tenantInPath(from: store)
        return principal
    }
}

/// Notes where a request came from, for the audit log.
struct NoteOrigin<Parent: RequestContext>: RouterMiddleware {
    var proxies: TrustedProxies

    func handle(
        _ request: Request, context: APIContext<Parent>,
        next: (Request, APIContext<Parent>) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.origin = proxies.origin(of: request, in: context)
        return try await next(request, context)
    }
}

extension RequestContext {
    /// A path parameter as a UUID; anything else is, like an unknown one, `notFound`.
    func uuid(_ name: String, else notFound: APIError) throws -> UUID {
        guard let id = parameters.get(name).flatMap(UUID.init(uuidString:)) else { throw notFound }
        return id
    }
}

extension Request {
    /// The address under which the client reached this host, by its `Host` header, without a trailing slash.
    var ownURL: String { "\(head.scheme ?? "http")://\(head.authority ?? "localhost")" }
}
