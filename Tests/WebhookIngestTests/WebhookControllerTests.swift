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

@Suite struct WebhookControllerTests {
    private let harness = IngestHarness()
    private let issueUpdated = """
        {"timestamp":1779999999000,"webhookEvent":"jira:issue_updated",
         "issue":{"id":"10001","key":"ENG-1","fields":{"summary":"Card payments fail at checkout"}}}
        """

    @Test func storesAVerifiedWebhookAsItCame() async throws {
        let response = try await harness.run {
            try await $0.post(issueUpdated, headers: ["X-Atlassian-Webhook-Identifier": "3f0c1a"])
        }
        #expect(response.status == .accepted)
        #expect(response.headers[.contentType] == "application/json")
        #expect(try response.fields == ["status": "stored"])
        #expect(
            await harness.inbox.deliveries == [
                WebhookDelivery(
                    tenantID: IngestHarness.tenantID, deliveryID: "3f0c1a", receivedAt: IngestHarness.now,
                    event: "jira:issue_updated", sentAt: Timestamp(seconds: 1_779_999_999), retryCount: 0,
                    routing: .issues(["10001"]), body: Array(issueUpdated.utf8))
            ])
        #expect(harness.nudges.count == 1)
    }

    @Test func aDeliverySentAgainIsAnsweredAsSuccessAndStoredOnce() async throws {
        try await harness.run { client in
            _ = try await client.post(issueUpdated, headers: ["X-Atlassian-Webhook-Identifier": "3f0c1a"])
            let again = try await client.post(
                issueUpdated,
                headers: ["X-Atlassian-Webhook-Identifier": "3f0c1a", "X-Atlassian-Webhook-Retry": "1"])
            #expect(again.status == .accepted)
            #expect(try again.fields == ["status": "duplicate"])
        }
        #expect(await harness.inbox.deliveries.count == 1)
        #expect(harness.nudges.count == 1)
    }

    @Test(arguments: [nil, "", "   ", String(repeating: "i", count: 256)])
    func withoutAUsableIdentifierTheBodyNamesTheDelivery(identifier: String?) async throws {
        let headers = identifier.map { ["X-Atlassian-Webhook-Identifier": $0] } ?? [:]
        _ = try await harness.run { try await $0.post(issueUpdated, headers: headers) }
        let digest = SHA256.hash(data: Data(issueUpdated.utf8)).hexadecimal
        #expect(await harness.inbox.deliveries.map(\.deliveryID) == ["sha256:" + digest])
    }

    @Test func anIdentifierOfFullLengthIsKept() async throws {
        let identifier = String(repeating: "i", count: 255)
        _ = try await harness.run {
            try await $0.post(issueUpdated, headers: ["X-Atlassian-Webhook-Identifier": identifier])
        }
        #expect(await harness.inbox.deliveries.map(\.deliveryID) == [identifier])
    }

    @Test(arguments: [("3", 3), ("0", 0), ("-2", 0), ("often", 0), ("99999999999999999999", 0)])
    func readsHowOftenJiraHadTried(header: String, count: Int) async throws {
        _ = try await harness.run {
            try await $0.post(issueUpdated, headers: ["X-Atlassian-Webhook-Retry": header])
        }
        #expect(await harness.inbox.deliveries.map(\.retryCount) == [count])
    }

    // MARK: What is kept

    @Test(
        arguments: [
            "{}", #"{"webhookEvent":"jira:issue_updated"}"#, #"{"webhookEvent":"comment_created"}"#, "[]", "17", "null",
            #"{"a":"# + String(repeating: "[", count: 600) + String(repeating: "]", count: 600) + "}",
        ])
    func aVerifiedBodyThatIsNotUnderstoodIsKeptWithTheReason(body: String) async throws {
        let response = try await harness.run { try await $0.post(body) }
        #expect(response.status == .accepted)
        let delivery = try #require(await harness.inbox.deliveries.first)
        guard case .rejected(let reason) = delivery.routing else {
            Issue.record("routed as \(delivery.routing)")
            return
        }
        #expect(!reason.isEmpty)
        #expect(delivery.body == Array(body.utf8))
        #expect(harness.log.lines.filter { $0.hasPrefix("warning") && $0.contains(reason) }.count == 1)
    }

    @Test func anEventWithoutBearingOnRiskIsKeptAsIgnored() async throws {
        let body = #"{"webhookEvent":"jira:version_released","version":{"id":"1"}}"#
        let response = try await harness.run { try await $0.post(body) }
        #expect(response.status == .accepted)
        #expect(await harness.inbox.deliveries.map(\.routing) == [.ignored])
    }

    @Test(
        arguments: [
            nil, "application/json", "APPLICATION/JSON", "application/json;charset=UTF-8",
            "application/json ; charset=utf-8", "application/vnd.atlassian+json", "model/gltf+json; version=2",
        ])
    func takesJSONMediaAndNoneAtAll(contentType: String?) async throws {
        let response = try await harness.run { try await $0.post(issueUpdated.utf8, contentType: contentType) }
        #expect(response.status == .accepted)
    }

    @Test func eitherSecretOpensTheDoorWhileOneIsRotated() async throws {
        let (old, new) = (Array("the old secret".utf8), Array("the new secret".utf8))
        var harness = harness
        harness.secrets = FixedSecrets(secrets: [IngestHarness.tenantID: [old, new]])
        let statuses = try await harness.run { client in
            [
                try await client.post("{}".utf8, secret: old).status,
                try await client.post(#"{"a":1}"#.utf8, secret: new).status,
                try await client.post(#"{"a":2}"#.utf8, secret: IngestHarness.secret).status,
            ]
        }
        #expect(statuses == [.accepted, .accepted, .unauthorized])
        #expect(await harness.inbox.deliveries.count == 2)
    }

    // MARK: What is refused

    @Test(
        arguments: [
            UUID().uuidString, "acme", "00000000-0000-0000-0000-00000000000", "%00", "..%2F..%2Fetc%2Fpasswd",
        ])
    func anUnknownOrMalformedTenantIsNotFound(tenant: String) async throws {
        let response = try await harness.run { try await $0.post(issueUpdated.utf8, tenant: tenant) }
        #expect(response.status == .notFound)
        #expect(try response.fields["code"] == "tenant_not_found")
        try await expectNothingHappened()
    }

    @Test func aWrongOrMissingSignatureIsUnauthorized() async throws {
        let signed = signature(of: Array(issueUpdated.utf8), secret: IngestHarness.secret)
        let signatures: [String: String] = [
            "another body": signature(of: Array((issueUpdated + " ").utf8), secret: IngestHarness.secret),
            "another secret": signature(of: Array(issueUpdated.utf8), secret: Array("guess".utf8)),
            "another method": signed.replacing("sha256", with: "sha1"),
            "cut short": String(signed.dropLast(2)),
            "empty": "",
        ]
        try await harness.run { client in
            for (name, signature) in signatures {
                let response = try await client.post(issueUpdated, headers: ["X-Hub-Signature": signature])
                #expect(response.status == .unauthorized, "\(name)")
                #expect(try response.fields["code"] == "invalid_signature", "\(name)")
            }
            #expect(try await client.post(issueUpdated.utf8, secret: nil).status == .unauthorized)
        }
        try await expectNothingHappened()
    }

    @Test(arguments: [[], [[]], [[], []]] as [[[UInt8]]])
    func aTenantWithoutASecretTakesNothing(secrets: [[UInt8]]) async throws {
        var harness = harness
        harness.secrets = FixedSecrets(secrets: [IngestHarness.tenantID: secrets])
        let response = try await harness.run { try await $0.post(issueUpdated.utf8, secret: []) }
        #expect(response.status == .unauthorized)
        try await expectNothingHappened()
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "json", "+json"])
    func otherMediaTypesAreNotSupported(contentType: String) async throws {
        let response = try await harness.run { try await $0.post(issueUpdated.utf8, contentType: contentType) }
        #expect(response.status == .unsupportedMediaType)
        #expect(try response.fields["code"] == "not_json")
        try await expectNothingHappened()
    }

    @Test(arguments: ["", "hello", "[", #""text"#, #"{"issue":"#, "{} {}"])
    func aBodyThatIsNoJSONIsABadRequest(body: String) async throws {
        let response = try await harness.run { try await $0.post(body) }
        #expect(response.status == .badRequest)
        #expect(try response.fields["code"] == "malformed_json")
        try await expectNothingHappened()
    }

    @Test func anUnsignedRequestLearnsNothingAboutItsContent() async throws {
        try await harness.run { client in
            let other = try await client.post("not json".utf8, secret: nil, contentType: "text/plain")
            #expect(other.status == .unauthorized)
        }
    }

    // MARK: Size

    @Test(arguments: [true, false])
    func aBodyOverTheLimitIsTooLarge(isLengthAnnounced: Bool) async throws {
        var harness = harness
        if !isLengthAnnounced { harness.alter = { $0 = $0.announcing(length: nil) } }
        let limit = harness.limits.bodyBytes
        let (largest, tooLarge) = try await harness.run { client in
            (try await client.post(jsonBody(bytes: limit)), try await client.post(jsonBody(bytes: limit + 1)))
        }
        #expect(largest.status == .accepted)
        #expect(tooLarge.status == .contentTooLarge)
        #expect(try tooLarge.fields["code"] == "body_too_large")
        #expect(await harness.inbox.deliveries.count == 1)
    }

    @Test func anAnnouncedLengthOverTheLimitIsRefusedUnread() async throws {
        var harness = harness
        harness.alter = { [limit = harness.limits.bodyBytes] request in
            request = request.announcing(length: limit + 1)
            request.body = RequestBody(asyncSequence: BrokenBody())
        }
        let response = try await harness.run { try await $0.post(issueUpdated) }
        #expect(response.status == .contentTooLarge)
        try await expectNothingHappened()
    }

    @Test func aBodyThatBreaksOffIsNotStored() async throws {
        var harness = harness
        harness.alter = { $0.body = RequestBody(asyncSequence: BrokenBody()) }
        let response = try await harness.run { try await $0.post(issueUpdated) }
        #expect(response.status == .serviceUnavailable)
        try await expectNothingHappened()
    }

    @Test func throughARealListenerLargeBodiesAreTakenAndTooLargeOnesRefused() async throws {
        var harness = harness
        harness.limits = WebhookLimits(bodyBytes: 4 << 20)
        let largest = Array(jsonBody(bytes: 4 << 20))
        let statuses = try await harness.run(.live) { client in
            [
                try await client.post(largest).status,
                try await client.post(jsonBody(bytes: 12 << 20)).status,
            ]
        }
        #expect(statuses == [.accepted, .contentTooLarge])
        #expect(await harness.inbox.deliveries.map(\.body) == [largest])
    }

    // MARK: Failures of ours

    @Test func jiraIsToldToComeBackWhenTheInboxFails() async throws {
        struct Surprise: Error {}
        let failures: [any Error] = [
            StorageError(.unavailable, "disk full"), StorageError(.corrupt, "a row cannot be read"), Surprise(),
        ]
        for failure in failures {
            let harness = IngestHarness()
            await harness.inbox.fail(with: failure)
            let response = try await harness.run { try await $0.post(issueUpdated) }
            #expect(response.status == .serviceUnavailable)
            #expect(response.headers[.retryAfter] == "45")
            #expect(try response.fields["code"] == "unavailable")
            #expect(harness.nudges.count == 0)
            let lines = harness.log.lines
            #expect(lines.count == 1)
            #expect(lines.first?.hasPrefix("error") == true)
            #expect(lines.first?.contains(IngestHarness.tenantID.description) == true)
            #expect(lines.first?.contains("\(failure)") == true)
        }
    }

    @Test func aDeliverySentAgainAfterAFailureIsStored() async throws {
        let statuses = try await harness.run { client in
            await harness.inbox.fail(with: StorageError(.unavailable, "disk full"))
            let first = try await client.post(issueUpdated).status
            await harness.inbox.fail(with: nil)
            return [first, try await client.post(issueUpdated).status]
        }
        #expect(statuses == [.serviceUnavailable, .accepted])
        #expect(await harness.inbox.deliveries.count == 1)
    }

    @Test func jiraIsToldToComeBackWhenTheSecretsCannotBeRead() async throws {
        var harness = harness
        harness.secrets = UnreadableSecrets()
        let response = try await harness.run { try await $0.post(issueUpdated) }
        #expect(response.status == .serviceUnavailable)
        #expect(response.headers[.retryAfter] == "45")
        #expect(await harness.inbox.deliveries.isEmpty)
    }

    @Test func aTenantDeletedMeanwhileIsNotFound() async throws {
        await harness.inbox.fail(with: StorageError(.stale, "the tenant is gone"))
        let response = try await harness.run { try await $0.post(issueUpdated) }
        #expect(response.status == .notFound)
        try await expectNothingHappened()
    }

    // MARK: The log

    @Test func whatJiraWillNotSendAgainIsLogged() async throws {
        try await harness.run { [harness] client in
            _ = try await client.post(issueUpdated.utf8, secret: Array("guess".utf8))
            _ = try await client.post(jsonBody(bytes: harness.limits.bodyBytes + 1))
            _ = try await client.post(issueUpdated.utf8, contentType: "text/plain")
            _ = try await client.post("[")
        }
        let lines = harness.log.lines
        for (line, code) in zip(lines, ["invalid_signature", "body_too_large", "not_json", "malformed_json"]) {
            #expect(line.hasPrefix("warning"))
            #expect(line.contains(code))
            #expect(line.contains(IngestHarness.tenantID.description))
        }
        #expect(lines.count == 4)
    }

    /// The header that names a delivery is not signed.
    @Test func theSameBodyUnderAnotherIdentifierIsADuplicate() async throws {
        try await harness.run { client in
            for (identifier, status) in [("a", "stored"), ("a", "duplicate"), ("b", "duplicate"), ("c", "duplicate")] {
                let answer = try await client.post(
                    issueUpdated, headers: ["X-Atlassian-Webhook-Identifier": identifier])
                #expect(answer.status == .accepted)
                #expect(try answer.fields["status"] == status, "\(identifier)")
            }
            // Another body is another webhook, also under a name that the first one had without being stored.
            let other = try await client.post(issueUpdated + " ", headers: ["X-Atlassian-Webhook-Identifier": "b"])
            #expect(try other.fields["status"] == "stored")
        }
        #expect(await harness.inbox.deliveries.map(\.deliveryID) == ["a", "b"])
    }

    @Test func aBodyThatCouldNotBeStoredIsNoDuplicate() async throws {
        try await harness.run { client in
            await harness.inbox.fail(with: StorageError(.unavailable, "disk full"))
            let refused = try await client.post(issueUpdated)
            #expect(refused.status == .serviceUnavailable)
            await harness.inbox.fail(with: nil)
            let stored = try await client.post(issueUpdated)
            #expect(try stored.fields["status"] == "stored")
        }
    }

    @Test func bodiesLongAgoAreForgotten() throws {
        let recent = RecentBodies(capacity: 3)
        let signatures = try (0..<9).map { try #require(Signature(signature(of: [$0], secret: [1]))) }
        for signature in signatures { recent.insert(signature, of: IngestHarness.tenantID) }
        #expect(signatures.suffix(3).allSatisfy { recent.contains($0, of: IngestHarness.tenantID) })
        #expect(!signatures.prefix(3).contains { recent.contains($0, of: IngestHarness.tenantID) })
        #expect(!recent.contains(signatures[8], of: TenantID(UUID())))
    }

    @Test func madeUpTenantsLeaveNoTraceInTheLog() async throws {
        _ = try await harness.run { try await $0.post(issueUpdated.utf8, tenant: UUID().uuidString) }
        #expect(harness.log.lines.isEmpty)
    }

    @Test func neitherBodiesNorSignaturesAreLogged() async throws {
        let marker = "customer-confidential"
        let body = #"{"webhookEvent":"jira:issue_updated","text":"\#(marker)"}"#
        let guess = signature(of: Array(body.utf8), secret: Array("guess".utf8))
        try await harness.run { client in
            _ = try await client.post(body)
            _ = try await client.post(#"["\#(marker)"]"#)
            _ = try await client.post(body, headers: ["X-Hub-Signature": guess])
            await harness.inbox.fail(with: StorageError(.unavailable, "disk full"))
            _ = try await client.post(body + " ")
        }
        let lines = harness.log.lines
        #expect(lines.count >= 4)
        for line in lines {
            #expect(!line.contains(marker))
            #expect(!line.contains(guess.dropFirst(7)))
            #expect(!line.contains(String(decoding: IngestHarness.secret, as: UTF8.self)))
        }
    }

    private func expectNothingHappened(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(await harness.inbox.deliveries.isEmpty, sourceLocation: sourceLocation)
        #expect(harness.nudges.count == 0, sourceLocation: sourceLocation)
    }
}

/// A body whose connection breaks in the middle.
private struct BrokenBody: AsyncSequence, Sendable {
    struct Broken: Error {}
    struct AsyncIterator: AsyncIteratorProtocol {
        var isStarted = false

        mutating func next() throws -> ByteBuffer? {
            guard !isStarted else { throw Broken() }
            isStarted = true
            return ByteBuffer(string: "{")
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

/// An ignored event whose body has exactly `bytes` bytes.
private func jsonBody(bytes: Int) -> [UInt8] {
    let (head, tail) = (#"{"webhookEvent":"user_updated","padding":""#, #""}"#)
    return Array(head.utf8) + Array(repeating: UInt8(ascii: "x"), count: bytes - head.utf8.count - tail.utf8.count)
        + Array(tail.utf8)
}
