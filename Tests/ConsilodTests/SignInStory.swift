import Foundation
import NIOHTTP1
import Outbound
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import IdentityTestSupport

/// The daemon with two tenants and a provider of OpenID Connect, both in processes of their own.
struct SignInStory {
    let daemon: DaemonProcess
    let provider: ChildServer
    let client: OutboundClient
    let tenant: DaemonProcess.Tenant
    let other: DaemonProcess.Tenant

    /// Runs `body` beside both.
    ///
    /// - Parameters:
    ///   - claims: whether the claim `roles` of the provider `acme` makes members of the first tenant.
    ///   - more: further lines of the section `sign_in`, and of its list of providers.
    static func running(
        claims: Bool = false, isSelfService: Bool = false, more: (ChildServer) -> String = { _ in "" },
        _ body: (SignInStory) async throws -> Void
    ) async throws {
        try await OpenIDProvider.running { (provider: ChildServer) async throws -> Void in
            try await withClient { client in
                let daemon = try DaemonProcess()
                try await daemon.start()
                let (tenant, other) = (try await daemon.createTenant("acme"), try await daemon.createTenant("other"))
                daemon.signal(SIGTERM)
                _ = try await daemon.waitForExit()
                let roles = claims ? "role_claim: roles, tenants: [\(tenant.id)]," : ""
                try daemon.rewriteConfiguration(
                    """
                    http: {public_url: "http://localhost:8080"}
                    tenants: {trial_days: 14}
                    sign_in:
                      self_service: \(isSelfService)
                      providers:
                        - {name: acme, label: Acme, \(roles) issuer: "\(provider.address)", client_id: consilod,
                           client_secret: "s3cret&more"}
                    \(more(provider))
                    """)
                try await daemon.restart()
                try await body(
                    SignInStory(daemon: daemon, provider: provider, client: client, tenant: tenant, other: other))
            }
        }
    }

    /// A sign-in that waits for the provider.
    struct Begun {
        var url: String
        /// What the browser keeps.
        var cookie: String
    }

    func begin(at provider: String = "acme", next: String = "/dashboard") async throws -> Begun {
        let answer = try await Visitor(daemon).get("/dashboard/sign-in/\(provider)?next=\(next)")
        guard answer.status == 303, let url = answer.location, let cookie = answer.headers.first(name: "set-cookie"),
            ["HttpOnly", "SameSite=Lax", "Path=/dashboard/sign-in/\(provider)/callback"]
                .allSatisfy({ cookie.contains($0) })
        else { throw Unexpected("the sign-in did not begin: \(answer.status) \(answer.text)") }
        return Begun(url: url, cookie: String(cookie.prefix { $0 != ";" }))
    }

    /// What the provider has the browser bring back, for a person whose address it has verified.
    func atProvider(
        _ person: String, _ begun: Begun, claims: String = #"{"email_verified": true}"#
    ) async throws -> String {
        try await provider.tell(#"{"claims": \#(claims)}"#, client)
        return try await provider.signIn("\(person)@acme.example", at: begun.url, client)
    }

    func callback(_ query: String, cookie: String?, at provider: String = "acme") async throws -> Visitor.Page {
        try await Visitor(daemon, cookie: cookie).get("/dashboard/sign-in/\(provider)/callback?\(query)")
    }

    /// All of it. The visitor has a session where one began.
    func signIn(
        _ person: String, claims: String = #"{"email_verified": true}"#, next: String = "/dashboard"
    ) async throws -> (visitor: Visitor, page: Visitor.Page) {
        let begun = try await begin(next: next)
        let page = try await callback(try await atProvider(person, begun, claims: claims), cookie: begun.cookie)
        return (Visitor(daemon, cookie: Self.session(page)), page)
    }

    /// The session's cookie of an answer; nil for none.
    static func session(_ page: Visitor.Page) -> String? {
        page.headers["set-cookie"].first { $0.hasPrefix("consilod_session=cslp_") }.map {
            String($0.prefix { $0 != ";" })
        }
    }

    /// The link of an invitation, made with the first tenant's key.
    func invite(_ email: String, _ role: String, to tenant: DaemonProcess.Tenant? = nil) async throws -> String {
        struct Made: Decodable { var url: String }
        let made = try await daemon.request(
            .post, "/api/invitations", token: (tenant ?? self.tenant).api_key,
            body: #"{"email": "\#(email)", "role": "\#(role)"}"#)
        guard made.status == 201 else { throw Unexpected("not invited: \(made.text)") }
        return try made.json(Made.self).url.replacing("http://localhost:8080", with: "")
    }

    struct Member: Decodable {
        var id: String
        var role: String
        var email: String?
    }

    func members() async throws -> [Member] {
        try await daemon.request(.get, "/api/members", token: tenant.api_key).json([Member].self)
    }

    /// The actions of the first tenant's log, oldest first.
    func actions() throws -> [String] {
        try daemon.query("SELECT action FROM audit_log WHERE tenant_id = '\(tenant.id)' ORDER BY sequence").map {
            $0[0]
        }
    }

    func count(_ table: String) throws -> String {
        try daemon.query("SELECT COUNT(*) FROM \(table)").first?.first ?? ""
    }
}
