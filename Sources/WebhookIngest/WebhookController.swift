import Crypto
public import Domain
import Foundation
import HTTPServer
import HTTPTypes
public import Hummingbird
public import JiraCloud
public import Logging
import NIOCore
import Synchronization
public import WorkLoop

/// Jira's webhooks: `POST /webhooks/jira/{tenant-id}`; and where they are taken, the requests of Jira Automation.
///
/// The order of the checks is part of the contract: tenant, size, signature over the raw bytes, rate, and only then the
/// content, so that a client without the secret learns no more than that a tenant exists, and uses up nothing of the
/// tenant's rate. Everything that can be refused without the body is checked first. A delivery is answered 2xx after it is
/// committed to disk (P1). Answers after which Jira retries (429, 503) are kept apart from those after which it drops the
/// delivery (other 4xx): a failure of ours never gets one of the latter.
public struct WebhookController: Sendable {
    private let secrets: any WebhookSecretSource
    /// Nil where requests of Jira Automation are not taken.
    let automationTokens: (any WebhookSecretSource)?
    private let inbox: any WebhookInbox
    let decoder: JiraWebhookDecoder
    let limits: WebhookLimits
    let bytesInHand: BytesInHand
    let unverified: UnverifiedBodies
    private let recent: RecentBodies
    let threads: SharedThreads<TenantID>
    private let buckets: TenantBuckets?
    private let retryAfterSeconds: Int
    private let now: @Sendable () -> Timestamp
    private let monotonicNow: @Sendable () -> ContinuousClock.Instant
    private let nudge: @Sendable () -> Void
    private let metrics: WebhookMetrics
    let log: BoundedLog

    /// - Parameters:
    ///   - secrets: what each tenant's webhooks are signed with.
    ///   - automationTokens: the hashes of what each tenant's requests of Jira Automation carry, in lower-case hexadecimal
    ///     digits; nil where such requests are not taken.
    ///   - inbox: where they are kept.
    ///   - decoder: tells whom a body concerns.
    ///   - limits: what is taken at most.
    ///   - threads: where the signatures of large bodies are checked, and their contents looked at.
    ///   - retryAfterSeconds: told to Jira with 503.
    ///   - now: the instant a webhook is received at.
    ///   - monotonicNow: the clock of the rates; never set back.
    ///   - nudge: called after a webhook was stored, to wake the rescorer.
    ///   - metrics: what is counted.
    ///   - logger: gets what was refused or not understood, and failures of ours; never what a webhook holds.
    public init(
        secrets: any WebhookSecretSource, automationTokens: (any WebhookSecretSource)? = nil,
        inbox: any WebhookInbox, decoder: JiraWebhookDecoder,
        limits: WebhookLimits = WebhookLimits(), threads: SharedThreads<TenantID>, retryAfterSeconds: Int = 30,
        now: @escaping @Sendable () -> Timestamp,
        monotonicNow: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        nudge: @escaping @Sendable () -> Void, metrics: WebhookMetrics = WebhookMetrics(), logger: Logger
    ) {
        self.secrets = secrets
        self.automationTokens = automationTokens
        self.inbox = inbox
        self.threads = threads
        unverified = UnverifiedBodies(bodies: limits.unverifiedBodies, bytes: limits.unverifiedBytes)
        self.decoder = decoder
        self.limits = limits
        recent = RecentBodies(capacity: limits.rememberedBodies)
        bytesInHand = BytesInHand(limit: limits.bytesInHand)
        buckets = limits.rate > 0 ? TenantBuckets(rate: limits.rate, burst: limits.burst) : nil
        self.retryAfterSeconds = retryAfterSeconds
        self.now = now
        self.monotonicNow = monotonicNow
        self.nudge = nudge
        self.metrics = metrics
        log = BoundedLog(logger, now: monotonicNow)
    }

    /// Bytes of webhook bodies that all connections hold now.
    public var webhookBytesInHand: Int { bytesInHand.held }

    /// Adds `POST /webhooks/jira/{tenant-id}`, answered with a small JSON object: `{"status":"stored"}` or
    /// `{"status":"duplicate"}` (202), else `{"code":…,"detail":…}` as the query API's errors. And where requests of Jira
    /// Automation are taken, `POST /webhooks/automation/{tenant-id}`, answered alike.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        router.group().add(middleware: SecurityHeaders()).post("/webhooks/jira/{tenant-id}") { request, context in
            let tenantID = context.parameters.get("tenant-id").flatMap { TenantID($0) }
            return await answer(to: tenantID) { () async throws(Refusal) in
                try await receive(request, tenantID: tenantID)
            }
        }
        guard let automationTokens else { return }
        router.group().add(middleware: SecurityHeaders()).post("/webhooks/automation/{tenant-id}") { request, context in
            let tenantID = context.parameters.get("tenant-id").flatMap { TenantID($0) }
            return await answer(to: tenantID) { () async throws(Refusal) in
                try await receiveAutomation(request, tenantID: tenantID, tokens: automationTokens)
            }
        }
    }

    /// The answer to a request, which is counted, and logged where it is refused.
    private func answer(
        to tenantID: TenantID?, _ receive: () async throws(Refusal) -> InboxOutcome
    ) async -> Response {
        let began = monotonicNow()
        do throws(Refusal) {
            let outcome = try await receive()
            metrics.committed(after: monotonicNow() - began)
            metrics.count(outcome == .stored ? .stored : .duplicate)
            return Self.response(.accepted, #"{"status":"\#(outcome == .stored ? "stored" : "duplicate")"}"#)
        } catch {
            metrics.count(error.outcome)
            if let tenantID { note(error, tenantID: tenantID) }
            return response(to: error)
        }
    }

    /// Why a delivery was refused.
    enum Refusal: Error {
        case unknownTenant, tooLarge, badSignature, badToken, notJSONMedia, encoded, notJSON, overloaded, unavailable
        case unsupportedEvent
        case rateLimited(retryAfter: Duration)

        /// As it is counted.
        var outcome: WebhookMetrics.Outcome {
            switch self {
            case .unknownTenant: .unknownTenant
            case .tooLarge: .tooLarge
            // Neither shows who it is: the same code.
            case .badSignature, .badToken: .badSignature
            case .notJSONMedia: .notJSONMedia
            case .encoded: .encoded
            case .notJSON: .notJSON
            case .unsupportedEvent: .unsupportedEvent
            case .rateLimited: .rateLimited
            case .overloaded: .overloaded
            case .unavailable: .unavailable
            }
        }

        /// The stable code of the answer.
        var code: String { outcome.rawValue }
    }

    private func receive(_ request: Request, tenantID: TenantID?) async throws(Refusal) -> InboxOutcome {
        guard let tenantID, let secrets = try await secrets(of: tenantID) else { throw .unknownTenant }
        let length = max(0, request.headers[.contentLength].flatMap(Int.init) ?? 0)
        guard length <= limits.bodyBytes else { throw .tooLarge }
        guard let signature = Signature(request.headers.value(JiraHeader.signature)) else { throw .badSignature }
        guard bytesInHand.hasRoom(for: length) else { throw .overloaded }
        var counted = 0
        defer { bytesInHand.giveBack(counted) }
        let body = try await signedBody(
            of: request, tenantID: tenantID, length: length, signature, secrets, counting: &counted)
        try checkRate(of: tenantID)
        try Self.checkMedia(request.headers)
        // The same body under another name.
        if recent.contains(signature, of: tenantID) { return .duplicate }
        let outcome = try await keep(
            body, of: tenantID, try await route(body, of: tenantID), deliveryID: Self.deliveryID(request.headers, body),
            retryCount: Self.retryCount(request.headers))
        recent.insert(signature, of: tenantID)
        return outcome
    }

    /// Takes one of what the tenant may still send.
    func checkRate(of tenantID: TenantID) throws(Refusal) {
        if let wait = buckets?.wait(of: tenantID, at: monotonicNow()) { throw .rateLimited(retryAfter: wait) }
    }

    static func checkMedia(_ headers: HTTPFields) throws(Refusal) {
        guard isPlain(headers[.contentEncoding]) else { throw .encoded }
        guard isJSON(headers[.contentType]) else { throw .notJSONMedia }
    }

    /// Counts a part of a body that has arrived against all limits, or throws.
    ///
    /// - Parameters:
    ///   - bytes: how many of the body came before it.
    ///   - counted: what is to be given back when the body is done with.
    func count(
        _ part: ByteBuffer, behind bytes: Int, of tenantID: TenantID, in counted: inout Int
    ) throws(Refusal) {
        guard bytes + part.readableBytes <= limits.bodyBytes else { throw .tooLarge }
        guard bytesInHand.take(part.readableBytes) else { throw .overloaded }
        guard unverified.take(part.readableBytes, of: tenantID) else {
            bytesInHand.giveBack(part.readableBytes)
            throw .overloaded
        }
        counted += part.readableBytes
    }

    private func secrets(of tenantID: TenantID) async throws(Refusal) -> [[UInt8]]? {
        do {
            return try await secrets.webhookSecrets(for: tenantID)
        } catch {
            log.log(.error, "cannot read webhook secrets", tenant: "\(tenantID)", ["error": "\(error)"])
            throw .unavailable
        }
    }

    /// Whether the tenant has a secret that cannot be opened now.
    private func mayVerifyLater(_ tenantID: TenantID) async -> Bool {
        do { return try await secrets.hasUnreadableSecrets(for: tenantID) } catch { return true }
    }

    /// The body, if one of the secrets signed it.
    ///
    /// - Parameter length: as announced; 0 where it is not.
    private func signedBody(
        of request: Request, tenantID: TenantID, length: Int, _ signature: Signature, _ secrets: [[UInt8]],
        counting counted: inout Int
    ) async throws(Refusal) -> [UInt8] {
        guard unverified.begin(of: tenantID, length: length) else { throw .overloaded }
        defer { unverified.end(of: tenantID, bytes: counted) }
        var body: [UInt8] = []
        var check = BodyCheck(SignatureVerifier(secrets: secrets), threads: threads, tenantID: tenantID)
        do {
            for try await part in request.body {
                try count(part, behind: body.count, of: tenantID, in: &counted)
                // Not before the first byte. Memory that is never written to takes up addresses only.
                if body.isEmpty { body.reserveCapacity(length) }
                body.append(contentsOf: part.readableBytesView)
                try await check.take(part)
            }
            guard try await check.verifies(signature) else {
                // Jira drops what is answered 401 for good: not what a secret that cannot be opened might verify.
                throw await mayVerifyLater(tenantID) ? Refusal.unavailable : Refusal.badSignature
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            // The connection broke in the middle, or the body is malformed HTTP: no answer can be sent, and Jira retries.
            throw .unavailable
        }
        return body
    }

    /// Bytes of a body beyond which it is looked at on threads of its own.
    static let largeBody = 256 << 10

    private func route(_ body: [UInt8], of tenantID: TenantID) async throws(Refusal) -> WebhookRoute {
        do {
            guard body.count > Self.largeBody else { return try decoder.envelope(of: body) }
            return try await threads.run(for: tenantID) { [decoder] in try decoder.envelope(of: body) }
        } catch {
            throw .notJSON
        }
    }

    /// Stores a body under the name by which a repetition of it is known; returns when it is on disk.
    func keep(
        _ body: [UInt8], of tenantID: TenantID, _ route: WebhookRoute, deliveryID: String, retryCount: Int = 0
    ) async throws(Refusal) -> InboxOutcome {
        let delivery = WebhookDelivery(
            tenantID: tenantID, deliveryID: deliveryID, receivedAt: now(),
            event: route.event, sentAt: route.sentAt, retryCount: retryCount, routing: route.routing,
            body: body)
        if case .rejected(let reason) = route.routing {
            log.log(.warning, "webhook stored but not understood", tenant: "\(tenantID)", ["reason": "\(reason)"])
        }
        do {
            let outcome = try await inbox.append(prepared(delivery))
            if outcome == .stored { nudge() }
            return outcome
        } catch let error as StorageError where error.code == .stale {
            throw .unknownTenant
        } catch {
            log.log(.error, "cannot store webhook", tenant: "\(tenantID)", ["error": "\(error)"])
            throw .unavailable
        }
    }

    private func prepared(_ delivery: WebhookDelivery) async throws -> WebhookDelivery {
        guard delivery.body.count > Self.largeBody else { return delivery }
        return try await threads.run(for: delivery.tenantID) { [inbox] in inbox.prepared(delivery) }
    }

    /// Jira's identifier of the delivery, the same across its retries; without one, what the body is.
    private static func deliveryID(_ headers: HTTPFields, _ body: [UInt8]) -> String {
        let identifier = headers.value(JiraHeader.identifier).map {
            String(Substring($0.utf8.trimmingSpace))
        }
        if let identifier, !identifier.isEmpty, identifier.utf8.count <= 255 { return identifier }
        return name(of: body)
    }

    /// What a body is known by that has no other name.
    static func name(of body: [UInt8]) -> String { "sha256:" + SHA256.hash(data: body).hexadecimal }

    /// How often Jira had tried before; the first time it does not say.
    private static func retryCount(_ headers: HTTPFields) -> Int {
        max(0, headers.value(JiraHeader.retry).flatMap { Int($0) } ?? 0)
    }

    /// Whether a content type is JSON (`application/json`, or any with the suffix `+json` of RFC 6839); none at all is
    /// taken as such.
    private static func isJSON(_ contentType: String?) -> Bool {
        // As Jira sends it.
        guard let contentType, contentType != "application/json" else { return true }
        let media = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return media == "application/json" || (media.contains("/") && media.hasSuffix("+json"))
    }

    /// Whether a content coding leaves the body as it is. Jira compresses nothing, and what is signed is the body as it
    /// was sent: unpacked it would not be what was signed.
    private static func isPlain(_ contentEncoding: String?) -> Bool {
        guard let contentEncoding else { return true }
        return ["", "identity"].contains(contentEncoding.trimmingCharacters(in: .whitespaces).lowercased())
    }

    /// Logs what Jira drops, and what the tenant's owner must know. Not unknown tenants, with which any client could fill
    /// the log; and failures of ours are logged where their cause is known.
    private func note(_ refusal: Refusal, tenantID: TenantID) {
        switch refusal {
        case .tooLarge, .badSignature, .badToken, .notJSONMedia, .encoded, .notJSON, .unsupportedEvent:
            log.log(.warning, "webhook refused", tenant: "\(tenantID)", code: refusal.code, [:])
        case .rateLimited, .overloaded:
            log.log(.warning, "webhook deferred", tenant: "\(tenantID)", code: refusal.code, [:])
        case .unknownTenant, .unavailable:
            break
        }
    }

    private func response(to refusal: Refusal) -> Response {
        let (status, detail): (HTTPResponse.Status, String) =
            switch refusal {
            case .unknownTenant: (.notFound, "No such tenant.")
            case .tooLarge: (.contentTooLarge, "The body is larger than \(limits.bodyBytes) bytes.")
            case .badSignature: (.unauthorized, "X-Hub-Signature does not match the body.")
            case .badToken: (.unauthorized, "X-Consilod-Token is missing or not valid.")
            case .notJSONMedia: (.unsupportedMediaType, "The content type is not JSON.")
            case .encoded: (.unsupportedMediaType, "The body must not have a content encoding.")
            case .notJSON: (.badRequest, "The body is not JSON in UTF-8.")
            case .unsupportedEvent:
                (
                    .badRequest,
                    "webhookEvent must be \(AutomationEvent.issue) or \(AutomationEvent.deletion), or left out."
                )
            case .rateLimited: (.tooManyRequests, "This tenant's rate is exceeded; send it again.")
            case .overloaded: (.serviceUnavailable, "Too many webhooks are in flight; send it again.")
            case .unavailable: (.serviceUnavailable, "The webhook cannot be stored now; send it again.")
            }
        let retryAfter: Int? =
            switch refusal {
            case .rateLimited(let wait): Int(wait.components.seconds) + 1
            case .overloaded, .unavailable: retryAfterSeconds
            default: nil
            }
        return Self.response(
            status, #"{"code":"\#(refusal.code)","detail":"\#(detail)"}"#,
            headers: retryAfter.map { [.retryAfter: "\($0)"] } ?? [:])
    }

    private static func response(
        _ status: HTTPResponse.Status, _ json: String, headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: json)))
    }
}

/// How many webhooks each tenant may still send.
private final class TenantBuckets: Sendable {
    private let buckets: Mutex<TokenBuckets<TenantID>>

    init(rate: Int, burst: Int) {
        buckets = Mutex(TokenBuckets(interval: .seconds(1) / rate, burst: burst))
    }

    /// How long the tenant has to wait; nil when this one is taken.
    func wait(of tenantID: TenantID, at now: ContinuousClock.Instant) -> Duration? {
        guard case .refused(let wait) = buckets.withLock({ $0.take(tenantID, at: now) }) else { return nil }
        return wait
    }
}

/// The headers of a webhook.
private enum JiraHeader {
    static let signature = HTTPField.Name("X-Hub-Signature")
    static let identifier = HTTPField.Name("X-Atlassian-Webhook-Identifier")
    static let retry = HTTPField.Name("X-Atlassian-Webhook-Retry")
}

extension HTTPFields {
    /// The value of a header; nil where it is missing. HTTPTypes makes no promise that a text is a name.
    func value(_ name: HTTPField.Name?) -> String? { name.flatMap { self[$0] } }
}
