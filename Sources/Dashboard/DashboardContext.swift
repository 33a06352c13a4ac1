import Domain
import Foundation
import HTTPServer
import Hummingbird
import NIOCore

/// The context of a request for a page.
struct DashboardContext<Parent: RequestContext>: ChildRequestContext, RemoteAddressRequestContext {
    var coreContext: CoreRequestContextStorage
    let remoteAddress: SocketAddress?
    /// Set by ``NoteOrigin``.
    var origin: RequestOrigin?
    /// Set by ``PageAccess``.
    var visit: Visit?
    /// Set by ``PageAccess``, for pages of the host's owner.
    var operatorVisit: OperatorVisit?

    init(context: Parent) throws {
        coreContext = context.coreContext
        remoteAddress = context.peerAddress
    }

    /// The host's owner. Throws ``PageError/signedOut``.
    var operatorSignedIn: OperatorVisit {
        get throws {
            guard let operatorVisit else { throw PageError.signedOut }
            return operatorVisit
        }
    }

    /// The `{id}` of the address. Throws `error` where it is no UUID.
    func id(orThrow error: any Error = PageError.notFound) throws -> UUID {
        guard let id = parameters.get("id").flatMap(UUID.init(uuidString:)) else { throw error }
        return id
    }

    /// Who is signed in. Throws ``PageError/signedOut``.
    var signedIn: Visit {
        get throws {
            guard let visit else { throw PageError.signedOut }
            return visit
        }
    }
}

/// Notes where a request came from, for the audit log.
struct NoteOrigin<Parent: RequestContext>: RouterMiddleware {
    var proxies: TrustedProxies

    func handle(
        _ request: Request, context: DashboardContext<Parent>,
        next: (Request, DashboardContext<Parent>) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.origin = proxies.origin(of: request, in: context)
        return try await next(request, context)
    }
}

/// Who looks at a page.
struct Visit: Sendable {
    var principal: Principal
    var tenant: Tenant
    /// Of the session, for the forms of its pages.
    var formToken: String
    /// The stored form of the session's token.
    var sessionHash: String
    /// Which state of the tenant's data the page shows (``LiveUpdates/mark(of:)``); nil for the answer to a form, which cannot be
    /// loaded again.
    var change: String?
    /// Whether the tenant may have files.
    var hasFiles: Bool
    /// What every page says first; nil for nothing.
    var notice: String?
}

/// What a page answers instead of what was asked for.
enum PageError: Error {
    /// There is no session, or it has ended.
    case signedOut
    /// A person is signed in, whose session shows no tenant.
    case tenantNotChosen
    /// Also what is another tenant's.
    case notFound
    /// The form did not come from a page of this session, or is incomplete.
    case badForm(String)
    case tooManyAttempts(seconds: Int64)
    /// The tenant is suspended or cancelled.
    case inactive(String)
    /// The tenant is cancelled, and who asks can pay for it.
    case unpaid
    /// The tenant will be deleted after an instant.
    case deleted(after: Timestamp)
}
