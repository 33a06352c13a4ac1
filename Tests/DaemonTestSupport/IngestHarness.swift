import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import JiraCloud
import Logging
import NIOCore
import Synchronization
import TestSupport
import WebhookIngest
import WorkLoop

/// The webhook door on a router, over an inbox in memory, with what it signalled and logged.
struct IngestHarness: Sendable {
    static let tenantID = TenantID(UUID())
    static let secret = Array("a secret that only Jira and we know".utf8)
    static let now = Timestamp(seconds: 1_780_000_000)
    private static let threads = SharedThreads<TenantID>(count: 3, perKey: 2)

    let inbox = MemoryInbox()
    /// Where deliveries go instead of `inbox`.
    var sink: (any WebhookInbox)?
    let nudges = Nudges()
    let log = CapturedLog()
    var secrets: any WebhookSecretSource = FixedSecrets(secrets: [tenantID: [secret]])
    /// The hashes of automation tokens; nil where such requests are not taken.
    var automationTokens: (any WebhookSecretSource)?
    let clock = SettableInstant()
    var limits = WebhookLimits(bodyBytes: 64 * 1024, bytesInHand: 1 << 20)
    /// Done to a request before the door sees it: what no test client can send.
    var alter: @Sendable (inout Request) -> Void = { _ in }

    func makeController() -> WebhookController {
        WebhookController(
            secrets: secrets, automationTokens: automationTokens, inbox: sink ?? inbox, decoder: JiraWebhookDecoder(),
            limits: limits,
            threads: Self.threads, retryAfterSeconds: 45, now: { Self.now }, monotonicNow: { [clock] in clock.now },
            nudge: { [nudges] in nudges.add() }, logger: Logger(label: "test", factory: { [log] _ in log }))
    }

    private func makeApplication() -> some ApplicationProtocol {
        let router = Router()
        router.add(middleware: Alteration(alter: alter))
        makeController().addRoutes(to: router)
        return Application(
            router: router, configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)))
    }

    /// Runs `body` with a client of the door: on the router alone, or through a real listener.
    func run<Value>(
        _ setup: TestingSetup = .router, _ body: @Sendable (WebhookClient) async throws -> Value
    ) async throws -> Value {
        try await makeApplication().test(setup) { try await body(WebhookClient(client: $0)) }
    }
}

private struct Alteration<Context: RequestContext>: RouterMiddleware {
    let alter: @Sendable (inout Request) -> Void

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var request = request
        alter(&request)
        return try await next(request, context)
    }
}

/// Posts webhooks as Jira does.
struct WebhookClient: Sendable {
    let client: any TestClientProtocol

    /// - Parameters:
    ///   - secret: what the body is signed with; nil to send no signature.
    ///   - headers: sent besides, and instead of, the usual ones.
    func post(
        _ body: some Sequence<UInt8>, secret: [UInt8]? = IngestHarness.secret,
        tenant: String = IngestHarness.tenantID.description, contentType: String? = "application/json; charset=UTF-8",
        headers: [String: String] = [:]
    ) async throws -> TestResponse {
        let body = Array(body)
        return try await client.execute(
            uri: "/webhooks/jira/\(tenant)", method: .post,
            headers: HTTPFields(webhook: body, secret: secret, contentType: contentType, headers: headers),
            body: ByteBuffer(bytes: body))
    }

    func post(_ body: String, headers: [String: String] = [:]) async throws -> TestResponse {
        try await post(body.utf8, headers: headers)
    }

    /// Sends a request as a rule of Jira Automation does.
    ///
    /// - Parameters:
    ///   - token: what it carries; nil for nothing.
    ///   - headers: sent besides, and instead of, the usual ones.
    func postAutomation(
        _ body: String, token: String?, tenant: String = IngestHarness.tenantID.description,
        headers: [String: String] = [:]
    ) async throws -> TestResponse {
        let all = (token.map { ["X-Consilod-Token": $0] } ?? [:]).merging(headers) { $1 }
        return try await client.execute(
            uri: "/webhooks/automation/\(tenant)", method: .post,
            headers: HTTPFields(webhook: [], secret: nil, contentType: "application/json", headers: all),
            body: ByteBuffer(string: body))
    }
}

/// `X-Hub-Signature` of a body, as Jira computes it.
func signature(of body: [UInt8], secret: [UInt8]) -> String {
    "sha256=" + HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: secret)).hexadecimal
}

extension Request {
    /// The request with this `Content-Length`, or none, whatever its body.
    func announcing(length: Int?) -> Request {
        var head = head
        head.headerFields[.contentLength] = length.map { String($0) }
        return Request(head: head, body: body)
    }
}

extension HTTPFields {
    /// The headers of a webhook, as ``WebhookClient/post(_:secret:tenant:contentType:headers:)`` says.
    init(webhook body: [UInt8], secret: [UInt8]?, contentType: String?, headers: [String: String]) {
        self.init()
        self[.contentType] = contentType
        if let secret { set("X-Hub-Signature", signature(of: body, secret: secret)) }
        for (name, value) in headers { set(name, value) }
    }

    fileprivate mutating func set(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}

extension TestResponse {
    /// The fields of a small JSON answer.
    var fields: [String: String] {
        get throws { try JSONDecoder().decode([String: String].self, from: Data(body.readableBytesView)) }
    }
}

/// The door's inbox without a disk: takes each delivery once, or fails as it is told.
actor MemoryInbox: WebhookInbox {
    private(set) var deliveries: [WebhookDelivery] = []
    private var failure: (any Error)?

    func fail(with error: (any Error)?) { failure = error }

    func append(_ delivery: WebhookDelivery) throws -> InboxOutcome {
        if let failure { throw failure }
        let isKnown = deliveries.contains {
            $0.tenantID == delivery.tenantID && $0.deliveryID == delivery.deliveryID
        }
        guard !isKnown else { return .duplicate }
        deliveries.append(delivery)
        return .stored
    }
}

struct FixedSecrets: WebhookSecretSource {
    var secrets: [TenantID: [[UInt8]]]

    func webhookSecrets(for tenantID: TenantID) -> [[UInt8]]? { secrets[tenantID] }
}

/// Secrets in a database that does not answer.
struct UnreadableSecrets: WebhookSecretSource {
    func webhookSecrets(for tenantID: TenantID) throws -> [[UInt8]]? {
        throw StorageError(.unavailable, "the database is locked")
    }
}

/// A monotonic clock that stands still until the test moves it.
final class SettableInstant: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(by duration: Duration) { instant.withLock { $0 += duration } }
}

/// How often the workers were woken.
final class Nudges: Sendable {
    private let counter = Mutex(0)
    var count: Int { counter.withLock { $0 } }
    func add() { counter.withLock { $0 += 1 } }
}
