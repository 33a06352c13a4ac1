import Domain
import Foundation
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

/// What needs no provider.
@Suite struct OpenIDRequestTests {
    private static let metadata = #"""
        {"issuer": "https://id.example", "authorization_endpoint": "https://id.example/authorize?tenant=1",
         "token_endpoint": "https://id.example/token", "jwks_uri": "https://keys.example/jwks"}
        """#

    private static func pending(_ path: String = "/") -> PendingSignIn {
        PendingSignIn(
            returnPath: path, issuer: "https://id.example", clientID: "c", now: Timestamp(seconds: 1_800_000_000))
    }

    private static func configuration(
        issuer: String = "https://id.example", client: String = "c",
        authentication: OpenIDConfiguration.ClientAuthentication = .none,
        redirect: String = "https://consilod.example/callback", scopes: [String] = ["openid", "email"],
        algorithms: Set<TokenAlgorithm> = [.rs256], skew: Int64 = 60, seconds: Int64 = 600, roles: String? = nil,
        organization: String? = nil, parameters: [String: String] = [:]
    ) throws(ConfigurationMistake) -> OpenIDConfiguration {
        try OpenIDConfiguration(
            issuer: issuer, clientID: client, clientAuthentication: authentication, redirectURI: redirect,
            scopes: scopes, algorithms: algorithms, clockSkewSeconds: skew, signInSeconds: seconds, rolePath: roles,
            organizationPath: organization, parameters: parameters)
    }

    @Test func theRequestCarriesWhatTheResponseIsCheckedBy() throws {
        let metadata = try ProviderMetadata(json: Array(Self.metadata.utf8), issuer: "https://id.example")
        let configuration = try Self.configuration(parameters: ["prompt": "select account", "hd": "a&b"])
        let (one, two) = (Self.pending(), Self.pending())
        let url = AuthorizationRequest.url(one, configuration: configuration, metadata: metadata)
        #expect(
            url == """
                https://id.example/authorize?tenant=1&response_type=code&client_id=c\
                &redirect_uri=https%3A%2F%2Fconsilod.example%2Fcallback&scope=openid%20email&state=\(one.state)\
                &nonce=\(one.nonce)&code_challenge=\(one.challenge)&code_challenge_method=S256&hd=a%26b\
                &prompt=select%20account
                """)
        // Each is random, and none is another.
        let secrets = [one, two].flatMap { [$0.state, $0.nonce, $0.verifier] }
        #expect(Set(secrets).count == 6)
        #expect(secrets.allSatisfy { $0.utf8.count == 43 })
    }

    /// RFC 7636, appendix B.
    @Test func theChallengeIsThatOfTheStandard() throws {
        let json = Data(
            #"""
            {"state": "s", "nonce": "n", "verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "returnPath": "/",
             "issuer": "https://id.example", "clientID": "c", "beganAtMilliseconds": 1800000000000}
            """#.utf8)
        let pending = try JSONDecoder().decode(PendingSignIn.self, from: json)
        #expect(pending.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
        #expect(try JSONDecoder().decode(PendingSignIn.self, from: JSONEncoder().encode(pending)) == pending)
    }

    @Test func aReturnPathStaysOnThisHost() {
        for path in ["/", "/dashboard", "/dashboard/issues?sort=due&text=a%20b", "/a#b", "/a//b"] {
            #expect(Self.pending(path).returnPath == path)
        }
        for path in [
            "", "dashboard", "//evil.example", "/\\evil.example", "https://evil.example", "/a\nb", "/a b",
            "/\t/evil.example",
            "/ä", "/" + String(repeating: "a", count: 2048), "javascript:alert(1)",
        ] {
            #expect(Self.pending(path).returnPath == "/", "\(path)")
        }
    }

    @Test func aResponseIsCheckedInItsOrder() throws {
        let pending = Self.pending()
        let state = pending.state
        func refusal(_ query: String, names: Bool = false) -> ResponseRefusal? {
            do throws(ResponseRefusal) {
                _ = try AuthorizationResponse(
                    query: query, pending: pending, issuer: "https://id.example", namesIssuer: names)
                return nil
            } catch {
                return error
            }
        }
        let issuer = "iss=https%3A%2F%2Fid.example"
        #expect(refusal("code=c&state=\(state)") == nil)
        #expect(refusal("code=c&state=\(state)&\(issuer)", names: true) == nil)
        #expect(refusal("code=c&state=\(state)&more=1") == nil)
        #expect(refusal("") == .state)
        #expect(refusal("code=c") == .state)
        #expect(refusal("code=c&state=") == .state)
        #expect(refusal("code=c&state=\(state)x") == .state)
        #expect(refusal("code=c&state=\(state.dropLast())") == .state)
        #expect(refusal("error=access_denied&state=x") == .state)
        #expect(refusal("code=c&state=\(state)&state=\(state)") == .malformed)
        #expect(refusal("code=c&code=d&state=\(state)") == .malformed)
        #expect(refusal("code=c&state=\(state)&x=\(String(repeating: "x", count: 8192))") == .malformed)
        #expect(refusal("code=c&state=\(state)", names: true) == .issuer)
        #expect(refusal("code=c&state=\(state)&iss=https%3A%2F%2Fid.example%2F") == .issuer)
        #expect(refusal("error=access_denied&state=\(state)", names: true) == .issuer)
        #expect(refusal("error=access_denied&state=\(state)&\(issuer)", names: true) == .denied("access_denied"))
        #expect(refusal("error=login_required&code=c&state=\(state)") == .denied("login_required"))
        #expect(refusal("error=%3Cscript%3E&state=\(state)") == .denied("other"))
        #expect(refusal("state=\(state)") == .noCode)
        #expect(refusal("code=&state=\(state)") == .noCode)
    }

    @Test func metadataMustBeThatOfTheIssuer() {
        func failure(_ json: String, _ issuer: String = "https://id.example") -> ProviderFailure? {
            do throws(ProviderFailure) {
                _ = try ProviderMetadata(json: Array(json.utf8), issuer: issuer)
                return nil
            } catch {
                return error
            }
        }
        func changed(_ old: String, _ new: String) -> String { Self.metadata.replacing(old, with: new) }
        #expect(failure(Self.metadata) == nil)
        #expect(failure(Self.metadata, "https://id.example/") == .otherIssuer)
        #expect(failure(Self.metadata, "https://other.example") == .otherIssuer)
        #expect(failure("[]") == .malformed(.metadata))
        #expect(failure("{}") == .malformed(.metadata))
        #expect(failure(changed("jwks_uri", "jwks")) == .malformed(.metadata))
        #expect(
            failure(changed("https://id.example/token", "http://id.example/token"))
                == .insecureEndpoint("token_endpoint"))
        #expect(failure(changed("https://keys", "file://keys")) == .insecureEndpoint("jwks_uri"))
        let implicit = changed("{\"issuer\"", #"{"response_types_supported": ["id_token"], "issuer""#)
        #expect(failure(implicit) == .unsupported("the code flow"))
        let plain = changed("{\"issuer\"", #"{"code_challenge_methods_supported": ["plain"], "issuer""#)
        #expect(failure(plain) == .unsupported("code_challenge_method S256"))
        #expect(
            ProviderMetadata.url(of: "https://id.example/realms/a")
                == "https://id.example/realms/a/.well-known/openid-configuration")
        #expect(
            ProviderMetadata.url(of: "https://id.example/") == "https://id.example/.well-known/openid-configuration")
    }

    @Test func configurationsThatCannotBeUsedNameTheirField() {
        func field(_ make: () throws -> OpenIDConfiguration) -> String? {
            do {
                _ = try make()
                return nil
            } catch {
                return (error as? ConfigurationMistake)?.field ?? "\(error)"
            }
        }
        #expect(field { try Self.configuration() } == nil)
        #expect(field { try Self.configuration(issuer: "http://localhost:8080/realms/a") } == nil)
        for issuer in ["http://id.example", "id.example", "https://id.example?a=b", "https://id.example#a", "https://"]
        {
            #expect(field { try Self.configuration(issuer: issuer) } == "issuer", "\(issuer)")
        }
        #expect(field { try Self.configuration(client: "") } == "client_id")
        #expect(field { try Self.configuration(authentication: .basic("")) } == "client_secret")
        #expect(field { try Self.configuration(redirect: "/callback") } == "redirect_uri")
        #expect(field { try Self.configuration(scopes: ["email"]) } == "scopes")
        #expect(field { try Self.configuration(scopes: ["openid", "a b"]) } == "scopes")
        #expect(field { try Self.configuration(algorithms: []) } == "algorithms")
        #expect(field { try Self.configuration(skew: 301) } == "clock_skew")
        #expect(field { try Self.configuration(seconds: 59) } == "sign_in_timeout")
        #expect(field { try Self.configuration(roles: "a..b") } == "role_claim")
        #expect(field { try Self.configuration(organization: "") } == "organization_claim")
        #expect(field { try Self.configuration(parameters: ["state": "x"]) } == "parameters")
    }
}
