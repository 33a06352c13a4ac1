import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The real daemon on a host whose clock is wrong (P12): nothing is destroyed, and nothing stays broken.
@Suite(.enabled(if: FakeClock.isInstalled, "\(FakeClock.isMissing)"))
struct ClockTests {
    private static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// A daemon with an issue, and a delivery that waits for its next attempt: nobody listens at the channel.
    private func daemon() async throws -> (DaemonProcess, FakeClock, DaemonProcess.Tenant) {
        let daemon = try DaemonProcess(environment: [
            "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
        ])
        let clock = try FakeClock(of: daemon)
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        for (path, body) in [
            ("/api/alert-channels", #"{"kind": "slack", "name": "nobody", "target": "http://127.0.0.1:9/hook"}"#),
            ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
        ] {
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: body).status == 201)
        }
        try await post(1, to: daemon, tenant)
        try await eventually("the delivery has failed once") {
            try daemon.query("SELECT COUNT(*) FROM notifications WHERE state = 'queued' AND attempts > 0") != [["0"]]
        }
        return (daemon, clock, tenant)
    }

    private func post(_ number: Int, to daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) async throws {
        var stream = WebhookStream(start: Self.now.adding(seconds: -300))
        stream.addIssue(number, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
    }

    private func wait(for status: String, of daemon: DaemonProcess) async throws {
        try await eventually("the clock is \(status)") {
            try await daemon.health().components["host_clock"]?.status == status
        }
    }

    /// Rows that still have what retention removes.
    private func kept(_ daemon: DaemonProcess) throws -> [String] {
        try [
            "webhook_events WHERE body_removed_at IS NULL", "analysis_history", "alerts", "issue_snapshots",
        ].map { try daemon.query("SELECT COUNT(*) FROM \($0)")[0][0] }
    }

    /// Whether an instant in the store is more than two days away from now.
    private func strays(_ daemon: DaemonProcess) throws -> [String] {
        try [
            ("notifications", "due_at"), ("tenants", "late_until"), ("issue_snapshots", "analyzed_at"),
            ("webhook_events", "received_at"), ("analysis_history", "analyzed_at"), ("alerts", "created_at"),
        ].filter { table, column in
            try daemon.query("SELECT \(column) FROM \(table) WHERE \(column) IS NOT NULL").contains { row in
                let text = row[0].replacing(" ", with: "T")
                let day = try #require(CalendarDay(String(text.prefix(10))))
                return abs(day.daysSinceEpoch - Self.now.utcDay.daysSinceEpoch) > 2
            }
        }.map { "\($0.0).\($0.1)" }
    }

    @Test func aClockThatJumpsHasNoEffectAndIsReported() async throws {
        let (daemon, clock, tenant) = try await daemon()
        let before = try kept(daemon)
        for (index, days) in [366, 800, 0, -400, 0].enumerated() {
            try clock.set(days: days)
            try await wait(for: days == 0 ? "healthy" : "degraded", of: daemon)
            try await post(2 + index, to: daemon, tenant)
        }
        let after = try kept(daemon)
        for (before, after) in zip(before, after) { #expect(try #require(Int(after)) > #require(Int(before))) }
        #expect(try strays(daemon) == [])
        #expect(try daemon.query("SELECT COUNT(*) FROM webhook_events WHERE body_removed_at IS NOT NULL") == [["0"]])
        #expect(daemon.log.contains("clock not trusted; nothing is deleted until it is"), "\(daemon.log)")
        // What logs it looks once a second, for itself.
        try await eventually("it is logged that the clock is right again") {
            daemon.log.contains("clock trusted again")
        }
    }

    private func confirm(_ daemon: DaemonProcess) async throws {
        let confirmed = try await daemon.run(
            ["store", "confirm-clock", "--config", daemon.folder.appendingPathComponent("consilod.yaml").path],
            asTheDaemon: true)
        #expect(confirmed.status == 0 && confirmed.output.contains("confirmed"), "\(confirmed.output)")
    }
}

/// The real daemon with a store that contradicts the clock from the start.
@Suite struct ClockAtStartTests {
    private static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    private func post(_ number: Int, to daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) async throws {
        var stream = WebhookStream(start: Self.now.adding(seconds: -300))
        stream.addIssue(number)
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
    }

    private func stop(_ daemon: DaemonProcess) async throws {
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    private func bodies(_ daemon: DaemonProcess) throws -> String {
        try daemon.query("SELECT COUNT(*) FROM webhook_events WHERE body_removed_at IS NULL")[0][0]
    }

    @Test(arguments: [-366, 366])
    func aStartFarFromTheLastUseDeletesNothingUntilTheClockIsConfirmed(days: Int) async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await post(1, to: daemon, tenant)
        try await stop(daemon)
        // By the host's clock the bodies expired long ago.
        try daemon.execute("UPDATE webhook_events SET received_at = '2020-01-01T00:00:00.000Z'")
        try daemon.execute("UPDATE store_state SET trusted_at = '\(Self.now.adding(days: days))'")
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        daemon.setEnvironment("NOTIFY_SOCKET", socket.path)
        try await daemon.restart()
        async let _ = socket.keepReceiving()
        let health = try await daemon.health()
        #expect(health.status == "degraded")
        let detail = try #require(health.components["host_clock"]?.detail)
        #expect(detail.contains(days < 0 ? "far after the last use" : "before the last use"), "\(detail)")
        try await post(2, to: daemon, tenant)
        #expect(try bodies(daemon) == "4")
        try await eventually("STATUS names the clock") {
            socket.messages.contains { $0.hasPrefix("STATUS=degraded") && $0.contains("the host's clock is") }
        }
        let confirmed = try await daemon.run(
            ["store", "confirm-clock", "--config", daemon.folder.appendingPathComponent("consilod.yaml").path],
            asTheDaemon: true)
        #expect(confirmed.status == 0 && confirmed.output.contains("confirmed"), "\(confirmed.output)")
        try await eventually("the clock is trusted") {
            try await daemon.health().components["host_clock"]?.status == "healthy"
        }
        try await eventually("what has expired is gone") { try bodies(daemon) == "2" }
    }

    @Test func whatAWrongClockHasLeftInTheStoreIsMendedAtTheStart() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await post(1, to: daemon, tenant)
        try await stop(daemon)
        let far = Self.now.adding(days: 366)
        for statement in [
            "UPDATE tenants SET late_until = '\(far)'", "UPDATE issue_snapshots SET analyzed_at = '\(far)'",
            "UPDATE analysis_history SET recorded_at = '\(far)'", "DELETE FROM issue_queue",
            "UPDATE webhook_events SET received_at = '\(far)'",
        ] {
            try daemon.execute(statement)
        }
        try await daemon.restart()
        try await daemon.waitUntilSettled(tenant, issues: 1)
        try await eventually("nothing is of the future any more") {
            try [
                ("tenants", "late_until"), ("issue_snapshots", "analyzed_at"), ("webhook_events", "received_at"),
            ].allSatisfy { table, column in
                try daemon.query("SELECT COUNT(*) FROM \(table) WHERE \(column) > '\(Self.now.adding(days: 1))'") == [
                    ["0"]
                ]
            }
        }
        #expect(try await daemon.health().components["host_clock"]?.status == "healthy")
        #expect(daemon.log.contains("instants in the future set to now"), "\(daemon.log)")
    }
}
