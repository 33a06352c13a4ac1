import CryptoExtras
import Domain
import Foundation
import Identity
import JWTKit

/// Makes tokens of any content, well signed or not.
struct TokenForge: Sendable {
    /// Members of a JSON object, each value as JSON text.
    typealias Members = [String: String]

    let keyID: String
    /// Of the public key.
    let jwk: String
    let pem: String
    private let signer: any JWTAlgorithm

    /// An RSA key of 2048 bits.
    static func rsa(
        _ keyID: String, algorithm: TokenAlgorithm = .rs256, members: Members = [:]
    ) async throws -> TokenForge {
        let key = try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
        return try await rsa(keyID, key: key, algorithm: algorithm, members: members)
    }

    static func rsa(
        _ keyID: String, key: JWTKit.Insecure.RSA.PrivateKey, algorithm: TokenAlgorithm, members: Members = [:]
    ) async throws -> TokenForge {
        let (modulus, exponent) = try key.publicKey.getKeyPrimitives()
        let digest: DigestAlgorithm =
            switch algorithm {
            case .rs384, .ps384: .sha384
            case .rs512, .ps512: .sha512
            default: .sha256
            }
        let keys = JWTKeyCollection()
        if algorithm.rawValue.hasPrefix("PS") {
            await keys.add(pss: key, digestAlgorithm: digest)
        } else {
            await keys.add(rsa: key, digestAlgorithm: digest)
        }
        let own = [
            "kty": #""RSA""#, "n": quoted(Self.base64URL(modulus)),
            "e": quoted(Self.base64URL(exponent)), "kid": quoted(keyID), "use": #""sig""#,
        ]
        return TokenForge(
            keyID: keyID, jwk: object(own.merging(members) { $1 }), pem: key.publicKey.pemRepresentation,
            signer: try await keys.getKey())
    }

    /// A key on P-256.
    static func ec(_ keyID: String, members: Members = [:]) async throws -> TokenForge {
        let key = ES256PrivateKey()
        let parameters = key.parameters ?? ("", "")
        func coordinate(_ text: String) -> String {
            quoted(Self.base64URL(Data(base64Encoded: text) ?? Data()))
        }
        let keys = JWTKeyCollection()
        await keys.add(ecdsa: key)
        let own = [
            "kty": #""EC""#, "crv": #""P-256""#, "x": coordinate(parameters.x), "y": coordinate(parameters.y),
            "kid": quoted(keyID),
        ]
        return TokenForge(
            keyID: keyID, jwk: object(own.merging(members) { $1 }), pem: key.publicKey.pemRepresentation,
            signer: try await keys.getKey())
    }

    /// A key on Curve25519.
    static func ed25519(_ keyID: String) async throws -> TokenForge {
        let key = try EdDSA.PrivateKey()
        let keys = JWTKeyCollection()
        await keys.add(eddsa: key)
        let x = quoted(Self.base64URL(key.publicKey.rawRepresentation))
        return TokenForge(
            keyID: keyID, jwk: object(["kty": #""OKP""#, "crv": #""Ed25519""#, "x": x, "kid": quoted(keyID)]),
            pem: key.publicKey.pemRepresentation, signer: try await keys.getKey())
    }

    /// A token with these members; nil removes what the header has by itself.
    func token(header: [String: String?] = [:], claims: Members) throws -> String {
        let own: [String: String?] = [
            "alg": Self.quoted(signer.name), "typ": #""JWT""#, "kid": Self.quoted(keyID),
        ]
        let header = own.merging(header) { $1 }.compactMapValues { $0 }
        return try token(header: Self.object(header), payload: Self.object(claims))
    }

    /// A token of any two texts, signed.
    func token(header: String, payload: String) throws -> String {
        let signed = "\(Self.base64URL(header.utf8)).\(Self.base64URL(payload.utf8))"
        return "\(signed).\(Self.base64URL(try signer.sign(Array(signed.utf8))))"
    }

    private static func base64URL(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    static func quoted(_ text: String) -> String { "\"\(text)\"" }

    static func object(_ members: Members) -> String {
        "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }

    /// A document with the keys of forges.
    static func keys(_ forges: TokenForge...) -> [UInt8] {
        Array("{\"keys\":[\(forges.map(\.jwk).joined(separator: ","))]}".utf8)
    }
}

/// RSA keys for tests that sign in several ways with one.
enum RSAKeys {
    static func any() throws -> JWTKit.Insecure.RSA.PrivateKey {
        try JWTKit.Insecure.RSA.PrivateKey(backing: _RSA.Signing.PrivateKey(keySize: .bits2048))
    }
}
