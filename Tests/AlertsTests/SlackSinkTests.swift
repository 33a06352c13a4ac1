import Domain
import Foundation
import NIOCore
import Outbound
import TestSupport
import Testing

@testable import Alerts

@Suite struct SlackSinkTests {
    private static let secret = "T0123/B0456/s3cretHookToken"

    @Test func postsTheMessageAsJSON() async throws {
        try await SlackServer.running { server, client in
            let alert = Alert.sample()
            #expect(await deliver(alert, "ok", server, client) == .accepted)
            let body = try SlackMessage.render(alert)
            #expect(try server.files(".body") == [body])
            let head = String(decoding: try #require(try server.files(".head").first), as: UTF8.self).lowercased()
            #expect(head.hasPrefix("post /ok/"))
            #expect(head.contains("content-type: application/json"))
        }
    }

    @Test func aCheckOfTheHostPostsNothingAndKeepsTheChannelsPathToItself() async throws {
        try await SlackServer.running { server, client in
            let host = HTTPChannel(client: client)
            let address = "http://127.0.0.1:\(server.port)"
            #expect(await host.checkHost(of: "\(address)/ok/\(Self.secret)?key=\(Self.secret)") == .accepted)
            let asked = try server.files("asked.head").map { String(decoding: $0, as: UTF8.self) }
            #expect(asked.count == 1 && asked[0].hasPrefix("HEAD / HTTP"))
            #expect(!asked[0].contains(Self.secret))
            #expect(try server.files(".body").isEmpty)
            #expect(await host.checkHost(of: "ftp://hooks.example/s3cret") != .accepted)
            guard case .transient(let reason, _) = await host.checkHost(of: "http://127.0.0.1:9/\(Self.secret)") else {
                Issue.record("nobody listens there")
                return
            }
            #expect(!reason.contains(Self.secret))
        }
    }

    @Test func temporaryTroubleIsTransient() async throws {
        try await SlackServer.running { server, client in
            let expected: [(String, DeliveryAttempt)] = [
                (
                    "busy-seconds",
                    .transient(reason: "the channel answered 429 (too many messages)", retryAfterSeconds: 17)
                ),
                ("busy-date", .transient(reason: "the channel answered 429", retryAfterSeconds: 90)),
                ("busy", .transient(reason: "the channel answered 429", retryAfterSeconds: nil)),
                ("request-timeout", .transient(reason: "the channel answered 408", retryAfterSeconds: nil)),
                (
                    "broken",
                    .transient(
                        reason: "the channel answered 500 (an error on the side of Slack)", retryAfterSeconds: nil)
                ),
                ("unavailable", .transient(reason: "the channel answered 503", retryAfterSeconds: 60)),
                (
                    "hang-up",
                    .transient(
                        reason: "the channel's host closed the connection without a complete answer",
                        retryAfterSeconds: nil)
                ),
            ]
            for (path, attempt) in expected {
                #expect(await deliver(.sample(), path, server, client) == attempt, "\(path)")
            }
        }
    }

    @Test func refusalIsPermanent() async throws {
        try await SlackServer.running { server, client in
            let expected = [
                ("400", "the channel answered 400 (the message was not understood)"),
                ("403", "the channel answered 403 (an administrator of the workspace has restricted the webhook)"),
                ("404", "the channel answered 404 (the webhook was disabled or removed)"),
                ("410", "the channel answered 410 (the channel is archived)"),
                ("page", "the channel answered 404"),
            ]
            for (path, reason) in expected {
                #expect(await deliver(.sample(), path, server, client) == .permanent(reason: reason), "\(path)")
            }
        }
    }

    @Test func aSuccessWhoseBodySaysOtherwiseIsAFailure() async throws {
        try await SlackServer.running { server, client in
            let expected: [(String, DeliveryAttempt)] = [
                ("no-payload", .permanent(reason: "the channel answered 200 (the message was not understood)")),
                ("not-ok", .permanent(reason: "the channel answered 200 (the channel does not exist)")),
                ("rocket", .permanent(reason: "the channel answered 200 but did not take the message")),
                (
                    "busy-in-200",
                    .transient(reason: "the channel answered 200 (too many messages)", retryAfterSeconds: 9)
                ),
                ("rocket-ok", .accepted), ("slack-ok", .accepted),
            ]
            for (path, attempt) in expected {
                #expect(await deliver(.sample(), path, server, client) == attempt, "\(path)")
            }
        }
    }

    @Test func anAnswerThatTricklesDelaysNoDelivery() async throws {
        try await SlackServer.running { server, client in
            let start = ContinuousClock.now
            #expect(await deliver(.sample(), "drip", server, client) == .accepted)
            #expect(ContinuousClock.now - start < .seconds(90))
        }
    }

    @Test func redirectIsNotFollowed() async throws {
        try await SlackServer.running { server, client in
            #expect(
                await deliver(.sample(), "redirect", server, client)
                    == .permanent(reason: "the channel answered 302: redirects are not followed"))
            let bodies = try server.files(".body")
            #expect(bodies.count == 1)
        }
    }

    @Test func silentServerIsGivenUp() async throws {
        try await SlackServer.running { server, client in
            let sink = SlackSink(client: client, timeout: .milliseconds(300))
            let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/silent/\(Self.secret)")
            #expect(
                await sink.deliver(.sample(), to: channel, now: .sampleNow)
                    == .transient(reason: "the channel's host timed out", retryAfterSeconds: nil))
        }
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["drip", "flood"])
    func anAnswerWithoutAnEndHoldsNobodyUp(_ path: String) async throws {
        try await SlackServer.running { server, client in
            let sink = SlackSink(client: client, timeout: .milliseconds(500))
            let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/\(path)/\(Self.secret)")
            let start = ContinuousClock.now
            #expect(await sink.deliver(.sample(), to: channel, now: .sampleNow) == .accepted)
            #expect(ContinuousClock.now - start < .seconds(90))
        }
    }

    @Test func unreachableServerIsTransient() async throws {
        try await ChildServer.refusingConnections { server in
            try await SlackServer.withClient { client in
                let attempt = await deliver(.sample(), "ok", server, client)
                #expect(
                    attempt == .transient(reason: "the channel's host refused the connection", retryAfterSeconds: nil))
            }
        }
    }

    @Test func reasonsNeverHoldTheAddress() async throws {
        try await SlackServer.running { server, client in
            for path in ["echo", "echo-page", "404", "broken", "redirect", "hang-up"] {
                for secret in ["s3cretHookToken", Self.secret, "s3cretHookToken?key=s3cretKey"] {
                    let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/\(path)/\(secret)")
                    let attempt = await SlackSink(client: client).deliver(.sample(), to: channel, now: .sampleNow)
                    #expect(attempt != .accepted)
                    #expect(!"\(attempt)".contains("s3cret"), "\(path)")
                }
            }
        }
    }

    /// A tenant enters the address of a machine that only this host can reach, in every notation.
    @Test(arguments: [
        "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]",
    ])
    func aHostThatIsNotListedSeesNoConnectionFromAChannel(host: String) async throws {
        try await RecordingListener.run { listener in
            for policy in [AddressPolicy(), AddressPolicy(allowedHosts: ["127.0.0.2", "hooks.example"])] {
                try await SlackServer.withClient(policy) { client in
                    let sink = SlackSink(client: client)
                    let channel = HTTPChannel(client: client)
                    let target = "http://\(host):\(listener.port)/services/\(Self.secret)"
                    for attempt in [
                        await sink.deliver(.sample(), to: .slack(target), now: .sampleNow),
                        await channel.checkHost(of: target),
                    ] {
                        // A resolver may not know a notation; then there is nothing to connect to.
                        let isUnknown =
                            attempt
                            == .transient(reason: "the channel's host does not resolve", retryAfterSeconds: nil)
                        let isRefused =
                            attempt
                            == .permanent(
                                reason: """
                                    the channel's host is on a private network; the operator can list it in \
                                    alerts.allowed_hosts
                                    """)
                        #expect(isRefused || isUnknown, "\(attempt)")
                    }
                }
            }
            #expect(listener.connectionCount == 0)
        }
    }

    @Test func aRedirectToAHostThatIsNotListedIsNotFollowed() async throws {
        try await RecordingListener.run { listener in
            try await SlackServer.running { server, client in
                let target = "http://127.0.0.1:\(server.port)/elsewhere/\(listener.port)"
                let attempt = await SlackSink(client: client).deliver(.sample(), to: .slack(target), now: .sampleNow)
                #expect(attempt == .permanent(reason: "the channel answered 307: redirects are not followed"))
            }
            #expect(listener.connectionCount == 0)
        }
    }

    /// What DNS rebinding does: judged by a public address, connected to another.
    @Test func aConnectionToAnotherAddressThanTheOneJudgedCarriesNoAlert() async throws {
        try await RecordingListener.run { listener in
            let client = OutboundClient(
                policy: AddressPolicy(), requiresTLS: false, dnsOverride: ["1.1.1.1": "127.0.0.1"])
            let target = "http://1.1.1.1:\(listener.port)/services/\(Self.secret)"
            let attempt = await SlackSink(client: client).deliver(.sample(), to: .slack(target), now: .sampleNow)
            try await client.shutdown()
            guard case .permanent = attempt else {
                Issue.record("\(attempt)")
                return
            }
            #expect(listener.text.isEmpty)
        }
    }

    /// The answer of an internal service is not shown to the tenant, however plain its words.
    @Test func noByteOfAnAnswerIsRepeated() async throws {
        try await SlackServer.running { server, client in
            for word in ["internal", "db-password-hunter2", "no_service_hunter2"] {
                let target = "http://127.0.0.1:\(server.port)/echo/\(word)"
                let attempt = await SlackSink(client: client).deliver(.sample(), to: .slack(target), now: .sampleNow)
                #expect(attempt == .permanent(reason: "the channel answered 404"))
            }
        }
    }

    @Test(arguments: [
        "", "s3cret", "hooks.slack.example/services/s3cret", "https://", "ftp://hooks.example/s3cret", "http:///s3cret",
        "https://hooks.example:port/s3cret", "mailto:team@example.com",
    ])
    func malformedAddressIsPermanent(_ target: String) async throws {
        try await SlackServer.withClient { client in
            let attempt = await SlackSink(client: client).deliver(.sample(), to: .slack(target), now: .sampleNow)
            #expect(attempt == .permanent(reason: "the channel's address is not a URL"))
        }
    }

    private func deliver(
        _ alert: Alert, _ path: String, _ server: ChildServer, _ client: OutboundClient
    ) async -> DeliveryAttempt {
        let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/\(path)/\(Self.secret)")
        return await SlackSink(client: client).deliver(alert, to: channel, now: .sampleNow)
    }
}
