public import Alerts
public import Domain
public import Foundation

/// Invitations to a tenant, for its owners. All methods throw ``QueryError``, ``RequestError``, and what the store throws.
public struct Invitations: Sendable {
    /// An invitation that was just made.
    public struct Made: Sendable {
        /// As lists show it.
        public var invitation: Invitation
        /// Its link, for the owner to pass on; nil where a mail server has taken it over. It is not shown again.
        public var link: String?
    }

    /// A text that a link holds, and what is stored of it.
    public struct Material: Sendable {
        /// The text itself.
        public var text: String
        /// Its hash.
        public var hash: String

        public init(text: String, hash: String) {
            self.text = text
            self.hash = hash
        }
    }

    /// How long one can be accepted.
    public static let days = 7
    /// The page of a link, without its token.
    public static let page = "/dashboard/invitations/"

    private let store: any PeopleStore
    private let publicURL: String?
    private let make: @Sendable () -> Material
    private let mail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)?
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - publicURL: the address of this host for people; without it nothing is mailed.
    ///   - make: makes the token of a link.
    ///   - mail: sends an invitation; whether it was taken over. Nil where no mail server is configured.
    public init(
        store: any PeopleStore, publicURL: String?, make: @escaping @Sendable () -> Material,
        mail: (@Sendable (_ invitation: MailInvitation, _ address: String) async -> Bool)?,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.publicURL = publicURL
        self.make = make
        self.mail = mail
        self.now = now
    }

    /// Those that wait, the newest first.
    public func all(for principal: Principal) async throws -> [Invitation] {
        try await store.invitations(try principal.tenant(to: .administer).id, now: now())
    }

    /// Makes one, and mails it. One that waits for the same address ends.
    ///
    /// - Parameter ownURL: the address under which the caller reached this host, for links where none is configured.
    public func add(_ fields: RequestFields, by principal: Principal, ownURL: String) async throws -> Made {
        let (tenant, now) = (try principal.tenant(to: .administer), now())
        var fields = fields
        let (email, role) = try fields.required(("email", .email), ("role", .choice(Role.ofTenants)))
        let (material, endsAt) = (make(), now.adding(days: Self.days))
        let new = NewInvitation(
            id: UUID(), email: email.lowercased(), role: role, tokenHash: material.hash, expiresAt: endsAt)
        guard let invitation = try await store.addInvitation(tenant.id, new, by: principal.actor, now: now) else {
            throw QueryError.tenantRequired
        }
        let link = "\(publicURL ?? ownURL)\(Self.page)\(material.text)"
        // Never by an address that a client may have made up.
        guard let mail, publicURL != nil else { return Made(invitation: invitation, link: link) }
        let message = MailInvitation(siteURL: tenant.jiraURL, url: link, id: new.id, days: Self.days)
        return Made(invitation: invitation, link: await mail(message, email) ? nil : link)
    }

    /// Ends one at once.
    public func withdraw(_ id: UUID, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .administer).id
        let isWithdrawn = try await store.withdrawInvitation(
            tenantID, invitationID: id, by: principal.actor, now: now())
        guard isWithdrawn else { throw RequestError.unknownInvitation }
    }
}
