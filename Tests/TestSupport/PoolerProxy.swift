import NIOCore
import NIOPosix
import Synchronization

/// A proxy before a PostgreSQL server that tells clients another backend PID than their backend's, as PgBouncer does in
/// session mode. It does not take part in encryption: clients connect with `sslmode=disable&gssencmode=disable`.
public final class PoolerProxy: Sendable {
    private let channel: any Channel

    /// The port it listens on, of the loopback interface.
    public var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel) { self.channel = channel }

    /// Runs `body` with a proxy before the server on `port`; it is closed afterwards.
    public static func run<Value>(before port: Int, _ body: (PoolerProxy) async throws -> Value) async throws -> Value {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { $0.pipeline.addHandler(Relay(to: client, renumbers: true)) }
                    .connect(host: "127.0.0.1", port: port)
                    .flatMap { client.pipeline.addHandler(Relay(to: $0, renumbers: false)) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let value = try await body(PoolerProxy(channel: channel))
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }
}

/// Passes on what one side sends, and ends with it.
private final class Relay: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let peer: any Channel
    /// What the server said before it named the backend's PID; nil once it has, and for the client.
    private let greeting: Mutex<[UInt8]?>

    init(to peer: any Channel, renumbers: Bool) {
        self.peer = peer
        greeting = Mutex(renumbers ? [] : nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(buffer: unwrapInboundIn(data))
        let passed = greeting.withLock { greeting -> [UInt8] in
            guard let held = greeting else { return bytes }
            let renumbered = Self.renumbered(held + bytes)
            greeting = renumbered == nil ? held + bytes : nil
            return renumbered ?? []
        }
        peer.writeAndFlush(ByteBuffer(bytes: passed), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { peer.close(promise: nil) }

    /// The messages with another PID in BackendKeyData (`K`); nil where that has not come yet.
    private static func renumbered(_ messages: [UInt8]) -> [UInt8]? {
        var start = 0
        // A type, and the length of the rest with its own four bytes.
        while start + 5 <= messages.count {
            let length = messages[start + 1..<start + 5].reduce(0) { $0 << 8 | Int($1) }
            guard start + 1 + length <= messages.count else { return nil }
            if messages[start] == UInt8(ascii: "K") {
                var changed = messages
                changed.replaceSubrange(start + 5..<start + 9, with: [0x7F, 0xFF, 0xFF, 0xF0])
                return changed
            }
            start += 1 + length
        }
        return nil
    }
}
