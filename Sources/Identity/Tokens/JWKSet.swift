import Foundation
import JWTKit

/// The public keys of a provider that verify signatures (JSON Web Key Set, RFC 7517).
///
/// Each key is read on its own: what is not understood, is not for signatures, or is too weak, is left out and the others are
/// used (section 5). A key verifies one algorithm: the one that it names, or each accepted one of its type where it names none.
public struct JWKSet: Sendable {
    /// Why a document is not a set of keys that can be used.
    public enum Unusable: Error, Sendable, Hashable {
        /// Not JSON with a list `keys` of objects.
        case malformed
        /// More keys than are read.
        case tooManyKeys
        /// No key of it verifies an accepted algorithm.
        case noKeys
    }

    private struct Key: Sendable {
        let id: String?
        let verifiers: [TokenAlgorithm: any JWTAlgorithm]
    }

    /// Large providers publish about ten.
    private static let limit = 64
    private let keys: [Key]
    /// The document, by which two sets are told apart.
    private let json: [UInt8]

    /// Reads a document.
    ///
    /// - Parameter algorithms: those that are accepted.
    public init(json: [UInt8], algorithms: Set<TokenAlgorithm>) async throws(Unusable) {
        let entries: [ClaimValue]
        do {
            guard case .array(let values)? = try ClaimValue(json: json).members?["keys"] else {
                throw Unusable.malformed
            }
            entries = values
        } catch {
            throw .malformed
        }
        guard entries.count <= Self.limit else { throw .tooManyKeys }
        var keys: [Key] = []
        for entry in entries {
            guard let members = entry.members else { throw .malformed }
            if let key = await Self.key(members, algorithms: algorithms) { keys.append(key) }
        }
        guard !keys.isEmpty else { throw .noKeys }
        self.keys = keys
        self.json = json
    }

    /// Whether it was read from other bytes.
    func differs(from other: JWKSet) -> Bool { json != other.json }

    /// How many of its keys are used.
    public var count: Int { keys.count }

    /// Whether it has a key with an identifier; nil stands for a token that names none, which any key may have signed.
    public func contains(_ id: String?) -> Bool { id == nil || keys.contains { $0.id == id } }

    /// Throws unless a key of the set signed the token.
    func verify(_ token: SignedToken, algorithms: Set<TokenAlgorithm>) throws(TokenRefusal) {
        guard let algorithm = TokenAlgorithm(rawValue: token.algorithm), algorithms.contains(algorithm) else {
            throw .algorithm
        }
        var candidates = keys
        if let id = token.keyID {
            // Keys of different types may share an identifier (RFC 7517, section 4.5).
            candidates = keys.filter { $0.id == id }
            guard !candidates.isEmpty else { throw .unknownKey }
        }
        let verifiers = candidates.compactMap { $0.verifiers[algorithm] }
        guard !verifiers.isEmpty else { throw .algorithm }
        guard token.keyID != nil || verifiers.count == 1 else { throw .ambiguousKey }
        for verifier in verifiers {
            do {
                if try verifier.verify(token.signature, signs: token.signedBytes) { return }
            } catch {
                // A signature that cannot be one of this key, as of another length.
                continue
            }
        }
        throw .signature
    }

    /// The key of an entry; nil for one that is left out.
    private static func key(_ members: [String: ClaimValue], algorithms: Set<TokenAlgorithm>) async -> Key? {
        let type = members["kty"]?.text
        // A private key that is published signs for everybody.
        guard members["d"] == nil, members["use"].map({ $0.text == "sig" }) ?? true,
            members["key_ops"].map({ $0.texts?.contains("verify") == true }) ?? true,
            members["kid"].map({ $0.text != nil }) ?? true
        else { return nil }
        var verifiers: [TokenAlgorithm: any JWTAlgorithm] = [:]
        for algorithm in algorithms where algorithm.keyType == type {
            if let named = members["alg"], named.text != algorithm.rawValue { continue }
            if let curve = algorithm.curve, members["crv"]?.text != curve { continue }
            if let verifier = await Self.verifier(members, for: algorithm) { verifiers[algorithm] = verifier }
        }
        return verifiers.isEmpty ? nil : Key(id: members["kid"]?.text, verifiers: verifiers)
    }

    /// What jwt-kit makes of a key for one algorithm; nil for a key that is malformed or too weak (RSA below 2048 bits).
    private static func verifier(
        _ members: [String: ClaimValue], for algorithm: TokenAlgorithm
    ) async -> (any JWTAlgorithm)? {
        // A collection gives its only key to every token; so each key has one of its own.
        let id = JWKIdentifier(string: "key")
        let key: JWK =
            switch algorithm.keyType {
            case "RSA":
                .rsa(
                    algorithm.ofKit, identifier: id, modulus: members["n"]?.text, exponent: members["e"]?.text)
            case "EC":
                .ecdsa(
                    algorithm.ofKit, identifier: id, x: members["x"]?.text, y: members["y"]?.text,
                    curve: algorithm.curve.flatMap { ECDSACurve(rawValue: $0) })
            default:
                .octetKeyPair(
                    algorithm.ofKit, identifier: id, x: members["x"]?.text, y: nil, curve: .ed25519)
            }
        do {
            return try await JWTKeyCollection().add(jwk: key).getKey(for: id, alg: algorithm.rawValue)
        } catch {
            return nil
        }
    }
}
