import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// A daemon that writes into a simulated Jira whose webhooks are on.
enum WriteBackStory {
    static let fields = """
        {"target": "fields", "score_field": "customfield_10100", "band_field": "customfield_10101",
         "forecast_date_field": "customfield_10102", "cause_field": "customfield_10103"}
        """

    struct Status: Decodable {
        var enabled: Bool
        var stopped_until: String?
        var stopped_reason: String?
        var written_issues: Int
        var refused_issues: Int
        var last_refusal: String?
    }

    /// Runs `body` with a daemon that has so many issues, looks for what is due every second, and writes nothing yet.
    static func run(
        ofIssues count: Int,
        _ body: (SimulatedJira, DaemonProcess, DaemonProcess.Tenant) async throws -> Void
    ) async throws {
        try await JiraPicture.withPicture(ofIssues: count, ["CONSILOD_JIRA_WRITE_SECONDS": "1"]) {
            jira, daemon, tenant in
            jira.addRiskFields()
            try await body(jira, daemon, tenant)
        }
    }

    static func set(_ settings: String, _ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws {
        let answer = try await daemon.request(.put, path(tenant), token: tenant.api_key, body: settings)
        #expect(answer.status == 200, "\(answer.text)")
    }

    static func status(_ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws -> Status {
        try await daemon.request(.get, path(tenant), token: tenant.api_key).json(Status.self)
    }

    static func path(_ tenant: DaemonProcess.Tenant) -> String { "/api/tenants/\(tenant.id)/jira/write-back" }

    /// Switches writing to fields on, and waits until so many issues have their values.
    static func writeFields(
        of count: Int, _ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess
    ) async throws {
        try await set(fields, tenant, daemon)
        try await eventually("\(count) issues are written to") {
            try await status(tenant, daemon).written_issues == count
        }
    }

    /// Sends the daemon what the account's own doings would have Jira send; how many webhooks that were.
    @discardableResult
    static func deliverOwnEvents(
        of jira: SimulatedJira, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess
    ) async throws -> Int {
        let events = jira.takeOwnEvents()
        for event in events {
            let webhook =
                switch event {
                case .change(let entry, let id): SimulatedWebhook.change(entry, of: id, in: jira)
                case .comment(let comment, let id): SimulatedWebhook.comment(comment, on: id, of: jira)
                }
            let body = try #require(webhook)
            #expect(try await daemon.post(body, to: tenant).status == 202)
        }
        try await daemon.waitUntilApplied()
        return events.count
    }

    /// What people see of each issue's activity and score, and how long its history is.
    static func picture(_ daemon: DaemonProcess) throws -> [[String]] {
        try daemon.query(
            """
            SELECT s.issue_id, s.updated, s.risk_score, s.comment_count,
                (SELECT COUNT(*) FROM analysis_history AS h WHERE h.issue_id = s.issue_id)
            FROM issue_snapshots AS s ORDER BY s.issue_id
            """)
    }

    /// Lets the least time between two writes pass.
    static func letIntervalPass(_ daemon: DaemonProcess) throws {
        try daemon.execute("UPDATE jira_writes SET next_at = written_at")
    }

    /// Waits until the tenant's issues were looked through again.
    static func waitForLook(_ daemon: DaemonProcess) async throws {
        let before = try daemon.query("SELECT due_at FROM jira_write_back")
        try await eventually("another look") { try daemon.query("SELECT due_at FROM jira_write_back") != before }
        let between = try daemon.query("SELECT due_at FROM jira_write_back")
        try await eventually("and one more") { try daemon.query("SELECT due_at FROM jira_write_back") != between }
    }
}
