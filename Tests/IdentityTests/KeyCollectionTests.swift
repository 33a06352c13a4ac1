import Foundation
import JWTKit
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

/// Why keys are read and chosen here and not by jwt-kit's own types (decision 0050). Where one of these fails, jwt-kit has changed,
/// and the decision can be looked at again.
@Suite struct KeyCollectionTests {
    private struct Claims: JWTPayload {
        var sub: String
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    @Test func jwtKitReadsNoSetInWhichOneKeyIsOfAnUnknownType() async throws {
        let good = try await TokenForge.rsa("a").jwk
        for other in [#"{"kty":"oct","k":"AA"}"#, #"{"kty":"RSA","n":"AA","e":"AQAB","alg":"RSA-OAEP-256"}"#] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(JWKS.self, from: Data("{\"keys\":[\(other),\(good)]}".utf8))
            }
        }
    }

    @Test func jwtKitKeepsTheFirstAlgorithmOfAKeyThatNamesNone() async throws {
        let key = try RSAKeys.any()
        let first = try await TokenForge.rsa("a", key: key, algorithm: .rs256)
        let second = try await TokenForge.rsa("a", key: key, algorithm: .ps256)
        let claims = ["sub": #""ada""#]
        for (one, two) in [(first, second), (second, first)] {
            let keys = try await JWTKeyCollection().add(
                jwksJSON: String(decoding: TokenForge.keys(first), as: UTF8.self))
            #expect(try await keys.verify(one.token(claims: claims), as: Claims.self).sub == "ada")
            // Signed by the same key, and refused because of the token before it.
            await #expect(throws: JWTError.self) {
                try await keys.verify(two.token(claims: claims), as: Claims.self)
            }
        }
    }
}
