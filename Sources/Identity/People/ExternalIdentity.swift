public import Domain

/// Who a provider says a person is.
///
/// A person is the pair of issuer and subject. The email address is no identity: a provider may give it to another account, and
/// one that is not verified may be anybody's.
public struct ExternalIdentity: Sendable, Hashable {
    /// Who says so (`iss`).
    public var issuer: String
    /// The person's identifier at the issuer (`sub`), 1–255 characters.
    public var subject: String
    /// The email address, where it is given.
    public var email: String?
    /// Whether the issuer says that the address is the person's.
    public var isEmailVerified: Bool
    /// What the person is called, where it is given.
    public var name: String?
    /// The identifier of the organisation that the person acts for, at the issuer.
    public var organizationID: String?
    /// The highest role that the claims stand for; nil where they stand for none.
    public var role: ExternalRole?
    /// Of the session at the issuer.
    public var sessionID: String?
    /// The subject of somebody who acts in the person's place (`act`, RFC 8693, section 4.1), as Clerk's support staff may.
    public var actingSubject: String?
    /// From when on the token is not valid.
    public var expiresAt: Timestamp

    public init(
        issuer: String, subject: String, email: String? = nil, isEmailVerified: Bool = false, name: String? = nil,
        organizationID: String? = nil, role: ExternalRole? = nil, sessionID: String? = nil,
        actingSubject: String? = nil, expiresAt: Timestamp
    ) {
        self.issuer = issuer
        self.subject = subject
        self.email = email
        self.isEmailVerified = isEmailVerified
        self.name = name
        self.organizationID = organizationID
        self.role = role
        self.sessionID = sessionID
        self.actingSubject = actingSubject
        self.expiresAt = expiresAt
    }

    /// What all providers say in the same claims (OpenID Connect Core 1.0, section 5.1).
    init(_ claims: TokenClaims, organizationID: String?, role: ExternalRole?) {
        let verified = claims.values["email_verified"]
        self.init(
            issuer: claims.issuer, subject: claims.subject, email: claims.text("email"),
            // Some providers (Amazon Cognito) write it as a string.
            isEmailVerified: claims.text("email") != nil && (verified?.flag == true || verified?.text == "true"),
            name: claims.text("name") ?? claims.text("preferred_username"), organizationID: organizationID, role: role,
            sessionID: claims.text("sid"),
            actingSubject: claims.values["act"].map { $0.members?["sub"]?.text ?? "unknown" },
            expiresAt: claims.expiresAt)
    }
}
