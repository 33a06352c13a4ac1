import Glibc
import Logging
import NIOCore

/// Keeps the listener open through transient errors of accept(2). An error would otherwise close it, and the daemon would
/// end because for a moment no file descriptor was free.
///
/// After a ``StopAccepting`` nothing more is accepted.
final class AcceptErrors: ChannelDuplexHandler {
    typealias InboundIn = NIOAny
    typealias OutboundIn = NIOAny

    /// How long the listener pauses after an error: its cause may last, and the connection that met it still waits.
    private static let pause = TimeAmount.milliseconds(100)

    private let logger: Logger
    private var lastLogged: NIODeadline?
    private var isPausing = false
    private var isStopped = false

    init(logger: Logger) { self.logger = logger }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let code = (error as? IOError)?.errnoCode,
            [ECONNABORTED, EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(code)
        else {
            context.fireErrorCaught(error)
            return
        }
        if !isPausing {
            isPausing = true
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: Self.pause) {
                let (handler, context) = bound.value
                handler.isPausing = false
                context.read()
            }
        }
        guard lastLogged.map({ NIODeadline.now() - $0 > .seconds(60) }) ?? true else { return }
        lastLogged = .now()
        logger.error("cannot accept a connection", metadata: ["error": "\(error)"])
    }

    func read(context: ChannelHandlerContext) {
        if !isPausing, !isStopped { context.read() }
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard event is StopAccepting else { return context.triggerUserOutboundEvent(event, promise: promise) }
        isStopped = true
        promise?.succeed()
    }
}

/// Sent to the listening channel before it is closed.
struct StopAccepting: Sendable {}
