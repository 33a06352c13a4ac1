public import Foundation

/// An invitation to join a tenant, bound to an email address. Of its link only a hash is stored.
public struct Invitation: Sendable, Hashable {
    /// The id to withdraw it by.
    public var id: UUID
    /// The tenant.
    public var tenantID: TenantID
    /// The address, in small letters.
    public var email: String
    /// What who accepts it may do; never `operator`.
    public var role: Role
    /// When it was made.
    public var createdAt: Timestamp
    /// Who made it: the word of an ``Actor``.
    public var createdBy: String
    /// From when on it opens nothing.
    public var expiresAt: Timestamp

    public init(
        id: UUID, tenantID: TenantID, email: String, role: Role, createdAt: Timestamp, createdBy: String,
        expiresAt: Timestamp
    ) {
        self.id = id
        self.tenantID = tenantID
        self.email = email
        self.role = role
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.expiresAt = expiresAt
    }
}

/// An invitation to be made.
public struct NewInvitation: Sendable, Hashable {
    /// A new id.
    public var id: UUID
    /// The address, in small letters.
    public var email: String
    /// What who accepts it may do; never `operator`.
    public var role: Role
    /// Lower-case hex SHA-256 of the link's token.
    public var tokenHash: String
    /// From when on it opens nothing.
    public var expiresAt: Timestamp

    public init(id: UUID, email: String, role: Role, tokenHash: String, expiresAt: Timestamp) {
        self.id = id
        self.email = email
        self.role = role
        self.tokenHash = tokenHash
        self.expiresAt = expiresAt
    }
}

/// An invitation that can be accepted, for who may accept it.
public struct WaitingInvitation: Sendable, Hashable {
    /// The invitation.
    public var invitation: Invitation
    /// The company of its tenant.
    public var companyName: String

    public init(invitation: Invitation, companyName: String) {
        self.invitation = invitation
        self.companyName = companyName
    }
}

/// By what a person accepts an invitation.
public enum InvitationKey: Sendable, Hashable {
    /// Its link, by the hash of the link's token.
    case link(String)
    /// The address of the account, which its provider has verified.
    case address(UUID)
}

/// What became of an attempt to accept an invitation.
public enum InvitationAcceptance: Sendable, Hashable {
    /// The person belongs to this tenant now, and the session shows it.
    case accepted(TenantID)
    /// There is no such invitation, or it was accepted or withdrawn, or has ended.
    case unknown
    /// The account's verified address is another one.
    case otherAddress
}
