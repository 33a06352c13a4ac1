import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import WebhookIngest

/// What one tenant, or all together, may send.
@Suite struct WebhookLimitsTests {
    private let harness = IngestHarness()
    private let body = #"{"webhookEvent":"user_updated"}"#

    private func body(_ number: Int) -> String { #"{"webhookEvent":"user_updated","number":\#(number)}"# }

    // MARK: The rate of a tenant

    @Test func beyondItsRateATenantIsToldWhenToComeBack() async throws {
        var harness = harness
        harness.limits = WebhookLimits(rate: 2, burst: 3)
        try await harness.run { [harness] client in
            for number in 0..<3 { #expect(try await client.post(body(number)).status == .accepted) }
            let refused = try await client.post(body(3))
            #expect(refused.status == .tooManyRequests)
            #expect(try refused.fields["code"] == "rate_limited")
            #expect(refused.headers[.retryAfter] == "1")
            harness.clock.advance(by: .milliseconds(500))
            #expect(try await client.post(body(3)).status == .accepted)
            #expect(try await client.post(body(4)).status == .tooManyRequests)
        }
        #expect(await harness.inbox.deliveries.count == 4)
        #expect(harness.nudges.count == 4)
    }

    @Test func oneTenantsFloodLeavesAnotherItsRate() async throws {
        let other = TenantID(UUID())
        var harness = harness
        harness.limits = WebhookLimits(rate: 1, burst: 1)
        harness.secrets = FixedSecrets(secrets: [
            IngestHarness.tenantID: [IngestHarness.secret], other: [IngestHarness.secret],
        ])
        try await harness.run { client in
            for number in 0..<5 { _ = try await client.post(body(number)) }
            #expect(try await client.post(body(5)).status == .tooManyRequests)
            #expect(try await client.post(body.utf8, tenant: other.description).status == .accepted)
        }
    }

    @Test func whatIsNotSignedUsesUpNothing() async throws {
        var harness = harness
        harness.limits = WebhookLimits(rate: 1, burst: 1)
        try await harness.run { client in
            for _ in 0..<20 {
                let refused = try await client.post(body.utf8, secret: Array("guess".utf8))
                #expect(refused.status == .unauthorized)
            }
            #expect(try await client.post(body).status == .accepted)
        }
    }

    // MARK: Content

    @Test(arguments: ["gzip", "br", "deflate", "GZIP", "gzip, identity", "aes128gcm", "x"])
    func anEncodedBodyIsNotSupported(encoding: String) async throws {
        let response = try await harness.run { try await $0.post(body, headers: ["Content-Encoding": encoding]) }
        #expect(response.status == .unsupportedMediaType)
        #expect(try response.fields["code"] == "unsupported_encoding")
        #expect(await harness.inbox.deliveries.isEmpty)
    }

    @Test(arguments: ["identity", " Identity", ""])
    func theIdentityIsNoEncoding(encoding: String) async throws {
        let response = try await harness.run { try await $0.post(body, headers: ["Content-Encoding": encoding]) }
        #expect(response.status == .accepted)
    }

    @Test(arguments: [nil, "", "sha1=00", String(repeating: " ", count: 10_000)] as [String?])
    func whatCannotBeASignatureIsRefusedBeforeTheBodyIsRead(signature: String?) async throws {
        var harness = harness
        harness.alter = { $0.body = RequestBody(asyncSequence: Unread()) }
        let headers = signature.map { ["X-Hub-Signature": $0] } ?? [:]
        let response = try await harness.run { try await $0.post(body.utf8, secret: nil, headers: headers) }
        #expect(response.status == .unauthorized)
    }

    @Test func anIdentifierTooLongForAnIndexIsKeptWithTheReason() async throws {
        let long = String(repeating: "1", count: 300)
        let response = try await harness.run { try await $0.post(#"{"issue":{"id":"\#(long)"}}"#) }
        #expect(response.status == .accepted)
        #expect(
            await harness.inbox.deliveries.map(\.routing)
                == [.rejected(reason: "issue.id is longer than 255 bytes")])
    }

    // MARK: All together

    @Test func beyondTheBytesInHandJiraIsToldAtOnceToComeBack() async throws {
        var harness = harness
        harness.limits = WebhookLimits(bodyBytes: 1000, bytesInHand: 1500)
        let gate = Gate()
        let inbox = GatedInbox(gate: gate)
        harness.sink = inbox
        let name = try #require(HTTPField.Name("X-Unannounced"))
        harness.alter = { if $0.headers[name] != nil { $0 = $0.announcing(length: nil) } }
        let large = #"{"webhookEvent":"user_updated","x":""# + String(repeating: "x", count: 900) + #""}"#
        try await harness.run { [harness] client in
            async let held = client.post(large)
            try await eventually("the first is in the inbox's hands") { inbox.waiting == 1 }

            // Announced: refused unread. Not announced: refused where it no longer fits.
            let refused = try await client.post(large + " ")
            #expect(refused.status == .serviceUnavailable)
            #expect(try refused.fields["code"] == "overloaded")
            #expect(refused.headers[.retryAfter] == "45")
            #expect(try await client.post(large + "  ", headers: ["X-Unannounced": "1"]).status == .serviceUnavailable)
            #expect(harness.nudges.count == 0)

            // What fits is still taken, and so is what was in hand.
            async let small = client.post(body)
            try await eventually("the small one is in hand, too") { inbox.waiting == 2 }
            gate.open()
            #expect(try await held.status == .accepted)
            #expect(try await small.status == .accepted)
            #expect(try await client.post(large + " ").status == .accepted)
        }
        #expect(harness.log.lines.allSatisfy { $0.contains("overloaded") })
    }

    @Test func bytesAreGivenBackHoweverARequestEnds() async throws {
        var harness = harness
        harness.limits = WebhookLimits(bodyBytes: 1000, bytesInHand: 1000)
        let large = #"{"webhookEvent":"user_updated","x":""# + String(repeating: "x", count: 900) + #""}"#
        try await harness.run { [harness] client in
            _ = try await client.post(large.utf8, secret: Array("guess".utf8))
            _ = try await client.post(large.utf8, contentType: "text/plain")
            _ = try await client.post(String(large.dropLast()))
            _ = try await client.post(large + String(repeating: " ", count: 100))
            await harness.inbox.fail(with: StorageError(.unavailable, "disk full"))
            _ = try await client.post(large)
            await harness.inbox.fail(with: nil)
            #expect(try await client.post(large).status == .accepted)
        }
    }

    // MARK: The log

    @Test func whoeverSendsRefusedWebhooksCannotFillTheLog() async throws {
        try await harness.run { [harness] client in
            for _ in 0..<200 { _ = try await client.post(body.utf8, secret: Array("guess".utf8)) }
            #expect(harness.log.lines.count == 10)
            // Lines of another kind have their own measure.
            _ = try await client.post("[")
            #expect(harness.log.lines.count == 11)
            harness.clock.advance(by: .seconds(10))
            _ = try await client.post(body.utf8, secret: Array("guess".utf8))
            _ = try await client.post(body.utf8, secret: Array("guess".utf8))
        }
        #expect(harness.log.lines.count == 12)
        #expect(harness.log.lines.last?.contains("\"left_out_before\": 190") == true)
    }
}

/// A body that must not be asked for.
private struct Unread: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        mutating func next() throws -> ByteBuffer? {
            Issue.record("the body was read")
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

/// Lets through once it is open.
private final class Gate: Sendable {
    private let isOpen = Mutex(false)
    func open() { isOpen.withLock { $0 = true } }
    func pass() async throws { try await eventually("the gate is open") { isOpen.withLock { $0 } } }
}

/// An inbox whose disk is slow.
private final class GatedInbox: WebhookInbox {
    private let gate: Gate
    private let count = Mutex(0)
    /// Deliveries that were offered so far.
    var waiting: Int { count.withLock { $0 } }

    init(gate: Gate) { self.gate = gate }

    func append(_ delivery: WebhookDelivery) async throws -> InboxOutcome {
        count.withLock { $0 += 1 }
        try await gate.pass()
        return .stored
    }
}
