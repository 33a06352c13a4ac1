import Domain
import Hummingbird

/// The context of a request for a page.
struct DashboardContext<Parent: RequestContext>: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    /// Set by ``SignedInOnly``.
    var visit: Visit?

    init(context: Parent) throws { coreContext = context.coreContext }

    /// Who is signed in. Throws ``PageError/signedOut``.
    var signedIn: Visit {
        get throws {
            guard let visit else { throw PageError.signedOut }
            return visit
        }
    }
}

/// Who looks at a page.
struct Visit: Sendable {
    var principal: Principal
    var tenant: Tenant
    /// Of the session, for the forms of its pages.
    var formToken: String
}

/// What a page answers instead of what was asked for.
enum PageError: Error {
    /// There is no session, or it has ended.
    case signedOut
    /// Also what is another tenant's.
    case notFound
    /// The form did not come from a page of this session, or is incomplete.
    case badForm(String)
    case tooManyAttempts(seconds: Int64)
    /// The tenant is suspended or cancelled.
    case inactive(String)
}
