import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// From a signed webhook to a score, a history row and an alert, through the real program.
@Suite struct PipelineTests {
    /// Classic scoring: three blocked, negative comments give 30 + 30 at once, whatever the age.
    private static let classic = "scoring:\n  profile: classic\n"

    private struct ListedIssue: Decodable {
        var issue_key: String
        var risk_score: Int
        var band: String
    }
    private struct HistoryRow: Decodable {
        var risk_score: Int
        var blocker_count: Int
    }
    private struct Raw: Decodable {
        struct Factor: Decodable {
            var name: String
            var points: Int
        }
        struct Engine: Decodable { var model: String }
        var risk_score: Int
        var factors: [Factor]
        var engine: Engine
    }

    private static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    @Test func aWebhookBecomesAScoreAHistoryRowAndAlertsByMailAndSlack() async throws {
        let daemon = try DaemonProcess(
            configuration: Self.classic + """
                alerts:
                  allow_plain_http: true
                  allowed_hosts: [127.0.0.1]
                """)
        let sinks = try await Sinks(in: daemon.folder)
        daemon.setEnvironment("CONSILOD_SMTP_HOST", "127.0.0.1")
        daemon.setEnvironment("CONSILOD_SMTP_PORT", "\(sinks.smtpPort)")
        daemon.setEnvironment("CONSILOD_SMTP_SECURITY", "none")
        daemon.setEnvironment("CONSILOD_SMTP_FROM", "consilod@example.com")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let slackURL = "http://127.0.0.1:\(sinks.slackPort)/services/T0/B0/slack-secret-path"
        for body in [
            #"{"kind": "slack", "name": "team", "target": "\#(slackURL)"}"#,
            #"{"kind": "email", "name": "leads", "target": "lead@example.com, deputy@example.com"}"#,
        ] {
            let answer = try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body)
            #expect(answer.status == 201, "\(answer.text)")
        }
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 50, "clear_below": 40}"#
        #expect(try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)

        var stream = WebhookStream(start: Self.now.adding(seconds: -600))
        let bad = "This is terrible, we are blocked again and the deadline is at risk. Very disappointed."
        stream.addIssue(1, comments: [bad, bad + " Still failing.", bad + " No progress."])
        stream.addIssue(2)
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        let replayed = try await daemon.replay(file, tenant: tenant, arguments: ["--connections", "1"])
        #expect(replayed.status == 0, "\(replayed.output)")

        try await eventually("mail and Slack message arrive") {
            try sinks.slackMessages().contains { $0.contains("PAY-1") }
                && sinks.mails().contains { $0.contains("PAY-1") }
        }
        #expect(try sinks.slackMessages().allSatisfy { !$0.contains("PAY-2") })

        try await daemon.waitUntilSettled(tenant, issues: 2)
        let issues = try await daemon.request(.get, "/api/issues", token: tenant.api_key).json([ListedIssue].self)
        #expect(issues.map(\.issue_key) == ["PAY-1", "PAY-2"])
        #expect(issues[0].risk_score == 60)
        let history = try await daemon.request(.get, "/api/analyze/history/PAY-1", token: tenant.api_key)
            .json([HistoryRow].self)
        #expect(history.first?.risk_score == 60)
        #expect(history.first?.blocker_count == 3)

        let raw = try await daemon.request(.get, "/api/analyze/issue/PAY-1/raw", token: tenant.api_key).json(Raw.self)
        #expect(raw.factors.map(\.points).reduce(0, +) == raw.risk_score)
        #expect(raw.engine.model == "wordlist-3")

        let analyzed = try await daemon.request(
            .post, "/api/analyze/issue", token: tenant.api_key, body: #"{"issue_key": "PAY-1"}"#)
        #expect(analyzed.status == 200)
        #expect(analyzed.text.contains("PAY-1"))

        struct Delivered: Decodable {
            struct Delivery: Decodable { var state: String }
            var deliveries: [Delivery]
        }
        try await eventually("the alert list says delivered") {
            let alerts = try await daemon.request(.get, "/api/alerts?issue=PAY-1", token: tenant.api_key)
            let states = try alerts.json([Delivered].self).flatMap { $0.deliveries.map(\.state) }
            return !states.isEmpty && states.allSatisfy { $0 == "delivered" }
        }

        // P9: nothing secret in the log, the answers, or in clear on disk.
        let secrets = [tenant.api_key, tenant.webhook_secret, "jira-token-of-acme-0123456789", "slack-secret-path"]
        let listed = try await daemon.request(.get, "/api/alert-channels", token: tenant.api_key).text
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        let disk = try daemon.storedBytes()
        #expect(!disk.isEmpty)
        for secret in secrets {
            #expect(!daemon.log.contains(secret))
            #expect(!listed.contains(secret))
            for data in disk { #expect(data.range(of: Data(secret.utf8)) == nil) }
        }
    }

    @Test func changedRulesScoreEveryIssueAnewAndKeepItsHistory() async throws {
        let daemon = try DaemonProcess(configuration: Self.classic)
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Self.now.adding(seconds: -600))
        for number in 1...3 { stream.addIssue(number, comments: ["Blocked by the vendor again."]) }
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        try await daemon.waitUntilApplied()
        func scorers() throws -> Set<String> {
            Set(try daemon.query("SELECT scorer_id FROM issue_snapshots").map { String($0[0].prefix { $0 != "-" }) })
        }
        #expect(try scorers() == ["classic"])
        let before = try daemon.query("SELECT COUNT(*) FROM analysis_history WHERE scorer_id LIKE 'classic%'")

        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        try daemon.rewriteConfiguration("scoring:\n  profile: standard\n")
        try await daemon.restart()
        try await eventually("all issues are scored by the new rules") { try scorers() == ["standard"] }
        #expect(try daemon.query("SELECT COUNT(*) FROM analysis_history WHERE scorer_id LIKE 'classic%'") == before)
    }

    @Test func answersTheDoorAsDocumented() async throws {
        let daemon = try DaemonProcess(configuration: "http:\n  max_webhook_bytes: 4096\n")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let door = "/webhooks/jira/\(tenant.id)"
        #expect(try await daemon.request(.post, door, body: "{}").status == 401)
        let wrong = ["x-hub-signature": "sha256=" + String(repeating: "0", count: 64)]
        #expect(try await daemon.request(.post, door, headers: wrong, body: "{}").status == 401)
        #expect(
            try await daemon.request(.post, "/webhooks/jira/\(UUID().uuidString)", headers: wrong, body: "{}").status
                == 404)
        let large = String(repeating: "x", count: 5000)
        #expect(try await daemon.request(.post, door, headers: wrong, body: large).status == 413)
        let events = try await daemon.request(.get, "/api/webhook-events", token: tenant.api_key)
        #expect(events.text == "[]")
    }

    @Test func oneTenantNeverSeesAnother() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let (a, b) = (try await daemon.createTenant("a"), try await daemon.createTenant("b"))
        var stream = WebhookStream(start: Self.now.adding(seconds: -600))
        stream.addIssue(1)
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: a).status == 0)
        try await daemon.waitUntilSettled(a, issues: 1)
        #expect(try await daemon.request(.get, "/api/issues", token: b.api_key).text == "[]")
        for path in ["/api/analyze/issue/PAY-1/raw", "/api/analyze/trends/PAY-1", "/api/tenants/\(a.id)"] {
            #expect(try await daemon.request(.get, path, token: b.api_key).status == 404)
        }
        let crossed = try await daemon.request(
            .get, "/api/issues", token: b.api_key, headers: ["x-tenant-id": a.id])
        #expect(crossed.status == 403)
        // A tenant id alone opens nothing.
        #expect(try await daemon.request(.get, "/api/issues", headers: ["x-tenant-id": a.id]).status == 401)
    }
}
