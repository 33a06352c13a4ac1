public import AsyncHTTPClient
import Domain
public import Foundation

/// A variable of the environment that should name a proxy cannot be used. Its value, which may hold a password, is not
/// repeated.
public struct ProxySettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the variable, as it is spelled in the environment.
    public let variable: String
    /// What the value must be.
    public let reason: String

    public var description: String { "\(variable): \(reason)" }
}

/// The proxy that the environment asks for, by the conventions of curl: `https_proxy`, `http_proxy`, `all_proxy` and
/// `no_proxy`, each also in capitals; the small letters win.
public struct ProxySettings: Sendable {
    /// A proxy's address may hold a password.
    private let environment: Secret<[String: String]>

    /// - Parameter environment: the variables of the process; nothing else is read.
    public init(environment: [String: String]) { self.environment = Secret(environment) }

    /// Every address is called directly.
    public static let direct = ProxySettings(environment: [:])

    /// The proxy for an address; nil where it is to be reached directly.
    ///
    /// A client has one proxy for all it does, so hosts that the address redirects to are reached the same way.
    public func proxy(for address: URL) throws(ProxySettingError) -> HTTPClient.Configuration.Proxy? {
        guard isProxied(address) else { return nil }
        return try proxy(scheme: address.scheme?.lowercased() ?? "https")
    }

    /// Whether `no_proxy` leaves an address to the proxy.
    func isProxied(_ address: URL) -> Bool {
        guard let host = address.host else { return false }
        return !isExcepted(host, port: address.port ?? (address.scheme?.lowercased() == "http" ? 80 : 443))
    }

    /// The proxy for the addresses of a scheme that `no_proxy` does not except.
    func proxy(scheme: String) throws(ProxySettingError) -> HTTPClient.Configuration.Proxy? {
        for name in ["\(scheme)_proxy", "all_proxy"] {
            if let (name, value) = variable(name) { return try Self.proxy(value, name: name) }
        }
        return nil
    }

    /// The first of the two spellings that is set to something, with its value.
    private func variable(_ name: String) -> (name: String, value: String)? {
        for name in [name, name.uppercased()] {
            let value = environment.revealed[name]?.trimmingCharacters(in: .whitespaces) ?? ""
            if !value.isEmpty { return (name, value) }
        }
        return nil
    }

    /// Whether `no_proxy` names the host, a domain above it, either with the port, or everything (`*`).
    private func isExcepted(_ host: String, port: Int) -> Bool {
        let host = Self.bare(host)
        let entries = variable("no_proxy")?.value.split { $0 == "," || $0.isWhitespace } ?? []
        return entries.contains { entry in
            if entry == "*" { return true }
            var name = entry.lowercased()[...]
            // More than one colon is an IPv6 address, which has no port without brackets.
            if let colon = name.lastIndex(of: ":"), name.firstIndex(of: ":") == colon || name[..<colon].hasSuffix("]") {
                guard name[name.index(after: colon)...] == String(port) else { return false }
                name = name[..<colon]
            }
            if name.hasPrefix("*.") { name.removeFirst(2) } else if name.hasPrefix(".") { name.removeFirst() }
            let domain = Self.bare(String(name))
            return !domain.isEmpty && (host == domain || host.hasSuffix(".\(domain)"))
        }
    }

    private static func proxy(
        _ value: String, name: String
    ) throws(ProxySettingError) -> HTTPClient.Configuration.Proxy {
        func malformed(_ text: String) -> ProxySettingError { ProxySettingError(variable: name, reason: text) }
        guard let parts = URLComponents(string: value.contains("://") ? value : "http://\(value)"),
            let host = parts.host, !host.isEmpty, (1...65535).contains(parts.port ?? 1), parts.query == nil,
            parts.fragment == nil, ["", "/"].contains(parts.path)
        else {
            throw malformed(
                """
                the proxy must be http://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ before the host where \
                it asks for them (special characters percent-encoded)
                """)
        }
        switch parts.scheme?.lowercased() {
        case "http":
            let authorization = parts.user.map {
                HTTPClient.Authorization.basic(username: $0, password: parts.password ?? "")
            }
            return .server(host: bare(host), port: parts.port ?? 80, authorization: authorization)
        case "socks5", "socks5h":
            guard parts.user == nil, parts.password == nil else {
                throw malformed("a SOCKS proxy that asks for a password is not supported")
            }
            return .socksServer(host: bare(host), port: parts.port ?? 1080)
        default:
            throw malformed("only http:// and socks5:// proxies are supported")
        }
    }

    /// In small letters, without the brackets around an IPv6 address and the dot at the end of a full name.
    private static func bare(_ host: String) -> String {
        var host = host.lowercased()[...]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        if host.hasSuffix(".") { host.removeLast() }
        return String(host)
    }
}
