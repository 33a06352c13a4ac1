public import Billing
public import Domain
import HTTPServer
import HTTPTypes
public import Hummingbird
public import Logging
import NIOCore

/// Where verified events of Stripe are kept.
public protocol StripeInbox: Sendable {
    /// Returns after the event is committed to disk (P1), or was there already (P2).
    func appendStripeEvent(_ event: StripeEvent, now: Timestamp) async throws -> StripeEventOutcome
}

/// Stripe's events: `POST /webhooks/stripe`, and `POST /api/webhooks/stripe` as the original product had it.
///
/// The order of the checks is that of Jira's: size, signature over the raw bytes, and only then the content. An event is answered
/// 2xx after it is committed to disk. Stripe sends what is answered otherwise again for three days; what is refused because of
/// this host's configuration is taken then, once that is fixed.
public struct StripeWebhookController: Sendable {
    /// Largest body: an event is some kilobytes, an invoice with many lines some hundred.
    static let bodyLimit = 1 << 20
    /// Bytes of bodies in flight over all connections.
    private static let bytesInFlight = 16 << 20

    private let signature: StripeSignature
    private let mode: StripeMode
    private let inbox: any StripeInbox
    private let bytesInHand = BytesInHand(limit: StripeWebhookController.bytesInFlight)
    private let now: @Sendable () -> Timestamp
    private let nudge: @Sendable () -> Void
    private let metrics: StripeMetrics
    private let log: BoundedLog

    /// - Parameters:
    ///   - signature: what events are signed with.
    ///   - mode: the mode of the events that are taken.
    ///   - inbox: where they are kept.
    ///   - now: the instant an event is received at, and compared with its signature's.
    ///   - nudge: called after an event was stored that has a subscription fetched.
    ///   - metrics: what is counted.
    ///   - logger: gets what was refused, and failures of ours; never what an event holds.
    public init(
        signature: StripeSignature, mode: StripeMode, inbox: any StripeInbox, now: @escaping @Sendable () -> Timestamp,
        nudge: @escaping @Sendable () -> Void, metrics: StripeMetrics = StripeMetrics(), logger: Logger
    ) {
        self.signature = signature
        self.mode = mode
        self.inbox = inbox
        self.now = now
        self.nudge = nudge
        self.metrics = metrics
        log = BoundedLog(logger, now: { .now })
    }

    /// Adds the routes, answered with a small JSON object: `{"status":"stored"}`, `ignored` or `duplicate` (200), else
    /// `{"code":…,"detail":…}` as the query API's errors.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        for path in ["/webhooks/stripe", "/api/webhooks/stripe"] {
            router.group().add(middleware: SecurityHeaders()).post(RouterPath(path)) { request, _ in
                await answer(request)
            }
        }
    }

    /// Why an event is not taken.
    private enum Refusal: Error {
        case badSignature, stale, otherMode, malformed, tooLarge, overloaded, unavailable

        var outcome: StripeMetrics.EventOutcome {
            switch self {
            case .badSignature: .badSignature
            case .stale: .stale
            case .otherMode: .otherMode
            case .malformed: .malformed
            case .tooLarge: .tooLarge
            case .overloaded: .overloaded
            case .unavailable: .unavailable
            }
        }
    }

    private func answer(_ request: Request) async -> Response {
        do throws(Refusal) {
            switch try await receive(request) {
            case .stored:
                metrics.count(.stored)
                return Self.response(.ok, #"{"status":"stored"}"#)
            case .ignored:
                metrics.count(.ignored)
                return Self.response(.ok, #"{"status":"ignored"}"#)
            case .duplicate:
                metrics.count(.duplicate)
                return Self.response(.ok, #"{"status":"duplicate"}"#)
            }
        } catch {
            metrics.count(error.outcome)
            return response(to: error)
        }
    }

    private func receive(_ request: Request) async throws(Refusal) -> StripeEventOutcome {
        let length = max(0, request.headers[.contentLength].flatMap(Int.init) ?? 0)
        guard length <= Self.bodyLimit else { throw .tooLarge }
        guard let name = HTTPField.Name("Stripe-Signature"), let header = request.headers[name] else {
            throw .badSignature
        }
        guard bytesInHand.hasRoom(for: length) else { throw .overloaded }
        var counted = 0
        defer { bytesInHand.giveBack(counted) }
        let body = try await body(of: request, length: length, counting: &counted)
        let now = now()
        do throws(StripeSignature.Refusal) {
            try signature.verify(body, header: header, now: now)
        } catch {
            throw error == .outsideTolerance ? Refusal.stale : Refusal.badSignature
        }
        let event: StripeEvent
        do throws(StripeEventDecoder.Refusal) {
            event = try StripeEventDecoder.event(of: body, mode: mode)
        } catch {
            throw error == .otherMode ? Refusal.otherMode : Refusal.malformed
        }
        do {
            let outcome = try await inbox.appendStripeEvent(event, now: now)
            if outcome == .stored { nudge() }
            return outcome
        } catch {
            log.log(.error, "cannot store an event of Stripe", tenant: nil, ["error": "\(error)"])
            throw .unavailable
        }
    }

    private func body(
        of request: Request, length: Int, counting counted: inout Int
    ) async throws(Refusal) -> [UInt8] {
        var body: [UInt8] = []
        do {
            for try await part in request.body {
                guard body.count + part.readableBytes <= Self.bodyLimit else { throw Refusal.tooLarge }
                guard bytesInHand.take(part.readableBytes) else { throw Refusal.overloaded }
                counted += part.readableBytes
                if body.isEmpty { body.reserveCapacity(length) }
                body.append(contentsOf: part.readableBytesView)
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            // The connection broke in the middle, or the body is malformed HTTP: no answer can be sent, and Stripe tries again.
            throw .unavailable
        }
        return body
    }

    private func response(to refusal: Refusal) -> Response {
        let (status, detail): (HTTPResponse.Status, String) =
            switch refusal {
            // As the original product answers it.
            case .badSignature: (.badRequest, "Stripe-Signature does not match the body.")
            case .stale: (.badRequest, "Stripe-Signature is more than 300 seconds from this host's time.")
            case .otherMode: (.badRequest, "This host takes events of the mode \(mode.rawValue) only.")
            case .malformed: (.badRequest, "The body is no event of Stripe.")
            case .tooLarge: (.contentTooLarge, "The body is larger than \(Self.bodyLimit) bytes.")
            case .overloaded, .unavailable: (.serviceUnavailable, "The event cannot be stored now.")
            }
        let code = refusal.outcome.rawValue
        switch refusal {
        case .otherMode: log.log(.error, "event of Stripe refused", tenant: nil, code: code, [:])
        case .badSignature, .stale, .malformed, .tooLarge:
            log.log(.warning, "event of Stripe refused", tenant: nil, code: code, [:])
        case .overloaded, .unavailable: break
        }
        return Self.response(status, #"{"code":"\#(code)","detail":"\#(detail)"}"#)
    }

    private static func response(_ status: HTTPResponse.Status, _ json: String) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: json)))
    }
}
