import Domain
import HTTPServer
import HTTPTypes
import Hummingbird
import Logging
import Queries
import Vault

/// Signing in, by an API key of the tenant or a link that works once, and out.
struct SignInController: Sendable {
    var store: any DashboardStore
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp
    var log: BoundedLog
    /// Keeps refusals; nil keeps none.
    var refusals: RefusalTrail?
    var live: LiveUpdates
    /// Nil where no admin token is configured.
    var access: OperatorAccess?
    var keyUses: APIKeyUses
    var throttle: SignInThrottle
    /// Where people may sign in instead.
    var providers: [SignInProvider]

    /// Where the pages of the host's owner begin.
    private static let ownersPage = "/dashboard/operator"

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
        return pages.page(
            "sign-in", SignInContent(next: next, providers: providers), in: .signedOut(Self.text("title")))
    }

    @Sendable private func signIn(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let now = now()
        try throttle.check(context.origin, now: now)
        let form = try await PostedForm(request)
        let next = PathText.page(form["next"]) ?? "/dashboard"
        let isForOwner = next == Self.ownersPage || next.hasPrefix("\(Self.ownersPage)/")
        if let access, access.isToken(form["api_key"] ?? "") {
            let token = SessionToken()
            try await store.addOperatorSignIn(
                OperatorSignIn(
                    tokenHash: token.hash, kind: .session, adminMark: access.mark, createdAt: now, endsAt: end(now)),
                from: context.origin)
            return .see(
                isForOwner ? next : Self.ownersPage, headers: [.setCookie: cookie(token, request)])
        }
        let hash = APIKey.hash(form["api_key"] ?? "")
        guard let holder = try await store.apiKeyHolder(hash: hash, now: now) else {
            throttle.note(context.origin, now: now)
            await refuse("unknown", context.origin)
            return pages.page(
                "sign-in", SignInContent(next: next, problem: Self.text("unknown_key"), providers: providers),
                in: .signedOut(Self.text("title")), status: .forbidden)
        }
        keyUses.note(holder, at: now)
        let token = SessionToken()
        try await store.addSignIn(
            SignIn(
                tokenHash: token.hash, kind: .session, tenantID: holder.tenant.id, apiKeyHash: hash, createdAt: now,
                endsAt: end(now)), from: context.origin)
        return .see(isForOwner ? "/dashboard" : next, headers: [.setCookie: cookie(token, request)])
    }

    /// Shows a button: programs that look at links in mails and messages follow them, and must not use them up.
    @Sendable private func link(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        pages.page("link", Link(path: request.uri.path), in: .signedOut(Self.text("title")))
    }

    @Sendable private func redeem(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let now = now()
        try throttle.check(context.origin, now: now)
        _ = try await PostedForm(request)
        let link = SessionToken(context.parameters.get("token") ?? "")
        let token = SessionToken()
        if let access,
            try await store.redeemOperatorLink(
                linkHash: link.hash, as: token.hash, until: end(now), adminMark: access.mark, from: context.origin,
                now: now)
        {
            return .see(Self.ownersPage, headers: [.setCookie: cookie(token, request)])
        }
        let isRedeemed = try await store.redeem(
            linkHash: link.hash, as: token.hash, until: end(now), from: context.origin, now: now)
        guard isRedeemed else {
            throttle.note(context.origin, now: now)
            await refuse("link", context.origin)
            return pages.page(
                "sign-in",
                SignInContent(next: "/dashboard", problem: Self.text("used_link"), providers: providers),
                in: .signedOut(Self.text("title")), status: .forbidden)
        }
        return .see("/dashboard", headers: [.setCookie: cookie(token, request)])
    }

    @Sendable private func signOut(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let form = try await PostedForm(request)
        if let token = SessionCookie.token(of: request), ConstantTime.equal(form["form_token"] ?? "", token.formToken) {
            try await store.endSession(tokenHash: token.hash, from: context.origin)
            live.ended(sessionHash: token.hash)
        }
        return .see("/dashboard/sign-in", headers: [.setCookie: SessionCookie.removal(isSecure: isSecure(request))])
    }

    private func refuse(_ code: String, _ origin: RequestOrigin?) async {
        log.log(.warning, "sign-in refused", tenant: nil, code: code, [:])
        await refusals?.note("sign_in_\(code)", of: nil, by: .unknown.from(origin))
    }

    private static func text(_ name: String) -> String { PageTexts.english("sign_in", name) }

    private func end(_ now: Timestamp) -> Timestamp { now.adding(seconds: Int64(Dashboard.sessionSeconds)) }

    private func cookie(_ token: SessionToken, _ request: Request) -> String {
        SessionCookie.header(token, seconds: Dashboard.sessionSeconds, isSecure: isSecure(request))
    }

    private func isSecure(_ request: Request) -> Bool { request.isSecure(publicURL: publicURL) }
}
