public import Domain

/// The claims of a token that was verified (RFC 7519, section 4).
public struct TokenClaims: Sendable, Hashable {
    /// All of them, by their names.
    public let values: [String: ClaimValue]
    /// Who issued it (`iss`).
    public let issuer: String
    /// Whom it is about (`sub`): 1–255 characters, unique within the issuer.
    public let subject: String
    /// From when on it is not valid (`exp`).
    public let expiresAt: Timestamp

    /// The text of a claim; nil where it is missing, empty or not a string.
    public func text(_ name: String) -> String? {
        guard let text = values[name]?.text, !text.isEmpty else { return nil }
        return text
    }
}
