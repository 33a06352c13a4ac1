import Vault

/// What a browser holds that is signed in, or a link that signs in once: 256 random bits, of which only a hash is stored.
struct SessionToken: Sendable {
    let text: String

    /// A new one.
    init() { text = SignInToken.generate() }

    init(_ text: String) { self.text = text }

    /// A new one for a person, who signs in at a provider.
    static func ofPerson() -> SessionToken { SessionToken(SignInToken.generateForPerson()) }

    /// Whether it is a person's, if it is one at all.
    var isPersons: Bool { text.hasPrefix(SignInToken.personPrefix) }

    /// The form in which it is stored and looked up: lower-case hex SHA-256, for the reason that API keys have.
    var hash: String { APIKey.hash(text) }

    /// What every form of the session carries, so that no other site can send it: a value that follows from the token, which
    /// no page shows and no script can read.
    var formToken: String { APIKey.hash("form \(text)") }
}
