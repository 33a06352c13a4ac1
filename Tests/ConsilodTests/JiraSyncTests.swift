import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The picture of Jira: the real daemon against a Jira that is as strict, as late and as forgetful as the real one.
@Suite struct JiraSyncTests {
    // MARK: Hydration

    @Test func anIssueFirstSeenInAThinWebhookIsFetchedOnceAndWhole() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(3)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.change("10001", "duedate", to: "2027-01-31", toString: "2027-01-31")
            jira.comment(on: "10001", "Said before anybody listened.")
            let told = jira.comment(on: "10001", "Blocked by the vendor.")
            let webhook = try #require(SimulatedWebhook.comment(told, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)

            try await eventually("the issue is whole") {
                try daemon.query("SELECT comment_count, due_date FROM issue_snapshots") == [["2", "2027-01-31"]]
            }
            try await eventually("nothing waits") {
                try await JiraPicture.access(tenant, daemon).waiting_issues == 0
            }
            #expect(jira.count(of: .bulkFetch) == 1 && jira.count(of: .changelogs) == 1)

            // From here on its events keep it true, without a call.
            let calls = jira.requestCount
            for number in 1...20 {
                let id = jira.comment(on: "10001", .string("Comment \(number)"))
                let webhook = try #require(SimulatedWebhook.comment(id, on: "10001", of: jira))
                #expect(try await daemon.post(webhook, to: tenant).status == 202)
            }
            try await daemon.waitUntilSettled(tenant, issues: 1)
            try await eventually("all comments are there") {
                try daemon.query("SELECT comment_count FROM issue_snapshots") == [["22"]]
            }
            #expect(jira.requestCount == calls)
            #expect(jira.violations == [])
        }
    }

    @Test func anIssueThatTheAccountMayNotSeeIsAskedForOnceAndScoredAllTheSame() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(2)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.hide("10001")
            for _ in 1...3 {
                let entry = jira.change("10001", "summary", to: "Secret work", toString: "Secret work")
                let webhook = try #require(SimulatedWebhook.change(entry, of: "10001", in: jira))
                #expect(try await daemon.post(webhook, to: tenant).status == 202)
                try await daemon.waitUntilApplied()
            }
            try await eventually("it is known to be out of sight") {
                try await JiraPicture.access(tenant, daemon).unavailable_issues == 1
            }
            #expect(jira.count(of: .bulkFetch) == 1)
            #expect(
                try daemon.query("SELECT summary, is_deleted, risk_score IS NULL FROM issue_snapshots").map { $0[0] }
                    == ["Secret work"])
            let listed = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
            #expect(listed.text.contains("PAY-1"))

            // What the account is given to see later on is fetched then.
            jira.hide("10001", false)
            try await JiraPicture.sweep(tenant, daemon)
            #expect(try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["1"]])
            #expect(try await JiraPicture.access(tenant, daemon).unavailable_issues == 0)
        }
    }

    // MARK: Backfill

    @Test func aBackfillIsWholeGoesOnAfterAKillAndFetchesNothingTwice() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(450)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.resetCounts()
            let started = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
            #expect(started.status == 202, "\(started.text)")
            try await eventually("half of it is there") { jira.count(of: .bulkFetch) >= 2 }
            daemon.signal(SIGKILL)
            _ = try await daemon.waitForExit()
            try await daemon.restart()

            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0, "\(output)")
            try await daemon.waitUntilApplied()
            try JiraPicture.expectSamePicture(daemon, tenant, jira)

            let fetches = jira.count(of: .bulkFetch)
            #expect(fetches <= 6, "five for all, and one more for what was in hand when it was killed")
            jira.change("10007", "summary", to: "Another name", toString: "Another name")
            let (again, words) = try await JiraPicture.backfill(tenant, daemon, ["--jql", "project = PAY"])
            #expect(again == 0 && words.contains("450 issues found, 1 of them fetched"), "\(words)")
            #expect(jira.count(of: .bulkFetch) == fetches + 1)
            #expect(jira.violations == [])

            let (refused, reason) = try await JiraPicture.backfill(tenant, daemon, ["--jql", "colour = red"])
            #expect(refused != 0 && reason.contains("JQL"), "\(reason)")
        }
    }

    @Test(
        .enabled(if: SharedData.isAvailable, "the folder of real data is not on this machine"),
        .timeLimit(.minutes(20)))
    func aRealProjectComesWholeWithFewCalls() async throws {
        let lines = try SharedData.gzippedLines("jira/duraspace.issues.ndjson.gz")
        let keys = Set(try lines.map { try JSON(parsing: $0)["fields"]?["project"]?["key"]?.text ?? "" }).sorted()
        try await SimulatedJira.run(issues: lines) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.resetCounts()
            let (status, output) = try await JiraPicture.backfill(
                tenant, daemon, ["--jql", "project in (\(keys.joined(separator: ", "))) ORDER BY created ASC"])
            #expect(status == 0, "\(output)")
            #expect(Double(jira.requestCount) / Double(lines.count) <= 0.05, "\(jira.requestCount) calls")
            print("backfill of \(lines.count) issues: \(jira.requestCount) calls")
            try await daemon.waitUntilApplied(within: .seconds(600))
            let difference = Set(try IssueRow.inStore(of: daemon, tenant))
                .symmetricDifference(try lines.map { try IssueRow(document: $0) })
            #expect(difference.isEmpty, "\(difference.sorted { $0.key < $1.key }.prefix(6))")
            let changes = try daemon.query("SELECT COUNT(*) FROM issue_changes")
            let items = try lines.map { line in
                let histories = try JSON(parsing: line)["changelog"]?["histories"]?.elements ?? []
                return histories.map { $0["items"]?.elements.count ?? 0 }.reduce(0, +)
            }
            #expect(changes == [["\(items.reduce(0, +))"]])
            #expect(jira.violations == [])
        }
    }

    @Test func anIssueThatJiraCannotGiveKeepsNoOtherFromBeingFetched() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(9)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.script(.issueErrors(["10004"]), on: .bulkFetch, times: 10_000)
            let started = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
            #expect(started.status == 202, "\(started.text)")
            try await eventually("all others are there") {
                try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["8"]]
            }
            #expect(
                try daemon.query("SELECT issue_id, attempts, last_error IS NOT NULL FROM issue_fetches").map { $0[0] }
                    == ["10004"])
            #expect(try await JiraPicture.access(tenant, daemon).stopped_reason == nil)
        }
    }

    /// An issue whose events wait, as one that was set aside does, holds nothing up for ever.
    @Test func eventsThatWaitHoldUpNoFullSweep() async throws {
        try await JiraPicture.withPicture(ofIssues: 3) { jira, daemon, tenant in
            // A pending event that nothing is queued for, as of an issue that was set aside.
            try daemon.execute("UPDATE webhook_events SET state = 'pending' WHERE issue_id = '10002'")
            jira.delete("10001")
            let before = try await JiraPicture.access(tenant, daemon)
            _ = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: #"{"full": true}"#)
            try await eventually("the deletion is noticed") {
                try await JiraPicture.access(tenant, daemon).deleted == 1
            }
            try await eventually("the full sweep is over") {
                try await JiraPicture.access(tenant, daemon).last_full_sweep_at != before.last_full_sweep_at
            }
        }
    }

    // MARK: Sprint and portfolio

    @Test func aSprintAndAPortfolioAreMadeFromMoreThanWebhooksTold() async throws {
        let sprint = try JSON(parsing: #"[{"id": 7, "name": "Sprint 7", "state": "active", "boardId": 3}]"#)
        let issues = (1...3).map { number in
            SimulatedJira.issue(
                "\(10_000 + number)", key: "PAY-\(number)", updated: JiraPicture.minutesAgo(60),
                fields: [("customfield_10020", sprint)])
        }
        try await SimulatedJira.run(issues: issues.map { String(decoding: $0.bytes, as: UTF8.self) }) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            let comment = jira.comment(on: "10001", "The only one that anybody told of.")
            let webhook = try #require(SimulatedWebhook.comment(comment, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)
            try await daemon.waitUntilApplied()
            struct Answer: Decodable {
                struct Slice: Decodable {
                    var coverage: String
                    var issue_count: Int
                }
                var coverage: String?
                var issue_count: Int?
                var slices: [Slice]?
            }
            func ask(_ what: String, _ body: String) async throws -> Answer {
                let answer = try await daemon.request(
                    .post, "/api/analyze/\(what)", token: tenant.api_key, body: body)
                #expect(answer.status == 200, "\(answer.text)")
                return try answer.json(Answer.self)
            }
            let asked = try await ask("sprint", #"{"project_key": "PAY"}"#)
            #expect(asked.coverage == "asked" && asked.issue_count == 3)
            let named = try await ask("sprint", #"{"project_key": "PAY", "sprint_name": "sprint 7"}"#)
            #expect(named.coverage == "asked" && named.issue_count == 3)
            let slice = try #require(try await ask("portfolio", #"{"project_keys": ["PAY"]}"#).slices?.first)
            #expect(slice.coverage == "asked" && slice.issue_count == 3)

            // Once all of it is there, Jira is not asked any more.
            #expect(try await JiraPicture.backfill(tenant, daemon, ["--project", "pay"]).status == 0)
            // What the webhook left out may still be on its way.
            try await eventually("nothing is left to fetch") {
                try daemon.query("SELECT issue_id FROM issue_fetches WHERE parked_at IS NULL").isEmpty
            }
            let calls = jira.requestCount
            #expect(try await ask("sprint", #"{"project_key": "PAY"}"#).coverage == "whole")
            #expect(jira.requestCount == calls)
            #expect(jira.violations == [])
        }
    }

    // MARK: Access

    @Test func aRefusedTokenStopsTheCallsIsShownAndIsOverWithANewOne() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(3)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.setToken("ATATT-made-anew-by-somebody")
            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("Jira refuses the account"), "\(output)")
            #expect(try await JiraPicture.access(tenant, daemon).stopped_reason?.contains("401") == true)
            let another = try await JiraPicture.backfill(tenant, daemon, ["--project", "APP"])
            #expect(another.status == 1 && another.output.contains("No calls are made"), "\(another.output)")
            let calls = jira.requestCount
            #expect(try await daemon.health().components["jira"]?.status == "degraded")
            let alerts = try await daemon.request(.get, "/api/alerts", token: tenant.api_key)
            #expect(alerts.text.contains(#""kind":"access""#), "\(alerts.text)")
            let comment = jira.comment(on: "10001", "More")
            let webhook = try #require(SimulatedWebhook.comment(comment, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)
            try await daemon.waitUntilApplied()
            #expect(jira.requestCount == calls, "a refused token is not tried again")

            let changed = try await daemon.request(
                .put, "/api/tenants/\(tenant.id)", token: tenant.api_key,
                body: #"{"jira_token": "ATATT-made-anew-by-somebody"}"#)
            #expect(changed.status == 200, "\(changed.text)")
            try await eventually("the backfill goes on") {
                try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["3"]]
            }
            #expect(try await daemon.health().components["jira"]?.status == "healthy")
            #expect(!daemon.log.contains(SimulatedJira.token) && !daemon.log.contains("ATATT-made-anew"))
        }
    }

    @Test func aPrivateAddressIsNotCalledUnlessItIsAllowed() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(1)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira, ["CONSILOD_JIRA_ALLOWED_HOSTS": "jira.example"])
            try await daemon.start()
            for (name, url) in [("literal", jira.url), ("name", jira.url.replacing("127.0.0.1", with: "localhost"))] {
                let tenant = try await daemon.createTenant(
                    name, jiraURL: url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
                try await eventually("the refusal is told") {
                    try await JiraPicture.access(tenant, daemon).last_error?.contains("refused") == true
                }
            }
            #expect(jira.requestCount == 0)
        }
    }
}
