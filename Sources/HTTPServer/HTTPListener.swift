import Foundation
import Glibc
public import Hummingbird
import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
import NIOPosix
public import ServiceLifecycle
import Synchronization

/// The HTTP server: Hummingbird's connections and router behind a listener of our own.
///
/// Hummingbird's server binds an address itself; this one also takes a listening socket that systemd holds, in whose queue
/// connections wait while one daemon ends and the next one starts. Nor does Hummingbird's server drain: it closes
/// connections on which a request may be in flight, and forgets those that it has just accepted, which then keep it
/// from ending. Here accepting stops first, then every connection gets its answer and is closed.
public struct HTTPListener<Responder: HTTPResponder>: Service
where Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
    private let responder: Responder
    private let place: ListeningPlace
    private let limits: HTTPLimits
    private let ledger: ConnectionLedger
    private let serverName: String
    private let onListening: @Sendable (any Channel) -> Void
    private let onDraining: @Sendable () -> Void
    private let logger: Logger

    private let group = MultiThreadedEventLoopGroup.singleton

    /// - Parameters:
    ///   - ledger: counts the connections.
    ///   - serverName: the `Server` header of every answer.
    ///   - onListening: called with the listening channel once it accepts.
    ///   - onDraining: called once, when nothing more is going to be accepted.
    public init(
        responder: Responder, place: ListeningPlace, limits: HTTPLimits, ledger: ConnectionLedger,
        serverName: String, logger: Logger,
        onListening: @escaping @Sendable (any Channel) -> Void, onDraining: @escaping @Sendable () -> Void
    ) {
        self.responder = responder
        self.place = place
        self.limits = limits
        self.ledger = ledger
        self.serverName = serverName
        self.logger = logger
        self.onListening = onListening
        self.onDraining = onDraining
    }

    /// Accepts until a graceful shutdown, then finishes what is in flight. Throws when the address cannot be bound, or the
    /// listener fails for good.
    public func run() async throws {
        let http = HTTP1Channel(responder: answer(), configuration: limits.channel(ledger: ledger))
        let listener = try await bind(http)
        onListening(listener.channel)
        var deadline: Scheduled<Void>?
        defer { deadline?.cancel() }
        try await withThrowingDiscardingTaskGroup { connections in
            var failure: (any Error)?
            do {
                try await withGracefulShutdownHandler {
                    try await listener.executeThenClose { accepted in
                        for try await connection in accepted {
                            connections.addTask { await http.handle(value: connection, logger: logger) }
                        }
                    }
                } onGracefulShutdown: {
                    onDraining()
                    stopAccepting(listener.channel)
                }
            } catch {
                logger.error("listener failed", metadata: ["error": "\(error)"])
                failure = error
            }
            ledger.drain()
            // The group ends when the last connection has.
            deadline = listener.channel.eventLoop.scheduleTask(in: TimeAmount(limits.drain)) { ledger.closeAll() }
            if let failure { throw failure }
        }
    }

    /// Stops accepting, and lets what is accepted already reach its connection's handlers. Only then the listener is closed,
    /// which leaves the rest in the queue of a socket that systemd holds. (NIO ends the process when it finds a listener
    /// closed that has a connection half set up.)
    private func stopAccepting(_ channel: any Channel) {
        let loops = group.makeIterator().map { $0 }
        // A connection goes from the listener's event loop to its own and back, first for its options, then for its handlers.
        @Sendable func afterThoseUnderWay(_ rounds: Int) -> EventLoopFuture<Void> {
            guard rounds > 0 else { return channel.eventLoop.makeSucceededVoidFuture() }
            return EventLoopFuture.andAllComplete(loops.map { $0.submit {} }, on: channel.eventLoop)
                .flatMap { afterThoseUnderWay(rounds - 1) }
        }
        channel.triggerUserOutboundEvent(StopAccepting())
            .flatMap { channel.setOption(.autoRead, value: false) }
            .flatMap { afterThoseUnderWay(3) }
            // All this fails only where the listener is closed already.
            .whenComplete { _ in channel.close(promise: nil) }
    }

    private func bind(
        _ http: HTTP1Channel
    ) async throws -> NIOAsyncChannel<HTTP1Channel.Value, Never> {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers([
                        AcceptErrors(logger: logger),
                        AvailableConnectionsChannelHandler(
                            delegate: MaximumAvailableConnections(limits.connections, logger: logger)),
                    ])
                }
            }
        let setUp: @Sendable (any Channel) -> EventLoopFuture<HTTP1Channel.Value> = { channel in
            http.setup(channel: channel, logger: logger).flatMapThrowing { value in
                // Before the translation that keeps only one of several.
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(
                    HostCheck(), position: .before(try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)))
                return value
            }
        }
        switch place {
        case .address(let host, let port):
            return try await bootstrap.bind(host: host, port: port, childChannelInitializer: setUp)
        case .inherited(let descriptor):
            return try await bootstrap.bind(descriptor, childChannelInitializer: setUp)
        }
    }

    /// Connections that may wait for accept(2) on a socket of our own; as many as systemd gives its sockets.
    private static var backlog: ChannelOptions.Types.BacklogOption.Value { 4096 }

    /// Answers one request by the router, with the headers that every answer has.
    private func answer() -> HTTPChannelHandler.Responder {
        let dates = DateHeader()
        let (responder, serverName, logger) = (responder, serverName, logger)
        return { request, writer, channel in
            var requestLogger = logger
            requestLogger[metadataKey: "hb.request.id"] = .stringConvertible(RequestID())
            let context = Responder.Context(
                source: ApplicationRequestContextSource(channel: channel, logger: requestLogger))
            var response: Response
            do {
                response = try await responder.respond(to: request, context: context)
            } catch let error as HTTPParserError {
                // The connection's handlers answer what is no HTTP.
                throw error
            } catch {
                requestLogger.error("request failed", metadata: ["error": "\(error)"])
                response = Response(status: .internalServerError)
            }
            response.headers[.date] = dates.value
            response.headers[.server] = serverName
            do {
                try await writer.write(response: response.head, body: response.body)
            } catch is HTTPParserError {
                // The request's body turned out to be no HTTP while the answer was under way: another answer cannot
                // follow.
                throw BrokenOff()
            }
        }
    }
}

/// Where the HTTP server listens.
public enum ListeningPlace: Sendable {
    /// An address of its own; port 0 for a free one.
    case address(host: String, port: Int)
    /// A listening socket that somebody else has bound, as systemd (`consilod.socket`); closed by the server.
    case inherited(descriptor: CInt)
}

/// An answer that cannot be finished.
private struct BrokenOff: Error {}

/// The `Date` header (RFC 9110, section 6.6.1), made once a second.
private final class DateHeader: Sendable {
    private let latest = Mutex((second: time_t(0), text: ""))

    var value: String {
        let now = time(nil)
        return latest.withLock { latest in
            if latest.second != now { latest = (now, Self.text(of: now)) }
            return latest.text
        }
    }

    private static func text(of second: time_t) -> String {
        var (second, parts) = (second, tm())
        gmtime_r(&second, &parts)
        var buffer = [CChar](repeating: 0, count: 40)
        // In the C locale, which is that of a program that never called setlocale(3).
        let length = strftime(&buffer, buffer.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: buffer.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
