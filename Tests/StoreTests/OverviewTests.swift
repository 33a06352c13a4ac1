import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What the overview and the list of sprints read.
@Suite struct OverviewTests {
    private let start = StoreFixture.start

    @Test func theOverviewHasProjectsOpenAlertsAndTheStateOfTheSync() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let other = try await fixture.makeTenant("other")
        try await fixture.park("10050", of: tenant, error: "broken", attempts: 2, at: start)
        let figures = try await fixture.store.overview(tenant, alertLimit: 5)
        #expect(figures.projects == [ProjectRisk(projectKey: "PAY", counts: RiskCounts(high: 1))])
        #expect(figures.openAlerts.map(\.headline) == ["PAY-1 rose from 40 to 80"] && figures.openAlertCount == 1)
        #expect(try await fixture.store.overview(tenant, alertLimit: 0).openAlertCount == 1)
        #expect(figures.sync.rejectedWebhooks == 1 && figures.sync.parkedIssues == 1)
        #expect(figures.sync.lastWebhookAt == start && figures.sync.access != nil)
        #expect(
            figures.sync.problems(at: start.adding(days: 5))
                == [.sweepOverdue(hours: 120), .silent(days: 5), .rejected(1), .parked(1)])
        let empty = try await fixture.store.overview(other, alertLimit: 5)
        #expect(empty.projects.isEmpty && empty.openAlerts.isEmpty && empty.sync.lastWebhookAt == nil)
        #expect(empty.sync.problems(at: start) == [.noWebhook])
    }

    @Test func problemsOfTheSyncAreNamedTheWorstFirst() {
        var access = JiraAccessStatus(
            stoppedReason: "401", stoppedAt: start, lastError: "401", sweptAt: start, fullySweptAt: nil, missed: 0,
            healed: 0, deleted: 0, hidden: 0, calls: 1, waiting: 0, unavailable: 0)
        func problems(_ now: Timestamp) -> [SyncState.Problem] {
            SyncState(access: access, lastWebhookAt: start).problems(at: now)
        }
        #expect(problems(start) == [.stopped("401")])
        (access.stoppedAt, access.stoppedReason) = (nil, nil)
        #expect(problems(start) == [.failing("401")])
        access.lastError = nil
        #expect(problems(start.adding(seconds: 86_399)) == [])
        #expect(problems(start.adding(days: 4)) == [.sweepOverdue(hours: 96), .silent(days: 4)])
    }

    @Test func sprintsAreListedTheActiveOnesFirstWithTheirOpenIssues() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        func sprint(_ id: String, _ state: String, day: Int) -> Sprint {
            Sprint(
                id: id, name: "Sprint \(id)", state: state, startDate: start.adding(days: day),
                endDate: start.adding(days: day + 14))
        }
        func commit(_ number: Int, _ score: Int, _ sprints: [Sprint], of owner: TenantID) async throws {
            let (id, key) = (IssueID("\(number)"), IssueKey("\(number % 2 == 0 ? "APP" : "PAY")-\(number)"))
            var issue = Issue(
                id: id, key: key, projectKey: key.projectKey, summary: "Story", created: start, updated: start)
            issue.sprints = sprints
            issue.status = score == 0 ? Status(name: "Done", category: .done) : Status(name: "Open", category: .new)
            try await fixture.commit(
                IssueListing(issue: issue, analysis: StoreFixture.analysis(id, key: key, score: score)), of: owner,
                at: start, toldAt: start)
        }
        try await commit(1, 80, [sprint("7", "active", day: 0), sprint("5", "closed", day: -30)], of: tenant)
        try await commit(2, 50, [sprint("7", "active", day: 0)], of: tenant)
        try await commit(3, 0, [sprint("7", "active", day: 0)], of: tenant)
        try await commit(5, 20, [sprint("12", "future", day: 20), sprint("6", "closed", day: -15)], of: tenant)
        try await commit(7, 20, [sprint("9", "active", day: 0)], of: other)

        let listed = try await fixture.store.sprintListings(tenant, limit: 10)
        #expect(listed.map(\.sprint.id) == ["7", "12", "6", "5"])
        #expect(listed.first?.projectKeys == ["APP", "PAY"] && listed.first?.open == RiskCounts(high: 1, medium: 1))
        #expect(try await fixture.store.sprintListings(tenant, limit: 2).map(\.sprint.id) == ["7", "12"])
        #expect(try await fixture.store.sprintListing(tenant, sprintID: "5")?.sprint.name == "Sprint 5")
        #expect(try await fixture.store.sprintListing(tenant, sprintID: "9") == nil)
        #expect(try await fixture.store.sprintListing(other, sprintID: "7") == nil)
    }
}
