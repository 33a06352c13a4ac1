import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Bounds what one connection may cost, where Hummingbird has no limit of its own: how long a request's body may take to
/// come and an answer to be taken, and what a malformed request is told. Tells the ``ConnectionLedger`` when the
/// connection owes no answer and so may be closed for another.
///
/// Ends a connection in order when the daemon ends: the last answer says `Connection: close` (RFC 9112, section 9.6), and
/// a connection that owes none is given a moment for the request that may be on its way.
///
/// Hummingbird's idle time-out does the rest: it counts from one request to the whole head of the next, so that a head
/// that comes in drops is no sign of life.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let ledger: ConnectionLedger
    private let limit: TimeAmount
    private var entry: ConnectionLedger.Entry?
    /// Requests begun whose answers have not ended.
    private var owed = 0
    /// Answers that have ended, but have not gone out to the last byte.
    private var leaving = 0
    /// Whether the last request begun has not ended.
    private var isReading = false
    /// Whether an answer has begun and not ended.
    private var isAnswering = false
    /// Once the guard has had the last word, nothing else is said or listened to.
    private var isClosing = false
    /// Whether the connection is to end with what is in hand.
    private var isDraining = false
    /// Whether an answer has said that it is the last one.
    private var saidClose = false
    private var readDeadline: Scheduled<Void>?
    private var writeDeadline: Scheduled<Void>?
    private var lastMoment: Scheduled<Void>?

    /// How long a connection in order of ending waits for a request that was sent before the client could know, and for
    /// the client to take the last answer and close.
    private static let moment = TimeAmount.seconds(1)

    /// - Parameter limit: the time for a request's body to come, and for an answer to be taken.
    init(ledger: ConnectionLedger, limit: TimeAmount) {
        self.ledger = ledger
        self.limit = limit
    }

    private var isIdle: Bool { owed == 0 && leaving == 0 }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        entry = ledger.opened(on: context.eventLoop) { order in
            let (handler, context) = bound.value
            switch order {
            case .closeIfIdle: if handler.isIdle { context.close(promise: nil) }
            case .drain: handler.drain(context)
            case .close: context.close(promise: nil)
            }
        }
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
        guard !isDraining, entry != nil else { return }
        isDraining = true
        if isIdle { closeSoon(context) }
    }

    /// Closes after a moment in which the client may still send a request, or after the last answer close by itself.
    private func closeSoon(_ context: ChannelHandlerContext) {
        lastMoment?.cancel()
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        lastMoment = context.eventLoop.scheduleTask(in: Self.moment) {
            let (handler, context) = bound.value
            if handler.isIdle { context.close(promise: nil) }
        }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What comes behind the request with the last answer is not listened to.
        guard !isClosing, isReading || !saidClose else { return }
        switch unwrapInboundIn(data) {
        case .head:
            lastMoment?.cancel()
            if isIdle, let entry { ledger.becameBusy(entry) }
            isReading = true
            owed += 1
        case .body: break
        case .end:
            isReading = false
            readDeadline?.cancel()
            readDeadline = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A request that came in one piece needs no clock.
        if isReading, readDeadline == nil, !isClosing {
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            readDeadline = context.eventLoop.scheduleTask(in: limit) {
                let (handler, context) = bound.value
                handler.bodyTookTooLong(context)
            }
        }
        context.fireChannelReadComplete()
    }

    private func bodyTookTooLong(_ context: ChannelHandlerContext) {
        readDeadline = nil
        guard isReading, !isClosing else { return }
        // Where earlier answers are owed, or this one has begun, nothing can be said that would not be taken for those.
        guard owed == 1, !isAnswering else {
            isClosing = true
            context.close(promise: nil)
            return
        }
        refuse(.requestTimeout, code: "request_timeout", "The request did not come in time.", context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Behind a request that is still being answered the parser's error waits for its turn: Hummingbird says 400 then.
        let isNext = isReading ? owed == 1 && !isAnswering : owed == 0
        if isNext, !isClosing, let fault = error as? HTTPParserError, context.channel.isActive {
            if fault == .headerOverflow {
                refuse(
                    .requestHeaderFieldsTooLarge, code: "header_too_large", "The request's head is too large.",
                    context)
            } else {
                refuse(.badRequest, code: "malformed_http", "The request is not valid HTTP.", context)
            }
        }
        // Who reads the body must learn that it is not whole.
        context.fireErrorCaught(error)
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
            isAnswering = true
            if isDraining, owed == 1 {
                saidClose = true
                head.headerFields[.connection] = "close"
                context.write(wrapOutboundOut(.head(head)), promise: promise)
                return
            }
        case .body: break
        case .end:
            isAnswering = false
            owed -= 1
            leaving += 1
            let sent = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            sent.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.answerHasLeft(context)
            }
            context.write(data, promise: sent)
            return
        }
        context.write(data, promise: promise)
    }

    private func answerHasLeft(_ context: ChannelHandlerContext) {
        leaving -= 1
        // Without an entry the connection is closed already.
        guard isIdle, let entry else { return }
        ledger.becameIdle(entry)
        guard isDraining else { return }
        // A client that is still sending would otherwise lose the answer to a reset; most close at once when they see the
        // end of ours.
        if saidClose { context.close(mode: .output, promise: nil) }
        closeSoon(context)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            writeDeadline?.cancel()
            writeDeadline = nil
        } else if writeDeadline == nil {
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            writeDeadline = context.eventLoop.scheduleTask(in: limit) { bound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    /// Says why, and closes.
    private func refuse(_ status: HTTPResponse.Status, code: String, _ detail: String, _ context: ChannelHandlerContext)
    {
        isClosing = true
        let body = ByteBuffer(string: #"{"code":"\#(code)","detail":"\#(detail)"}"#)
        let headers: HTTPFields = [
            .connection: "close", .contentType: "application/json", .contentLength: "\(body.readableBytes)",
        ]
        context.write(wrapOutboundOut(.head(HTTPResponse(status: status, headerFields: headers))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in bound.value.close(promise: nil) }
    }

    private func end() {
        readDeadline?.cancel()
        writeDeadline?.cancel()
        lastMoment?.cancel()
        (readDeadline, writeDeadline, lastMoment) = (nil, nil, nil)
        if let entry { ledger.closed(entry) }
        entry = nil
    }
}
