import NIOCore
import NIOPosix
import Synchronization

/// A listener on the loopback interface that records every connection and every byte it is sent.
public final class RecordingListener: Sendable {
    private let received = Mutex<[UInt8]>([])
    private let connections = Mutex(0)
    private let channel: any Channel

    /// The port it listens on.
    public var port: Int { channel.localAddress?.port ?? 0 }
    /// All that it was sent.
    public var text: String { received.withLock { String(decoding: $0, as: UTF8.self) } }
    /// The connections it accepted.
    public var connectionCount: Int { connections.withLock { $0 } }

    private final class Recorder: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer
        let heard: @Sendable ([UInt8]) -> Void
        let connected: @Sendable () -> Void

        init(connected: @escaping @Sendable () -> Void, heard: @escaping @Sendable ([UInt8]) -> Void) {
            self.connected = connected
            self.heard = heard
        }

        func channelActive(context: ChannelHandlerContext) { connected() }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            heard(Array(buffer: unwrapInboundIn(data)))
            let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
            context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
        }
    }

    /// Runs `body` with a listener that is closed afterwards.
    public static func run<Value>(_ body: (RecordingListener) async throws -> Value) async throws -> Value {
        let pending = Pending()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.pipeline.addHandler(
                    Recorder(connected: { pending.connected() }, heard: { pending.heard($0) }))
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let listener = RecordingListener(channel: channel)
        pending.listener.withLock { $0 = listener }
        do {
            let value = try await body(listener)
            try await channel.close()
            return value
        } catch {
            try await channel.close()
            throw error
        }
    }

    private final class Pending: Sendable {
        let listener = Mutex<RecordingListener?>(nil)
        func connected() { listener.withLock { $0 }?.connections.withLock { $0 += 1 } }
        func heard(_ bytes: [UInt8]) { listener.withLock { $0 }?.received.withLock { $0 += bytes } }
    }

    private init(channel: any Channel) { self.channel = channel }
}
