public import Hummingbird
public import NIOCore

/// The context of a request that came over a connection.
public struct ConnectionContext: RequestContext, RemoteAddressRequestContext {
    /// What the router itself needs.
    public var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The peer's; nil where the socket has none any more. Asked for where it is needed: no webhook pays for it.
    public var remoteAddress: SocketAddress? { channel.remoteAddress }
}

extension RequestContext {
    /// The peer's address where the context knows it.
    public var peerAddress: SocketAddress? { (self as? any RemoteAddressRequestContext)?.remoteAddress }
}
