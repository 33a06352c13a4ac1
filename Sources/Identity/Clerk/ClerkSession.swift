/// What a Clerk session token says about the session, in the spelling of either version of its claims
/// (clerk.com/docs/backend-requests/resources/session-tokens).
public struct ClerkSession: Sendable, Hashable {
    /// An organisation, and what the person is in it.
    public struct Organization: Sendable, Hashable {
        /// As in `org_2xyz`.
        public let id: String
        /// Its name in addresses, where it has one.
        public let slug: String?
        /// The role, without the prefix `org:` that version 1 has and version 2 leaves out.
        public let role: String?
        /// The permissions, as in `org:dashboard:read`, sorted.
        public let permissions: [String]
    }

    /// The identifier of the session, as in `sess_2xyz`.
    public let id: String
    /// The organisation that is active in the session; nil for none.
    public let organization: Organization?

    /// Reads the claims of a token that was verified.
    ///
    /// Throws `.claims` for a token that belongs to no session (`sid`), as that of a machine, and for claims of a wrong type;
    /// `.version` for claims of another version; `.inactiveSession`.
    public init(_ claims: TokenClaims) throws(TokenRefusal) {
        guard let id = claims.text("sid") else { throw .claims }
        self.id = id
        // `pending`: the user has still to choose an organisation, or something like it. Other words may come.
        if let status = claims.values["sts"], status.text != "active" { throw .inactiveSession }
        switch claims.values["v"] {
        case nil, .number(1): organization = try Self.organization1(claims)
        case .number(2): organization = try Self.organization2(claims)
        default: throw .version
        }
    }

    /// A role as version 2 has it.
    static func bareRole(_ role: String) -> String { role.hasPrefix("org:") ? String(role.dropFirst(4)) : role }

    private static func organization1(_ claims: TokenClaims) throws(TokenRefusal) -> Organization? {
        let values = claims.values
        let slug = try text("org_slug", of: values)
        let role = try text("org_role", of: values)
        guard let id = try text("org_id", of: values) else { return nil }
        var permissions: [String] = []
        if let value = values["org_permissions"], value != .null {
            guard let texts = value.texts else { throw .claims }
            permissions = texts.sorted()
        }
        return Organization(id: id, slug: slug, role: role.map(bareRole), permissions: permissions)
    }

    private static func organization2(_ claims: TokenClaims) throws(TokenRefusal) -> Organization? {
        guard let claim = claims.values["o"], claim != .null else { return nil }
        guard let members = claim.members, let id = try text("id", of: members) else { throw .claims }
        let role = try text("rol", of: members)
        return Organization(
            id: id, slug: try text("slg", of: members), role: role.map(bareRole),
            permissions: permissions(
                features: try text("fea", of: claims.values), names: try text("per", of: members),
                map: try text("fpm", of: members)))
    }

    /// The permissions of version 2: `fpm` has a number for each feature of `fea`, in the same order, whose bits, from the
    /// lowest, stand for the names in `per`. Features of the user (`u:`) have a number too, which counts for nothing.
    private static func permissions(features: String?, names: String?, map: String?) -> [String] {
        guard let features, let names, let map else { return [] }
        let permissions = parts(names, by: ",")
        var found: [String] = []
        for (feature, bits) in zip(parts(features, by: ","), parts(map, by: ",")) {
            let named = parts(feature, by: ":")
            guard let bits = UInt64(bits), named.count == 2, named[0].contains("o") else { continue }
            for (place, permission) in permissions.prefix(64).enumerated() where bits >> UInt64(place) & 1 == 1 {
                found.append("org:\(named[1]):\(permission)")
            }
        }
        return found.sorted()
    }

    private static func parts(_ text: String, by separator: Character) -> [String] {
        text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    /// A text that may be missing or null, but not be something else.
    private static func text(_ name: String, of members: [String: ClaimValue]) throws(TokenRefusal) -> String? {
        guard let value = members[name], value != .null else { return nil }
        guard let text = value.text else { throw .claims }
        return text.isEmpty ? nil : text
    }
}
