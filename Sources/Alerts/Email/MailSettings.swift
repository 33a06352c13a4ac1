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

    /// How this host signs in to the relay (SASL mechanisms).
    public enum Authentication: String, CaseIterable, Sendable {
        /// The strongest that the relay offers. If it does not accept that one, no other is tried.
        case auto
        case plain, login
        case cramMD5 = "cram-md5"
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
    /// Which way to sign in; used only with a user name.
    public var authentication: Authentication
    /// The sender: `alerts@example.com` or `Risk alerts <alerts@example.com>`.
    public var from: String
    /// What consilod calls itself to the relay (EHLO; RFC 5321, 4.1.1.1): a full host name or an address in brackets.
    public var helo: String

    /// - Parameter helo: nil for the domain of the sender; the short name of a host is refused by many relays.
    public init(
        host: String, port: Int, security: Security, username: String?, password: Secret<String>?,
        authentication: Authentication = .auto, from: String, helo: String? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.authentication = authentication
        self.from = from
        self.helo = helo ?? MailAddress(from).map { String($0.domain) } ?? "localhost"
    }
}

extension MailSettings {
    /// Whether a text can stand behind EHLO: a host name, or an address literal (RFC 5321, 4.1.3).
    public static func isHostName(_ text: String) -> Bool {
        let isLiteral = text.hasPrefix("[") && text.hasSuffix("]") && text.utf8.count > 2
        return text.utf8.count <= 255
            && (isLiteral ? text.dropFirst().dropLast() : text[...]).utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || "-.".utf8.contains($0) || isLiteral && $0 == UInt8(ascii: ":")
            } && !text.isEmpty
    }
}

extension MailSettings: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Without the sign-in.
    public var description: String { "\(from) through \(host):\(port) (\(security))" }
    public var debugDescription: String { description }
    /// Keeps the password out of `dump` too.
    public var customMirror: Mirror { Mirror(reflecting: description) }
}
