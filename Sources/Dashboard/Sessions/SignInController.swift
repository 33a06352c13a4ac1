import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Logging
import Queries
import Vault

/// Signing in, by the tenant's API key or a link that works once, and out.
struct SignInController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp
    var log: BoundedLog
    let throttle = SignInThrottle()

    private struct Form: Sendable {
        var next: String
        var problem: String?
    }

    private struct Link: Sendable { var path: String }

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/sign-in", use: form)
        group.post("/dashboard/sign-in", use: signIn)
        group.get("/dashboard/links/{token}", use: link)
        group.post("/dashboard/links/{token}", use: redeem)
        group.post("/dashboard/sign-out", use: signOut)
    }

    @Sendable private func form(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let next = PathText.page(request.uri.queryParameters["next"].map(String.init)) ?? "/dashboard"
        return pages.page("sign-in", Form(next: next), in: .signedOut("Sign in"))
    }

    @Sendable private func signIn(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let now = now()
        if let seconds = throttle.wait(now: now) { throw PageError.tooManyAttempts(seconds: seconds) }
        let form = try await PostedForm(request)
        let next = PathText.page(form["next"]) ?? "/dashboard"
        let hash = APIKey.hash(form["api_key"] ?? "")
        guard let tenantID = try await store.tenantID(apiKeyHash: hash) else {
            throttle.note(now: now)
            log.log(.warning, "sign-in refused", tenant: nil, code: "unknown", [:])
            return pages.page(
                "sign-in", Form(next: next, problem: "This is not the API key of a tenant of this host."),
                in: .signedOut("Sign in"), status: .forbidden)
        }
        let token = SessionToken()
        try await store.addSignIn(
            SignIn(
                tokenHash: token.hash, kind: .session, tenantID: tenantID, apiKeyHash: hash, createdAt: now,
                endsAt: end(now)))
        return .see(next, headers: [.setCookie: cookie(token, request)])
    }

    /// Shows a button: programs that look at links in mails and messages follow them, and must not use them up.
    @Sendable private func link(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        pages.page("link", Link(path: request.uri.path), in: .signedOut("Sign in"))
    }

    @Sendable private func redeem(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let now = now()
        if let seconds = throttle.wait(now: now) { throw PageError.tooManyAttempts(seconds: seconds) }
        _ = try await PostedForm(request)
        let link = SessionToken(context.parameters.get("token") ?? "")
        let token = SessionToken()
        guard try await store.redeem(linkHash: link.hash, as: token.hash, until: end(now), now: now) else {
            throttle.note(now: now)
            log.log(.warning, "sign-in refused", tenant: nil, code: "link", [:])
            return pages.page(
                "sign-in", Form(next: "/dashboard", problem: "This link was used, or its ten minutes are over."),
                in: .signedOut("Sign in"), status: .forbidden)
        }
        return .see("/dashboard", headers: [.setCookie: cookie(token, request)])
    }

    @Sendable private func signOut(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let form = try await PostedForm(request)
        if let token = SessionCookie.token(of: request), ConstantTime.equal(form["form_token"] ?? "", token.formToken) {
            try await store.endSession(tokenHash: token.hash)
        }
        return .see("/dashboard/sign-in", headers: [.setCookie: SessionCookie.removal(isSecure: isSecure(request))])
    }

    private func end(_ now: Timestamp) -> Timestamp { now.adding(seconds: Int64(Dashboard.sessionSeconds)) }

    private func cookie(_ token: SessionToken, _ request: Request) -> String {
        SessionCookie.header(token, seconds: Dashboard.sessionSeconds, isSecure: isSecure(request))
    }

    private func isSecure(_ request: Request) -> Bool {
        if publicURL?.hasPrefix("https:") == true { return true }
        return HTTPField.Name("X-Forwarded-Proto").flatMap { request.headers[$0] }?.lowercased() == "https"
    }
}
