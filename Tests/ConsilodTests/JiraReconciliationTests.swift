import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// What webhooks did not say, or said wrongly, is found by sweeps.
@Suite struct JiraReconciliationTests {
    /// 20 % of the webhooks are lost, 10 % come twice, and all come in another order.
    @Test(arguments: [UInt64(1), 2])
    func whatWebhooksMissedIsHealedAndCounted(seed: UInt64) async throws {
        try await JiraPicture.withPicture(ofIssues: 40) { jira, daemon, tenant in
            var random = SeededGenerator(seed: seed)
            var webhooks: [String] = []
            var missed: Set<IssueID> = []
            for number in 1...300 {
                let id = try #require(jira.issueIDs.randomElement(using: &random))
                let webhook: String?
                if Bool.random(using: &random) {
                    webhook = SimulatedWebhook.comment(
                        jira.comment(on: id, .string("Comment \(number)")), on: id, of: jira)
                } else {
                    let entry = jira.change(id, "summary", to: .string("Name \(number)"), toString: "Name \(number)")
                    webhook = SimulatedWebhook.change(entry, of: id, in: jira)
                }
                switch Int.random(in: 0..<10, using: &random) {
                case 0, 1: missed.insert(id)
                case 2: webhooks += [try #require(webhook), try #require(webhook)]
                default: webhooks.append(try #require(webhook))
                }
            }
            webhooks.shuffle(using: &random)
            for webhook in webhooks { #expect(try await daemon.post(webhook, to: tenant).status == 202) }
            try await daemon.waitUntilApplied()
            #expect(!missed.isEmpty && missed.count < 40)

            try await JiraPicture.sweep(tenant, daemon)
            let access = try await JiraPicture.access(tenant, daemon)
            #expect(access.missed == missed.count && access.healed == missed.count)
            try await eventually("/health tells the same") {
                try await daemon.health().components["jira"]?.detail
                    .contains("missed \(missed.count) issues, of which \(missed.count) are repaired") == true
            }
            try JiraPicture.expectSamePicture(daemon, tenant, jira)
            #expect(
                try daemon.query("SELECT COUNT(DISTINCT change_id) FROM issue_changes").first == [
                    "\(Self.changeCount(jira))"
                ])

            // Nothing is found a second time.
            let fetches = jira.count(of: .bulkFetch)
            try await JiraPicture.sweep(tenant, daemon)
            #expect(try await JiraPicture.access(tenant, daemon).missed == missed.count)
            #expect(jira.count(of: .bulkFetch) == fetches)
            #expect(jira.violations == [])
        }
    }

    private static func changeCount(_ jira: SimulatedJira) -> Int {
        jira.issueIDs.map { jira.document(of: $0)?["changelog"]?["histories"]?.elements.count ?? 0 }.reduce(0, +)
    }

    /// Ends the daemon, and starts it again as if it had been down for so many minutes.
    private static func restart(
        _ daemon: DaemonProcess, asIfDownFor minutes: Int64, meanwhile happens: () -> Void = {}
    ) async throws {
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        happens()
        let then = JiraPicture.minutesAgo(minutes)
        try daemon.execute("UPDATE jira_access SET swept_at = '\(then)', sweep_due_at = '\(then)', due_at = '\(then)'")
        try await daemon.restart()
    }

    @Test func whatHappenedDuringDowntimeIsFoundFirstThing() async throws {
        try await JiraPicture.withPicture(ofIssues: 5, ["CONSILOD_JIRA_SWEEP_MINUTES": "1"]) { jira, daemon, tenant in
            try await Self.restart(daemon, asIfDownFor: 60) {
                jira.comment(on: "10003", "Written while nobody listened.")
            }
            try await eventually("it is healed") { try await JiraPicture.access(tenant, daemon).healed == 1 }
            try await eventually("the comment is there") {
                try daemon.query("SELECT comment_count FROM issue_snapshots WHERE issue_key = 'PAY-3'") == [["1"]]
            }
        }
    }

    /// After a downtime there are webhooks left over, and an issue with some waiting cannot be judged.
    @Test func whatWasLostBeforeAWebhookThatWaitsIsFoundToo() async throws {
        try await JiraPicture.withPicture(ofIssues: 3, ["CONSILOD_RESCORER_SETTLE_SECONDS": "5"]) {
            jira, daemon, tenant in
            jira.comment(on: "10002", "Lost on the way.")
            let told = jira.comment(on: "10002", "Told.")
            #expect(
                try await daemon.post(
                    #require(SimulatedWebhook.comment(told, on: "10002", of: jira)), to: tenant
                ).status == 202)
            try await Self.restart(daemon, asIfDownFor: 120)
            try await eventually("both comments are there") {
                try daemon.query("SELECT comment_count FROM issue_snapshots WHERE issue_key = 'PAY-2'") == [["2"]]
            }
            #expect(
                try daemon.query("SELECT COUNT(*) FROM jira_access WHERE swept_at > '\(JiraPicture.minutesAgo(60))'")
                    == [
                        ["1"]
                    ])
        }
    }

    @Test func aSweepThatIsRefusedIsShownUntilOneIsNot() async throws {
        try await JiraPicture.withPicture(ofIssues: 2) { jira, daemon, tenant in
            jira.script(.status(410), on: .search)
            let path = "/api/tenants/\(tenant.id)/jira/sweep"
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: "{}").status == 202)
            try await eventually("the refusal is shown") {
                try await JiraPicture.access(tenant, daemon).last_error?.contains("cannot sweep for missed webhooks")
                    == true
            }
            // Other calls are made all the same, and change nothing about that.
            let comment = jira.comment(on: "10001", "More")
            #expect(
                try await daemon.post(
                    #require(SimulatedWebhook.comment(comment, on: "10001", of: jira)), to: tenant
                ).status == 202)
            try await daemon.waitUntilApplied()
            #expect(
                try await JiraPicture.access(tenant, daemon).last_error?.contains("cannot sweep for missed webhooks")
                    == true)
            #expect(try await daemon.health().components["jira"]?.status == "healthy")
            try daemon.execute("UPDATE jira_access SET swept_at = '\(JiraPicture.minutesAgo(10_000))'")
            try await eventually("that it lasts is in /health") {
                let jira = try await daemon.health().components["jira"]
                return jira?.status == "degraded" && jira?.detail.contains("1 Jira has not been swept") == true
            }
            try await JiraPicture.sweep(tenant, daemon)
            #expect(try await JiraPicture.access(tenant, daemon).last_error == nil)
            try await eventually("all is well") {
                try await daemon.health().components["jira"]?.status == "healthy"
            }
        }
    }

    @Test func aFullSweepThatIsAskedForFindsIssuesThatNobodyToldOf() async throws {
        try await JiraPicture.withPicture(ofIssues: 2) { jira, daemon, tenant in
            try await JiraPicture.sweep(tenant, daemon, full: true)
            try daemon.execute("UPDATE jira_access SET full_swept_at = '\(JiraPicture.minutesAgo(600))'")
            try jira.load([try #require(JiraPicture.issues(3).last)])
            // Too old for the shorter look.
            try await JiraPicture.sweep(tenant, daemon)
            #expect(try await JiraPicture.access(tenant, daemon).missed == 0)
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(try await JiraPicture.access(tenant, daemon).healed == 1)
            try JiraPicture.expectSamePicture(daemon, tenant, jira)
        }
    }

    @Test func aBackfillSaysWhatItCouldNotFetch() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(3)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.script(.change { $0.hide("10002") }, on: .search)
            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("1 issues could not be fetched"), "\(output)")
            #expect(output.contains("3 issues found, 2 of them fetched"), "\(output)")
        }
    }

    /// Fields and history of an issue come by two calls.
    @Test func anEditBetweenTheTwoCallsOfAFetchIsHealed() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(3)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.script(
                .change { jira in
                    jira.change("10002", "summary", to: "Changed meanwhile", toString: "Changed meanwhile")
                }, on: .bulkFetch)
            _ = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            try await daemon.waitUntilApplied()
            #expect(
                try daemon.query("SELECT COUNT(*) FROM issue_changes WHERE to_string = 'Changed meanwhile'") == [["1"]])

            try await JiraPicture.sweep(tenant, daemon)
            try JiraPicture.expectSamePicture(daemon, tenant, jira)
            let fetches = jira.count(of: .bulkFetch)
            try await JiraPicture.sweep(tenant, daemon)
            #expect(jira.count(of: .bulkFetch) == fetches, "once is enough")
        }
    }

    @Test func aListingThatIsRefusedInTheMiddleAgainAndAgainFails() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(1001)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            jira.script(.change { $0.forgetSearches() }, on: .search, times: 100)
            let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("page token"), "\(output)")
            try await eventually("what was listed is fetched all the same", within: .seconds(120)) {
                try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["1000"]]
            }
            #expect(try daemon.query("SELECT state, restarts FROM backfills") == [["failed", "3"]])
        }
    }

    @Test func whatIsDeletedIsToldFromWhatIsHidden() async throws {
        try await SimulatedJira.run(
            issues: JiraPicture.issues(4)
                + JiraPicture.issues(3, project: "OPS").map {
                    $0.replacing("\"1000", with: "\"2000")
                }
        ) { jira in
            jira.secure(project: "OPS")
            let daemon = try JiraPicture.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            for project in ["PAY", "OPS"] {
                let (status, output) = try await JiraPicture.backfill(tenant, daemon, ["--project", project])
                #expect(status == 0, "\(output)")
            }
            try await daemon.waitUntilApplied()
            #expect(try IssueRow.inStore(of: daemon, tenant).count == 7)
            let comment = jira.comment(on: "10002", "Soon gone")
            let webhook = try #require(SimulatedWebhook.comment(comment, on: "10002", of: jira))
            _ = try await daemon.post(webhook, to: tenant)
            try await daemon.waitUntilApplied()

            // No webhook tells of any of these.
            jira.delete("10001")
            jira.hide("20001")
            jira.deleteComment(comment, on: "10002")
            try await JiraPicture.sweep(tenant, daemon, full: true)
            let access = try await JiraPicture.access(tenant, daemon)
            #expect(access.deleted == 1 && access.hidden == 1 && access.missed == 1 && access.healed == 1)
            #expect(
                try daemon.query(
                    "SELECT issue_key, hidden_since IS NOT NULL FROM issue_snapshots WHERE is_deleted ORDER BY issue_key"
                ).map { $0[0] } == ["OPS-1", "PAY-1"])
            #expect(
                try daemon.query("SELECT issue_key FROM issue_snapshots WHERE hidden_since IS NOT NULL") == [["OPS-1"]])
            #expect(try daemon.query("SELECT comment_count FROM issue_snapshots WHERE issue_key = 'PAY-2'") == [["0"]])

            // What comes back into sight is there again.
            jira.hide("20001", false)
            try await JiraPicture.sweep(tenant, daemon, full: true)
            #expect(try IssueRow.inStore(of: daemon, tenant).map(\.key).contains("OPS-1"))
        }
    }

    @Test func aJiraThatDoesNotAnswerKeepsNobodyWaiting() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(2)) { jira in
            try await SimulatedJira.run(issues: JiraPicture.issues(3)) { other in
                let daemon = try JiraPicture.makeDaemon(jira)
                try await daemon.start()
                let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
                jira.script(.latency(.seconds(120)), times: 1000)
                _ = try await daemon.request(
                    .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key,
                    body: #"{"project_key": "PAY"}"#)
                try await eventually("Jira is being asked") { jira.count(of: .search) == 1 }

                let quick = try await daemon.createTenant(
                    "quick", jiraURL: other.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
                let (status, output) = try await JiraPicture.backfill(quick, daemon, ["--project", "PAY"])
                #expect(status == 0, "\(output)")
                #expect(jira.count(of: .search) == 1, "the other one is still waiting for its answer")
                daemon.signal(SIGTERM)
                #expect(try await daemon.waitForExit() == 0)
                #expect(!daemon.log.contains("error"), "\(daemon.log)")
            }
        }
    }
}
