import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The daemon with receivers that fall silent at each stage of a delivery.
@Suite struct DeliveryStageTests {
    private func daemon(_ relay: ChildServer? = nil, shutdownSeconds: Int = 1) throws -> DaemonProcess {
        var environment = [
            "CONSILOD_SHUTDOWN_TIMEOUT_SECONDS": "\(shutdownSeconds)", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
            "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true",
        ]
        if let relay {
            environment.merge([
                "CONSILOD_SMTP_HOST": "127.0.0.1", "CONSILOD_SMTP_PORT": "\(relay.port)",
                "CONSILOD_SMTP_SECURITY": "none", "CONSILOD_SMTP_FROM": "risk@example.com",
            ]) { $1 }
        }
        return try DaemonProcess(environment: environment)
    }

    private func addChannel(_ kind: String, _ target: String, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess)
        async throws
    {
        let body = #"{"kind": "\#(kind)", "name": "leads", "target": "\#(target)"}"#
        #expect(
            try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body).status == 201)
    }

    /// Raises one alert, on every channel of the tenant.
    private func raiseAlert(of tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws {
        try daemon.execute("DELETE FROM alert_rules")
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        #expect(try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
    }

    private struct Delivery: Decodable {
        var recipient: String?
        var state: String
        var last_error: String?
    }

    private func deliveries(of tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws -> [Delivery] {
        struct Alert: Decodable { var deliveries: [Delivery] }
        return try await daemon.request(.get, "/api/alerts", token: tenant.api_key).json([Alert].self)
            .flatMap(\.deliveries)
    }

    /// In order, within the daemon's limits, and without the crash that ends what does not end itself.
    private func expectOrderlyEnd(of daemon: DaemonProcess) async throws {
        let start = ContinuousClock.now
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0, "\(daemon.log)")
        #expect(ContinuousClock.now - start < .seconds(90))
        for words in ["Fatal error", "Cancellation took longer"] { #expect(!daemon.log.contains(words)) }
    }

    @Test(arguments: [ScriptedRelay.Stage.banner, .ehlo, .mail, .rcpt, .data, .dot])
    func endsInOrderWhileTheRelayIsSilent(_ stage: ScriptedRelay.Stage) async throws {
        try await ScriptedRelay.running(stage) { relay in
            let daemon = try daemon(relay)
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            try await addChannel("email", "lead@example.com", to: tenant, daemon)
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the relay falls silent") {
                try relay.lines("stages").contains { $0.hasSuffix(stage.rawValue) }
            }
            try await expectOrderlyEnd(of: daemon)
            // It goes out after the next start (P7).
            #expect(try daemon.query("SELECT state FROM notifications") == [["queued"]])
        }
    }

    @Test func aMailTakenIsDeliveredThoughTheRelayAnswersNoQUIT() async throws {
        try await ScriptedRelay.running(.quit) { relay in
            let daemon = try daemon(relay)
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            try await addChannel("email", "lead@example.com", to: tenant, daemon)
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the mail is delivered") {
                try await deliveries(of: tenant, daemon).map(\.state) == ["delivered"]
            }
            try await expectOrderlyEnd(of: daemon)
            let stages = try relay.lines("stages")
            #expect(stages.last == "1 QUIT")
            let taken = try relay.lines("taken")
            #expect(taken.count == 1)
        }
    }

    @Test func endsInOrderWhileASlackChannelIsSilent() async throws {
        // It takes the connection and says nothing: neither mail server nor Slack.
        try await ScriptedRelay.running(.banner) { listener in
            let daemon = try daemon()
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            try await addChannel("slack", "http://127.0.0.1:\(listener.port)/hook", to: tenant, daemon)
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the channel is called") { try listener.lines("stages") == ["1 banner"] }
            try await expectOrderlyEnd(of: daemon)
            #expect(try daemon.query("SELECT state FROM notifications") == [["queued"]])
        }
    }

    /// Each of them takes the connection and answers nothing.
    @Test func oneTenantsSilentChannelsHoldUpNoOtherTenant() async throws {
        try await ScriptedRelay.running(.never) { relay in
            try await ScriptedRelay.running(.banner) { listener in
                let daemon = try daemon(relay)
                try await daemon.start()
                let (silent, other) = (try await daemon.createTenant(), try await daemon.createTenant("globex"))
                for index in 0..<40 {
                    try await addChannel("slack", "http://127.0.0.1:\(listener.port)/\(index)", to: silent, daemon)
                }
                try await addChannel("email", "ana@example.com", to: other, daemon)
                try await raiseAlert(of: silent, daemon)
                try await eventually("silent channels are called") { try listener.lines("stages").count >= 4 }
                // Eight at a time, of twenty seconds each, were before it.
                try await raiseAlert(of: other, daemon)
                try await eventually("the other tenant's mail arrives", within: .seconds(80)) {
                    try relay.lines("taken").count == 1
                }
                #expect(try await deliveries(of: silent, daemon).allSatisfy { $0.state == "queued" })
                try await expectOrderlyEnd(of: daemon)
            }
        }
    }

    /// One mail waits ten minutes to be taken; everything else goes on.
    @Test func aRelayThatLooksIntoOneMailHoldsUpNoOther() async throws {
        try await ScriptedRelay.running(.dot, sessions: 1) { relay in
            let daemon = try daemon(relay)
            try await daemon.start()
            let first = try await daemon.createTenant()
            try await addChannel("email", "slow@example.com", to: first, daemon)
            try await raiseAlert(of: first, daemon)
            try await eventually("the first mail waits to be taken") { try relay.lines("stages").contains("1 dot") }
            let second = try await daemon.createTenant("globex")
            try await addChannel("email", "ana@example.com, unknown@example.com, ben@example.com", to: second, daemon)
            try await raiseAlert(of: second, daemon)
            try await eventually("the other tenant's mails have their outcomes") {
                try await deliveries(of: second, daemon).filter { $0.state != "queued" }.count == 3
            }
            // Each recipient's own.
            let outcomes = try await deliveries(of: second, daemon).sorted {
                ($0.recipient ?? "") < ($1.recipient ?? "")
            }
            #expect(outcomes.map(\.recipient) == ["ana@example.com", "ben@example.com", "unknown@example.com"])
            #expect(outcomes.map(\.state) == ["delivered", "delivered", "dead"])
            #expect(outcomes[2].last_error == "the mail server refused the mail or its recipient (550)")
            #expect(try await deliveries(of: first, daemon).map(\.state) == ["queued"])
            #expect(try await daemon.request(.get, "/ready").status == 200)
            try await expectOrderlyEnd(of: daemon)
        }
    }
}
