import Crypto
import Domain
import Foundation

/// Seals secrets for storage (P9). Several keys make rotation possible: the first seals, all open.
public struct Vault: Sendable {
    private let keys: [Fernet]
    /// Signs and verifies the links in messages, by keys of their own that are derived from the encryption keys.
    public let linkTokens: LinkTokens
    /// Derived from the first encryption key.
    private let markKey: SymmetricKey

    /// Throws `.malformedKey` when a key is malformed or it is missing.
    public init(keys: [String]) throws(VaultError) {
        guard !keys.isEmpty else { throw VaultError(.malformedKey, "there is no encryption key") }
        var fernets: [Fernet] = []
        for key in keys { fernets.append(try Fernet(key: key)) }
        self.keys = fernets
        linkTokens = LinkTokens(keys: keys.compactMap(Base64URL.decode))
        markKey = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Base64URL.decode(keys[0]) ?? Data()),
            info: Data("consilod: marks of secrets, version 1".utf8), outputByteCount: 32)
    }

    /// What tells a secret from others without telling what it is, also to those who could try short ones: lower-case hex
    /// HMAC-SHA256 by a key that is derived from the encryption key.
    public func mark(of secret: String) -> String {
        HMAC<SHA256>.authenticationCode(for: Data(secret.utf8), using: markKey).hexadecimal
    }

    /// The sealed form of a secret: a Fernet token, different every time.
    public func seal(_ secret: String) throws -> String { try keys[0].encrypt(Data(secret.utf8)) }

    /// The position of the key that opens a sealed secret, 0 for the one that seals; nil when none does.
    public func keyIndex(of sealed: String) -> Int? {
        keys.firstIndex { key in
            do { return String(data: try key.decrypt(sealed), encoding: .utf8) != nil } catch { return false }
        }
    }

    /// The secret in clear. Throws `.invalidToken` when no key opens it.
    public func open(_ sealed: String) throws(VaultError) -> String {
        for key in keys {
            if let data = try? key.decrypt(sealed), let text = String(data: data, encoding: .utf8) { return text }
        }
        throw VaultError(.invalidToken, "a sealed value cannot be opened with the configured encryption keys")
    }
}
