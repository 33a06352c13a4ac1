import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import Queries
import Vault

/// Finds out who is calling.
struct Authenticator: Sendable {
    var store: any QueryStore
    var isAdminToken: (@Sendable (String) -> Bool)?
    /// Nil where no instance of Clerk is configured.
    var clerk: ClerkCallers?
    var refused: RefusedCredentials
    var throttle: CredentialThrottle
    var uses: APIKeyUses
    var now: @Sendable () -> Timestamp

    /// The caller behind `Authorization: Bearer`. A tenant that also sends `X-Tenant-ID` must mean itself; for the
    /// host's owner the header names the tenant to act for.
    ///
    /// An unknown key, one that has ended and one that was revoked get the same answer.
    ///
    /// - Parameter origin: where the request came from: clients are counted by it, and the audit log names it.
    func principal(of request: Request, from origin: RequestOrigin?) async throws -> Principal {
        let named = request.headers.tenantID
        guard let token = request.headers.bearerToken else {
            await refused.note(.missing, request, by: .unknown.from(origin))
            throw named == nil ? APIError.unauthorized : APIError.tenantIDAlone
        }
        if let isAdminToken, isAdminToken(token) {
            guard let named else { return .hostOwner(actingFor: nil) }
            guard let id = TenantID(named), let tenant = try await store.tenant(id) else {
                throw APIError.unknownTenant
            }
            return .hostOwner(actingFor: tenant)
        }
        if let clerk, ClerkCallers.isToken(token) {
            return try await principal(of: token, by: clerk, request, from: origin)
        }
        let (hash, now) = (APIKey.hash(token), now())
        let client = origin?.address.flatMap { ClientAddress($0) }
        if let seconds = throttle.wait(client, keyHash: hash) {
            await refused.note(.tooMany, request, by: .unknown.from(origin))
            throw APIError.tooManyAttempts(retryAfterSeconds: seconds)
        }
        guard let holder = try await store.apiKeyHolder(hash: hash, now: now) else {
            throttle.noteRefusal(client, keyHash: hash)
            await refused.note(.unknown, request, by: .unknown.from(origin))
            throw APIError.unauthorized
        }
        throttle.noteSuccess(keyHash: hash)
        guard named.map({ TenantID($0) == holder.tenant.id }) ?? true else {
            await refused.note(
                .tenantMismatch, request, tenant: holder.tenant.id, by: .apiKey(storedHash: hash).from(origin))
            throw APIError(.tenantMismatch, "X-Tenant-ID is not the tenant of this API key.")
        }
        uses.note(holder, at: now)
        return .apiKey(hash: hash, role: holder.role, of: holder.tenant)
    }

    /// The person behind a session token of Clerk. A token is verified before the store is asked anything, so that only refused ones
    /// are bounded.
    private func principal(
        of token: String, by clerk: ClerkCallers, _ request: Request, from origin: RequestOrigin?
    ) async throws -> Principal {
        let named = try request.headers.tenantID.map { text throws -> TenantID in
            guard let id = TenantID(text) else { throw APIError.notOfAccount }
            return id
        }
        do {
            return try await clerk.principal(token, named: named, from: origin)
        } catch let error as IdentityFailure {
            guard case .token = error else {
                throw APIError(
                    .unavailable, "Clerk cannot be asked for its keys: \(error).", headers: [.retryAfter: "5"])
            }
            let client = origin?.address.flatMap { ClientAddress($0) }
            let (hash, seconds) = (APIKey.hash(token), throttle.wait(client, keyHash: ""))
            await refused.note(seconds == nil ? .unknown : .tooMany, request, by: .unknown.from(origin))
            if let seconds { throw APIError.tooManyAttempts(retryAfterSeconds: seconds) }
            throttle.noteRefusal(client, keyHash: hash)
            throw APIError.refusedToken(error)
        } catch let error as ClerkCallers.Refusal {
            await refused.note(
                error == .otherTenant ? .tenantMismatch : .notAllowed, request, by: .unknown.from(origin))
            switch error {
            case .noMembership:
                throw APIError(
                    .noMembership, "This account, or its active organisation, belongs to no tenant of this host.")
            case .otherTenant: throw APIError.notOfAccount
            case .severalTenants:
                throw APIError(.tenantRequired, "This account has several tenants; name one in X-Tenant-ID.")
            }
        }
    }
}

/// Admits who may use a route, by the table of what each route needs: the only place where the API decides that.
struct AccessControl<Parent: RequestContext>: RouterMiddleware {
    var table: AccessTable
    var authenticator: Authenticator
    var billing: BillingPolicy

    func handle(
        _ request: Request, context: APIContext<Parent>,
        next: (Request, APIContext<Parent>) async throws -> Response
    ) async throws -> Response {
        // A route that was forgotten is closed.
        guard let access = table.access(of: request, context) else {
            throw APIError(.internal, "This route is not open to anybody.")
        }
        guard let permission = access.permission else { return try await next(request, context) }
        if permission == .operate, authenticator.isAdminToken == nil {
            throw APIError(.adminDisabled, "This host has no admin token configured.")
        }
        var principal = try await authenticator.principal(of: request, from: context.origin)
        principal.certainNow = billing.certainNow
        guard principal.may(permission) else {
            await authenticator.refused.note(
                .notAllowed, request, tenant: principal.tenant?.id, by: principal.actor.from(context.origin))
            throw APIError(QueryError.forbidden(permission))
        }
        if !access.admitsInactive {
            let tenant = try principal.tenant(to: permission)
            if let deletesAt = tenant.deletesAt {
                throw APIError(
                    .tenantInactive, "This account will be deleted after \(deletesAt), unless it is restored.")
            }
            switch tenant.status {
            case .trial, .active: break
            // As ``BillingPolicy`` has it: what a subscription locks, it locks for the tenant.
            case .cancelled where billing.isEnabled && principal.may(.operate): break
            case .cancelled where billing.isEnabled: throw QueryError.cancelled(plan: tenant.plan)
            case .suspended, .cancelled:
                throw APIError(.tenantInactive, "This account is \(tenant.status.rawValue).")
            }
        }
        if !access.isInEveryPlan { try checkPlan(of: principal, access, request) }
        var context = context
        context.authenticated = principal
        return try await next(request, context)
    }

    /// What the tenant's plan and trial lock, by the row that was read with the credentials.
    private func checkPlan(of principal: Principal, _ access: RouteAccess, _ request: Request) throws(QueryError) {
        try billing.checkTrial(of: principal, at: authenticator.now())
        // A person's token is that of a front end, as a session of the dashboard is.
        if principal.apiKeyHash != nil { try billing.check(.apiAccess, for: principal) }
        if access.offersFile, AnswerFormat.isFile(request) { try billing.check(.csvExport, for: principal) }
    }
}

extension APIError {
    /// As ``unauthorized``, to clients of the original product, which took the tenant's id for a credential.
    fileprivate static var tenantIDAlone: APIError {
        var error = APIError.unauthorized
        error.detail = "X-Tenant-ID is not a credential. Send the tenant's API key as 'Authorization: Bearer <key>'."
        return error
    }

    fileprivate static var notOfAccount: APIError {
        APIError(.tenantMismatch, "X-Tenant-ID is not a tenant of this account.")
    }

    /// A token of a provider that is not accepted; the reason is a code of few, and no part of the token.
    fileprivate static func refusedToken(_ failure: IdentityFailure) -> APIError {
        APIError(
            .unauthorized, "This token is not accepted (\(failure.code)).",
            headers: [.wwwAuthenticate: "Bearer realm=\"consilod\", error=\"invalid_token\""])
    }

    fileprivate static func tooManyAttempts(retryAfterSeconds: Int) -> APIError {
        APIError(
            .tooManyAttempts, "Too many API keys from this address were refused.",
            headers: [.retryAfter: "\(retryAfterSeconds)"])
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
