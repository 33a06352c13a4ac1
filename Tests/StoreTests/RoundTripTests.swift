import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// How often the pages of the dashboard wait for a server: six times at most.
@Suite struct RoundTripTests {
    private let start = StoreFixture.start
    private let limit = 6

    private func counted(_ fixture: StoreFixture) -> (store: RiskStore, trips: RoundTrips) {
        let trips = RoundTrips()
        return (RiskStore(driver: CountedDriver(driver: fixture.store.driver, trips: trips)), trips)
    }

    private func made(_ number: Int, _ summary: String, waitsFor other: IssueID? = nil) -> Domain.Issue {
        var issue = Domain.Issue(
            id: IssueID("\(number)"), key: IssueKey("PAY-\(number)"), projectKey: "PAY", summary: summary,
            created: start.adding(days: -10), updated: start)
        issue.sprints = [Sprint(id: "7", name: "Sprint 7", state: "active")]
        if let other {
            issue.links = [
                IssueLink(id: "77", relation: .blockedBy, typeName: "Blocks", otherID: other, otherKey: nil)
            ]
        }
        return issue
    }

    @Test func anIssueWithAllThatItsPageShows() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let asked = made(1, "Refund fails for expired vouchers", waitsFor: "2")
        for issue in [asked, made(2, "Expired vouchers cannot be sold"), made(3, "Expired vouchers break a refund")] {
            try await fixture.commit(
                IssueListing(issue: issue, analysis: StoreFixture.analysis(issue.id, key: issue.key, score: 40)),
                of: tenant, at: start, toldAt: start)
        }
        let (store, trips) = counted(fixture)
        _ = try await store.signedIn(tokenHash: "a token", now: start)
        let work = try #require(try await store.loadIssue(tenantID: tenant, key: "PAY-1"))
        #expect(trips.taken() == 2)
        #expect(work.state?.id == "1" && work.sprintRecords != nil)
        let ingredients = try await store.ingredients(
            tenantID: tenant, model: "m", hashes: [ContentHash("of a comment")], links: asked.links, asOf: start)
        #expect(trips.taken() == 1)
        #expect(ingredients.upstream.map(\.issueKey) == ["PAY-2"] && ingredients.readings.isEmpty)
        let context = try await store.context(
            tenant, of: asked, .init(analyses: 100, issues: ["2", "9"]), now: start)
        #expect(trips.taken() <= limit - 3)
        #expect(context.similarIssues.map(\.key).contains("PAY-3"))
        #expect(context.listings.map(\.issue.key) == ["PAY-2"])
        #expect(context.teamBaseline.avgAgeDays == 10)
    }

    @Test func theWorkOnAWebhook() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let (store, trips) = counted(fixture)
        // The second time there is a state, an analysis and a history.
        for delivery in ["d1", "d2"] {
            _ = try await fixture.store.inbox.append(StoreFixture.delivery(delivery, of: tenant))
            let claims = try await fixture.store.claimIssues(
                limit: 10, now: start, leaseUntil: start.adding(seconds: 30))
            let claim = try #require(claims.first)
            let work = try await store.loadWork(for: claim)
            #expect(trips.taken() == 1)
            #expect(work?.pending.count == 1)
            try await store.commit(StoreFixture.result(work, id: claim.issueID, score: 10), for: claim)
            #expect(trips.taken() == 1)
        }
        #expect(try await fixture.store.figures(now: start).pendingEvents == 0)
    }

    @Test func theSetUp() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let (store, trips) = counted(fixture)
        let figures = try await store.setupFigures(tenant, backfillLimit: 5)
        #expect(trips.taken() == 1)
        let rules = try await store.alertRules(tenant)
        let channels = try await store.alertChannels(tenant)
        #expect(figures.hasScores && figures.lastWebhookAt == start && figures.access != nil)
        #expect(figures.rules == rules.count(where: \.isEnabled))
        #expect(figures.channels == channels.count(where: \.isEnabled))
        let access = try await store.jiraAccessStatus(tenant)
        let backfills = try await store.recentBackfills(tenant, limit: 5)
        #expect(figures.access == access && figures.backfills == backfills)
    }

    @Test func theHostOfTheOperator() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("1", of: tenant, at: start))
        let (store, trips) = counted(fixture)
        let node = StoreNode(host: "here", version: "1", startedAt: start)
        _ = try await store.hasOperatorSession(tokenHash: "a token", adminMark: "mark", now: start)
        _ = try await store.heartbeat(of: node, now: start, clock: ClockNote(trustedAt: start))
        let figures = try await store.figures(now: start)
        let access = try await store.jiraAccessFigures(sweptBefore: start, now: start)
        let nodes = try await store.nodes(since: start.adding(days: -1))
        #expect(trips.taken() <= limit)
        #expect(figures.pendingEvents == 1 && figures.oldestPendingAt == start)
        #expect(access.stopped == 0 && access.unanswered == 0 && access.tallies == figures.jira.withoutFetches)
        #expect(nodes.map(\.host) == ["here"])
    }

    @Test func anIssueByItsKeyIsTheOneByItsID() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        // The last instant of the window counts; the one before it does not.
        let days = [-40, -Analysis.lookBackDays, -20, 0]
        for (place, day) in days.enumerated() {
            let now = start.adding(days: day)
            let claim = try await fixture.claim("1", of: tenant, at: now)
            let work = try await fixture.store.loadWork(for: claim)
            try await fixture.store.commit(
                StoreFixture.result(work, id: "1", score: 10 + place, now: now), for: claim)
        }
        let byKey = try #require(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-1"))
        let byID = try await fixture.store.driver.read {
            try IssueWorkStatements.load("1", of: tenant, pendingLimit: 0, from: $0)
        }
        #expect(byKey.recentScores.map(\.score) == [11, 12, 13])
        #expect(byKey.recentScores == byID?.recentScores && byKey.state == byID?.state)
        #expect(byKey.rules == byID?.rules && byKey.lastAnalysis == byID?.lastAnalysis)
        #expect(try await fixture.store.loadIssue(tenantID: tenant, key: "PAY-2") == nil)
    }
}

extension JiraTallies {
    /// Without what waits to be fetched, which other figures have.
    fileprivate var withoutFetches: JiraTallies {
        var tallies = self
        (tallies.waiting, tallies.unavailable) = (0, 0)
        return tallies
    }
}
