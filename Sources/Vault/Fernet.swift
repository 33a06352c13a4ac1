import Crypto
import CryptoExtras
import Domain
public import Foundation

/// A fault of a key or of a sealed value. Never shows either.
public struct VaultError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What kind of fault it is.
    public enum Code: Sendable, Hashable {
        /// The key is not 32 bytes in base64url, or it is missing.
        case malformedKey
        /// The token is damaged, expired, or was sealed under another key.
        case invalidToken
    }

    /// What kind of fault it is.
    public var code: Code
    /// One line for people.
    public var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}

/// Authenticated encryption by the Fernet specification (github.com/fernet/spec): AES-128-CBC with PKCS7 padding, then
/// HMAC-SHA256 over `0x80 ‖ time ‖ IV ‖ ciphertext`. Tokens are readable by any Fernet library, so that data sealed by
/// the original product can be opened.
public struct Fernet: Sendable {
    private static let version: UInt8 = 0x80
    /// How far a token's time may lie in the future where a time to live is asked for; the specification leaves the
    /// number open, Python's `cryptography` takes the same.
    private static let clockSkewSeconds: Int64 = 60

    private let signingKey: SymmetricKey
    private let encryptionKey: SymmetricKey

    /// - Parameter key: 32 bytes in base64url: 16 to sign, 16 to encrypt. Throws `.malformedKey`.
    public init(key: String) throws(VaultError) {
        guard let bytes = Base64URL.decode(key), bytes.count == 32 else {
            throw VaultError(.malformedKey, "an encryption key is not 32 bytes in base64url (see consilod keygen)")
        }
        signingKey = SymmetricKey(data: bytes.prefix(16))
        encryptionKey = SymmetricKey(data: bytes.suffix(16))
    }

    /// A new random key, in base64url.
    public static func generateKey() -> String {
        Base64URL.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) })
    }

    /// Encrypts under a fresh random IV.
    public func encrypt(_ plaintext: Data, now: Date = Date()) throws -> String {
        try encrypt(plaintext, seconds: Int64(now.timeIntervalSince1970), iv: AES._CBC.IV())
    }

    /// The token for a given time (seconds since 1970) and IV, as the specification's vectors need it.
    func encrypt(_ plaintext: Data, seconds: Int64, iv: AES._CBC.IV) throws -> String {
        var token = Data([Self.version])
        withUnsafeBytes(of: seconds.bigEndian) { token.append(contentsOf: $0) }
        token.append(contentsOf: iv)
        token.append(try AES._CBC.encrypt(plaintext, using: encryptionKey, iv: iv))
        token.append(contentsOf: HMAC<SHA256>.authenticationCode(for: token, using: signingKey))
        return Base64URL.encode(token)
    }

    /// Decrypts a token whose authenticity has been checked first.
    ///
    /// - Parameters:
    ///   - timeToLive: where given, tokens older than this many seconds at `now`, or from the future, are refused.
    /// - Throws: `.invalidToken`, without telling which check failed.
    public func decrypt(_ token: String, timeToLive: Int64? = nil, now: Date = Date()) throws(VaultError) -> Data {
        let invalid = VaultError(.invalidToken, "a sealed value cannot be opened")
        // Version, time, IV, at least one block, MAC.
        guard let bytes = Base64URL.decode(token), bytes.count >= 1 + 8 + 16 + 16 + 32, bytes[0] == Self.version
        else { throw invalid }
        let signed = bytes.prefix(bytes.count - 32)
        guard
            HMAC<SHA256>.isValidAuthenticationCode(bytes.suffix(32), authenticating: signed, using: signingKey)
        else { throw invalid }
        if let timeToLive {
            let sealed = bytes[1..<9].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let current = Int64(now.timeIntervalSince1970)
            guard let sealedAt = Int64(exactly: sealed), sealedAt <= current + Self.clockSkewSeconds,
                sealedAt >= current - timeToLive
            else { throw invalid }
        }
        do {
            let iv = try AES._CBC.IV(ivBytes: signed[9..<25])
            return try AES._CBC.decrypt(signed.dropFirst(25), using: encryptionKey, iv: iv)
        } catch {
            throw invalid
        }
    }
}
