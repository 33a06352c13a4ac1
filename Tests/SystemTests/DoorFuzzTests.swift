import Domain
import Foundation
import HTTPTypes
import Hummingbird
import JiraCloud
import Logging
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import WebhookIngest

/// A hundred thousand made-up requests: whatever comes, the answer is one of those that are documented, what is
/// answered 202 is in the inbox as it came, and nothing is left over.
@Suite(.alone) struct DoorFuzzTests {
    private static let total = 100_000

    @Test(.timeLimit(.minutes(5)))
    func whateverComesIsAnsweredAsDocumented() async throws {
        var harness = IngestHarness()
        let inbox = ReadingInbox()
        harness.sink = inbox
        // A single byte that were not given back would be missed at the end.
        harness.limits = WebhookLimits(bodyBytes: 16_384, bytesInHand: 2 * 16_384)
        let door = BareDoor(harness.makeController())
        var counts: [Int: Int] = [:]
        var memory: [Int] = []
        for part in 0..<4 {
            async let left = Self.answers(seed: UInt64(2 * part), count: Self.total / 8, door)
            async let right = Self.answers(seed: UInt64(2 * part + 1), count: Self.total / 8, door)
            for answers in try await [left, right] { counts.merge(answers, uniquingKeysWith: +) }
            memory.append(try Self.residentBytes())
        }
        for lane in 0..<2 {
            let filling = #"{"webhookEvent":"user_updated","x":"\#(lane)"#
            let largest = filling + String(repeating: "x", count: 16_384 - filling.utf8.count - 2) + #""}"#
            let fields = HTTPFields(
                webhook: Array(largest.utf8), secret: IngestHarness.secret, contentType: nil, headers: [:])
            #expect(try await door.post(Array(largest.utf8), fields).status == .accepted)
        }
        #expect(counts.values.reduce(0, +) == Self.total)
        // Every kind of answer came up, often enough to mean something.
        for status in [202, 400, 401, 415] { #expect(counts[status, default: 0] > 500, "\(counts)") }
        #expect(inbox.count > 10_000)
        #expect(inbox.fragments > 1_000)
        // The log keeps its ten lines of each kind.
        #expect(harness.log.lines.count < 100)
        // What the first quarter left is the ground; a leak would add to it three times.
        #expect((memory.last ?? 0) - (memory.first ?? 0) < 32 << 20, "\(memory)")
    }

    /// Sends made-up requests one after the other; how often each status came.
    private static func answers(seed: UInt64, count: Int, _ door: BareDoor) async throws -> [Int: Int] {
        var webhooks = HostileWebhooks(seed: seed)
        var counts: [Int: Int] = [:]
        for _ in 0..<count {
            counts[try await answer(to: webhooks.next(), door), default: 0] += 1
            // Nothing here waits, and other tests want a turn.
            await Task.yield()
        }
        return counts
    }

    /// Sends one, checks the answer, and returns its status.
    private static func answer(to request: HostileWebhooks.Request, _ door: BareDoor) async throws -> Int {
        var headers = request.headers
        switch request.signature {
        case .right, .missing: break
        case .wrong: headers["X-Hub-Signature"] = "sha256=" + String(repeating: "0", count: 64)
        case .malformed: headers["X-Hub-Signature"] = "sha256=zz"
        }
        let fields = HTTPFields(
            webhook: request.body, secret: request.signature == .missing ? nil : IngestHarness.secret,
            contentType: request.contentType, headers: headers)
        let answer = try await door.post(request.body, fields)
        let text = String(buffer: answer.body)
        func says(_ code: String) -> Bool { text.hasPrefix(#"{"code":"\#(code)","#) }
        let isRight =
            switch answer.status {
            case .accepted:
                request.signature == .right
                    // A body that was made up before.
                    && [#"{"status":"stored"}"#, #"{"status":"duplicate"}"#].contains(text)
            case .badRequest: says("malformed_json")
            case .unauthorized: says("invalid_signature") && request.signature != .right
            case .contentTooLarge: says("body_too_large")
            case .unsupportedMediaType: says("not_json") || says("unsupported_encoding")
            default: false
            }
        // Not an expectation for each: a hundred thousand of them would take longer than the door.
        if !isRight { Issue.record("\(answer.status) \(text) for \(request)") }
        return answer.status.code
    }

    private static func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}

/// The door on its router and nothing around it, so that what is measured is the door's.
private struct BareDoor: Sendable {
    private struct Origin: RequestContextSource {
        let logger = Logger(label: "fuzz", factory: { _ in SwiftLogNoOpLogHandler() })
    }

    private struct Context: RequestContext {
        var coreContext: CoreRequestContextStorage
        typealias Source = Origin

        init(source: Origin) { coreContext = CoreRequestContextStorage(source: source) }
    }

    private final class Collected: Sendable {
        let body = Mutex(ByteBuffer())
    }

    private struct Collector: ResponseBodyWriter {
        let collected: Collected
        mutating func write(_ buffer: ByteBuffer) { collected.body.withLock { _ = $0.writeImmutableBuffer(buffer) } }
        consuming func finish(_ trailingHeaders: HTTPFields?) {}
    }

    private let responder: any HTTPResponder<Context>

    init(_ controller: WebhookController) {
        let router = Router(context: Context.self)
        controller.addRoutes(to: router)
        responder = router.buildResponder()
    }

    func post(_ body: [UInt8], _ fields: HTTPFields) async throws -> (status: HTTPResponse.Status, body: ByteBuffer) {
        let head = HTTPRequest(
            method: .post, scheme: "http", authority: "localhost", path: "/webhooks/jira/\(IngestHarness.tenantID)",
            headerFields: fields)
        let request = Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: body)))
        let response = try await responder.respond(to: request, context: Context(source: Origin()))
        let collected = Collected()
        try await response.body.write(Collector(collected: collected))
        return (response.status, collected.body.withLock { $0 })
    }
}

/// Reads each webhook as the rescorer would, and keeps nothing.
private final class ReadingInbox: WebhookInbox {
    private let decoder = JiraWebhookDecoder()
    private let counts = Mutex((deliveries: 0, fragments: 0))

    var count: Int { counts.withLock { $0.deliveries } }
    /// Those that said something about an issue.
    var fragments: Int { counts.withLock { $0.fragments } }

    func append(_ delivery: WebhookDelivery) -> InboxOutcome {
        var fragments = 0
        switch delivery.routing {
        case .issues(let ids):
            for id in ids {
                guard let state = try? decoder.fragment(of: delivery.body, for: id) else {
                    Issue.record("routed to \(id), but says nothing about it")
                    continue
                }
                fragments += 1
                let names =
                    [state.id.rawValue, state.fields.key?.value.rawValue ?? ""] + state.comments.keys.map(\.rawValue)
                if names.contains(where: { $0.utf8.count > 255 }) { Issue.record("too long a name in \(state)") }
            }
        case .project(let id, let key, _):
            if !(1...255).contains(id.utf8.count) || !(1...255).contains(key.utf8.count) {
                Issue.record("no project: \(id) \(key)")
            }
        case .sprint(let sprint, _):
            if !(1...255).contains(sprint.id.utf8.count) { Issue.record("no sprint id: \(sprint)") }
        case .rejected(let reason): if reason.isEmpty { Issue.record("no reason") }
        case .ignored: break
        }
        let isIndexable =
            (1...255).contains(delivery.deliveryID.utf8.count) && delivery.event.utf8.count <= 255
            && !(delivery.deliveryID + delivery.event).contains("\0")
        if !isIndexable { Issue.record("no delivery to store: \(delivery)") }
        counts.withLock { $0 = ($0.deliveries + 1, $0.fragments + fragments) }
        return .stored
    }
}
