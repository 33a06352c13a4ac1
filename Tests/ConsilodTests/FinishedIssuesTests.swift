import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Issues that are finished, as backfills fetch them.
@Suite struct FinishedIssuesTests {
    @Test func aProjectComesWithItsFinishedIssuesAndTheseRaiseNoAlert() async throws {
        try await SimulatedJira.run { jira in
            for number in 1...6 {
                var issue = SimulatedJira.issue(
                    "1000\(number)", key: "PAY-\(number)", updated: JiraPicture.minutesAgo(Int64(60_000 - number)),
                    fields: [("priority", .object([("name", "Highest")])), ("duedate", "2020-01-01")])
                if number <= 4 { issue["fields", "status"] = SimulatedJira.status("Done", "done") }
                try jira.add(issue)
            }
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            let rule = try await daemon.request(
                .post, "/api/alert-rules", token: tenant.api_key,
                body: #"{"name": "Any", "kind": "threshold", "raise_at": 1}"#)
            #expect(rule.status == 201, "\(rule.text)")
            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0 && output.contains("6 issues found, 6 of them fetched"), "\(output)")
            try await daemon.waitUntilApplied()
            try await eventually("the open issues have raised their alerts") {
                try daemon.query("SELECT DISTINCT issue_key FROM alerts ORDER BY issue_key") == [["PAY-5"], ["PAY-6"]]
            }
            #expect(try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE is_done") == [["4"]])
            #expect(try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE NOT is_done") == [["2"]])
            let calls = jira.count(of: .bulkFetch)

            // What an older version fetched lacks the fields that it did not ask for, and comes once more.
            try daemon.execute(
                "UPDATE issue_snapshots SET whole_at = '2020-01-01T00:00:00.000Z' WHERE issue_key = 'PAY-1'")
            let (again, words) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(again == 0 && words.contains("6 issues found, 1 of them fetched"), "\(words)")
            #expect(jira.count(of: .bulkFetch) == calls + 1)
            #expect(jira.violations == [])
        }
    }

    @Test func commentsOfIssuesFinishedLongAgoAreReadOnDemandOnly() async throws {
        try await SimulatedJira.run { jira in
            let (old, recent) = (JiraPicture.minutesAgo(60_000), JiraPicture.minutesAgo(600))
            for (number, updated, isDone) in [(1, old, true), (2, recent, true), (3, old, false)] {
                var issue = SimulatedJira.issue(
                    "1000\(number)", key: "PAY-\(number)", updated: updated,
                    comments: [Self.comment("50\(number)", "What is new in part \(number)?", at: updated)])
                if isDone { issue["fields", "status"] = SimulatedJira.status("Done", "done") }
                try jira.add(issue)
            }
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            #expect(try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"]).status == 0)
            try await daemon.waitUntilApplied()
            func readings() throws -> [[String]] { try daemon.query("SELECT COUNT(*) FROM sentiment_cache") }
            #expect(try readings() == [["2"]])
            let stored = try daemon.query("SELECT analysis_json FROM issue_snapshots WHERE issue_key = 'PAY-1'")
            // PostgreSQL writes a space after each colon.
            let json = stored.first?.first?.replacing(": ", with: ":")
            #expect(json?.contains(#""not_judged":{"finished issue":1}"#) == true, "\(stored)")

            let answer = try await daemon.request(
                .post, "/api/analyze/issue", token: tenant.api_key, body: #"{"issue_key": "PAY-1"}"#)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(try readings() == [["3"]])
        }
    }

    private static func comment(_ id: String, _ body: String, at: Timestamp) -> JSON {
        let instant = JSON.string(SimulatedJira.instant(at))
        return .object([
            ("id", .string(id)), ("author", SimulatedJira.person("u-1", "Ada")), ("body", .string(body)),
            ("created", instant), ("updated", instant),
        ])
    }
}
