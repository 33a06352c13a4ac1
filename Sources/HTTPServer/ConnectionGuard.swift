import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Bounds what one connection may cost, where Hummingbird has no limit of its own: how long a request's body may take to
/// arrive and how slowly, how long an answer may take to be taken, and what a malformed request is answered. Tells the ``ConnectionLedger`` when the
/// connection owes no answer and so may be closed for another.
///
/// Ends a connection in order when the daemon ends: the last answer says `Connection: close` (RFC 9112, section 9.6), and
/// a connection that owes none stays open for a moment, for a request that was sent before the client could know.
///
/// Hummingbird's idle timeout does the rest: it counts from one request to the whole head of the next, so that a head
/// that arrives byte by byte does not keep a connection open.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Where the connection is in its life.
    private enum State {
        /// Not yet in the ledger.
        case new
        /// Requests are read and answered.
        case open(ConnectionLedger.Entry)
        /// The daemon ends: what is in flight is finished. `saidClose` once an answer has said that it is the last one;
        /// what follows its request is not read.
        case draining(ConnectionLedger.Entry, saidClose: Bool)
        /// The guard has refused a request and closes: nothing more is read or written.
        case closing(ConnectionLedger.Entry)
        /// No longer in the ledger.
        case closed
    }

    /// The requests and answers in flight.
    private struct Exchange {
        /// Requests begun whose answers have not ended.
        var owed = 0
        /// Answers that have ended, but have not been sent to the last byte.
        var leaving = 0
        /// Whether the last request begun has not ended.
        var isReading = false
        /// Whether an answer has begun and not ended.
        var isAnswering = false

        var isIdle: Bool { owed == 0 && leaving == 0 }

        /// Whether an answer that is written now is that of the request being read, or of the next one. Where earlier
        /// answers are owed, or this one has begun, it would be taken for one of those.
        var canBeRefused: Bool { isReading ? owed == 1 && !isAnswering : owed == 0 }
    }

    /// The clocks that run.
    private struct Deadlines {
        var read: Scheduled<Void>?
        var write: Scheduled<Void>?
        var close: Scheduled<Void>?

        func cancel() {
            read?.cancel()
            write?.cancel()
            close?.cancel()
        }
    }

    private let ledger: ConnectionLedger
    private let limit: TimeAmount
    private let bodyBytesPerSecond: Int
    private var state = State.new
    private var exchange = Exchange()
    private var deadlines = Deadlines()
    /// When the body that is read now began, and how fast it comes; nil for none, and for one that came in one piece.
    private var body: (began: NIODeadline, pace: BodyPace)?

    /// How long a draining connection waits for a request that was sent before the client could know, and for the client
    /// to take the last answer and close.
    private static let lastMoment = TimeAmount.seconds(1)

    /// - Parameters:
    ///   - limit: the time for a request's body to arrive, and for an answer to be taken.
    ///   - bodyBytesPerSecond: the least rate of a body, see ``BodyPace``; 0 for any.
    init(ledger: ConnectionLedger, limit: TimeAmount, bodyBytesPerSecond: Int) {
        self.ledger = ledger
        self.limit = limit
        self.bodyBytesPerSecond = bodyBytesPerSecond
    }

    /// Nil while the connection is not in the ledger.
    private var entry: ConnectionLedger.Entry? {
        switch state {
        case .open(let entry), .draining(let entry, _), .closing(let entry): entry
        case .new, .closed: nil
        }
    }

    private var isClosing: Bool { if case .closing = state { true } else { false } }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        state = .open(
            ledger.opened(on: context.eventLoop) { order in
                let (handler, context) = bound.value
                switch order {
                case .closeIfIdle: if handler.exchange.isIdle { context.close(promise: nil) }
                case .closeIfReading: handler.bodyIsTooSlow(context)
                case .drain: handler.drain(context)
                case .close: context.close(promise: nil)
                }
            })
        // What has been read but not asked for yet is bounded in parts, not in bytes: smaller parts bound the bytes.
        // An option that cannot be set leaves the default in place.
        _ = context.channel.setOption(
            .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 2048, maximum: 16384))
    }

    func handlerRemoved(context: ChannelHandlerContext) { end() }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    // MARK: The end

    private func drain(_ context: ChannelHandlerContext) {
        switch state {
        case .open(let entry): state = .draining(entry, saidClose: false)
        case .closing: break
        case .new, .draining, .closed: return
        }
        if exchange.isIdle { closeSoon(context) }
    }

    /// Closes after a moment in which the client may still send a request, or close after the last answer by itself.
    private func closeSoon(_ context: ChannelHandlerContext) {
        deadlines.close?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadlines.close = context.eventLoop.scheduleTask(in: Self.lastMoment) {
            let (handler, context) = bound.value
            if handler.exchange.isIdle { context.close(promise: nil) }
        }
    }

    private func end() {
        deadlines.cancel()
        deadlines = Deadlines()
        if let entry { ledger.closed(entry) }
        state = .closed
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch state {
        case .closing: return
        case .draining(_, saidClose: true): guard exchange.isReading else { return }
        case .new, .open, .draining, .closed: break
        }
        switch unwrapInboundIn(data) {
        case .head:
            deadlines.close?.cancel()
            if exchange.isIdle, let entry { ledger.becameBusy(entry) }
            exchange.isReading = true
            exchange.owed += 1
        case .body(let part):
            body?.pace.arrived(part.readableBytes, at: .now())
            if body != nil, let entry { ledger.received(part.readableBytes, on: entry) }
        case .end:
            exchange.isReading = false
            deadlines.read?.cancel()
            deadlines.read = nil
            if body != nil, let entry { ledger.bodyEnded(on: entry) }
            body = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that arrived in one piece needs no clock.
        if exchange.isReading, deadlines.read == nil, !isClosing {
            let now = NIODeadline.now()
            body = (now, BodyPace(leastRate: bodyBytesPerSecond))
            if let entry { ledger.bodyBegan(on: entry, at: now) }
            lookAtBody(in: min(limit, BodyPace.window), context)
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        body?.pace.waits(at: .now())
        context.read()
    }

    private func lookAtBody(in time: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        deadlines.read = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            handler.lookAtBody(context)
        }
    }

    private func lookAtBody(_ context: ChannelHandlerContext) {
        deadlines.read = nil
        guard exchange.isReading, !isClosing, let began = body?.began else { return }
        let now = NIODeadline.now()
        let left = limit - (now - began)
        guard left > .zero, body?.pace.isTooSlow(at: now) == false else { return bodyIsTooSlow(context) }
        lookAtBody(in: min(left, BodyPace.window), context)
    }

    private func bodyIsTooSlow(_ context: ChannelHandlerContext) {
        guard exchange.isReading, !isClosing else { return }
        guard exchange.canBeRefused else {
            beginClosing()
            context.close(promise: nil)
            return
        }
        refuse(.requestTimeout, code: "request_timeout", "The request did not arrive in time.", context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // After a request that is still being answered the parser's error waits for its turn: Hummingbird answers 400 then.
        if exchange.canBeRefused, !isClosing, let fault = error as? HTTPParserError, context.channel.isActive {
            if fault == .headerOverflow {
                refuse(
                    .requestHeaderFieldsTooLarge, code: "header_too_large", "The request's head is too large.",
                    context)
            } else {
                refuse(.badRequest, code: "malformed_http", "The request is not valid HTTP.", context)
            }
        }
        // The reader of the body must learn that it is truncated.
        context.fireErrorCaught(error)
    }

    /// Says why, and closes.
    private func refuse(_ status: HTTPResponse.Status, code: String, _ detail: String, _ context: ChannelHandlerContext)
    {
        beginClosing()
        let body = ByteBuffer(string: #"{"code":"\#(code)","detail":"\#(detail)"}"#)
        let headers: HTTPFields = [
            .connection: "close", .contentType: "application/json", .contentLength: "\(body.readableBytes)",
        ]
        context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func beginClosing() {
        if let entry { state = .closing(entry) }
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            // An interim answer (1xx) is not the answer.
            guard head.status.kind != .informational else { break }
            exchange.isAnswering = true
            if case .draining(let entry, _) = state, exchange.owed == 1 {
                state = .draining(entry, saidClose: true)
                head.headerFields[.connection] = "close"
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                return
            }
        case .body: break
        case .end:
            exchange.isAnswering = false
            exchange.owed -= 1
            exchange.leaving += 1
            let sent = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            sent.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.answerWasSent(context)
            }
            context.write(data, promise: sent)
            return
        }
        context.write(data, promise: promise)
    }

    private func answerWasSent(_ context: ChannelHandlerContext) {
        exchange.leaving -= 1
        // Without an entry the connection is closed already.
        guard exchange.isIdle, let entry else { return }
        ledger.becameIdle(entry)
        guard case .draining(_, let saidClose) = state else { return }
        // A client that is still sending would otherwise lose the answer to a reset; most close at once when they see the
        // end of ours.
        if saidClose { context.close(mode: .output, promise: nil) }
        closeSoon(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            deadlines.write?.cancel()
            deadlines.write = nil
        } else if deadlines.write == nil {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            deadlines.write = context.eventLoop.scheduleTask(in: limit) { bound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }
}
