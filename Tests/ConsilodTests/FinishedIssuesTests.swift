import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

extension JiraSyncTests {
    @Test func aProjectComesWithItsFinishedIssuesAndTheseRaiseNoAlert() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...6 {
                let isDone = number <= 4
                try jira.add(
                    SimulatedJira.issue(
                        "1000\(number)", key: "PAY-\(number)", updated: Self.minutesAgo(Int64(60_000 - number)),
                        fields: [
                            ("status", SimulatedJira.status(isDone ? "Done" : "To Do", isDone ? "done" : "new")),
                            ("priority", .object([("name", "Highest")])), ("duedate", "2020-01-01"),
                            ("fixVersions", .array([.object([("id", "1"), ("name", "2.0")])])),
                        ]))
            }
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            let rule = try await daemon.request(
                .post, "/api/alert-rules", token: tenant.api_key,
                body: #"{"name": "Any", "kind": "threshold", "raise_at": 1}"#)
            #expect(rule.status == 201, "\(rule.text)")
            let (status, output) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0 && output.contains("6 issues found, 6 of them fetched"), "\(output)")
            try await daemon.waitUntilApplied(within: .seconds(60))
            try await eventually("the open issues have raised their alerts") {
                try daemon.query("SELECT DISTINCT issue_key FROM alerts ORDER BY issue_key") == [["PAY-5"], ["PAY-6"]]
            }
            #expect(
                try daemon.query("SELECT is_done, COUNT(*) FROM issue_snapshots GROUP BY is_done ORDER BY is_done")
                    == [["0", "2"], ["1", "4"]])
            let calls = jira.count(of: .bulkFetch)

            // What an older version fetched lacks the fields that it did not ask for, and comes once more.
            try daemon.execute(
                "UPDATE issue_snapshots SET whole_at = '2020-01-01T00:00:00.000Z' WHERE issue_key = 'PAY-1'")
            let (again, words) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(again == 0 && words.contains("6 issues found, 1 of them fetched"), "\(words)")
            #expect(jira.count(of: .bulkFetch) == calls + 1)
            #expect(jira.violations == [])
        }
    }
}
