/// The host's owner signed in to the dashboard, or a link that signs the owner in once. It holds as long as the admin token that it
/// was made with does.
public struct OperatorSignIn: Sendable, Hashable {
    /// Lower-case hex SHA-256 of the secret that the browser or the link holds.
    public var tokenHash: String
    /// What it is.
    public var kind: SignIn.Kind
    /// What follows from the admin token and the host's encryption key, and must still follow from those.
    public var adminMark: String
    /// When it was made.
    public var createdAt: Timestamp
    /// From when on it is worth nothing.
    public var endsAt: Timestamp

    public init(
        tokenHash: String, kind: SignIn.Kind, adminMark: String, createdAt: Timestamp, endsAt: Timestamp
    ) {
        self.tokenHash = tokenHash
        self.kind = kind
        self.adminMark = adminMark
        self.createdAt = createdAt
        self.endsAt = endsAt
    }
}
