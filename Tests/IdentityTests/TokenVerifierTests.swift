import Domain
import Foundation
import TestSupport
import Testing

@testable import Identity
@testable import IdentityTestSupport

@Suite struct TokenVerifierTests {
    private static let now = Timestamp(seconds: 1_800_000_000)
    private static let claims: TokenForge.Members = [
        "iss": #""https://id.example""#, "sub": #""ada""#, "aud": #""consilod""#, "nonce": #""n-1""#,
        "iat": "1800000000", "exp": "1800003600",
    ]

    private func refusal(
        _ token: String, _ keys: JWKSet, at now: Timestamp = TokenVerifierTests.now,
        _ change: (inout TokenExpectations) -> Void = { _ in }
    ) -> TokenRefusal? {
        var expectations = TokenExpectations(
            issuer: "https://id.example", recipient: .client("consilod"), algorithms: [.rs256, .es256, .edDSA],
            nonce: "n-1")
        change(&expectations)
        do throws(TokenRefusal) {
            _ = try TokenVerifier(expectations).verify(token, keys: keys, now: now)
            return nil
        } catch {
            return error
        }
    }

    private static func keys(_ forges: TokenForge...) async throws -> JWKSet {
        let list = forges.map(\.jwk).joined(separator: ",")
        return try await JWKSet(json: Array("{\"keys\":[\(list)]}".utf8), algorithms: [.rs256, .es256, .edDSA])
    }

    /// Every character of a token counts, in every algorithm: there is one spelling of each part.
    @Test func anyChangeOfOneCharacterIsRefused() async throws {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ")
        var generator = SeededGenerator(seed: 50)
        for forge in [try await TokenForge.rsa("a"), try await TokenForge.ec("a"), try await TokenForge.ed25519("a")] {
            let keys = try await Self.keys(forge)
            let token = try forge.token(claims: Self.claims)
            #expect(refusal(token, keys) == nil)
            let characters = Array(token)
            for place in characters.indices {
                // Of the last character all others, as some of its bits are not used.
                let others = alphabet.filter { $0 != characters[place] }
                let tried = place == characters.count - 1 ? others : Array(others.shuffled(using: &generator).prefix(2))
                for other in tried {
                    var changed = characters
                    changed[place] = other
                    #expect(refusal(String(changed), keys) != nil, "\(place) \(other)")
                }
            }
            for place in characters.indices {
                var (shorter, longer) = (characters, characters)
                shorter.remove(at: place)
                longer.insert("A", at: place)
                #expect(refusal(String(shorter), keys) != nil, "\(place)")
                #expect(refusal(String(longer), keys) != nil, "\(place)")
            }
        }
    }

    /// The instants at which a token is accepted are all from its beginning to its end, each moved by the skew.
    @Test func aTokenHasOneWindowOfTime() async throws {
        let forge = try await TokenForge.ed25519("a")
        let keys = try await Self.keys(forge)
        var generator = SeededGenerator(seed: 51)
        let start = Self.now.milliseconds / 1000
        for _ in 0..<40 {
            let issued = Int64.random(in: -50...50, using: &generator)
            let begins = Bool.random(using: &generator) ? Int64.random(in: -50...50, using: &generator) : nil
            let ends = Int64.random(in: -50...100, using: &generator)
            let skew = Int64.random(in: 0...30, using: &generator)
            var claims = Self.claims
            claims["iat"] = "\(start + issued)"
            claims["exp"] = "\(start + ends)"
            if let begins { claims["nbf"] = "\(start + begins)" }
            let token = try forge.token(claims: claims)
            let first = max(issued, begins ?? issued) - skew
            let window = first..<max(ends + skew, first)
            let edges = [window.lowerBound, window.upperBound].flatMap { [$0 - 1, $0, $0 + 1] }
            for second in edges + (0..<10).map({ _ in Int64.random(in: -90...140, using: &generator) }) {
                let found = refusal(token, keys, at: Timestamp(seconds: start + second)) { $0.clockSkewSeconds = skew }
                #expect((found == nil) == window.contains(second), "\(window) \(second)")
            }
        }
    }

    @Test func expectationsAreEachChecked() async throws {
        let forge = try await TokenForge.rsa("a")
        let keys = try await Self.keys(forge)
        let token = try forge.token(claims: Self.claims)
        #expect(refusal(token, keys) == nil)
        #expect(refusal(token, keys) { $0.issuer = "https://id.example/" } == .issuer)
        #expect(refusal(token, keys) { $0.recipient = .client("Consilod") } == .audience)
        #expect(refusal(token, keys) { $0.nonce = "n-2" } == .nonce)
        #expect(refusal(token, keys) { $0.nonce = nil } == nil)
        #expect(refusal(token, keys) { $0.algorithms = [.es256] } == .algorithm)
        #expect(refusal(token, keys) { $0.maximumLifetimeSeconds = 3599 } == .lifetime)
        #expect(refusal(token, keys) { $0.maximumLifetimeSeconds = 3600 } == nil)
        #expect(refusal(token, keys) { $0.lengthLimit = token.utf8.count - 1 } == .tooLong)
        #expect(refusal(token, keys) { $0.lengthLimit = token.utf8.count } == nil)
    }

    /// Whether the signature is good is seen first: a forger learns nothing about the claims that are wanted.
    @Test func theSignatureIsCheckedBeforeTheClaims() async throws {
        let (forge, other) = (try await TokenForge.rsa("a"), try await TokenForge.rsa("a"))
        let keys = try await Self.keys(forge)
        #expect(refusal(try other.token(claims: ["iss": #""x""#]), keys) == .signature)
        #expect(refusal(try forge.token(claims: ["iss": #""x""#]), keys) == .claims)
    }

    @Test func aTokenForSeveralMustNameTheClientAsItsParty() async throws {
        let forge = try await TokenForge.ec("a")
        let keys = try await Self.keys(forge)
        let cases: [(String, String?, TokenRefusal?)] = [
            (#""consilod""#, nil, nil), (#"["consilod"]"#, nil, nil), (#"["consilod","consilod"]"#, nil, nil),
            (#"["consilod","api"]"#, nil, .authorizedParty), (#"["consilod","api"]"#, #""consilod""#, nil),
            (#"["consilod","api"]"#, #""api""#, .authorizedParty), (#""consilod""#, #""api""#, .authorizedParty),
            (#"["api"]"#, #""consilod""#, .audience), ("[]", nil, .audience), ("7", nil, .claims),
            (#"["consilod",7]"#, nil, .claims), (#""consilod""#, "7", .claims),
        ]
        for (audience, party, expected) in cases {
            var claims = Self.claims
            claims["aud"] = audience
            claims["azp"] = party
            #expect(refusal(try forge.token(claims: claims), keys) == expected, "\(audience) \(party ?? "")")
        }
    }

    @Test func noRefusalRepeatsTheToken() async throws {
        for refusal in TokenRefusal.allCases {
            #expect(!refusal.description.isEmpty)
            #expect(IdentityFailure.token(refusal).code == "token_\(refusal.rawValue)")
        }
    }
}
