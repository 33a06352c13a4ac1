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
    /// How long the connections in hand may take to end once the daemon is told to.
    var drain = Duration.seconds(15)

    /// HTTP/1.1 within the limits.
    func channel(ledger: ConnectionLedger) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [ConnectionGuard(ledger: ledger, limit: TimeAmount(request))],
            idleTimeout: TimeAmount(idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes, maxHeaderFieldCount: 100))
    }
}
