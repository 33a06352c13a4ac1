public import Domain
public import Queries

/// What the pages for people who sign in by themselves need beside the store.
public struct PeoplePages: Sendable {
    /// Lets people in.
    public var signIns: PersonSignIns
    /// What the page of the members does.
    public var members: Members
    /// What is done about invitations.
    public var invitations: Invitations
    /// Makes tenants for those who have none.
    public var creation: TenantCreation
    /// Whether the host sends mails about accounts.
    public var sendsAccountMails: Bool
    /// Tells open pages that sessions may have ended.
    public var wakeUps: WakeUps
    /// Encrypts what a browser keeps while its person is at a provider.
    public var seal: @Sendable (String) throws -> String
    /// Decrypts it.
    public var open: @Sendable (String) throws -> String

    public init(
        signIns: PersonSignIns, members: Members, invitations: Invitations, creation: TenantCreation, wakeUps: WakeUps,
        sendsAccountMails: Bool = false,
        seal: @escaping @Sendable (String) throws -> String, open: @escaping @Sendable (String) throws -> String
    ) {
        self.sendsAccountMails = sendsAccountMails
        self.signIns = signIns
        self.members = members
        self.invitations = invitations
        self.creation = creation
        self.wakeUps = wakeUps
        self.seal = seal
        self.open = open
    }
}
