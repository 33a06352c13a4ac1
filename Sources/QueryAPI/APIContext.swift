import Domain
import Foundation
import Hummingbird
import Queries

/// The context of an authenticated request.
struct APIContext<Parent: RequestContext>: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``Authentication`` and ``AdminOnly``; nil for an unauthenticated request.
    var authenticated: Principal?

    init(context: Parent) throws {
        self.coreContext = context.coreContext
    }

    /// Who is calling. Throws `unauthorized` (401).
    var principal: Principal {
        get throws {
            guard let authenticated else { throw APIError.unauthorized }
            return authenticated
        }
    }

    /// The tenant whose data the request is about. Throws `unauthorized` (401), `tenant_required` (400) or
    /// `permission_missing` (403).
    func tenant(to permission: Permission) throws -> Tenant { try principal.tenant(to: permission) }

    /// As ``tenant(to:)``, to read.
    var tenant: Tenant {
        get throws { try tenant(to: .read) }
    }
}

extension APIContext {
    /// The tenant that the path names as `{id}`, if it is the caller's own or the caller is the host's owner.
    func tenantInPath(from store: any QueryStore, to permission: Permission = .read) async throws -> Tenant {
        let principal = try principal
        guard principal.permissions.contains(permission) else { throw QueryError.forbidden(permission) }
        guard let id = parameters.get("id").flatMap(TenantID.init) else { throw APIError.unknownTenant }
        if principal.permissions.contains(.operate) {
            guard let tenant = try await store.tenant(id) else { throw APIError.unknownTenant }
            return tenant
        }
        guard let own = principal.tenant, own.id == id else { throw APIError.unknownTenant }
        return own
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
