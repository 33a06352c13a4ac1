import Domain
import Foundation
import Identity
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// The section `sign_in`: what it means, and what is said where it is wrong.
@Suite struct SignInConfigurationTests {
    private let tenant = "8c4bd1b2-7d1e-4c4a-9f5e-3a2f0c9d1e01"

    private func settings(
        _ lines: String, publicURL: String? = "https://risk.example", _ more: [String: String] = [:]
    ) async throws -> SignInSettings {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        try "sign_in:\n\(lines)\n".write(to: file, atomically: true, encoding: .utf8)
        var environment = ["CONSILOD_ENCRYPTION_KEY": DaemonProcess.encryptionKey].merging(more) { $1 }
        if let publicURL { environment["CONSILOD_HTTP_PUBLIC_URL"] = publicURL }
        return try DaemonConfiguration(
            try await Settings(file: file.path, environment: environment), environment: environment
        ).signIn
    }

    private func mistake(
        _ lines: String, publicURL: String? = "https://risk.example", _ more: [String: String] = [:]
    ) async -> String? {
        do {
            _ = try await settings(lines, publicURL: publicURL, more)
            return nil
        } catch { return "\(error)" }
    }

    private func provider(_ fields: String) -> String { "  providers: [{\(fields)}]" }

    @Test func aProviderIsReadWithItsSecretFromACredential() async throws {
        let lines = provider(
            """
            name: acme-sso, issuer: "https://id.example/realms/acme", client_id: consilod, role_claim: roles, \
            roles: {boss: owner}, default_role: viewer, tenants: [\(tenant)], parameters: {prompt: login}
            """)
        let read = try await settings(lines, ["CONSILOD_CLIENT_SECRET_ACME_SSO": "s3cret"])
        let acme = try #require(read.providers.first)
        #expect(acme.label == "acme-sso" && acme.tenants.map(\.description) == [tenant])
        #expect(acme.configuration.redirectURI == "https://risk.example/dashboard/sign-in/acme-sso/callback")
        #expect(acme.configuration.roles.role(of: ["boss"]) == .owner)
        #expect(acme.configuration.roles.role(of: ["owner"]) == .viewer)
        guard case .basic(let secret) = acme.configuration.clientAuthentication else {
            Issue.record("the secret is not used")
            return
        }
        #expect(secret.revealed == "s3cret" && !"\(read)".contains("s3cret"))
        #expect(read.sessionSeconds == 86_400 && !read.isSelfService && read.clerk == nil)
    }

    @Test func aMistakeNamesItsKey() async throws {
        let good = "name: acme, issuer: \"https://id.example\", client_id: consilod, client_authentication: none"
        #expect(await mistake(provider(good)) == nil)
        for (lines, words) in [
            (provider("issuer: x"), "sign_in.providers[0].name is required"),
            (provider(good.replacing("acme", with: "A b")), "sign_in.providers[0].name must be lower-case letters"),
            (provider(good.replacing("https://", with: "http://")), "sign_in.providers[0].issuer must be an https"),
            (provider(good.replacing("none", with: "basic")), "'client-secret-acme'"),
            (provider(good.replacing("none", with: "jwt")), "client_authentication must be one of basic, post, none"),
            (provider("\(good), colour: blue"), "unknown key sign_in.providers[0].colour"),
            (provider("\(good), role_claim: roles"), "sign_in.providers[0].tenants must list"),
            (provider("\(good), tenants: [\(tenant)]"), "sign_in.providers[0].tenants must list"),
            (provider("\(good), role_claim: roles, tenants: [acme]"), "must list the ids of tenants"),
            (
                provider("\(good), role_claim: roles, tenants: [\(tenant)], roles: {x: king}"),
                "roles must be one of owner, manager, viewer"
            ),
            (provider("\(good), scopes: [email]"), "sign_in.providers[0].scopes must be words"),
            ("  providers: [{\(good)}, {\(good)}]", "has the name acme twice"),
            ("  providers: acme", "sign_in.providers must be a list"),
            ("  self_service: true\n" + provider(good), "self_service needs tenants.trial_days"),
            ("  session_hours: 0", "sign_in.session_hours must be a whole number"),
            ("  clerk: {issuer: \"https://clerk.example\"}", "sign_in.clerk.authorized_parties must be"),
            ("  clerk: {authorized_parties: [\"https://a.example\"]}", "sign_in.clerk.issuer is required"),
            (
                "  clerk: {issuer: \"https://c.example\", authorized_parties: [\"https://a.example\"], "
                    + "organizations: {o: x}}",
                "organizations must have the id of a tenant"
            ),
        ] {
            let found = await mistake(lines)
            #expect(found?.contains(words) == true, "\(lines): \(found ?? "no error")")
        }
        #expect(await mistake(provider(good), publicURL: nil)?.contains("needs http.public_url") == true)
        let alone = await mistake("  self_service: true", ["CONSILOD_TENANTS_TRIAL_DAYS": "14"])
        #expect(alone?.contains("needs at least one") == true)
    }

    @Test func clerkIsReadWithItsOrganisations() async throws {
        let read = try await settings(
            """
              clerk:
                issuer: https://clerk.example.com
                authorized_parties: [https://app.example.com]
                organizations: {org_1: \(tenant)}
            """)
        let clerk = try #require(read.clerk)
        #expect(clerk.organizations["org_1"]?.description == tenant)
        #expect(clerk.configuration.clockSkewSeconds == 5 && !clerk.configuration.acceptsTokensWithoutParty)
        #expect(clerk.configuration.roles.role(of: ["admin"]) == .owner)
    }
}
