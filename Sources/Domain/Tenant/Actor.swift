/// Who causes a change, and from where. Every call that changes something for a tenant names one.
public struct Actor: Sendable, Hashable, CustomStringConvertible {
    /// Who it is.
    public enum Identity: Sendable, Hashable {
        /// The holder of a tenant's API key, named by the first 12 hexadecimal digits of the key's stored hash.
        case apiKey(String)
        /// A person who has signed in, by the id: no address and no name is in it.
        case user(UserID)
        /// The host's owner: the admin token, or a command on the host.
        case `operator`
        /// The reader of a message who followed a link in it.
        case link
        /// A client with unknown credentials.
        case unknown
        /// A part of consilod, by its name: `rescorer`, `jira`.
        case system(String)
    }

    /// Who it is.
    public var identity: Identity
    /// Where the request came from; nil for commands on the host and for parts of consilod.
    public var origin: RequestOrigin?

    public init(_ identity: Identity, from origin: RequestOrigin? = nil) {
        self.identity = identity
        self.origin = origin
    }

    /// The holder of an API key, see ``Identity/apiKey(_:)``.
    public static func apiKey(_ hash: String) -> Actor { Actor(.apiKey(hash)) }
    /// The holder of an API key, by the form in which it is stored.
    public static func apiKey(storedHash: String) -> Actor { .apiKey(String(storedHash.prefix(12))) }
    /// A person who has signed in.
    public static func user(_ id: UserID) -> Actor { Actor(.user(id)) }
    /// The host's owner.
    public static let `operator` = Actor(.operator)
    /// The reader of a message who followed a link in it.
    public static let link = Actor(.link)
    /// A client with unknown credentials.
    public static let unknown = Actor(.unknown)
    /// A part of consilod.
    public static func system(_ name: String) -> Actor { Actor(.system(name)) }
    /// What follows from a subscription at Stripe.
    public static let stripe = Actor.system("stripe")

    /// The same, with where the request came from.
    public func from(_ origin: RequestOrigin?) -> Actor { Actor(identity, from: origin) }

    /// Whether its acts are kept in the audit log: those of people are, what consilod does by itself is not, but for what
    /// follows from payments.
    public var isAudited: Bool {
        if case .system = identity { identity == Self.stripe.identity } else { true }
    }

    /// One word for a log line or an audit row: `api-key:1a2b3c4d5e6f`, `user:` and a UUID, `operator`, `link`, `system:jira`.
    public var description: String {
        switch identity {
        case .apiKey(let hash): "api-key:\(hash)"
        case .user(let id): "user:\(id)"
        case .operator: "operator"
        case .link: "link"
        case .unknown: "unknown"
        case .system(let name): "system:\(name)"
        }
    }
}

/// Where a request came from.
public struct RequestOrigin: Sendable, Hashable {
    /// The client's IP address as far as it is known: the peer's, or what a trusted proxy says.
    public var address: String?
    /// The id under which the log names the request.
    public var requestID: String
    /// The method and the path with its parameters unfilled: `GET /api/alerts/{id}/acknowledge`. Nothing in it is a client's own.
    public var request: String

    public init(address: String?, requestID: String, request: String) {
        self.address = address
        self.requestID = requestID
        self.request = request
    }
}
