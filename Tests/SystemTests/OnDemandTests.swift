import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Analyses of issues that no webhook named: the real daemon asks a simulated Jira, within the time that an answer may take.
@Suite(.alone) struct OnDemandTests {
    private struct Report: Decodable {
        var issue_key: String
        var report: String
        var risk_score: Int
    }

    private struct Failure: Decodable {
        var code: String
        var detail: String
    }

    private static func issues(_ count: Int) throws -> [String] {
        let sprint = try JSON(parsing: #"[{"id": 7, "name": "Sprint 7", "state": "active", "boardId": 3}]"#)
        let hourAgo = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -3600)
        return (1...count).map { number in
            let issue = SimulatedJira.issue(
                "\(10_000 + number)", key: "ENG-\(122 + number)", updated: hourAgo,
                fields: [("customfield_10020", sprint), ("priority", .object([("name", "High")]))])
            return String(decoding: issue.bytes, as: UTF8.self)
        }
    }

    /// Runs `body` with a daemon and a tenant just created, whose Jira has these issues.
    private static func withFreshTenant(
        issues count: Int, token: String = SimulatedJira.token, plan: String = "starter",
        _ body: (SimulatedJira, DaemonProcess, DaemonProcess.Tenant) async throws -> Void
    ) async throws {
        try await SimulatedJira.run(issues: issues(count)) { jira in
            let daemon = try DaemonProcess(environment: [
                "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_JIRA_GATEWAY_URL": jira.url, "CONSILOD_MODEL_ENABLED": "false",
                "CONSILOD_TENANTS_DEFAULT_PLAN": plan,
            ])
            try await daemon.start()
            let tenant = try await daemon.createTenant(
                jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: token)
            try await body(jira, daemon, tenant)
            #expect(jira.violations == [])
        }
    }

    private static func analyze(
        _ key: String, _ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess
    ) async throws -> DaemonProcess.Answer {
        try await daemon.request(
            .post, "/api/analyze/issue", token: tenant.api_key,
            body: #"{"issue_key": "\#(key)", "template": "executive"}"#)
    }

    @Test func theOriginalsQuickStartWorksOnAFreshTenant() async throws {
        try await Self.withFreshTenant(issues: 3) { jira, daemon, tenant in
            let answer = try await Self.analyze("ENG-123", tenant, daemon)
            #expect(answer.status == 200, "\(answer.text)")
            let report = try answer.json(Report.self)
            #expect(report.issue_key == "ENG-123" && report.report.contains("Issue: ENG-123 Issue ENG-123"))

            struct Raw: Decodable {
                var issue_key: String
                var similar_issues: [String]
            }
            let raw = try await daemon.request(.get, "/api/analyze/issue/eng-124/raw", token: tenant.api_key)
            #expect(raw.status == 200, "\(raw.text)")
            #expect(try raw.json(Raw.self).issue_key == "ENG-124")
            #expect(jira.count(of: .issue) == 2)

            struct Sprint: Decodable {
                var sprint_name: String
                var issue_count: Int
            }
            let sprint = try await daemon.request(
                .post, "/api/analyze/sprint", token: tenant.api_key, body: #"{"project_key": "ENG"}"#)
            #expect(sprint.status == 200, "\(sprint.text)")
            let sprintAnalysis = try sprint.json(Sprint.self)
            #expect(sprintAnalysis.sprint_name == "Sprint 7" && sprintAnalysis.issue_count == 3)

            struct Entry: Decodable { var issue_key: String }
            let history = try await daemon.request(.get, "/api/analyze/history/ENG-123", token: tenant.api_key)
            #expect(try history.json([Entry].self).isEmpty == false)
            let trends = try await daemon.request(.get, "/api/analyze/trends/ENG-123", token: tenant.api_key)
            #expect(trends.status == 200, "\(trends.text)")
            struct Usage: Decodable {
                var issue_analyses: Int
                var sprint_analyses: Int
            }
            let usage = try await daemon.request(.get, "/api/tenants/\(tenant.id)/usage", token: tenant.api_key)
            let used = try usage.json(Usage.self)
            #expect(used.issue_analyses == 1 && used.sprint_analyses == 1)

            // From here on the store has it.
            let calls = jira.count(of: .issue)
            #expect(try await Self.analyze("ENG-123", tenant, daemon).status == 200)
            #expect(jira.count(of: .issue) == calls)
        }
    }

    @Test func aSprintIsTheFirstThingThatAFreshTenantMayAskFor() async throws {
        try await Self.withFreshTenant(issues: 3) { _, daemon, tenant in
            let sprint = try await daemon.request(
                .post, "/api/analyze/sprint", token: tenant.api_key, body: #"{"project_key": "ENG"}"#)
            #expect(sprint.status == 200, "\(sprint.text)")
        }
    }

    @Test func simultaneousRequestsForAnIssueFetchItOnce() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            let statuses = try await withThrowingTaskGroup(of: UInt.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await daemon.request(.get, "/api/analyze/issue/ENG-123/raw", token: tenant.api_key).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses == Array(repeating: 200, count: 20))
            #expect(jira.count(of: .issue) == 1)
            #expect(jira.count(of: .bulkFetch) == 1 && jira.count(of: .changelogs) == 1)
        }
    }

    @Test func aMovedIssueIsFoundUnderEitherKeyAndFetchedOnce() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            jira.move("10001", to: "OPS-9")
            for key in ["ENG-123", "OPS-9", "ENG-123"] {
                let answer = try await Self.analyze(key, tenant, daemon)
                #expect(answer.status == 200, "\(answer.text)")
                #expect(try answer.json(Report.self).issue_key == "OPS-9")
            }
            #expect(jira.count(of: .bulkFetch) == 1)
        }
    }

    @Test func anIssueThatWasMovedUnheardOfIsFetchedAgainUnderItsNewKey() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            #expect(try await Self.analyze("ENG-123", tenant, daemon).status == 200)
            jira.move("10001", to: "OPS-9")
            let answer = try await Self.analyze("OPS-9", tenant, daemon)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try answer.json(Report.self).issue_key == "OPS-9")
        }
    }

    @Test func anIssueThatJiraDoesNotKnowIs404AndNotCharged() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            let answer = try await Self.analyze("ENG-999", tenant, daemon)
            let failure = try answer.json(Failure.self)
            #expect(answer.status == 404 && failure.code == "issue_not_found")
            #expect(failure.detail == "Jira does not know issue ENG-999, or the account cannot see it.")
            #expect(try daemon.query("SELECT COUNT(*) FROM usage_logs") == [["0"]])
            #expect(jira.count(of: .issue) == 1 && jira.count(of: .bulkFetch) == 0)
        }
    }

    @Test func beyondTheQuotaJiraIsNotAsked() async throws {
        try await Self.withFreshTenant(issues: 2, plan: "free") { jira, daemon, tenant in
            for _ in 0..<10 {
                let answer = try await Self.analyze("ENG-123", tenant, daemon)
                #expect(answer.status == 200, "\(answer.text)")
            }
            let refused = try await Self.analyze("ENG-124", tenant, daemon)
            #expect(refused.status == 429)
            #expect(jira.count(of: .issue) == 1)
        }
    }

    @Test func aTokenThatJiraRefusesIs502() async throws {
        try await Self.withFreshTenant(issues: 1, token: "ATATT-revoked-long-ago") { _, daemon, tenant in
            let answer = try await Self.analyze("ENG-123", tenant, daemon)
            #expect(answer.status == 502, "\(answer.text)")
            #expect(try answer.json(Failure.self).code == "jira_credentials_refused")
        }
    }

    @Test func aJiraThatFailsIs503() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            jira.script(.status(503), on: .issue, times: 100)
            var answer = try await Self.analyze("ENG-123", tenant, daemon)
            // On a busy machine the time that an answer waits may end before the last attempt: it says so, and is asked again.
            for _ in 0..<5 where answer.status == 202 { answer = try await Self.analyze("ENG-123", tenant, daemon) }
            #expect(answer.status == 503, "\(answer.text)")
            #expect(try answer.json(Failure.self).code == "jira_unreachable")
        }
    }

    @Test func anIssueThatTakesLongerIs202AndThereLater() async throws {
        try await Self.withFreshTenant(issues: 1) { jira, daemon, tenant in
            jira.script(.latency(.seconds(12)), on: .bulkFetch)
            let answer = try await Self.analyze("ENG-123", tenant, daemon)
            #expect(answer.status == 202, "\(answer.text)")
            #expect(try answer.json(Failure.self).code == "analysis_pending")
            let place = try #require(answer.headers.first(name: "location"))
            #expect(place == "/api/analyze/issue/ENG-123/raw" && answer.headers.first(name: "retry-after") == "5")
            #expect(try daemon.query("SELECT COUNT(*) FROM usage_logs") == [["0"]])
            try await eventually("the issue is analyzed") {
                try await daemon.request(.get, place, token: tenant.api_key).status == 200
            }
            #expect(jira.count(of: .bulkFetch) == 1)
        }
    }
}
