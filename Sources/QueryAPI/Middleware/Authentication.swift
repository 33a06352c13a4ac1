import Domain
import HTTPTypes
import Hummingbird
import Queries
import Vault

/// Finds out who is calling.
struct Authenticator: Sendable {
    var store: any QueryStore
    var isAdminToken: (@Sendable (String) -> Bool)?
    var refused: RefusedCredentials

    /// The caller behind `Authorization: Bearer`. A tenant that also sends `X-Tenant-ID` must mean itself; for the
    /// host's owner the header names the tenant to act for.
    func principal(of request: Request) async throws -> Principal {
        let named = request.headers.tenantID
        guard let token = request.headers.bearerToken else {
            refused.note(.missing, request)
            throw named == nil ? APIError.unauthorized : APIError.tenantIDAlone
        }
        if let isAdminToken, isAdminToken(token) {
            guard let named else { return .hostOwner(actingFor: nil) }
            guard let id = TenantID(named), let tenant = try await store.tenant(id) else {
                throw APIError.unknownTenant
            }
            return .hostOwner(actingFor: tenant)
        }
        let hash = APIKey.hash(token)
        guard let id = try await store.tenantID(apiKeyHash: hash), let tenant = try await store.tenant(id) else {
            refused.note(.unknown, request)
            throw APIError.unauthorized
        }
        guard named.map({ TenantID($0) == id }) ?? true else {
            refused.note(.tenantMismatch, request, tenant: id)
            throw APIError(.tenantMismatch, "X-Tenant-ID is not the tenant of this API key.")
        }
        return .apiKey(hash: hash, of: tenant)
    }
}

/// Admits requests with an API key or the admin token.
struct Authentication<Parent: RequestContext>: RouterMiddleware {
    var authenticator: Authenticator

    func handle(
        _ request: Request, context: APIContext<Parent>,
        next: (Request, APIContext<Parent>) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.authenticated = try await authenticator.principal(of: request)
        return try await next(request, context)
    }
}

/// Admits only the host's owner.
struct AdminOnly<Parent: RequestContext>: RouterMiddleware {
    var authenticator: Authenticator

    func handle(
        _ request: Request, context: APIContext<Parent>,
        next: (Request, APIContext<Parent>) async throws -> Response
    ) async throws -> Response {
        guard authenticator.isAdminToken != nil else {
            throw APIError(.adminDisabled, "This host has no admin token configured.")
        }
        let principal = try await authenticator.principal(of: request)
        guard principal.permissions.contains(.operate) else {
            authenticator.refused.note(.notAllowed, request, tenant: principal.tenant?.id)
            throw APIError(QueryError.forbidden(.operate))
        }
        var context = context
        context.authenticated = principal
        return try await next(request, context)
    }
}

/// Refuses tenants whose account is suspended or cancelled.
struct ActiveTenantOnly<Parent: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: APIContext<Parent>,
        next: (Request, APIContext<Parent>) async throws -> Response
    ) async throws -> Response {
        let status = try context.tenant.status
        switch status {
        case .trial, .active: return try await next(request, context)
        case .suspended, .cancelled: throw APIError(.tenantInactive, "This account is \(status.rawValue).")
        }
    }
}

extension APIError {
    /// As ``unauthorized``, to clients of the original product, which took the tenant's id for a credential.
    fileprivate static var tenantIDAlone: APIError {
        var error = APIError.unauthorized
        error.detail = "X-Tenant-ID alone is no credential. Send the tenant's API key as 'Authorization: Bearer <key>'."
        return error
    }

    /// Also the answer for a tenant that exists but is another one than the caller's.
    static var unknownTenant: APIError { APIError(.tenantNotFound, "Unknown tenant.") }
}

extension HTTPFields {
    /// The credential of `Authorization: Bearer …`; the scheme's case does not matter (RFC 9110, section 11.1).
    var bearerToken: String? {
        let words = self[.authorization]?.split(separator: " ", omittingEmptySubsequences: true) ?? []
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return String(words[1])
    }

    var tenantID: String? { first { $0.name.canonicalName == "x-tenant-id" }?.value }
}
