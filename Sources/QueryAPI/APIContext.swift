import Domain
import Foundation
import Hummingbird

/// Who sent a request.
enum Caller: Sendable {
    case tenant(Tenant)
    /// The host's owner, on behalf of a tenant where `X-Tenant-ID` names one.
    case admin(actingFor: Tenant?)
}

/// The context of an authenticated request.
struct APIContext<Parent: RequestContext>: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``Authentication``; nil means that nobody has been let in.
    var caller: Caller?

    init(context: Parent) throws {
        self.coreContext = context.coreContext
    }

    /// The tenant whose data the request is about.
    var tenant: Tenant {
        get throws {
            switch caller {
            case .tenant(let tenant), .admin(actingFor: .some(let tenant)): return tenant
            case .admin(actingFor: nil):
                throw APIError(.tenantRequired, "With the admin token, name the tenant in X-Tenant-ID.")
            case nil: throw APIError.unauthorized
            }
        }
    }
}

extension APIContext {
    /// The tenant that the path names as `{id}`, if it is the caller's own or the caller is the host's owner.
    func tenantInPath(from store: any QueryStore) async throws -> Tenant {
        guard let id = parameters.get("id").flatMap(TenantID.init) else { throw APIError.unknownTenant }
        switch caller {
        case .tenant(let own) where own.id == id: return own
        case .tenant: throw APIError.unknownTenant
        case .admin:
            guard let tenant = try await store.tenant(id) else { throw APIError.unknownTenant }
            return tenant
        case nil: throw APIError.unauthorized
        }
    }
}

extension RequestContext {
    /// A path parameter as a UUID; anything else is, like an unknown one, `notFound`.
    func uuid(_ name: String, else notFound: APIError) throws -> UUID {
        guard let id = parameters.get(name).flatMap(UUID.init(uuidString:)) else { throw notFound }
        return id
    }
}
