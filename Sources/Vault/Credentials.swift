import Crypto
public import Domain
import Foundation

/// Bearer keys of the query API.
public enum APIKey {
    /// A new key: `cslk_` and 32 random bytes in base64url.
    public static func generate() -> String { "cslk_" + randomText() }

    /// The form a key is stored and looked up in: lower-case hex SHA-256.
    ///
    /// A key has 256 random bits, so there is nothing to guess that a salt or a slow hash would have to protect; and a
    /// plain hash can be looked up by an index.
    public static func hash(_ key: String) -> String { SHA256.hash(data: Data(key.utf8)).hexadecimal }

    /// What is stored of a key: its hash, and for people to recognise it by `cslk_` and six characters, which say 36 of its
    /// 256 bits.
    public static func mark(_ key: String) -> APIKeyMark {
        APIKeyMark(hash: hash(key), prefix: String(key.prefix(11)))
    }
}

/// The shared secret that Jira signs a tenant's webhooks with.
public enum WebhookSecret {
    /// A new secret: 32 random bytes in base64url.
    public static func generate() -> String { randomText() }
}

/// What the requests of Jira Automation carry.
public enum AutomationToken {
    /// A new one: `csla_` and 32 random bytes in base64url. It is stored as API keys are (``APIKey/hash(_:)``).
    public static func generate() -> String { "csla_" + randomText() }
}

/// What a browser that is signed in to the dashboard holds, or a link that signs in once.
public enum SignInToken {
    /// A new one: `csls_` and 32 random bytes in base64url. It is stored as API keys are (``APIKey/hash(_:)``).
    public static func generate() -> String { "csls_" + randomText() }

    /// How those of people begin, who signed in at a provider. It says which query finds them, and opens nothing by itself.
    public static let personPrefix = "cslp_"

    /// A new one of a person: `cslp_` and 32 random bytes in base64url.
    public static func generateForPerson() -> String { personPrefix + randomText() }
}

/// What the link of an invitation holds.
public enum InvitationToken {
    /// A new one: `csli_` and 32 random bytes in base64url. It is stored as API keys are (``APIKey/hash(_:)``).
    public static func generate() -> String { "csli_" + randomText() }
}

/// Comparison whose time does not tell where two texts differ.
public enum ConstantTime {
    /// Whether both texts are the same bytes. That their lengths differ may show in the time; that is no secret here.
    public static func equal(_ a: String, _ b: String) -> Bool {
        equal(Array(a.utf8), Array(b.utf8))
    }

    /// The same for bytes.
    static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        guard a.count == b.count else { return false }
        return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

/// 256 random bits in base64url without padding.
private func randomText() -> String {
    Base64URL.encode(SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }).replacing("=", with: "")
}
