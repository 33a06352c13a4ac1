import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The picture of Jira: the real daemon against a Jira that is as strict, as late and as forgetful as the real one.
@Suite struct JiraSyncTests {
    private struct Access: Decodable {
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

    static func makeDaemon(_ jira: SimulatedJira, _ more: [String: String] = [:]) throws -> DaemonProcess {
        try DaemonProcess(
            environment: [
                "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_JIRA_GRACE_SECONDS": "0", "CONSILOD_JIRA_GATEWAY_URL": jira.url,
                "CONSILOD_MODEL_ENABLED": "false",
            ].merging(more) { _, new in new })
    }

    static func makeTenant(_ daemon: DaemonProcess, on jira: SimulatedJira) async throws -> DaemonProcess.Tenant {
        let tenant = try await daemon.createTenant(
            jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
        try await eventually("the account is let in") { try await access(tenant, daemon).last_sweep_at != nil }
        return tenant
    }

    private static func access(_ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws -> Access {
        try await daemon.request(.get, "/api/tenants/\(tenant.id)/jira", token: tenant.api_key).json(Access.self)
    }

    /// Sweeps now, and waits until what that found is fetched and folded.
    private static func sweep(_ tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess, full: Bool = false) async throws
    {
        let before = try await access(tenant, daemon)
        let answer = try await daemon.request(
            .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: #"{"full": \#(full)}"#)
        #expect(answer.status == 202, "\(answer.text)")
        try await eventually("the sweep is over", within: .seconds(60)) {
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
        let key = daemon.folder.appendingPathComponent("key-\(tenant.id)")
        try tenant.api_key.write(to: key, atomically: true, encoding: .utf8)
        return try await daemon.run(
            [
                "backfill", "--url", "http://127.0.0.1:\(daemon.port)", "--tenant", tenant.id, "--key-file", key.path,
            ] + query)
    }

    static func minutesAgo(_ minutes: Int64) -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -60 * minutes)
    }

    /// Issues of one project, an hour old.
    private static func issues(_ count: Int, project: String = "PAY") -> [String] {
        (1...count).map { number in
            let issue = SimulatedJira.issue(
                "\(10_000 + number)", key: "\(project)-\(number)", updated: minutesAgo(60),
                fields: [("priority", .object([("name", "High")]))])
            return String(decoding: issue.bytes, as: UTF8.self)
        }
    }

    /// Runs `body` with a daemon that has fetched so many issues of one project, and folded them.
    private static func withPicture(
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

    // MARK: Hydration

    @Test func anIssueFirstSeenInAThinWebhookIsFetchedOnceAndWhole() async throws {
        try await SimulatedJira.run(issues: Self.issues(3)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.change("10001", "duedate", to: "2027-01-31", toString: "2027-01-31")
            jira.comment(on: "10001", "Said before anybody listened.")
            let told = jira.comment(on: "10001", "Blocked by the vendor.")
            let webhook = try #require(SimulatedWebhook.comment(told, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)

            try await eventually("the issue is whole") {
                try daemon.query("SELECT comment_count, due_date FROM issue_snapshots") == [["2", "2027-01-31"]]
            }
            try await eventually("nothing waits") {
                try await Self.access(tenant, daemon).waiting_issues == 0
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
        try await SimulatedJira.run(issues: Self.issues(2)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.hide("10001")
            for _ in 1...3 {
                let entry = jira.change("10001", "summary", to: "Secret work", toString: "Secret work")
                let webhook = try #require(SimulatedWebhook.change(entry, of: "10001", in: jira))
                #expect(try await daemon.post(webhook, to: tenant).status == 202)
                try await daemon.waitUntilApplied()
            }
            try await eventually("it is known to be out of sight") {
                try await Self.access(tenant, daemon).unavailable_issues == 1
            }
            #expect(jira.count(of: .bulkFetch) == 1)
            #expect(
                try daemon.query("SELECT summary, is_deleted, risk_score IS NULL FROM issue_snapshots").map { $0[0] }
                    == ["Secret work"])
            let listed = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
            #expect(listed.text.contains("PAY-1"))

            // What the account is given to see later on is fetched then.
            jira.hide("10001", false)
            try await Self.sweep(tenant, daemon)
            #expect(try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["1"]])
            #expect(try await Self.access(tenant, daemon).unavailable_issues == 0)
        }
    }

    // MARK: Backfill

    @Test func aBackfillIsWholeGoesOnAfterAKillAndFetchesNothingTwice() async throws {
        try await SimulatedJira.run(issues: Self.issues(450)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.resetCounts()
            let started = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
            #expect(started.status == 202, "\(started.text)")
            try await eventually("half of it is there") { jira.count(of: .bulkFetch) >= 2 }
            daemon.signal(SIGKILL)
            _ = try await daemon.waitForExit()
            try await daemon.restart()

            let (status, output) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 0, "\(output)")
            try await daemon.waitUntilApplied()
            try Self.expectSamePicture(daemon, tenant, jira)

            let fetches = jira.count(of: .bulkFetch)
            #expect(fetches <= 6, "five for all, and one more for what was in hand when it was killed")
            jira.change("10007", "summary", to: "Another name", toString: "Another name")
            let (again, words) = try await Self.backfill(tenant, daemon, ["--jql", "project = PAY"])
            #expect(again == 0 && words.contains("450 issues found, 1 of them fetched"), "\(words)")
            #expect(jira.count(of: .bulkFetch) == fetches + 1)
            #expect(jira.violations == [])

            let (refused, reason) = try await Self.backfill(tenant, daemon, ["--jql", "colour = red"])
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
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.resetCounts()
            let (status, output) = try await Self.backfill(
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
        try await SimulatedJira.run(issues: Self.issues(9)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
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
            #expect(try await Self.access(tenant, daemon).stopped_reason == nil)
        }
    }

    /// An issue whose events wait, as one that was set aside does, holds nothing up for ever.
    @Test func eventsThatWaitHoldUpNoFullSweep() async throws {
        try await Self.withPicture(ofIssues: 3) { jira, daemon, tenant in
            // A pending event that nothing is queued for, as of an issue that was set aside.
            try daemon.execute("UPDATE webhook_events SET state = 'pending' WHERE issue_id = '10002'")
            jira.delete("10001")
            let before = try await Self.access(tenant, daemon)
            _ = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: #"{"full": true}"#)
            try await eventually("the deletion is noticed") { try await Self.access(tenant, daemon).deleted == 1 }
            try await eventually("the full sweep is over") {
                try await Self.access(tenant, daemon).last_full_sweep_at != before.last_full_sweep_at
            }
        }
    }

    // MARK: Reconciliation

    /// 20 % of the webhooks are lost, 10 % come twice, and all come in another order.
    @Test(arguments: [UInt64(1), 2])
    func whatWebhooksMissedIsHealedAndCounted(seed: UInt64) async throws {
        try await Self.withPicture(ofIssues: 40) { jira, daemon, tenant in
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

            try await Self.sweep(tenant, daemon)
            let access = try await Self.access(tenant, daemon)
            #expect(access.missed == missed.count && access.healed == missed.count)
            try await eventually("/health tells the same") {
                try await daemon.health().components["jira"]?.detail
                    .contains("missed \(missed.count) issues, of which \(missed.count) are repaired") == true
            }
            try Self.expectSamePicture(daemon, tenant, jira)
            #expect(
                try daemon.query("SELECT COUNT(DISTINCT change_id) FROM issue_changes").first == [
                    "\(Self.changeCount(jira))"
                ])

            // Nothing is found a second time.
            let fetches = jira.count(of: .bulkFetch)
            try await Self.sweep(tenant, daemon)
            #expect(try await Self.access(tenant, daemon).missed == missed.count)
            #expect(jira.count(of: .bulkFetch) == fetches)
            #expect(jira.violations == [])
        }
    }

    private static func expectSamePicture(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ jira: SimulatedJira
    ) throws {
        let expected = try jira.issueIDs.map { id in
            try IssueRow(document: String(decoding: try #require(jira.document(of: id)).bytes, as: UTF8.self))
        }
        let difference = Set(try IssueRow.inStore(of: daemon, tenant)).symmetricDifference(expected)
        #expect(difference.isEmpty, "\(difference.sorted { $0.key < $1.key }.prefix(6))")
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
        let then = minutesAgo(minutes)
        try daemon.execute("UPDATE jira_access SET swept_at = '\(then)', sweep_due_at = '\(then)', due_at = '\(then)'")
        try await daemon.restart()
    }

    @Test func whatHappenedDuringDowntimeIsFoundFirstThing() async throws {
        try await Self.withPicture(ofIssues: 5, ["CONSILOD_JIRA_SWEEP_MINUTES": "1"]) { jira, daemon, tenant in
            try await Self.restart(daemon, asIfDownFor: 60) {
                jira.comment(on: "10003", "Written while nobody listened.")
            }
            try await eventually("it is healed") { try await Self.access(tenant, daemon).healed == 1 }
            try await eventually("the comment is there") {
                try daemon.query("SELECT comment_count FROM issue_snapshots WHERE issue_key = 'PAY-3'") == [["1"]]
            }
        }
    }

    /// After a downtime there are webhooks left over, and an issue with some waiting cannot be judged.
    @Test func whatWasLostBeforeAWebhookThatWaitsIsFoundToo() async throws {
        try await Self.withPicture(ofIssues: 3, ["CONSILOD_RESCORER_SETTLE_SECONDS": "5"]) { jira, daemon, tenant in
            jira.comment(on: "10002", "Lost on the way.")
            let told = jira.comment(on: "10002", "Told.")
            #expect(
                try await daemon.post(
                    #require(SimulatedWebhook.comment(told, on: "10002", of: jira)), to: tenant
                ).status == 202)
            try await Self.restart(daemon, asIfDownFor: 120)
            try await eventually("both comments are there", within: .seconds(60)) {
                try daemon.query("SELECT comment_count FROM issue_snapshots WHERE issue_key = 'PAY-2'") == [["2"]]
            }
            #expect(
                try daemon.query("SELECT COUNT(*) FROM jira_access WHERE swept_at > '\(Self.minutesAgo(60))'") == [
                    ["1"]
                ])
        }
    }

    @Test func aSweepThatIsRefusedIsShownUntilOneIsNot() async throws {
        try await Self.withPicture(ofIssues: 2) { jira, daemon, tenant in
            jira.script(.status(410), on: .search)
            let path = "/api/tenants/\(tenant.id)/jira/sweep"
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: "{}").status == 202)
            try await eventually("the refusal is shown") {
                try await Self.access(tenant, daemon).last_error?.contains("cannot sweep for missed webhooks") == true
            }
            // Other calls are made all the same, and change nothing about that.
            let comment = jira.comment(on: "10001", "More")
            #expect(
                try await daemon.post(
                    #require(SimulatedWebhook.comment(comment, on: "10001", of: jira)), to: tenant
                ).status == 202)
            try await daemon.waitUntilApplied()
            #expect(
                try await Self.access(tenant, daemon).last_error?.contains("cannot sweep for missed webhooks") == true)
            #expect(try await daemon.health().components["jira"]?.status == "healthy")
            try daemon.execute("UPDATE jira_access SET swept_at = '\(Self.minutesAgo(100))'")
            try await eventually("that it lasts is in /health") {
                let jira = try await daemon.health().components["jira"]
                return jira?.status == "degraded" && jira?.detail.contains("1 Jira has not been swept") == true
            }
            try await Self.sweep(tenant, daemon)
            #expect(try await Self.access(tenant, daemon).last_error == nil)
            try await eventually("all is well") {
                try await daemon.health().components["jira"]?.status == "healthy"
            }
        }
    }

    @Test func aFullSweepThatIsAskedForFindsIssuesThatNobodyToldOf() async throws {
        try await Self.withPicture(ofIssues: 2) { jira, daemon, tenant in
            try await Self.sweep(tenant, daemon, full: true)
            try daemon.execute("UPDATE jira_access SET full_swept_at = '\(Self.minutesAgo(600))'")
            try jira.load([try #require(Self.issues(3).last)])
            // Too old for the shorter look.
            try await Self.sweep(tenant, daemon)
            #expect(try await Self.access(tenant, daemon).missed == 0)
            try await Self.sweep(tenant, daemon, full: true)
            #expect(try await Self.access(tenant, daemon).healed == 1)
            try Self.expectSamePicture(daemon, tenant, jira)
        }
    }

    @Test func aBackfillSaysWhatItCouldNotFetch() async throws {
        try await SimulatedJira.run(issues: Self.issues(3)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.script(.change { $0.hide("10002") }, on: .search)
            let (status, output) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("1 issues could not be fetched"), "\(output)")
            #expect(output.contains("3 issues found, 2 of them fetched"), "\(output)")
        }
    }

    /// Fields and history of an issue come by two calls.
    @Test func anEditBetweenTheTwoCallsOfAFetchIsHealed() async throws {
        try await SimulatedJira.run(issues: Self.issues(3)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.script(
                .change { jira in
                    jira.change("10002", "summary", to: "Changed meanwhile", toString: "Changed meanwhile")
                }, on: .bulkFetch)
            _ = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            try await daemon.waitUntilApplied()
            #expect(
                try daemon.query("SELECT COUNT(*) FROM issue_changes WHERE to_string = 'Changed meanwhile'") == [["1"]])

            try await Self.sweep(tenant, daemon)
            try Self.expectSamePicture(daemon, tenant, jira)
            let fetches = jira.count(of: .bulkFetch)
            try await Self.sweep(tenant, daemon)
            #expect(jira.count(of: .bulkFetch) == fetches, "once is enough")
        }
    }

    @Test func aListingThatIsRefusedInTheMiddleAgainAndAgainFails() async throws {
        try await SimulatedJira.run(issues: Self.issues(1001)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.script(.change { $0.forgetSearches() }, on: .search, times: 100)
            let (status, output) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("page token"), "\(output)")
            try await eventually("what was listed is fetched all the same", within: .seconds(120)) {
                try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["1000"]]
            }
            #expect(try daemon.query("SELECT state, restarts FROM backfills") == [["failed", "3"]])
        }
    }

    @Test func whatIsDeletedIsToldFromWhatIsHidden() async throws {
        try await SimulatedJira.run(
            issues: Self.issues(4)
                + Self.issues(3, project: "OPS").map {
                    $0.replacing("\"1000", with: "\"2000")
                }
        ) { jira in
            jira.secure(project: "OPS")
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            for project in ["PAY", "OPS"] {
                let (status, output) = try await Self.backfill(tenant, daemon, ["--project", project])
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
            try await Self.sweep(tenant, daemon, full: true)
            let access = try await Self.access(tenant, daemon)
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
            try await Self.sweep(tenant, daemon, full: true)
            #expect(try IssueRow.inStore(of: daemon, tenant).map(\.key).contains("OPS-1"))
        }
    }

    @Test func aJiraThatDoesNotAnswerKeepsNobodyWaiting() async throws {
        try await SimulatedJira.run(issues: Self.issues(2)) { jira in
            try await SimulatedJira.run(issues: Self.issues(3)) { other in
                let daemon = try Self.makeDaemon(jira)
                try await daemon.start()
                let tenant = try await Self.makeTenant(daemon, on: jira)
                jira.script(.latency(.seconds(120)), times: 1000)
                _ = try await daemon.request(
                    .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key,
                    body: #"{"project_key": "PAY"}"#)
                try await eventually("Jira is being asked") { jira.count(of: .search) == 1 }

                let quick = try await daemon.createTenant(
                    "quick", jiraURL: other.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
                let (status, output) = try await Self.backfill(quick, daemon, ["--project", "PAY"])
                #expect(status == 0, "\(output)")
                #expect(jira.count(of: .search) == 1, "the other one is still waiting for its answer")
                daemon.signal(SIGTERM)
                #expect(try await daemon.waitForExit() == 0)
                #expect(!daemon.log.contains("error"), "\(daemon.log)")
            }
        }
    }

    // MARK: Sprint and portfolio

    @Test func aSprintAndAPortfolioAreMadeFromMoreThanWebhooksTold() async throws {
        let sprint = try JSON(parsing: #"[{"id": 7, "name": "Sprint 7", "state": "active", "boardId": 3}]"#)
        let issues = (1...3).map { number in
            SimulatedJira.issue(
                "\(10_000 + number)", key: "PAY-\(number)", updated: Self.minutesAgo(60),
                fields: [("customfield_10020", sprint)])
        }
        try await SimulatedJira.run(issues: issues.map { String(decoding: $0.bytes, as: UTF8.self) }) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
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
            #expect(try await Self.backfill(tenant, daemon, ["--project", "pay"]).status == 0)
            let calls = jira.requestCount
            #expect(try await ask("sprint", #"{"project_key": "PAY"}"#).coverage == "whole")
            #expect(jira.requestCount == calls)
            #expect(jira.violations == [])
        }
    }

    // MARK: Access

    @Test func aRefusedTokenStopsTheCallsIsShownAndIsOverWithANewOne() async throws {
        try await SimulatedJira.run(issues: Self.issues(3)) { jira in
            let daemon = try Self.makeDaemon(jira)
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            jira.setToken("ATATT-made-anew-by-somebody")
            let (status, output) = try await Self.backfill(tenant, daemon, ["--project", "PAY"])
            #expect(status == 1 && output.contains("Jira refuses the account"), "\(output)")
            #expect(try await Self.access(tenant, daemon).stopped_reason?.contains("401") == true)
            let another = try await Self.backfill(tenant, daemon, ["--project", "APP"])
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
        try await SimulatedJira.run(issues: Self.issues(1)) { jira in
            let daemon = try Self.makeDaemon(jira, ["CONSILOD_JIRA_ALLOWED_HOSTS": "jira.example"])
            try await daemon.start()
            for (name, url) in [("literal", jira.url), ("name", jira.url.replacing("127.0.0.1", with: "localhost"))] {
                let tenant = try await daemon.createTenant(
                    name, jiraURL: url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
                try await eventually("the refusal is told") {
                    try await Self.access(tenant, daemon).last_error?.contains("refused") == true
                }
            }
            #expect(jira.requestCount == 0)
        }
    }
}
