import Crypto
import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import WebhookIngest

@Suite struct AutomationEndpointTests {
    private static let token = "csla_a-token-that-only-a-rule-and-we-know"
    private let body = #"{"issue": {"id": 10001, "key": "ENG-1", "fields": {}}, "timestamp": 1779999999000}"#

    private static func hash(_ token: String) -> [UInt8] {
        Array(SHA256.hash(data: Data(token.utf8)).hexadecimal.utf8)
    }

    private func harness(_ tokens: [String] = [AutomationEndpointTests.token]) -> IngestHarness {
        var harness = IngestHarness()
        harness.automationTokens = FixedSecrets(secrets: [IngestHarness.tenantID: tokens.map(Self.hash)])
        return harness
    }

    // MARK: What is kept

    @Test func keepsARequestWithAValidTokenAsItCame() async throws {
        let harness = harness()
        let response = try await harness.run { try await $0.postAutomation(body, token: Self.token) }
        #expect(response.status == .accepted)
        #expect(try response.fields == ["status": "stored"])
        let digest = SHA256.hash(data: Data(body.utf8)).hexadecimal
        #expect(
            await harness.inbox.deliveries == [
                WebhookDelivery(
                    tenantID: IngestHarness.tenantID, deliveryID: "automation:sha256:" + digest,
                    receivedAt: IngestHarness.now, event: "automation:issue",
                    sentAt: Timestamp(seconds: 1_779_999_999), retryCount: 0, routing: .issues(["10001"]),
                    body: Array(body.utf8))
            ])
        #expect(harness.nudges.count == 1)
    }

    @Test func aDoubledBodyIsOneEvent() async throws {
        let harness = harness()
        let answers = try await harness.run { client in
            [
                try await client.postAutomation(body, token: Self.token),
                // What a webhook is known by does not count here.
                try await client.postAutomation(
                    body, token: Self.token, headers: ["X-Atlassian-Webhook-Identifier": "another"]),
                try await client.postAutomation(body + " ", token: Self.token),
            ]
        }
        #expect(try answers.map { try $0.fields["status"] } == ["stored", "duplicate", "stored"])
        #expect(await harness.inbox.deliveries.count == 2)
    }

    @Test func eachOfSeveralTokensIsGood() async throws {
        let harness = harness(["the old one", "the new one"])
        let statuses = try await harness.run { client in
            [
                try await client.postAutomation("{}", token: "the old one").status,
                try await client.postAutomation(#"{"a":1}"#, token: "  the new one ").status,
                try await client.postAutomation(#"{"a":2}"#, token: Self.token).status,
            ]
        }
        #expect(statuses == [.accepted, .accepted, .unauthorized])
    }

    @Test func aBodyWithoutAnIssueIsKeptWithTheReason() async throws {
        let harness = harness()
        let response = try await harness.run {
            try await $0.postAutomation(#"{"issue": {"key": "ENG-1"}}"#, token: Self.token)
        }
        #expect(response.status == .accepted)
        #expect(await harness.inbox.deliveries.map(\.routing) == [.rejected(reason: "issue.id is missing")])
    }

    // MARK: What is refused

    @Test func aWrongTokenIsRefusedLikeAWrongSignature() async throws {
        var harness = harness()
        // Nothing of the body is read.
        harness.alter = { $0.body = RequestBody(asyncSequence: UnreadBody()) }
        let tokens: [String?] = [
            nil, "", " ", "csla_", String(Self.token.dropLast()), Self.token + "x", Self.token.uppercased(),
            String(decoding: Self.hash(Self.token), as: UTF8.self), String(repeating: "a", count: 4096),
        ]
        let answers = try await harness.run { client in
            var answers: [TestResponse] = []
            for token in tokens { answers.append(try await client.postAutomation(body, token: token)) }
            return answers
        }
        let signed = try await IngestHarness().run { try await $0.post(body.utf8, secret: nil) }
        for answer in answers {
            #expect(answer.status == signed.status && answer.status == .unauthorized)
            #expect(try answer.fields["code"] == signed.fields["code"])
            #expect(try answer.fields == answers[0].fields)
            #expect(Set(answer.headers.map(\.name)) == Set(signed.headers.map(\.name)))
        }
        #expect(await harness.inbox.deliveries.isEmpty && harness.nudges.count == 0)
    }

    @Test func wrongTokensAreLoggedInBoundedNumber() async throws {
        let harness = harness()
        try await harness.run { client in
            for number in 0..<40 {
                let answer = try await client.postAutomation(body, token: "guess \(number)")
                #expect(answer.status == .unauthorized)
            }
        }
        #expect(harness.log.lines.count == 10)
        for line in harness.log.lines {
            #expect(line.hasPrefix("warning") && line.contains("invalid_signature") && !line.contains("guess"))
        }
    }

    @Test func whereItIsOffThereIsNoSuchAddress() async throws {
        let harness = IngestHarness()
        let (answer, webhook) = try await harness.run { client in
            (
                try await client.postAutomation(body, token: Self.token),
                try await client.post(#"{"webhookEvent":"jira:issue_updated","issue":{"id":"1"}}"#)
            )
        }
        #expect(answer.status == .notFound)
        #expect(webhook.status == .accepted)
        #expect(harness.log.lines.isEmpty)
    }

    @Test func aTokenOpensNothingElse() async throws {
        let harness = harness()
        try await harness.run { client in
            // Neither the webhooks of the tenant …
            let webhook = try await client.post(
                body.utf8, secret: nil, headers: ["X-Consilod-Token": Self.token])
            #expect(webhook.status == .unauthorized)
            // … nor another tenant.
            let other = try await client.postAutomation(body, token: Self.token, tenant: "\(UUID())")
            #expect(other.status == .notFound)
            #expect(try other.fields["code"] == "tenant_not_found")
            // And a signature is no token.
            let bytes = Array(body.utf8)
            let signed = try await client.postAutomation(
                body, token: nil,
                headers: ["X-Hub-Signature": signature(of: bytes, secret: IngestHarness.secret)])
            #expect(signed.status == .unauthorized)
        }
        #expect(await harness.inbox.deliveries.isEmpty)
    }

    @Test(arguments: [
        ("[", "malformed_json"), (#"{"summary": "a "quoted" word"}"#, "malformed_json"),
        (#"{"webhookEvent": "jira:issue_deleted", "issue": {"id": "1"}}"#, "unsupported_event"),
        (#"{"webhookEvent": "consilod:issue_fetched", "issue": {"id": "1"}}"#, "unsupported_event"),
        (#"{"webhookEvent": "sprint_closed", "sprint": {"id": 1}}"#, "unsupported_event"),
    ])
    func whatARuleMayNotSendIsRefusedToItsAuthor(body: String, code: String) async throws {
        let harness = harness()
        let response = try await harness.run { try await $0.postAutomation(body, token: Self.token) }
        #expect(response.status == .badRequest)
        #expect(try response.fields["code"] == code)
        #expect(await harness.inbox.deliveries.isEmpty)
        #expect(harness.log.lines.count == 1)
    }

    @Test func sizeMediaAndRateAreThoseOfWebhooks() async throws {
        var harness = harness()
        harness.limits = WebhookLimits(bodyBytes: 1024, bytesInHand: 1 << 20, rate: 1, burst: 2)
        try await harness.run { [body] client in
            let large = try await client.postAutomation(
                #"{"a": "\#(String(repeating: "a", count: 1024))"}"#, token: Self.token)
            #expect(large.status == .contentTooLarge)
            let text = try await client.postAutomation(
                body, token: Self.token, headers: ["Content-Type": "text/plain"])
            #expect(text.status == .unsupportedMediaType)
            #expect(try await client.postAutomation(body, token: Self.token).status == .accepted)
            let third = try await client.postAutomation(body + " ", token: Self.token)
            #expect(third.status == .tooManyRequests && third.headers[.retryAfter] != nil)
            // A stranger uses up nothing of the rate, and is refused as before.
            #expect(try await client.postAutomation(body, token: "guess").status == .unauthorized)
            // Both ways have one rate.
            #expect(try await client.post(body).status == .tooManyRequests)
        }
    }

    @Test func aTenantsBodiesInFlightTakeOnlyItsShare() async throws {
        var harness = harness()
        harness.limits = WebhookLimits(bodyBytes: 1024, bytesInHand: 8192, share: 12, unverifiedBodies: 0)
        let response = try await harness.run { try await $0.postAutomation(body, token: Self.token) }
        #expect(response.status == .serviceUnavailable)
        #expect(try response.fields["code"] == "overloaded")
    }

    @Test func failuresOfOursAreNoRefusals() async throws {
        var unreadable = harness()
        unreadable.automationTokens = UnreadableSecrets()
        let first = try await unreadable.run { try await $0.postAutomation(body, token: Self.token) }
        #expect(first.status == .serviceUnavailable)
        let failing = harness()
        await failing.inbox.fail(with: StorageError(.unavailable, "disk full"))
        let second = try await failing.run { try await $0.postAutomation(body, token: Self.token) }
        #expect(second.status == .serviceUnavailable)
        #expect(failing.nudges.count == 0)
    }
}

/// A body that must not be read.
private struct UnreadBody: AsyncSequence, Sendable {
    struct AsyncIterator: AsyncIteratorProtocol {
        mutating func next() throws -> ByteBuffer? {
            Issue.record("the body was read")
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
