public import Domain
public import Foundation

/// What the doors need of the store for people: their sign-ins, memberships and invitations. `by` and `from` name who causes a
/// change; what is about a tenant sees one tenant only (P8).
public protocol PeopleStore: Sendable {
    // MARK: Sign-in
    /// Notes a sign-in, makes memberships follow from it, and begins a session where one is asked for. Nil, without a session,
    /// for a person who has neither a tenant nor an invitation, unless strangers are admitted.
    func signIn(_ signIn: PersonSignIn, from origin: RequestOrigin?, now: Timestamp) async throws -> KnownPerson?
    /// The person of a session, with the tenant that it shows and the role there now; nil where the session has ended.
    func signedInPerson(tokenHash: String, now: Timestamp) async throws -> SignedInPerson?
    /// The tenants of a person, as somebody who came by `source` may see them; nil for a person who is not known.
    func knownPerson(issuer: String, subject: String, source: String?) async throws -> KnownPerson?
    /// As the other, by the id.
    func knownPerson(_ id: UserID, source: String?) async throws -> KnownPerson?
    /// Has a session show another tenant of its person; false where the person does not belong to it.
    func chooseTenant(
        _ id: TenantID, tokenHash: String, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> Bool
    /// The sessions of a person that have not ended, the newest first.
    func personSessions(_ id: UserID, now: Timestamp) async throws -> [PersonSession]
    /// Ends sessions of a person; how many there were.
    func endPersonSessions(_ id: UserID, _ tokenHashes: [String], from origin: RequestOrigin?) async throws -> Int
    /// Makes a tenant of which the person of a session is the owner; false where the session has ended, or the person has a
    /// tenant already. Throws `StorageError(.conflict)` when another tenant has the same Jira site.
    func createTenant(_ new: NewTenant, sessionHash: String, from origin: RequestOrigin?) async throws -> Bool

    // MARK: Members
    /// Owners first.
    func members(_ id: TenantID) async throws -> [Member]
    /// Nil for a person who does not belong to the tenant.
    func member(_ userID: UserID, of id: TenantID) async throws -> Member?
    /// Where the role falls, the person's sessions in the tenant end. The last owner stays one.
    func setMemberRole(
        _ id: TenantID, userID: UserID, _ role: Role, by actor: Actor, now: Timestamp
    ) async throws -> MemberChange
    /// Ends a membership, with the person's sessions in the tenant. The last owner stays.
    func removeMember(
        _ id: TenantID, userID: UserID, by actor: Actor, now: Timestamp
    ) async throws -> MemberRemoval

    // MARK: Invitations
    /// Those that wait to be accepted, the newest first.
    func invitations(_ id: TenantID, now: Timestamp) async throws -> [Invitation]
    /// Adds one, in place of one that waits for the same address; nil when the tenant is unknown. Throws
    /// `StorageError(.limitReached)` where as many wait as the tenant may have.
    func addInvitation(
        _ id: TenantID, _ new: NewInvitation, by actor: Actor, now: Timestamp
    ) async throws -> Invitation?
    /// False where the tenant has no such one that waits.
    func withdrawInvitation(
        _ id: TenantID, invitationID: UUID, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// Those that wait for an address in small letters, which the caller knows to be the person's.
    func waitingInvitations(for email: String, now: Timestamp) async throws -> [WaitingInvitation]
    /// The invitation of a link; nil where it opens nothing any more.
    func waitingInvitation(tokenHash: String, now: Timestamp) async throws -> WaitingInvitation?
    /// Makes the person of a session a member by an invitation, once, and has the session show the tenant.
    func acceptInvitation(
        _ key: InvitationKey, sessionHash: String, from origin: RequestOrigin?, now: Timestamp
    ) async throws -> InvitationAcceptance
}
