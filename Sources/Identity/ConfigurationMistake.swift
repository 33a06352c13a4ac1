import Foundation

/// A setting that cannot be used. Its value, which may be a secret, is not repeated.
public struct ConfigurationMistake: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the setting, as in `redirect_uri`.
    public let field: String
    /// What it must be.
    public let reason: String

    public var description: String { "\(field): \(reason)" }

    init(_ field: String, _ reason: String) {
        self.field = field
        self.reason = reason
    }
}

/// Addresses of providers.
enum SecureAddress {
    /// Whether requests may be sent to an address: https, or http to this machine, for trials.
    ///
    /// Neither user nor fragment may be in it.
    static func isSecure(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, url.user == nil,
            url.password == nil, url.fragment == nil,
            text.unicodeScalars.allSatisfy({ $0.value > 32 && $0.value < 127 })
        else { return false }
        switch url.scheme {
        case "https": return true
        case "http": return ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        default: return false
        }
    }

    /// Whether a text can be an issuer: a secure address without a query (OpenID Connect Discovery 1.0, section 2).
    static func isIssuer(_ text: String) -> Bool {
        isSecure(text) && URLComponents(string: text)?.query == nil
    }

    /// Whether a text is an origin as browsers send it: scheme, host, and a port that is not the usual one.
    static func isOrigin(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), let scheme = url.scheme, let host = url.host, !host.isEmpty else {
            return false
        }
        return text == "\(scheme)://\(host)" + (url.port.map { ":\($0)" } ?? "") && text == text.lowercased()
    }
}
