import Domain
import Foundation
import JWTKit
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

@Suite struct JWKSetTests {
    private static let claims: TokenForge.Members = [
        "iss": #""https://id.example""#, "sub": #""ada""#, "aud": #""consilod""#, "iat": "1800000000",
        "exp": "1800003600",
    ]
    private static let all = Set(TokenAlgorithm.allCases)

    private func refusal(_ token: String, _ keys: JWKSet) -> TokenRefusal? {
        let expectations = TokenExpectations(
            issuer: "https://id.example", recipient: .client("consilod"), algorithms: Self.all)
        do throws(TokenRefusal) {
            _ = try TokenVerifier(expectations).verify(token, keys: keys, now: Timestamp(seconds: 1_800_000_000))
            return nil
        } catch {
            return error
        }
    }

    private func unusable(_ json: String, _ algorithms: Set<TokenAlgorithm> = JWKSetTests.all) async -> JWKSet.Unusable?
    {
        do throws(JWKSet.Unusable) {
            _ = try await JWKSet(json: Array(json.utf8), algorithms: algorithms)
            return nil
        } catch {
            return error
        }
    }

    @Test func everyAlgorithmOfAKeyVerifies() async throws {
        let key = try RSAKeys.any()
        for algorithm in [TokenAlgorithm.rs256, .rs384, .rs512, .ps256, .ps384, .ps512] {
            let forge = try await TokenForge.rsa("a", key: key, algorithm: algorithm)
            let keys = try await JWKSet(json: TokenForge.keys(forge), algorithms: Self.all)
            #expect(refusal(try forge.token(claims: Self.claims), keys) == nil, "\(algorithm)")
        }
        for forge in [try await TokenForge.ec("a"), try await TokenForge.ed25519("a")] {
            let keys = try await JWKSet(json: TokenForge.keys(forge), algorithms: Self.all)
            #expect(refusal(try forge.token(claims: Self.claims), keys) == nil)
        }
    }

    /// In any order: jwt-kit's own collection would keep the algorithm of the first token for a key that names none.
    @Test func aKeyThatNamesNoAlgorithmVerifiesAllOfItsType() async throws {
        let key = try RSAKeys.any()
        let forges = [
            try await TokenForge.rsa("a", key: key, algorithm: .rs256),
            try await TokenForge.rsa("a", key: key, algorithm: .ps512),
        ]
        let keys = try await JWKSet(json: TokenForge.keys(forges[0]), algorithms: Self.all)
        for forge in forges + forges.reversed() {
            #expect(refusal(try forge.token(claims: Self.claims), keys) == nil)
        }
        let named = try await TokenForge.rsa("a", key: key, algorithm: .rs256, members: ["alg": #""RS256""#])
        let strict = try await JWKSet(json: TokenForge.keys(named), algorithms: Self.all)
        #expect(refusal(try forges[0].token(claims: Self.claims), strict) == nil)
        #expect(refusal(try forges[1].token(claims: Self.claims), strict) == .algorithm)
    }

    /// RFC 7517, section 5. jwt-kit's own set of keys is not read at all when one of them is unknown to it.
    @Test func keysThatAreNotUnderstoodAreLeftOut() async throws {
        let forge = try await TokenForge.rsa("a")
        let others = [
            #"{"kty":"oct","k":"c2VjcmV0","kid":"s"}"#, #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA","kid":"k"}"#,
            #"{"kty":"OKP","crv":"X25519","x":"AA","kid":"x"}"#, #"{"kty":"LMS","pub":"AA"}"#, "{}",
            try await TokenForge.rsa("e", members: ["use": #""enc""#]).jwk,
            try await TokenForge.rsa("o", members: ["alg": #""RSA-OAEP-256""#]).jwk,
            try await TokenForge.rsa("p", members: ["d": #""AQAB""#]).jwk,
            try await TokenForge.rsa("w", members: ["key_ops": #"["encrypt"]"#]).jwk,
            try await TokenForge.ec("c", members: ["crv": #""P-384""#]).jwk,
            try await TokenForge.ec("y", members: ["y": #""AAAA""#]).jwk,
        ]
        for other in others {
            let document = "{\"keys\":[\(other),\(forge.jwk)]}"
            let keys = try await JWKSet(json: Array(document.utf8), algorithms: Self.all)
            #expect(keys.count == 1, "\(other)")
            #expect(refusal(try forge.token(claims: Self.claims), keys) == nil, "\(other)")
            #expect(await unusable("{\"keys\":[\(other)]}") == .noKeys, "\(other)")
        }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(JWKS.self, from: Data("{\"keys\":[\(others[0]),\(forge.jwk)]}".utf8))
        }
    }

    @Test func aWeakKeyIsLeftOut() async throws {
        let modulus = UnpaddedBase64URL.encode([0xC1] + [UInt8](repeating: 0x5B, count: 127))
        #expect(await unusable(#"{"keys":[{"kty":"RSA","n":"\#(modulus)","e":"AQAB","kid":"a"}]}"#) == .noKeys)
    }

    @Test func aKeyIsChosenByItsIdentifier() async throws {
        let (a, b, c) = (try await TokenForge.rsa("a"), try await TokenForge.rsa("b"), try await TokenForge.ec("a"))
        // Keys of two types may share an identifier.
        let keys = try await JWKSet(json: TokenForge.keys(a, b, c), algorithms: Self.all)
        for forge in [a, b, c] { #expect(refusal(try forge.token(claims: Self.claims), keys) == nil) }
        #expect(refusal(try a.token(header: ["kid": #""b""#], claims: Self.claims), keys) == .signature)
        #expect(refusal(try a.token(header: ["kid": #""z""#], claims: Self.claims), keys) == .unknownKey)
        // Without one, the only key of the algorithm is meant.
        #expect(refusal(try c.token(header: ["kid": nil], claims: Self.claims), keys) == nil)
        #expect(refusal(try a.token(header: ["kid": nil], claims: Self.claims), keys) == .ambiguousKey)
    }

    @Test func whatIsNoSetOfKeysIsNamed() async throws {
        let key = try await TokenForge.ec("a").jwk
        for json in ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[1]}"#, "{\"keys\":[\(key)]} x", "{\"keys\":[\(key)"] {
            #expect(await unusable(json) == .malformed, "\(json)")
        }
        #expect(await unusable(#"{"keys":[]}"#) == .noKeys)
        #expect(await unusable("{\"keys\":[\(key)]}", [.rs256]) == .noKeys)
        let many = [String](repeating: key, count: 65).joined(separator: ",")
        #expect(await unusable("{\"keys\":[\(many)]}") == .tooManyKeys)
    }
}
