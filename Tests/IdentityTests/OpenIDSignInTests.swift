import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

/// The code flow with a real provider in a process of its own.
@Suite(.enabled(if: IdentityPeers.hasOpenID, Comment(rawValue: IdentityPeers.noOpenID)))
struct OpenIDSignInTests {
    /// A sign-in at the provider, with the host's clock in the test's hands.
    private struct Host {
        let provider: ChildServer
        let client: OutboundClient
        let clock: SettableClock
        let signIn: OpenIDSignIn

        func complete(_ person: String = "ada@example.com") async throws -> ExternalIdentity {
            let (url, pending) = try await signIn.begin(returnPath: "/")
            return try await signIn.finish(
                query: provider.signIn(person, at: url, client), pending: pending)
        }

        /// The code of the failure of a sign-in; nil for a success.
        func failure() async throws -> String? { try await code { _ = try await complete() } }
    }

    private static let redirect = "https://consilod.example/dashboard/sign-in/callback"

    private func running(
        _ authentication: OpenIDConfiguration.ClientAuthentication = .basic("s3cret&more"),
        rolePath: String? = nil, cache: CachePolicy = .standard, _ body: (Host) async throws -> Void
    ) async throws {
        try await OpenIDProvider.running { (provider: ChildServer) async throws -> Void in
            try await withClient { client in
                let configuration = try OpenIDConfiguration(
                    issuer: provider.address, clientID: "consilod", clientAuthentication: authentication,
                    redirectURI: Self.redirect, rolePath: rolePath)
                let clock = SettableClock(Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)))
                let signIn = OpenIDSignIn(configuration: configuration, http: client, cache: cache) { clock.now }
                try await body(Host(provider: provider, client: client, clock: clock, signIn: signIn))
            }
        }
    }

    @Test func aPersonSignsIn() async throws {
        try await running(rolePath: "realm_access.roles") { host in
            try await host.provider.tell(
                #"{"claims": {"name": "Ada", "email_verified": true, "realm_access": {"roles": ["x", "manager"]}}}"#,
                host.client)
            let (url, pending) = try await host.signIn.begin(returnPath: "/dashboard/issues?sort=due")
            #expect(url.hasPrefix("\(host.provider.address)/oauth2/authorize?response_type=code&client_id=consilod&"))
            #expect(url.contains("code_challenge_method=S256"))
            #expect(!url.contains(pending.verifier))
            #expect(pending.returnPath == "/dashboard/issues?sort=due")
            let query = try await host.provider.signIn(at: url, host.client)
            let identity = try await host.signIn.finish(query: query, pending: pending)
            #expect(identity.issuer == host.provider.address)
            #expect(identity.subject == "ada@example.com")
            #expect(identity.email == "ada@example.com")
            #expect(identity.isEmailVerified)
            #expect(identity.name == "Ada")
            #expect(identity.role == .manager)
            #expect(identity.expiresAt > host.clock.now)
        }
    }

    @Test func aClientMayHaveNoSecretOrSendItInTheForm() async throws {
        try await running(.none) { host in
            let failure = try await host.failure()
            #expect(failure == nil)
        }
        try await running(.post("s3cret")) { host in
            let failure = try await host.failure()
            #expect(failure == nil)
        }
    }

    @Test func keysChangeBetweenTwoSignIns() async throws {
        for names in [true, false] {
            try await running { host in
                try await host.provider.tell(#"{"names_key": \#(names)}"#, host.client)
                #expect(try await host.failure() == nil)
                try await host.provider.tell(#"{"rotate": "drop"}"#, host.client)
                // A moment after the first fetch the new key is not looked for: a token that names it is refused.
                #expect(try await host.failure() == (names ? "token_unknown_key" : "token_signature"))
                host.clock.now = host.clock.now.adding(seconds: 31)
                #expect(try await host.failure() == nil)
                let counts = try await host.provider.tell("{}", host.client)
                #expect(counts["/jwks"] == 2)
            }
        }
    }

    @Test func keysChangeInTheMiddleOfASignIn() async throws {
        try await running { host in
            #expect(try await host.failure() == nil)
            host.clock.now = host.clock.now.adding(seconds: 31)
            let (url, pending) = try await host.signIn.begin(returnPath: "/")
            let query = try await host.provider.signIn(at: url, host.client)
            try await host.provider.tell(#"{"rotate": "keep"}"#, host.client)
            #expect(try await host.signIn.finish(query: query, pending: pending).subject == "ada@example.com")
        }
    }

    /// Two keys are published, and a token names neither: OpenID Connect Core 1.0, section 10.1, demands that it does.
    @Test func aTokenThatNamesNoneOfTwoKeysIsRefused() async throws {
        try await running { host in
            try await host.provider.tell(#"{"names_key": false, "rotate": "keep"}"#, host.client)
            #expect(try await host.failure() == "token_ambiguous_key")
        }
    }

    @Test func theProvidersClockMayDifferByTheSkew() async throws {
        try await running { host in
            let cases: [(Int, String?)] = [
                (30, nil), (90, "token_issued_in_future"), (-3600 - 30, nil), (-3600 - 90, "token_expired"),
            ]
            for (skew, code) in cases {
                try await host.provider.tell(#"{"skew": \#(skew)}"#, host.client)
                // The provider's own clock has moved on since the test began.
                host.clock.now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                #expect(try await host.failure() == code, "\(skew)")
            }
        }
    }

    @Test func aResponseIsTakenOnce() async throws {
        try await running { host in
            let (url, pending) = try await host.signIn.begin(returnPath: "/")
            let query = try await host.provider.signIn(at: url, host.client)
            _ = try await host.signIn.finish(query: query, pending: pending)
            let again = try await code { _ = try await host.signIn.finish(query: query, pending: pending) }
            #expect(again == "response_used")
            // Another node does not know that it was used; the provider does.
            let other = OpenIDSignIn(configuration: host.signIn.configuration, http: host.client) { host.clock.now }
            let elsewhere = try await code { _ = try await other.finish(query: query, pending: pending) }
            #expect(elsewhere == "response_code_refused")
        }
    }

    @Test func aCodeIsWorthNothingInAnotherBrowser() async throws {
        try await running { host in
            let (url, victim) = try await host.signIn.begin(returnPath: "/")
            let query = try await host.provider.signIn(at: url, host.client)
            let (_, thief) = try await host.signIn.begin(returnPath: "/")
            let injected = try await code { _ = try await host.signIn.finish(query: query, pending: thief) }
            #expect(injected == "response_state")
            // With the state changed to the thief's, the verifier is still that of another sign-in.
            let changed = query.replacing(victim.state, with: thief.state)
            let stolen = try await code { _ = try await host.signIn.finish(query: changed, pending: thief) }
            #expect(stolen == "response_code_refused")
        }
    }

    @Test func anIDTokenOfAnotherSignInOrClientIsRefused() async throws {
        try await running { host in
            for (claims, code) in [
                (#"{"nonce": "other"}"#, "token_nonce"), (#"{"nonce": null}"#, "token_nonce"),
                (#"{"aud": "other"}"#, "token_audience"), (#"{"iss": "https://other.example"}"#, "token_issuer"),
                (#"{"aud": ["consilod", "other"]}"#, "token_authorized_party"),
                (#"{"aud": ["consilod", "other"], "azp": "other"}"#, "token_authorized_party"),
                (#"{"azp": "other"}"#, "token_authorized_party"), (#"{"sub": ""}"#, "token_claims"),
            ] {
                try await host.provider.tell(#"{"claims": \#(claims)}"#, host.client)
                #expect(try await host.failure() == code, "\(claims)")
            }
            let trusted = #"{"aud": ["consilod", "other"], "azp": "consilod"}"#
            try await host.provider.tell(#"{"claims": \#(trusted)}"#, host.client)
            #expect(try await host.failure() == nil)
        }
    }

    /// RFC 9207: who signs in at an honest provider is not made to give its code to another one.
    @Test func aResponseOfAnotherProviderIsRefused() async throws {
        try await running { host in
            try await host.provider.tell(#"{"names_itself": true}"#, host.client)
            #expect(try await host.failure() == nil)
            try await host.provider.tell(#"{"iss": "https://evil.example"}"#, host.client)
            #expect(try await host.failure() == "response_issuer")
            let before = try await host.provider.tell("{}", host.client)["/oauth2/token"]
            // It said that it always names itself.
            let (url, pending) = try await host.signIn.begin(returnPath: "/")
            let query = try await host.provider.signIn(at: url, host.client)
            let unnamed = query.split(separator: "&").filter { !$0.hasPrefix("iss=") }.joined(separator: "&")
            #expect(
                try await code { _ = try await host.signIn.finish(query: unnamed, pending: pending) }
                    == "response_issuer")
            // No code was sent anywhere.
            #expect(try await host.provider.tell("{}", host.client)["/oauth2/token"] == before)
        }
    }

    @Test func aSignInThatBeganAtOneProviderDoesNotEndAtAnother() async throws {
        try await running { first in
            try await running { second in
                let (url, pending) = try await first.signIn.begin(returnPath: "/")
                let query = try await first.provider.signIn(at: url, first.client)
                let mixed = try await code { _ = try await second.signIn.finish(query: query, pending: pending) }
                #expect(mixed == "response_other_provider")
                #expect(try await second.provider.tell("{}", second.client)["/oauth2/token"] == nil)
            }
        }
    }

    @Test func aSignInMustEndInTime() async throws {
        try await running { host in
            let cases: [(Int64, String?)] = [(601, "response_expired"), (-61, "response_expired"), (599, nil)]
            for (seconds, expected) in cases {
                let (url, pending) = try await host.signIn.begin(returnPath: "/")
                let query = try await host.provider.signIn(at: url, host.client)
                let before = host.clock.now
                host.clock.now = before.adding(seconds: seconds)
                let found = try await code { _ = try await host.signIn.finish(query: query, pending: pending) }
                #expect(found == expected, "\(seconds)")
                host.clock.now = before
            }
        }
    }

    @Test func aPersonMayRefuse() async throws {
        try await running { host in
            let (url, pending) = try await host.signIn.begin(returnPath: "/")
            let query = try await host.provider.signIn(at: url, refusing: true, host.client)
            // oidc-provider-mock leaves the state out of this response.
            let complete = query.contains("state=") ? query : "\(query)&state=\(pending.state)"
            await #expect(throws: IdentityFailure.response(.denied("access_denied"))) {
                try await host.signIn.finish(query: complete, pending: pending)
            }
        }
    }

    @Test func aProviderThatIsDownOrAnotherIsNamed() async throws {
        try await running(cache: CachePolicy(maximumAgeSeconds: 60, keepSeconds: 600)) { host in
            try await host.provider.tell(#"{"issuer": "https://other.example"}"#, host.client)
            #expect(try await host.failure() == "provider_other_issuer")
            try await host.provider.tell(#"{"issuer": null}"#, host.client)
            host.clock.now = host.clock.now.adding(seconds: 6)
            #expect(try await host.failure() == nil)
            // Metadata and keys are kept for a while.
            let down = #"{"down": ["/jwks", "/.well-known/openid-configuration"]}"#
            try await host.provider.tell(down, host.client)
            host.clock.now = host.clock.now.adding(seconds: 100)
            #expect(try await host.failure() == nil)
            try await host.provider.tell(#"{"down": ["/oauth2/token"]}"#, host.client)
            #expect(try await host.failure() == "provider_unavailable")
            try await host.provider.tell(down, host.client)
            host.clock.now = host.clock.now.adding(seconds: 600)
            #expect(try await host.failure() == "provider_unavailable")
        }
    }
}

/// The code of the failure of `body`; nil for a success. Throws any other error.
private func code(_ body: () async throws -> Void) async throws -> String? {
    do {
        try await body()
        return nil
    } catch let failure as IdentityFailure {
        return failure.code
    }
}
