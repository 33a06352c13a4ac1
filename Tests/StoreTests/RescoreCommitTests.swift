import Alerts
import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct RescoreCommitTests {
    private let start = StoreFixture.start

    private func claimOne(_ fixture: StoreFixture) async throws -> (IssueClaim, IssueWork) {
        let claims = try await fixture.store.claimIssues(limit: 1, now: start, leaseUntil: start.adding(seconds: 60))
        let claim = try #require(claims.first)
        return (claim, try #require(try await fixture.store.loadWork(for: claim)))
    }

    @Test func givesBackTheStateItWasGiven() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let (claim, work) = try await claimOne(fixture)
        var state = IssueState(id: "10001")
        let version = Version(at: start, changelog: 4, sentAt: start)
        let ada = Person(id: "u1", displayName: "Ada", timeZone: "Europe/Berlin")
        state.fields.key = Versioned("PAY-1", version)
        state.fields.assignee = Versioned(ada, version)
        state.fields.dueDate = Versioned(nil, version)
        state.comments = [
            "1": Comment(id: "1", author: ada, body: "Wartet auf den Anbieter 🙁", created: start, updated: start),
            "2": Comment(id: "2", author: nil, body: "", created: start, updated: start.adding(seconds: 1)),
        ]
        state.deletedComments = ["2"]
        state.changes = [
            "9/0": Change(
                id: "9/0", at: start, author: ada, field: "status", from: "1", fromString: "Open", to: nil,
                toString: nil)
        ]
        state.linkEvents = ["77": Versioned(nil, version)]
        var result = StoreFixture.result(work, id: "10001", score: 40)
        result.state = state
        let readings: [ContentHash: SentimentReading] = ["h1": SentimentReading(label: .negative, score: 0.75)]
        result.newReadings = readings
        try await fixture.store.commit(result, for: claim)

        let loaded = try #require(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1"))
        #expect(loaded.state == state)
        #expect(loaded.lastAnalysis == result.analysis)
        #expect(loaded.recentScores == [ScorePoint(at: start, score: 40)])
        #expect(
            try await fixture.store.sentimentReadings(tenantID: tenant, model: "wordlist-1", hashes: ["h1", "h2"])
                == readings)
        #expect(
            try await fixture.store.sentimentReadings(tenantID: tenant, model: "other", hashes: ["h1"]).isEmpty)
    }

    @Test func severalWebhooksOfAnIssueAreCommittedTogether() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for delivery in ["d1", "d2", "d3"] {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery(delivery, of: tenant))
        }
        let (claim, work) = try await claimOne(fixture)
        #expect(work.pending.count == 3)
        var result = StoreFixture.result(work, id: "10001", score: 42)
        result.history = (0..<3).map { step in
            let analysis = StoreFixture.analysis(
                "10001", key: "PAY-1", score: 40 + step, at: start.adding(seconds: Int64(step)))
            return HistoryRow(analysis: analysis, isOver: step == 1)
        }
        let readings: [ContentHash: SentimentReading] = [
            "h1": SentimentReading(label: .negative, score: 0.75), "h2": SentimentReading(label: .positive, score: 0.1),
            "h3": SentimentReading(label: .neutral, score: 1.0 / 3),
        ]
        result.newReadings = readings
        // Some are there already.
        try await fixture.store.keep(
            ["h2": SentimentReading(label: .positive, score: 0.1)], model: "wordlist-1", tenantID: tenant)
        try await fixture.store.commit(result, for: claim)

        let loaded = try #require(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1"))
        #expect(loaded.recentScores.map(\.score) == [40, 41, 42])
        let history = try await fixture.store.history(tenant, key: "PAY-1", after: nil, limit: 10).items
        #expect(history.map(\.riskScore).sorted() == [40, 41, 42])
        let newest = try await fixture.store.lookBack(
            tenantID: tenant, issueID: "10001", before: start.adding(seconds: 2)
        ).analysis
        #expect(newest == result.history[1].analysis)
        let over = try await fixture.store.driver.read {
            try $0.query("SELECT risk_score FROM analysis_history WHERE is_over", []).map { try $0.integer() }
        }
        #expect(over == [41])
        #expect(
            try await fixture.store.sentimentReadings(
                tenantID: tenant, model: "wordlist-1", hashes: ["h1", "h2", "h3", "h4"]) == readings)
        let figures = try await fixture.store.figures(now: start)
        #expect(figures.pendingEvents == 0 && figures.dueIssues == 0)
    }

    @Test(.enabled(if: StoreFixture.isShared, "CONSILOD_TEST_POSTGRES names no server"))
    func aServerWithoutStatisticsReadsNoOtherReadings() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let reading = SentimentReading(label: .neutral, score: 0.5)
        let readings = Dictionary(uniqueKeysWithValues: (0..<500).map { (ContentHash("h\($0)"), reading) })
        try await fixture.store.keep(readings, model: "m", tenantID: tenant)
        let plan = try await fixture.store.driver.read { connection in
            let query = ReadingStatements.select(["h1", "h2"], model: "m", of: tenant, connection.dialect)
            return try connection.query("EXPLAIN (ANALYZE, COSTS OFF) \(query.sql)", query.arguments)
                .map { try $0.text() }.joined(separator: "\n")
        }
        #expect(plan.contains("sentiment_cache_pkey") && !plan.contains("Rows Removed"), "\(plan)")
    }

    @Test func aCommentThatWasDeletedLeavesNeitherTextNorAuthor() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let ada = Person(id: "account-of-ada", displayName: "Ada Secretive", timeZone: "Europe/Berlin")
        func commit(_ delivery: String, _ change: (inout IssueState) -> Void) async throws {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery(delivery, of: tenant))
            let (claim, work) = try await claimOne(fixture)
            var state = work.state ?? IssueState(id: "10001")
            state.fields.key = Versioned("PAY-1", Version(at: start, changelog: 4, sentAt: start))
            change(&state)
            var result = StoreFixture.result(work, id: "10001", score: 40)
            (result.state, result.previousState) = (state, work.state)
            try await fixture.store.commit(result, for: claim)
        }
        func comments() async throws -> [CommentID: Domain.Comment] {
            try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1")?.state?.comments ?? [:]
        }
        let comment = Domain.Comment(id: "1", author: ada, body: "Regrettable words", created: start, updated: start)
        try await commit("d1") { $0.comments["1"] = comment }
        #expect(try await comments() == ["1": comment])
        try await commit("d2") { $0.deletedComments = ["1"] }
        #expect(
            try await comments() == [
                "1": Domain.Comment(id: "1", author: nil, body: "", created: start, updated: start)
            ])
        // The webhook that made it comes once more.
        try await commit("d3") { $0.comments["1"] = comment }
        let again = try #require(try await comments()["1"])
        #expect(again.body == "" && again.author == nil)
    }

    @Test func anAnalysisThatCannotBeReadIsAsGoodAsNone() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let (claim, work) = try await claimOne(fixture)
        try await fixture.store.commit(StoreFixture.result(work, id: "10001", score: 40), for: claim)
        try await fixture.store.driver.write { try $0.run("UPDATE issue_snapshots SET analysis_json = '{}'", []) }
        let loaded = try #require(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1"))
        #expect(loaded.lastAnalysis == nil)
        #expect(loaded.state != nil)
    }

    @Test func alertsAreCommittedWithTheScoreOrNotAtAll() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        let channel = AlertChannel(id: UUID(), kind: .slack, name: "team", target: "sealed")
        try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let (claim, work) = try await claimOne(fixture)
        let state = AlertState(ruleID: rule.id, isFiring: true, since: start, score: 80)
        let alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: start)
        let result = StoreFixture.result(
            work, id: "10001", score: 80, decision: try await fixture.decision(alert, states: [state]))

        var stolen = claim
        stolen.leaseToken = "somebody else's"
        await #expect(throws: StorageError.self) { try await fixture.store.commit(result, for: stolen) }
        #expect(try await fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10).items.isEmpty)

        try await fixture.store.commit(result, for: claim)
        let listed = try await fixture.store.alerts(tenant, state: .queued, issueKey: "PAY-1", after: nil, limit: 10)
            .items
        #expect(listed.map(\.alert) == [alert])
        #expect(listed.first?.deliveries.map(\.channelID) == [channel.id])
        #expect(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1")?.alertStates == [state])
    }

    @Test func blockedIssuesAreLookedAtAgain() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for (id, key) in [("1", "PAY-1"), ("2", "PAY-2")] as [(IssueID, IssueKey)] {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery("d\(id)", of: tenant, issues: [id]))
            let (claim, work) = try await claimOne(fixture)
            try await fixture.store.commit(StoreFixture.result(work, id: id, key: key, score: 30), for: claim)
        }
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d3", of: tenant, issues: ["1"]))
        let (claim, work) = try await claimOne(fixture)
        var result = StoreFixture.result(work, id: "1", score: 60)
        result.dependents = [
            Dependent(issue: IssueReference(id: nil, key: "PAY-2"), from: start),
            Dependent(issue: IssueReference(id: "unknown", key: nil), from: start),
        ]
        try await fixture.store.commit(result, for: claim)
        let (next, _) = try await claimOne(fixture)
        #expect(next.issueID == "2")
        let upstream = try await fixture.store.upstreamRisks(
            tenantID: tenant,
            links: [
                IssueLink(id: "5", relation: .blockedBy, typeName: "Blocks", otherID: nil, otherKey: "PAY-1"),
                IssueLink(id: "6", relation: .relatesTo, typeName: "Relates", otherID: "1", otherKey: nil),
            ])
        #expect(
            upstream == [UpstreamRisk(issueID: "1", issueKey: "PAY-1", linkID: "5", ownScore: 60, isDone: false)])
    }

    @Test func aDeletedIssueBlocksNobody() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let (claim, work) = try await claimOne(fixture)
        var result = StoreFixture.result(work, id: "10001", score: 30)
        result.state.isDeleted = true
        try await fixture.store.commit(result, for: claim)
        let link = IssueLink(id: "5", relation: .blockedBy, typeName: "Blocks", otherID: "10001", otherKey: nil)
        #expect(try await fixture.store.upstreamRisks(tenantID: tenant, links: [link]).map(\.isDone) == [true])
    }

    @Test func listsTheRiskiestFirstAndPages() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let other = try await fixture.makeTenant("other")
        for (index, score) in [10, 90, 50, 90, 0].enumerated() {
            for owner in [tenant, other] {
                _ = try await fixture.store.inbox.append(
                    StoreFixture.delivery("d\(index)", of: owner, issues: [IssueID("\(index)")]))
                let (claim, work) = try await claimOne(fixture)
                try await fixture.store.commit(
                    StoreFixture.result(work, id: IssueID("\(index)"), key: IssueKey("PAY-\(index)"), score: score),
                    for: claim)
            }
        }
        let first = try await fixture.store.issues(tenant, filter: IssueFilter(), after: nil, limit: 3)
        let second = try await fixture.store.issues(tenant, filter: IssueFilter(), after: first.nextCursor, limit: 3)
        #expect((first.items + second.items).map(\.issue.key) == ["PAY-1", "PAY-3", "PAY-2", "PAY-0", "PAY-4"])
        #expect(second.nextCursor == nil)
        let high = try await fixture.store.issues(tenant, filter: IssueFilter(minimumScore: 51), after: nil, limit: 10)
        #expect(high.items.count == 2)
        let elsewhere = IssueFilter(projectKey: "APP")
        #expect(try await fixture.store.issues(tenant, filter: elsewhere, after: nil, limit: 10).items.isEmpty)
    }
}

enum AlertFixture {
    /// Alerts of one issue share a notification while it waits; those that are to be apart are of issues of their own.
    static func alert(
        tenant: TenantID, rule: AlertRule, score: Int, at: Timestamp, issue: IssueID = "10001"
    ) -> Alert {
        Alert(
            id: UUID(), tenantID: tenant, event: .raised, band: .high, headline: "PAY-1 rose from 40 to \(score)",
            createdAt: at,
            subject: .issue(
                IssueAlert(
                    ruleID: rule.id, ruleName: rule.name, ruleKind: .threshold, issueID: issue, issueKey: "PAY-1",
                    projectKey: "PAY", summary: "Refund button", status: "Open", assignee: "Ada",
                    url: "https://acme.atlassian.net/browse/PAY-1", score: score, previousScore: 40, changes: [],
                    factors: [], remedies: [], model: "wordlist-1")))
    }
}

extension StoreFixture {
    /// The decision that raises an alert, with its notifications to the tenant's channels.
    func decision(
        _ alert: Alert, states: [AlertState] = [], timing: AlertGroupTiming = AlertGroupTiming(wait: 0, interval: 0)
    ) async throws -> AlertDecision {
        var decision = AlertDecision(alerts: [alert], states: states)
        AlertRouter(timing: timing).route(
            &decision, by: try await store.alertRouting(alert.tenantID, now: alert.createdAt), now: alert.createdAt)
        return decision
    }
}
