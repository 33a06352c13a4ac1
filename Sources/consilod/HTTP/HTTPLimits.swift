import HummingbirdCore
import NIOCore

/// What the HTTP server gives each connection and all of them together.
struct HTTPLimits: Sendable, Hashable {
    /// Most open connections.
    var connections: Int
    /// How long a connection may go without a whole request's head.
    var idle: Duration
    /// How long a request's body may take to come, and an answer to be taken.
    var request: Duration
    /// Largest head of a request, in bytes of names and values.
    var headerBytes: Int
}

extension HTTPServerBuilder {
    /// HTTP/1.1 within the limits.
    static func guarded(_ limits: HTTPLimits) -> HTTPServerBuilder {
        let ledger = ConnectionLedger(limit: limits.connections)
        return .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(ledger: ledger, limit: TimeAmount(limits.request))],
                idleTimeout: TimeAmount(limits.idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
                    maxHeaderFieldCount: 100)))
    }
}
