import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix

/// Why an address gave no answer, for people.
enum ConnectionFailure {
    /// Words to follow the address: "refuses connections from this host".
    static func words(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError where error.connectionErrors.isEmpty:
            return "has a name that is not known here (DNS)"
        case let error as NIOConnectionError:
            return words(forConnecting: error.connectionErrors.first?.error)
        case is IOError: return words(forConnecting: error)
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: return "takes no connection in time"
            case .tlsHandshakeTimeout: return "does not finish the TLS handshake"
            case .readTimeout, .writeTimeout, .deadlineExceeded: return "gives no answer in time"
            case .remoteConnectionClosed: return "closes the connection without an answer"
            default: return "cannot be used (\(error.shortDescription))"
            }
        case is NIOTooManyBytesError: return "gives an answer that is none of consilod's"
        default: return "takes no secure connection (\(tlsWords(for: error)))"
        }
    }

    private static func words(forConnecting error: (any Error)?) -> String {
        (error as? IOError)?.errnoCode == ECONNREFUSED
            ? "refuses connections from this host" : "takes no connections from this host"
    }

    /// The name that OpenSSL has for it: `certificate verify failed`. Nothing secret is in these errors, but much else.
    private static func tlsWords(for error: any Error) -> String {
        let text = "\(error)"
        guard let name = text.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/)?.output.1 else {
            return String(text.split(whereSeparator: \.isNewline).joined(separator: " ").prefix(160))
        }
        return name.lowercased().replacing("_", with: " ")
    }
}
