public import Domain

/// How mail leaves this host: one relay for all tenants.
public struct MailSettings: Sendable {
    /// What protects the connection to the relay.
    public enum Security: String, CaseIterable, Sendable {
        /// Nothing: only for a relay on the same host.
        case none
        /// A plain connection that must become TLS before anything is sent (RFC 3207), usually port 587.
        case starttls
        /// TLS from the first byte (RFC 8314), usually port 465.
        case tls
    }

    /// A host name or an IP address.
    public var host: String
    /// 1 … 65535; 25 between hosts, 587 with STARTTLS, 465 with TLS.
    public var port: Int
    /// Whether and when the connection becomes TLS.
    public var security: Security
    /// Nil for a relay that asks for no sign-in.
    public var username: String?
    /// A secret; used only with a user name.
    public var password: Secret<String>?
    /// The sender: `alerts@example.com` or `Risk alerts <alerts@example.com>`.
    public var from: String

    public init(host: String, port: Int, security: Security, username: String?, password: Secret<String>?, from: String)
    {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.from = from
    }
}

extension MailSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the sign-in.
    public var description: String { "\(from) through \(host):\(port) (\(security))" }
    public var debugDescription: String { description }
    /// Keeps the password out of `dump` too.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
