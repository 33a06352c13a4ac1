import Domain

/// A token taken apart (JWS compact serialisation, RFC 7515, section 7.1). Nothing of it is verified.
struct SignedToken: Sendable {
    /// As the header names it; perhaps one that is not accepted.
    let algorithm: String
    /// The key that the header names.
    let keyID: String?
    let claims: [String: ClaimValue]
    let signature: [UInt8]
    /// What the signature is over.
    let signedBytes: [UInt8]

    /// The types that a token of a person may say it has (`typ`). Access tokens say `at+jwt` (RFC 9068).
    private static let types: Set<String> = ["jwt", "application/jwt"]

    /// - Parameter limit: bytes.
    init(_ text: String, limit: Int) throws(TokenRefusal) {
        guard text.utf8.count <= limit else { throw .tooLong }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = UnpaddedBase64URL.decode(parts[2]), let algorithm = header["alg"]?.text
        else { throw .malformed }
        guard header["crit"] == nil else { throw .criticalHeader }
        if let type = header["typ"] {
            guard let type = type.text else { throw .malformed }
            guard Self.types.contains(type.lowercased()) else { throw .type }
        }
        if let keyID = header["kid"] {
            guard let keyID = keyID.text else { throw .malformed }
            self.keyID = keyID
        } else {
            keyID = nil
        }
        self.algorithm = algorithm
        self.claims = claims
        self.signature = signature
        signedBytes = Array(text.utf8.dropLast(parts[2].utf8.count + 1))
    }

    private static func object(_ part: Substring) -> [String: ClaimValue]? {
        guard let bytes = UnpaddedBase64URL.decode(part) else { return nil }
        do { return try ClaimValue(json: bytes).members } catch { return nil }
    }
}
