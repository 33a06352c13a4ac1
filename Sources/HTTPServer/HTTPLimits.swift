import HummingbirdCore
import NIOCore

/// Limits of the HTTP server, for each connection and for all of them together.
public struct HTTPLimits: Sendable, Hashable {
    /// Most open connections.
    public var connections: Int
    /// How long a connection may go without a whole request's head.
    public var idle: Duration
    /// How long a request's body may take to arrive, and an answer to be taken.
    public var request: Duration
    /// Largest head of a request, in bytes of names and values.
    public var headerBytes: Int
    /// How long connections may take to finish what is in flight when the server shuts down.
    public var drain: Duration

    /// The least rate at which a body must arrive while the server waits for it, in bytes a second; 0 for any.
    public var bodyBytesPerSecond: Int

    public init(
        connections: Int, idle: Duration, request: Duration, headerBytes: Int, drain: Duration = .seconds(15),
        bodyBytesPerSecond: Int = 1024
    ) {
        self.connections = connections
        self.idle = idle
        self.request = request
        self.headerBytes = headerBytes
        self.drain = drain
        self.bodyBytesPerSecond = bodyBytesPerSecond
    }

    /// HTTP/1.1 within the limits.
    func channel(ledger: ConnectionLedger) -> HTTP1Channel.Configuration {
        HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(ledger: ledger, limit: TimeAmount(request), bodyBytesPerSecond: bodyBytesPerSecond)
            ],
            idleTimeout: TimeAmount(idle),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes, maxHeaderFieldCount: 100))
    }
}
