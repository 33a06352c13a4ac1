import AsyncHTTPClient
import Foundation
import Glibc
import NIOCore
import NIOPosix

/// Why an outgoing request got no answer: one table for every peer.
///
/// No error of the HTTP client is repeated in its own words, which may hold the address that was called, and with it a
/// secret.
public enum OutboundFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Why an address is not called. Nothing was sent to it.
    public enum Refusal: Sendable, Hashable {
        case notAURL
        case notHTTPS
        /// The host has an address that is not public, and the operator does not list it.
        case privateNetwork
    }

    case refused(Refusal)
    /// The name has no address.
    case unresolved
    case connectionRefused
    /// No connection; `errno` of the first attempt, where there is one.
    case unreachable(errno: Int32?)
    case connectTimedOut
    case tlsHandshakeTimedOut
    case certificateNotVerified
    /// What OpenSSL calls the failure, as in `wrong version number`.
    case tlsFailed(String)
    /// The variable of the environment that names the proxy cannot be used.
    case proxyMisconfigured(ProxySettingError)
    case proxyTimedOut
    case proxyWantsCredentials
    /// The proxy does not connect to the host.
    case proxyRefused
    /// No answer, or only a part of it, within the time allowed.
    case timedOut
    /// The peer closed the connection before the answer was complete.
    case connectionClosed
    case answerTooLarge
    case redirectLoop
    case cancelled
    /// Anything else; the name of the error or of its type.
    case other(String)

    /// A clause to follow the name of the peer: `refused the connection`.
    public var description: String {
        switch self {
        case .refused(.notAURL): "has an address that is not a URL of a host"
        case .refused(.notHTTPS): "has an address that is not https"
        case .refused(.privateNetwork): "is on a private network"
        case .unresolved: "does not resolve"
        case .connectionRefused: "refused the connection"
        case .unreachable(nil): "is unreachable"
        case .unreachable(let code?): "is unreachable (\(String(cString: strerror(code))))"
        case .connectTimedOut: "timed out while connecting"
        case .tlsHandshakeTimedOut: "timed out in the TLS handshake"
        case .certificateNotVerified: "has a certificate that cannot be verified"
        case .tlsFailed(let name): "failed the TLS handshake (\(name))"
        case .proxyMisconfigured(let error): "cannot be reached through the proxy (\(error))"
        case .proxyTimedOut: "cannot be reached: the proxy timed out"
        case .proxyWantsCredentials: "cannot be reached: the proxy wants other credentials"
        case .proxyRefused: "cannot be reached: the proxy does not connect to it"
        case .timedOut: "timed out"
        case .connectionClosed: "closed the connection without a complete answer"
        case .answerTooLarge: "sent an answer that is too large"
        case .redirectLoop: "redirects in a loop"
        case .cancelled: "was not waited for"
        case .other(let name): "failed (\(name))"
        }
    }

    /// The failure that an error of the HTTP client stands for.
    public init(_ error: any Error) {
        switch error {
        case let failure as OutboundFailure: self = failure
        case let refused as RefusedConnection: self = .refused(refused.reason)
        case is CancellationError: self = .cancelled
        case is ExchangeTimedOut: self = .timedOut
        case is NIOTooManyBytesError: self = .answerTooLarge
        case let error as HTTPClientError: self = Self.failure(of: error)
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: self = .unresolved
        case let error as NIOConnectionError:
            self = Self.failure(toConnect: error.connectionErrors.first?.error as? IOError)
        case let error as IOError: self = Self.failure(toConnect: error)
        default: self = Self.failure(ofTLS: error)
        }
    }

    private static func failure(of error: HTTPClientError) -> OutboundFailure {
        switch error {
        case .cancelled: Task.isCancelled ? .cancelled : .connectionClosed
        case .connectTimeout: .connectTimedOut
        case .tlsHandshakeTimeout: .tlsHandshakeTimedOut
        case .httpProxyHandshakeTimeout, .socksHandshakeTimeout: .proxyTimedOut
        case .proxyAuthenticationRequired: .proxyWantsCredentials
        case .invalidProxyResponse: .proxyRefused
        case .readTimeout, .writeTimeout, .deadlineExceeded: .timedOut
        case .remoteConnectionClosed: .connectionClosed
        case .redirectLimitReached, .redirectCycleDetected: .redirectLoop
        case .invalidURL, .emptyHost, .emptyScheme, .missingSocketPath: .refused(.notAURL)
        default: .other(error.shortDescription.lowercased())
        }
    }

    private static func failure(toConnect error: IOError?) -> OutboundFailure {
        switch error?.errnoCode {
        case ECONNREFUSED: .connectionRefused
        case ETIMEDOUT: .connectTimedOut
        case ECONNRESET, EPIPE: .connectionClosed
        case let code: .unreachable(errno: code)
        }
    }

    /// NIOSSL is no dependency, for two words of its errors: OpenSSL's name stands in their text.
    private static func failure(ofTLS error: any Error) -> OutboundFailure {
        guard let name = "\(error)".firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/)?.output.1 else {
            return .other("\(type(of: error))")
        }
        if name == "CERTIFICATE_VERIFY_FAILED" { return .certificateNotVerified }
        return .tlsFailed(name.lowercased().replacing("_", with: " "))
    }
}

/// A connection that was refused before, or at, its establishment.
struct RefusedConnection: Error {
    var reason = OutboundFailure.Refusal.privateNetwork
}

/// An exchange took longer than it may.
struct ExchangeTimedOut: Error {}
