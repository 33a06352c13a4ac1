import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Digests of the real daemon.
@Suite struct DigestDaemonTests {
    private static let environment = [
        "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1", "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true",
    ]

    /// Adds a channel for daily digests alone, and waits until its next one is known.
    private func addChannel(
        _ name: String, target: String, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess
    ) async throws {
        let body = """
            {"kind": "slack", "name": "\(name)", "target": "\(target)", "alerts": "none",
             "digest": {"every": "day", "at": "08:00", "time_zone": "Europe/Berlin", "when_empty": "line"}}
            """
        let answer = try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body)
        #expect(answer.status == 201, "\(answer.text)")
    }

    private func waitUntilPlanned(_ daemon: DaemonProcess) async throws {
        try await eventually("the next digests are known") {
            try daemon.query("SELECT COUNT(*) FROM digest_schedules WHERE next_due_at IS NULL") == [["0"]]
        }
    }

    /// Makes every digest due, as after a night in which no daemon ran.
    private func makeDue(_ daemon: DaemonProcess) throws {
        try daemon.execute("UPDATE digest_schedules SET covered_until = NULL, next_due_at = '2020-01-01T00:00:00.000Z'")
    }

    private func waitUntilWorkedOn(_ daemon: DaemonProcess) async throws {
        try await eventually("the digests are queued") {
            try daemon.query(
                "SELECT COUNT(*) FROM digest_schedules WHERE next_due_at < '2026-01-01T00:00:00.000Z'") == [["0"]]
        }
    }

    @Test func aDigestGoesOutOnceAlsoOverARestartAndNoAlertGoesThere() async throws {
        let daemon = try DaemonProcess(environment: Self.environment)
        let sinks = try await Sinks(in: daemon.folder)
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await addChannel("leads", target: "http://127.0.0.1:\(sinks.slackPort)/hook", to: tenant, daemon)
        try await waitUntilPlanned(daemon)
        try daemon.execute("DELETE FROM alert_rules")
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        #expect(try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await eventually("the alert is raised") {
            try daemon.query("SELECT kind FROM alerts") == [["threshold"]]
        }
        #expect(try daemon.query("SELECT COUNT(*) FROM notifications") == [["0"]], "the channel is for digests alone")

        daemon.signal(SIGKILL)
        _ = try await daemon.waitForExit()
        try makeDue(daemon)
        try await daemon.restart()
        try await waitUntilWorkedOn(daemon)
        try await eventually("the digest arrives") { try sinks.slackMessages().count == 1 }
        let message = try #require(try sinks.slackMessages().first)
        #expect(message.contains("Daily digest for ") && message.contains("08:00"))

        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        try makeDue(daemon)
        try await daemon.restart()
        try await waitUntilWorkedOn(daemon)
        #expect(try daemon.query("SELECT COUNT(*) FROM alerts WHERE kind = 'digest'") == [["1"]])
        #expect(try daemon.query("SELECT state FROM notifications") == [["delivered"]])
        let messages = try sinks.slackMessages()
        #expect(messages.count == 1)
    }

    @Test(.enabled(if: PostgresSchema.server != nil, "needs PostgreSQL"))
    func twoDaemonsOnOneDatabaseQueueEachDigestOnce() async throws {
        let schema = try PostgresSchema(server: try #require(PostgresSchema.server))
        let environment = Self.environment.merging([
            "CONSILOD_STORE_URL": schema.url, "CONSILOD_STORE_CONNECTIONS": "4",
        ]) { $1 }
        let daemons = [try DaemonProcess(environment: environment), try DaemonProcess(environment: environment)]
        for daemon in daemons { try await daemon.start() }
        let tenant = try await daemons[0].createTenant()
        for number in 1...12 {
            try await addChannel("leads \(number)", target: "http://127.0.0.1:9/hook", to: tenant, daemons[number % 2])
        }
        try await eventually("the next digests are known") {
            try schema.query("SELECT COUNT(*) FROM digest_schedules WHERE next_due_at IS NULL") == [["0"]]
        }
        _ = try schema.query(
            "UPDATE digest_schedules SET covered_until = NULL, next_due_at = '2020-01-01T00:00:00.000Z'")
        try await eventually("the digests are queued") {
            try schema.query("SELECT COUNT(*) FROM digest_schedules WHERE next_due_at < '2026-01-01'") == [["0"]]
        }
        #expect(
            try schema.query("SELECT COUNT(*), COUNT(DISTINCT id) FROM alerts WHERE kind = 'digest'") == [["12", "12"]])
        #expect(try schema.query("SELECT COUNT(*), COUNT(DISTINCT channel_id) FROM notifications") == [["12", "12"]])
        for daemon in daemons {
            daemon.signal(SIGTERM)
            #expect(try await daemon.waitForExit() == 0, "\(daemon.log)")
        }
    }
}
