public import Domain

/// A provider of sign-ins by OpenID Connect, and what is known of its claims.
public struct OpenIDConfiguration: Sendable {
    /// How the client proves at the token endpoint who it is.
    public enum ClientAuthentication: Sendable {
        /// Not at all: a public client, which only the proof of possession of the code (PKCE) protects.
        case none
        /// By its secret in an `Authorization` header (`client_secret_basic`, RFC 6749, section 2.3.1).
        case basic(Secret<String>)
        /// By its secret in the form (`client_secret_post`), for providers that take no other.
        case post(Secret<String>)
    }

    /// The provider's identifier, character by character as its metadata and tokens have it.
    public let issuer: String
    /// Of consilod at the provider.
    public let clientID: String
    /// How the client proves who it is.
    public let clientAuthentication: ClientAuthentication
    /// Where the provider sends the browser back to; registered there.
    public let redirectURI: String
    /// What is asked for: `openid` and others.
    public let scopes: [String]
    /// The algorithms that may sign an ID token.
    public let algorithms: Set<TokenAlgorithm>
    /// How far the clocks of provider and host may differ, in seconds, 0–300.
    public let clockSkewSeconds: Int64
    /// How long a person may take at the provider, in seconds, 60–3600.
    public let signInSeconds: Int64
    /// Where the roles stand; nil to give every person the mapping's `otherwise`.
    public let rolePath: ClaimPath?
    /// What the roles stand for.
    public let roles: RoleMapping
    /// Where the identifier of the organisation stands, where there is one.
    public let organizationPath: ClaimPath?
    /// Further parameters of the authorization request, as `prompt`.
    public let parameters: [String: String]

    /// Parameters that the sign-in sets itself.
    private static let reserved: Set<String> = [
        "client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "request", "request_uri",
        "response_mode", "response_type", "scope", "state",
    ]

    /// Throws the first setting that cannot be used, under its name in the configuration.
    ///
    /// - Parameters:
    ///   - rolePath: see ``ClaimPath``.
    ///   - organizationPath: see ``ClaimPath``.
    public init(
        issuer: String, clientID: String, clientAuthentication: ClientAuthentication = .none, redirectURI: String,
        scopes: [String] = ["openid", "email", "profile"], algorithms: Set<TokenAlgorithm> = [.rs256, .es256],
        clockSkewSeconds: Int64 = 60, signInSeconds: Int64 = 600, rolePath: String? = nil,
        roles: RoleMapping = .byName, organizationPath: String? = nil, parameters: [String: String] = [:]
    ) throws(ConfigurationMistake) {
        guard SecureAddress.isIssuer(issuer) else {
            throw ConfigurationMistake(
                "issuer", "must be an https:// address without a query, as the provider writes it")
        }
        guard !clientID.isEmpty else { throw ConfigurationMistake("client_id", "must not be empty") }
        guard SecureAddress.isSecure(redirectURI) else {
            throw ConfigurationMistake(
                "redirect_uri", "must be the https:// address that is registered at the provider")
        }
        guard scopes.contains("openid"), scopes.allSatisfy(Self.isScope) else {
            throw ConfigurationMistake("scopes", "must be words, of which one is openid")
        }
        guard !algorithms.isEmpty else { throw ConfigurationMistake("algorithms", "must have at least one") }
        guard (0...300).contains(clockSkewSeconds) else {
            throw ConfigurationMistake("clock_skew", "must be 0 to 300 seconds")
        }
        guard (60...3600).contains(signInSeconds) else {
            throw ConfigurationMistake("sign_in_timeout", "must be 60 to 3600 seconds")
        }
        if let name = parameters.keys.sorted().first(where: { Self.reserved.contains($0) || $0.isEmpty }) {
            throw ConfigurationMistake("parameters", "must not have \(name), which the sign-in sets itself")
        }
        switch clientAuthentication {
        case .basic(let secret), .post(let secret):
            guard !secret.revealed.isEmpty else { throw ConfigurationMistake("client_secret", "must not be empty") }
        case .none: break
        }
        self.issuer = issuer
        self.clientID = clientID
        self.clientAuthentication = clientAuthentication
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.algorithms = algorithms
        self.clockSkewSeconds = clockSkewSeconds
        self.signInSeconds = signInSeconds
        self.rolePath = try Self.path(rolePath, "role_claim")
        self.roles = roles
        self.organizationPath = try Self.path(organizationPath, "organization_claim")
        self.parameters = parameters
    }

    private static func path(_ text: String?, _ field: String) throws(ConfigurationMistake) -> ClaimPath? {
        guard let text else { return nil }
        guard let path = ClaimPath(text) else {
            throw ConfigurationMistake(field, "must be the name of a claim, or names with dots between them")
        }
        return path
    }

    /// RFC 6749, section 3.3.
    private static func isScope(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x22 && $0 != 0x5C }
    }
}
