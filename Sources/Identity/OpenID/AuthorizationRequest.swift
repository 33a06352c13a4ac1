/// The address that a browser is sent to, to sign in (OpenID Connect Core 1.0, section 3.1.2.1; RFC 7636, section 4.3).
enum AuthorizationRequest {
    static func url(
        _ pending: PendingSignIn, configuration: OpenIDConfiguration, metadata: ProviderMetadata
    ) -> String {
        var pairs = [
            ("response_type", "code"), ("client_id", configuration.clientID),
            ("redirect_uri", configuration.redirectURI), ("scope", configuration.scopes.joined(separator: " ")),
            ("state", pending.state), ("nonce", pending.nonce), ("code_challenge", pending.challenge),
            ("code_challenge_method", "S256"),
        ]
        pairs += configuration.parameters.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let query = FormEncoding.text(of: pairs.map { (name: $0.0, value: $0.1) })
        // An endpoint may have a query of its own, which stays (RFC 6749, section 3.1).
        return metadata.authorizationEndpoint + (metadata.authorizationEndpoint.contains("?") ? "&" : "?") + query
    }
}
