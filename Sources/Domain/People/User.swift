public import Foundation

/// A person who signs in with an account at a provider of identities.
public struct UserID: Sendable, Hashable, Comparable, Codable, LosslessStringConvertible {
    /// A random UUID.
    public let uuid: UUID

    public init(_ uuid: UUID) { self.uuid = uuid }
    /// Reads the canonical form of a UUID; nil for anything else.
    public init?(_ text: String) {
        guard let uuid = UUID(uuidString: text) else { return nil }
        self.uuid = uuid
    }

    /// The lower-case canonical form.
    public var description: String { uuid.canonicalText }
    public static func < (a: UserID, b: UserID) -> Bool { a.uuid < b.uuid }

    public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(UUID.self)) }
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

/// What a provider says of a person who signs in. The person is the pair of issuer and subject.
public struct PersonIdentity: Sendable, Hashable {
    /// The provider, as it names itself in its tokens.
    public var issuer: String
    /// The person's identifier at the issuer.
    public var subject: String
    /// The identifier at Clerk, where the issuer is Clerk's.
    public var clerkUserID: String?
    /// The email address, where it is given.
    public var email: String?
    /// Whether the issuer says that the address is the person's.
    public var isEmailVerified: Bool
    /// What the person is called, where it is given.
    public var fullName: String?

    public init(
        issuer: String, subject: String, clerkUserID: String? = nil, email: String? = nil,
        isEmailVerified: Bool = false, fullName: String? = nil
    ) {
        self.issuer = issuer
        self.subject = subject
        self.clerkUserID = clerkUserID
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.fullName = fullName
    }

    /// The address in small letters, by which invitations are found; nil for one that is not verified.
    public var verifiedEmail: String? { isEmailVerified ? email?.lowercased() : nil }
}

/// A person as the store has them.
public struct User: Sendable, Hashable {
    /// The id by which the audit log names the person.
    public var id: UserID
    /// What the provider said at the last sign-in.
    public var identity: PersonIdentity
    /// When the person signed in first.
    public var createdAt: Timestamp
    /// When the person signed in last.
    public var lastSignInAt: Timestamp

    public init(id: UserID, identity: PersonIdentity, createdAt: Timestamp, lastSignInAt: Timestamp) {
        self.id = id
        self.identity = identity
        self.createdAt = createdAt
        self.lastSignInAt = lastSignInAt
    }

    /// For lists: the name, else the address, else the id.
    public var shownName: String { identity.fullName ?? identity.email ?? "\(id)" }
}
