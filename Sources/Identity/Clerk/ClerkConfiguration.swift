/// A Clerk application whose session tokens are accepted as bearer tokens.
public struct ClerkConfiguration: Sendable, Hashable {
    /// The Frontend API's address, which its tokens name as their issuer: `https://clerk.example.com`.
    public let issuer: String
    /// Where its keys are.
    public let jwksURL: String
    /// The origins of the web applications whose tokens are accepted (`azp`), as `https://app.example.com`. At least one.
    public let authorizedParties: Set<String>
    /// Whether a token without `azp` is accepted: Clerk leaves it out where the request had no origin, as from a native
    /// application. Off by default, because such a token may come from any application of the instance.
    public let acceptsTokensWithoutParty: Bool
    /// The audiences of which a token must name one; where the set is empty, a token must not name any, as Clerk's do not
    /// unless they are made to.
    public let audiences: Set<String>
    /// How far the clocks of Clerk and host may differ, in seconds, 0–300.
    public let clockSkewSeconds: Int64
    /// What the roles in an organisation stand for, without the prefix `org:`.
    public let roles: RoleMapping

    /// `admin` is an owner, `member` a viewer. `basic_member` is what old instances call a member.
    public static let defaultRoles = RoleMapping([
        "owner": .owner, "admin": .owner, "manager": .manager, "member": .viewer, "basic_member": .viewer,
        "viewer": .viewer,
    ])

    /// Throws the first setting that cannot be used, under its name in the configuration.
    ///
    /// - Parameter jwksURL: nil for the place where Clerk's instances have their keys.
    public init(
        issuer: String, jwksURL: String? = nil, authorizedParties: Set<String>,
        acceptsTokensWithoutParty: Bool = false, audiences: Set<String> = [], clockSkewSeconds: Int64 = 5,
        roles: RoleMapping = ClerkConfiguration.defaultRoles
    ) throws(ConfigurationMistake) {
        guard SecureAddress.isIssuer(issuer), !issuer.hasSuffix("/") else {
            throw ConfigurationMistake(
                "issuer", "must be the https:// address of the instance's Frontend API, without a slash at its end")
        }
        let jwksURL = jwksURL ?? issuer + "/.well-known/jwks.json"
        guard SecureAddress.isSecure(jwksURL) else {
            throw ConfigurationMistake("jwks_url", "must be an https:// address")
        }
        guard !authorizedParties.isEmpty, authorizedParties.allSatisfy(SecureAddress.isOrigin) else {
            throw ConfigurationMistake(
                "authorized_parties", "must be the origins of your applications, as in https://app.example.com")
        }
        guard (0...300).contains(clockSkewSeconds) else {
            throw ConfigurationMistake("clock_skew", "must be 0 to 300 seconds")
        }
        self.issuer = issuer
        self.jwksURL = jwksURL
        self.authorizedParties = authorizedParties
        self.acceptsTokensWithoutParty = acceptsTokensWithoutParty
        self.audiences = audiences
        self.clockSkewSeconds = clockSkewSeconds
        self.roles = RoleMapping(
            Dictionary(
                roles.roles.map { (ClerkSession.bareRole($0.key), $0.value) }, uniquingKeysWith: { max($0, $1) }),
            otherwise: roles.otherwise)
    }

    /// What its tokens must meet. A session token is valid for a minute, and for up to an hour by configuration.
    var expectations: TokenExpectations {
        TokenExpectations(
            issuer: issuer,
            recipient: .origins(
                authorizedParties, acceptsUnnamed: acceptsTokensWithoutParty, audiences: audiences),
            algorithms: [.rs256], clockSkewSeconds: clockSkewSeconds)
    }
}
