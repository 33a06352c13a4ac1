import AsyncHTTPClient
import Domain
import Foundation
import NIOCore
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
            let sink = SlackSink(client: client)
            let address = "http://127.0.0.1:\(server.port)"
            #expect(await sink.checkHost(of: "\(address)/ok/\(Self.secret)?key=\(Self.secret)") == .accepted)
            let asked = try server.files("asked.head").map { String(decoding: $0, as: UTF8.self) }
            #expect(asked.count == 1 && asked[0].hasPrefix("HEAD / HTTP"))
            #expect(!asked[0].contains(Self.secret))
            #expect(try server.files(".body").isEmpty)
            #expect(await sink.checkHost(of: "ftp://hooks.example/s3cret") != .accepted)
            guard case .transient(let reason, _) = await sink.checkHost(of: "http://127.0.0.1:9/\(Self.secret)") else {
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
                    .transient(reason: "the channel answered 429 (rate_limited)", retryAfterSeconds: 17)
                ),
                ("busy-date", .transient(reason: "the channel answered 429", retryAfterSeconds: 90)),
                ("busy", .transient(reason: "the channel answered 429", retryAfterSeconds: nil)),
                ("request-timeout", .transient(reason: "the channel answered 408", retryAfterSeconds: nil)),
                ("broken", .transient(reason: "the channel answered 500 (rollup_error)", retryAfterSeconds: nil)),
                ("unavailable", .transient(reason: "the channel answered 503", retryAfterSeconds: 60)),
                (
                    "hang-up",
                    .transient(
                        reason: "the channel closed the connection without an answer", retryAfterSeconds: nil)
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
                ("400", "the channel answered 400 (invalid_payload)"),
                ("403", "the channel answered 403 (action_prohibited)"),
                ("404", "the channel answered 404 (no_service)"),
                ("410", "the channel answered 410 (channel_is_archived)"),
                ("page", "the channel answered 404"),
            ]
            for (path, reason) in expected {
                #expect(await deliver(.sample(), path, server, client) == .permanent(reason: reason), "\(path)")
            }
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
                    == .transient(reason: "the channel did not answer in time", retryAfterSeconds: nil))
        }
    }

    @Test(.timeLimit(.minutes(1)), arguments: ["drip", "flood"])
    func anAnswerWithoutAnEndHoldsNobodyUp(_ path: String) async throws {
        try await SlackServer.running { server, client in
            let sink = SlackSink(client: client, timeout: .milliseconds(500))
            let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/\(path)/\(Self.secret)")
            let start = ContinuousClock.now
            #expect(await sink.deliver(.sample(), to: channel, now: .sampleNow) == .accepted)
            #expect(ContinuousClock.now - start < .seconds(30))
        }
    }

    @Test func unreachableServerIsTransient() async throws {
        try await ChildServer.refusingConnections { server in
            try await SlackServer.withClient { client in
                let attempt = await deliver(.sample(), "ok", server, client)
                #expect(
                    attempt == .transient(reason: "no connection to the channel (IOError)", retryAfterSeconds: nil))
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

    @Test func retryAfterIsSecondsOrADate() {
        let now = Timestamp.sampleNow
        #expect(RetryAfter.seconds(" 120 ", now: now) == 120)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:18:10 GMT", now: now) == 10)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:18:10 GMT", now: now.adding(milliseconds: 1)) == 10)
        #expect(RetryAfter.seconds("Tue, 24 Nov 2026 13:00:00 GMT", now: now) == 0)
        for text in ["", "-5", "soon", "1.5", "2026-11-24T13:18:10Z"] {
            #expect(RetryAfter.seconds(text, now: now) == nil, "\(text)")
        }
    }

    private func deliver(
        _ alert: Alert, _ path: String, _ server: ChildServer, _ client: HTTPClient
    ) async -> DeliveryAttempt {
        let channel = AlertChannel.slack("http://127.0.0.1:\(server.port)/\(path)/\(Self.secret)")
        return await SlackSink(client: client).deliver(alert, to: channel, now: .sampleNow)
    }
}
