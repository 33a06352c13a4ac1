import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Alerts

@Suite(.enabled(if: WebhookReceiver.isInstalled, "\(WebhookReceiver.isMissing)"))
struct WebhookSinkTests {
    /// The receiver compares the time of a message with its own.
    private let now = Timestamp(seconds: Int64(Date().timeIntervalSince1970))

    private func deliver(
        _ message: AlertMessage = AlertMessage(.sample()), to target: WebhookTarget, at instant: Timestamp? = nil
    ) async throws -> DeliveryAttempt {
        let client = OutboundClient(policy: AddressPolicy(allowedHosts: ["127.0.0.1"]), requiresTLS: false)
        let channel = AlertChannel(id: UUID(), kind: .webhook, name: "receiver", target: try target.target())
        let attempt = await WebhookSink(client: client).deliver(message, to: channel, now: instant ?? now)
        try await client.shutdown()
        return attempt
    }

    private func target(_ server: ChildServer, _ status: Int, _ secret: String) -> WebhookTarget {
        WebhookTarget(url: "http://127.0.0.1:\(server.port)/\(status)", secret: secret)
    }

    @Test func aReceiverVerifiesWhatIsPosted() async throws {
        let secret = WebhookSink.newSecret()
        try await WebhookReceiver.running(secret) { server in
            #expect(try await deliver(to: target(server, 200, secret)) == .accepted)
            let found = try server.found()
            #expect(found.map(\.error) == [nil])
            let payload = try #require(found.first?.payload)
            #expect(payload.type == "alerts.raised")
            let alert = try #require(payload.data.alerts.first)
            #expect(alert.event == "raised")
            #expect(alert.issue?.issue_key == Alert.sample().issue?.issueKey.rawValue)
            #expect(alert.issue?.score == Alert.sample().issue?.score)
        }
    }

    @Test func anotherSecretOrAnotherTimeIsRefused() async throws {
        let secret = WebhookSink.newSecret()
        try await WebhookReceiver.running(secret) { server in
            _ = try await deliver(to: target(server, 200, WebhookSink.newSecret()))
            _ = try await deliver(to: target(server, 200, secret), at: now.adding(seconds: -3600))
            let found = try server.found()
            #expect(found.count == 2 && found.allSatisfy { $0.error != nil })
        }
    }

    @Test func aReplacedSecretSignsUntilItEnds() async throws {
        let old = WebhookSink.newSecret()
        try await WebhookReceiver.running(old) { server in
            var target = target(server, 200, WebhookSink.newSecret())
            target.previous = WebhookTarget.Previous(secret: old, until: now.adding(seconds: 60))
            _ = try await deliver(to: target)
            target.previous?.until = now.milliseconds
            _ = try await deliver(to: target)
            #expect(try server.found().map { $0.error == nil } == [true, false])
        }
    }

    /// A receiver tells by the id that it has a message already.
    @Test func eachAttemptAtAMessageHasTheSameIDAndAnotherMessageAnotherOne() async throws {
        let secret = WebhookSink.newSecret()
        try await WebhookReceiver.running(secret) { server in
            var alert = Alert.sample()
            for _ in 0..<2 { _ = try await deliver(AlertMessage(alert), to: target(server, 503, secret)) }
            alert.id = UUID()
            _ = try await deliver(AlertMessage(alert), to: target(server, 503, secret))
            let ids = try server.found().map(\.id)
            #expect(ids.count == 3 && ids[0] == ids[1] && ids[1] != ids[2])
        }
    }

    @Test func onlyAReceiverThatWantsNoMoreIsGivenUp() async throws {
        let secret = WebhookSink.newSecret()
        try await WebhookReceiver.running(secret) { server in
            for status in [400, 401, 404, 429, 500, 503] {
                let attempt = try await deliver(to: target(server, status, secret))
                #expect(attempt == .transient(reason: "the channel answered \(status)", retryAfterSeconds: nil))
            }
            let gone = try await deliver(to: target(server, 410, secret))
            #expect(gone == .permanent(reason: "the channel answered 410"))
            let taken = try await deliver(to: target(server, 204, secret))
            #expect(taken == .accepted)
        }
    }
}

@Suite struct WebhookTargetTests {
    @Test func aTargetOfAnOlderVersionIsRead() throws {
        let stored =
            #"{"previous":{"secret":"whsec_YQ==","until":1790000000000},"secret":"whsec_Yg==","url":"https://a.example/x"}"#
        let target = try #require(WebhookTarget(target: stored))
        #expect(target.url == "https://a.example/x" && target.previous?.until == 1_790_000_000_000)
        #expect(target.secrets(at: Timestamp(milliseconds: 1_789_999_999_999)) == ["whsec_Yg==", "whsec_YQ=="])
        #expect(target.secrets(at: Timestamp(milliseconds: 1_790_000_000_000)) == ["whsec_Yg=="])
        let written = try target.target()
        #expect(written == stored)
        #expect(WebhookTarget(target: "https://a.example/x") == nil)
    }

    @Test func newSecretsDifferAndAreOfTheFormOfTheScheme() throws {
        let secrets = (0..<10).map { _ in WebhookSink.newSecret() }
        #expect(Set(secrets).count == 10)
        for secret in secrets {
            #expect(secret.hasPrefix("whsec_") && Data(base64Encoded: String(secret.dropFirst(6)))?.count == 32)
        }
    }
}
