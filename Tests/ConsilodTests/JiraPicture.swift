import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// A daemon with a picture of a Jira, and what it says of that.
enum JiraPicture {
    struct Access: Decodable {
        var stopped_reason: String?
        var last_error: String?
        var last_sweep_at: String?
        var last_full_sweep_at: String?
        var missed: Int
        var healed: Int
        var deleted: Int
        var hidden: Int
        var calls: Int
        var waiting_issues: Int
        var unavailable_issues: Int
    }

    /// A daemon that sweeps when a test asks it to: between other tests one may take longer than the usual ten minutes.
    static func makeDaemon(_ jira: SimulatedJira, _ more: [String: String] = [:]) throws -> DaemonProcess {
        try DaemonProcess(
            environment: [
                "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_JIRA_GRACE_SECONDS": "0", "CONSILOD_JIRA_GATEWAY_URL": jira.url,
                "CONSILOD_JIRA_SWEEP_MINUTES": "1440", "CONSILOD_MODEL_ENABLED": "false",
            ].merging(more) { _, new in new })
    }

    static func makeTenant(_ daemon: DaemonProcess, on jira: SimulatedJira) async throws -> DaemonProcess.Tenant {
        let tenant = try await daemon.createTenant(
            jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
        try await eventually("the account is let in") { try await access(tenant, daemon).last_sweep_at != nil }
        return tenant
    }

    static func access(_ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws -> Access {
        try await daemon.request(.get, "/api/tenants/\(tenant.id)/jira", token: tenant.api_key).json(Access.self)
    }

    /// Sweeps now, and waits until what that found is fetched and folded.
    static func sweep(_ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess, full: Bool = false) async throws {
        let before = try await access(tenant, daemon)
        let answer = try await daemon.request(
            .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: #"{"full": \#(full)}"#)
        #expect(answer.status == 202, "\(answer.text)")
        try await eventually("the sweep is over") {
            let now = try await access(tenant, daemon)
            return now.last_sweep_at != before.last_sweep_at && now.waiting_issues == 0
                && (!full || now.last_full_sweep_at == now.last_sweep_at)
        }
        try await eventually("all is folded") {
            try daemon.query("SELECT COUNT(*) FROM webhook_events WHERE state = 'pending'") == [["0"]]
        }
    }

    static func backfill(
        _ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess, _ query: [String]
    ) async throws -> (status: Int32, output: String) {
        try await daemon.run(["backfill"] + query, as: tenant)
    }

    static func minutesAgo(_ minutes: Int64) -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -60 * minutes)
    }

    /// Issues of one project, an hour old.
    static func issues(_ count: Int, project: String = "PAY") -> [String] {
        (1...count).map { number in
            let issue = SimulatedJira.issue(
                "\(10_000 + number)", key: "\(project)-\(number)", updated: minutesAgo(60),
                fields: [("priority", .object([("name", "High")]))])
            return String(decoding: issue.bytes, as: UTF8.self)
        }
    }

    /// Runs `body` with a daemon that has fetched so many issues of one project, and folded them.
    static func withPicture(
        ofIssues count: Int, _ more: [String: String] = [:],
        _ body: (SimulatedJira, DaemonProcess, DaemonProcess.Tenant) async throws -> Void
    ) async throws {
        try await SimulatedJira.run(issues: issues(count)) { jira in
            let daemon = try makeDaemon(jira, more)
            try await daemon.start()
            let tenant = try await makeTenant(daemon, on: jira)
            let (status, output) = try await backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0, "\(output)")
            try await daemon.waitUntilApplied()
            try await body(jira, daemon, tenant)
        }
    }

    static func expectSamePicture(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ jira: SimulatedJira
    ) throws {
        let expected = try jira.issueIDs.map { id in
            try IssueRow(document: String(decoding: try #require(jira.document(of: id)).bytes, as: UTF8.self))
        }
        let difference = Set(try IssueRow.inStore(of: daemon, tenant)).symmetricDifference(expected)
        #expect(difference.isEmpty, "\(difference.sorted { $0.key < $1.key }.prefix(6))")
    }
}
