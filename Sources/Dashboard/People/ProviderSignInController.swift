import Domain
import Foundation
import HTTPServer
import HTTPTypes
import Hummingbird
import Identity
import Logging
import Queries
import Vault

/// Signing in at a provider of OpenID Connect: there and back.
struct ProviderSignInController: Sendable {
    var people: PeoplePages
    var pages: PageRenderer
    var publicURL: String?
    var now: @Sendable () -> Timestamp
    var log: BoundedLog
    /// Keeps refusals; nil keeps none.
    var refusals: RefusalTrail?
    var throttle: SignInThrottle

    func addRoutes(to group: RouterGroup<DashboardContext<some RequestContext>>) {
        group.get("/dashboard/sign-in/{provider}", use: begin)
        group.get("/dashboard/sign-in/{provider}/callback", use: finish)
    }

    @Sendable private func begin(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let provider = try provider(in: context)
        try throttle.check(context.origin, now: now())
        let next = PathText.page(request.uri.queryParameters["next"].map(String.init)) ?? "/dashboard"
        do {
            let (url, pending) = try await provider.flow.begin(returnPath: next)
            let cookie = try PendingCookie.header(
                pending, at: provider.name, isSecure: request.isSecure(publicURL: publicURL), seal: people.seal)
            return .see(url, headers: [.setCookie: cookie, .cacheControl: "no-store"])
        } catch let failure as IdentityFailure {
            return await refused(failure, request, context.origin, next: next)
        }
    }

    @Sendable private func finish(
        _ request: Request, context: DashboardContext<some RequestContext>
    ) async throws -> Response {
        let provider = try provider(in: context)
        try throttle.check(context.origin, now: now())
        let isSecure = request.isSecure(publicURL: publicURL)
        // Used once, whatever comes of it.
        let removal = PendingCookie.removal(at: provider.name, isSecure: isSecure)
        var response: Response
        do {
            guard let pending = PendingCookie.pending(of: request, open: people.open) else {
                throw IdentityFailure.response(.state)
            }
            let identity = try await provider.flow.finish(query: request.uri.query ?? "", pending: pending)
            response = try await admit(identity, by: provider, to: pending.returnPath, request, context.origin)
        } catch let failure as IdentityFailure {
            response = await refused(failure, request, context.origin, next: "/dashboard")
        }
        response.headers[values: .setCookie].append(removal)
        response.headers[.cacheControl] = "no-store"
        return response
    }

    private func admit(
        _ identity: ExternalIdentity, by provider: SignInProvider, to path: String, _ request: Request,
        _ origin: RequestOrigin?
    ) async throws -> Response {
        let token = SessionToken.ofPerson()
        let next = PathText.page(path) ?? "/dashboard"
        let invitation = next.hasPrefix(Invitations.page) ? String(next.dropFirst(Invitations.page.count)) : nil
        let known = try await people.signIns.begin(
            identity, by: provider, invitationHash: invitation.map { APIKey.hash($0) }, tokenHash: token.hash,
            from: origin)
        guard let known else {
            await refuse("no_membership", origin)
            return page(Self.text("no_membership"), next: "/dashboard", status: .forbidden)
        }
        let isChosen = known.memberships.count == 1 || invitation != nil
        let cookie = SessionCookie.header(
            token, seconds: Int(people.signIns.sessionSeconds), isSecure: request.isSecure(publicURL: publicURL))
        return .see(
            isChosen ? next : TenantChoiceController.address(next: next), headers: [.setCookie: cookie])
    }

    private func provider(in context: DashboardContext<some RequestContext>) throws -> SignInProvider {
        guard let provider = context.parameters.get("provider").flatMap({ people.signIns.provider($0) }) else {
            throw PageError.notFound
        }
        return provider
    }

    /// That the provider cannot be asked is no fault of who signs in, and does not count against them.
    private func refused(
        _ failure: IdentityFailure, _ request: Request, _ origin: RequestOrigin?, next: String
    ) async -> Response {
        if case .provider = failure {
            log.log(
                .error, "the provider of identities cannot be used", tenant: nil, code: failure.code,
                ["reason": "\(failure)"])
            return page(
                Self.text("provider_unavailable", ["code": failure.code]), next: next, status: .serviceUnavailable)
        }
        await refuse(failure.code, origin)
        return page(Self.text("not_completed", ["code": failure.code]), next: next, status: .forbidden)
    }

    private func refuse(_ code: String, _ origin: RequestOrigin?) async {
        throttle.note(origin, now: now())
        log.log(.warning, "sign-in refused", tenant: nil, code: code, [:])
        await refusals?.note("sign_in_\(code)", of: nil, by: .unknown.from(origin))
    }

    private static func text(_ name: String, _ values: KeyValuePairs<String, String> = [:]) -> String {
        PageTexts.english("sign_in", name, values)
    }

    private func page(_ problem: String, next: String, status: HTTPResponse.Status) -> Response {
        pages.page(
            "sign-in", SignInContent(next: next, problem: problem, providers: people.signIns.providers),
            in: .signedOut(Self.text("title")), status: status)
    }
}

/// What the page to sign in shows.
struct SignInContent: Sendable {
    struct Choice: Sendable {
        var path: String
        var label: String
    }

    var next: String
    var problem: String?
    var providers: [Choice]
    var hasProviders: Bool

    init(next: String, problem: String? = nil, providers: [SignInProvider]) {
        self.next = next
        self.problem = problem
        self.providers = Self.choices(providers, next: next)
        hasProviders = !providers.isEmpty
    }

    static func choices(_ providers: [SignInProvider], next: String) -> [Choice] {
        providers.map {
            Choice(
                path: "/dashboard/sign-in/\($0.name)?next=\(PathText.encoded(next))",
                label: PageTexts.english("sign_in", "with", ["provider": $0.label]))
        }
    }
}

extension Request {
    /// Whether the page comes over https, as far as is known; then cookies are sent over https alone.
    func isSecure(publicURL: String?) -> Bool {
        if publicURL?.hasPrefix("https:") == true { return true }
        return HTTPField.Name("X-Forwarded-Proto").flatMap { headers[$0] }?.lowercased() == "https"
    }
}
