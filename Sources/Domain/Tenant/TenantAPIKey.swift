public import Foundation

/// An API key of a tenant, as lists show it: never the key itself.
public struct TenantAPIKey: Sendable, Hashable {
    /// The id to rotate or revoke it by.
    public var id: UUID
    /// The name for people; not unique.
    public var name: String
    /// What its holder may do; never `operator`.
    public var role: Role
    /// The first characters of the key, to recognise it by; nil for a key from before they were kept.
    public var prefix: String?
    /// The first 12 hexadecimal digits of its stored hash, by which ``Actor`` names it.
    public var fingerprint: String
    /// When it was made.
    public var createdAt: Timestamp
    /// Who made it: the word of an ``Actor``.
    public var createdBy: String
    /// From when on it opens nothing; nil where it has no end.
    public var expiresAt: Timestamp?
    /// When it was last used, to within some minutes; nil for never.
    public var lastUsedAt: Timestamp?
    /// The key that it was rotated for; nil for one that was not.
    public var replacedBy: UUID?

    public init(
        id: UUID, name: String, role: Role, prefix: String?, fingerprint: String, createdAt: Timestamp,
        createdBy: String, expiresAt: Timestamp? = nil, lastUsedAt: Timestamp? = nil, replacedBy: UUID? = nil
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.prefix = prefix
        self.fingerprint = fingerprint
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.replacedBy = replacedBy
    }

    /// Whether it opens something at an instant.
    public func isValid(at now: Timestamp) -> Bool { expiresAt.map { $0 > now } ?? true }
}

/// What is stored of a key's text.
public struct APIKeyMark: Sendable, Hashable {
    /// Lower-case hex SHA-256 of the key.
    public var hash: String
    /// The first characters of the key; nil where they are not kept.
    public var prefix: String?

    public init(hash: String, prefix: String?) {
        self.hash = hash
        self.prefix = prefix
    }
}

/// A key to be added.
public struct NewAPIKey: Sendable, Hashable {
    /// A new id.
    public var id: UUID
    /// The name for people.
    public var name: String
    /// What its holder may do; never `operator`.
    public var role: Role
    /// What is stored of the key.
    public var mark: APIKeyMark
    /// From when on it opens nothing; nil for no end.
    public var expiresAt: Timestamp?

    public init(id: UUID, name: String, role: Role, mark: APIKeyMark, expiresAt: Timestamp? = nil) {
        self.id = id
        self.name = name
        self.role = role
        self.mark = mark
        self.expiresAt = expiresAt
    }
}

/// Whose a key is that somebody sent, and what it may do.
public struct APIKeyHolder: Sendable, Hashable {
    /// The key.
    public var keyID: UUID
    /// What the key may do.
    public var role: Role
    /// When it was last used, as far as that is stored.
    public var lastUsedAt: Timestamp?
    /// The tenant, as it is now.
    public var tenant: Tenant

    public init(keyID: UUID, role: Role, lastUsedAt: Timestamp?, tenant: Tenant) {
        self.keyID = keyID
        self.role = role
        self.lastUsedAt = lastUsedAt
        self.tenant = tenant
    }
}

/// What became of a request to revoke a key.
public enum APIKeyRevocation: Sendable, Hashable {
    case revoked
    /// The tenant has no such key.
    case unknown
    /// No other key of an owner would be left that has no end.
    case lastOwner
}

/// What became of a request to rotate a key.
public enum APIKeyRotation: Sendable, Hashable {
    /// Both keys, as they are now.
    case rotated(new: TenantAPIKey, old: TenantAPIKey)
    /// The tenant has no such key.
    case unknown
    /// It has ended, or was rotated before.
    case over
}
