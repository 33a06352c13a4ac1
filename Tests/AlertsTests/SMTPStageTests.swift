import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// A mail server that misbehaves at each stage of a session, on the real wire.
@Suite struct SMTPStageTests {
    private static let quick = MailLimits(
        exchange: .milliseconds(700), acceptance: .milliseconds(700), goodbye: .milliseconds(300))
    /// Below what libcurl waits by itself (120 s), and far above what a busy machine needs.
    private static let bound = Duration.seconds(90)

    private func sink(
        _ server: ChildServer, _ limits: MailLimits = quick, _ security: MailSettings.Security = .none,
        signsIn: Bool = false, helo: String? = nil
    ) -> EmailSink {
        EmailSink(
            MailSettings(
                host: "127.0.0.1", port: server.port, security: security, username: signsIn ? "relay" : nil,
                password: signsIn ? "open sesame" : nil, from: "Risk alerts <alerts@example.com>", helo: helo),
            limits, certificateAuthorities: nil)
    }

    private func deliver(_ sink: EmailSink, to address: String = "ana@example.com") async -> DeliveryAttempt {
        await sink.deliver(.sample(), to: .email(address), now: .sampleNow)
    }

    @Test(arguments: [ScriptedRelay.Stage.banner, .ehlo, .starttls, .auth, .mail, .rcpt, .data, .dot])
    func silenceAtAnyStageCostsTheDeliveryItsTime(_ stage: ScriptedRelay.Stage) async throws {
        try await ScriptedRelay.running(stage) { server in
            let sink = sink(server, Self.quick, stage == .starttls ? .starttls : .none, signsIn: stage == .auth)
            let start = ContinuousClock.now
            let attempt = await deliver(sink)
            #expect(ContinuousClock.now - start < Self.bound)
            guard case .transient(let reason, nil) = attempt else {
                Issue.record("\(attempt)")
                return
            }
            let words =
                switch stage {
                case .banner: "the mail server did not greet within 1 s"
                case .dot: "the mail server did not confirm the mail within 1 s"
                default: "the mail server did not answer within 1 s (\(stage.rawValue))"
                }
            #expect(reason == words)
            let stages = try server.lines("stages")
            #expect(stages.last?.hasSuffix(stage.rawValue) == true)
            let taken = try server.lines("taken")
            #expect(taken.isEmpty)
            await sink.shutdown()
            #expect(ContinuousClock.now - start < Self.bound)
        }
    }

    @Test(arguments: [
        (ScriptedRelay.Stage.banner, ScriptedRelay.Conduct.trickle), (.ehlo, .trickle), (.dot, .trickle),
        (.banner, .flood), (.rcpt, .flood), (.dot, .flood), (.banner, .close), (.mail, .close), (.dot, .close),
        (.banner, .busy), (.mail, .busy), (.dot, .busy),
    ])
    func aRelayWithoutMannersCostsTheDeliveryItsTime(
        _ stage: ScriptedRelay.Stage, _ conduct: ScriptedRelay.Conduct
    ) async throws {
        try await ScriptedRelay.running(stage, conduct) { server in
            let sink = sink(server)
            let start = ContinuousClock.now
            let attempt = await deliver(sink)
            #expect(ContinuousClock.now - start < Self.bound)
            guard case .transient = attempt else {
                Issue.record("\(attempt)")
                return
            }
            let taken = try server.lines("taken")
            #expect(taken.isEmpty)
        }
    }

    @Test(arguments: [ScriptedRelay.Conduct.hang, .trickle, .flood, .close])
    func aMailThatWasTakenIsDeliveredWhateverBecomesOfQUIT(_ conduct: ScriptedRelay.Conduct) async throws {
        try await ScriptedRelay.running(.quit, conduct) { server in
            let sink = sink(server)
            let start = ContinuousClock.now
            #expect(await deliver(sink) == .accepted)
            await sink.shutdown()
            #expect(ContinuousClock.now - start < Self.bound)
            let stages = try server.lines("stages")
            #expect(stages.last == "1 QUIT")
            let taken = try server.lines("taken")
            #expect(taken.count == 1)
        }
    }

    /// libcurl says QUIT after a refusal too, before it returns.
    @Test func aRefusalIsKnownWhateverBecomesOfQUIT() async throws {
        try await ScriptedRelay.running(.quit) { server in
            let start = ContinuousClock.now
            #expect(
                await deliver(sink(server, MailLimits()), to: "unknown@example.com")
                    == .permanent(reason: "the mail server refused the mail or its recipient (550)"))
            #expect(ContinuousClock.now - start < Self.bound)
        }
    }

    @Test func aMailThatTheRelayLooksIntoKeepsNoOtherWaitingAndEndsWhenNobodyWaits() async throws {
        try await ScriptedRelay.running(.dot, sessions: 1) { server in
            let sink = sink(server, MailLimits())
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: DeliveryAttempt.self) { group in
                group.addTask { await deliver(sink, to: "slow@example.com") }
                try await eventually("the first mail waits to be taken") {
                    try server.lines("stages").contains("1 dot")
                }
                #expect(await deliver(sink) == .accepted)
                #expect(await deliver(sink) == .accepted)
                group.cancelAll()
                #expect(
                    try await group.next()
                        == .transient(reason: "the delivery was interrupted", retryAfterSeconds: nil))
            }
            #expect(ContinuousClock.now - start < Self.bound)
            let taken = try server.lines("taken")
            #expect(taken == ["2 TO:<ana@example.com>", "2 TO:<ana@example.com>"])
            await sink.shutdown()
        }
    }

    /// The process must not end while libcurl works in it.
    @Test func shutdownWaitsForWhatWasBrokenOff() async throws {
        try await ScriptedRelay.running(.dot) { server in
            let sink = sink(server, MailLimits())
            let start = ContinuousClock.now
            await withTaskGroup(of: Void.self) { group in
                group.addTask { #expect(await deliver(sink) != .accepted) }
                do {
                    try await eventually("the mail waits to be taken") { try server.lines("stages").contains("1 dot") }
                } catch { Issue.record(error) }
                group.cancelAll()
                await sink.shutdown()
                #expect(!sink.isBusy)
            }
            #expect(ContinuousClock.now - start < Self.bound)
        }
    }

    @Test func oneSessionCarriesManyMails() async throws {
        try await ScriptedRelay.running(.never) { server in
            var limits = MailLimits()
            limits.mailsInSession = 15
            let sink = sink(server, limits)
            for _ in 0..<20 { #expect(await deliver(sink) == .accepted) }
            await sink.shutdown()
            let taken = try server.lines("taken").map { $0.split(separator: " ")[0] }
            #expect(taken == Array(repeating: "1", count: 15) + Array(repeating: "2", count: 5))
            let stages = try server.lines("stages")
            #expect(stages.filter { $0.hasSuffix("QUIT") }.count == 2)
        }
    }

    @Test func aSessionWithoutMailsEnds() async throws {
        try await ScriptedRelay.running(.never) { server in
            var limits = MailLimits()
            limits.idle = .milliseconds(100)
            #expect(await deliver(sink(server, limits)) == .accepted)
            try await eventually("the session ends") { try server.lines("stages").last == "1 QUIT" }
        }
    }

    @Test(arguments: [
        (ScriptedRelay.Stage.after, ScriptedRelay.Conduct.close), (.after, .busy), (.again, .close), (.again, .busy),
    ])
    func aSessionThatTheRelayEndsCostsNoDelivery(
        _ stage: ScriptedRelay.Stage, _ conduct: ScriptedRelay.Conduct
    ) async throws {
        try await ScriptedRelay.running(stage, conduct) { server in
            let sink = sink(server, MailLimits())
            for _ in 0..<3 { #expect(await deliver(sink) == .accepted) }
            let taken = try server.lines("taken")
            #expect(taken.map { $0.prefix(1) } == ["1", "2", "3"])
            await sink.shutdown()
        }
    }

    @Test func theRelayIsToldAFullName() async throws {
        try await ScriptedRelay.running(.never) { server in
            #expect(await deliver(sink(server)) == .accepted)
            #expect(await deliver(sink(server, helo: "mail.example.org")) == .accepted)
            #expect(await deliver(sink(server, helo: "[192.0.2.7]")) == .accepted)
            let names = try server.lines("names")
            #expect(names == ["example.com", "mail.example.org", "[192.0.2.7]"])
        }
        #expect(MailSettings.isHostName("mail.example.org") && MailSettings.isHostName("[2001:db8::1]"))
        for text in ["", "a b", "x\r\nMAIL", "a/b", "[", "[]", "a:b", "ä.example"] {
            #expect(!MailSettings.isHostName(text), "\(text)")
        }
    }
}
