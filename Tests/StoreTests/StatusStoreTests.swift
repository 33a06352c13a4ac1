import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

/// What is known of statuses, and which issues are queued when it changes.
@Suite struct StatusStoreTests {
    private let start = StoreFixture.start

    private func record(_ category: Status.Category, id: String? = "1", day: Int = 0) throws -> StatusRecord {
        try #require(
            StatusRecord(Status(id: id, name: "Review", category: category), toldOn: start.adding(days: day).utcDay))
    }

    /// Commits an issue that was once in the status `1`.
    private func commit(
        _ fixture: StoreFixture, _ id: IssueID, of tenant: TenantID, _ statuses: [StatusRecord] = [],
        wasIn status: String? = "1", called name: String = "Review"
    ) async throws {
        try await commit(
            fixture, try await fixture.claim(id, of: tenant, at: start), statuses, wasIn: status, called: name)
    }

    private func commit(
        _ fixture: StoreFixture, _ claim: IssueClaim, _ statuses: [StatusRecord] = [],
        using catalog: StatusCatalog? = nil, wasIn status: String? = "1", called name: String = "Review"
    ) async throws {
        let work = try await fixture.store.loadWork(for: claim)
        var result = StoreFixture.result(
            work, id: claim.issueID, key: IssueKey("PAY-\(claim.issueID)"), score: 10)
        if let status {
            result.state.changes["1/0"] = Change(
                id: "1/0", at: start, author: nil, field: "status", from: status, fromString: name, to: nil,
                toString: nil)
        }
        (result.statuses, result.statusCatalog) = (statuses, catalog)
        try await fixture.store.commit(result, for: claim)
    }

    /// The issues that are due, whose claims are given back by their commits.
    private func workedOff(_ fixture: StoreFixture) async throws -> [IssueID] {
        let claims = try await fixture.store.claimIssues(
            limit: 100, now: start, leaseUntil: start.adding(seconds: 60))
        for claim in claims { try await commit(fixture, claim) }
        return claims.map(\.issueID).sorted { $0.rawValue < $1.rawValue }
    }

    @Test func whatIsSaidInAnyOrderIsOneCatalog() async throws {
        let fixture = try await StoreFixture()
        let records = try [
            record(.new), record(.done), record(.new, day: 1), record(.indeterminate, day: 1), record(.done, id: nil),
            record(.new, id: nil, day: 2),
        ]
        let orders: [[StatusRecord]] = [records, records.reversed(), Array(records[3...] + records[..<3])]
        var catalogs: Set<StatusCatalog> = []
        for (index, order) in orders.enumerated() {
            let tenant = try await fixture.makeTenant("acme-\(index)")
            for record in order { try await commit(fixture, "1", of: tenant, [record]) }
            catalogs.insert(try await fixture.store.statusCatalog(tenant))
        }
        #expect(catalogs.count == 1)
        #expect(catalogs.first?.category(id: "1", name: nil) == .indeterminate)
        #expect(catalogs.first?.category(id: nil, name: "Review") == .done)
        let (newest, named) = (try record(.indeterminate, day: 1), try record(.done, id: nil))
        #expect(catalogs.first?.record("1") == newest && catalogs.first?.record("review") == named)
    }

    @Test func aStatusWithTwoCategoriesInTurnQueuesItsIssuesTwiceADayAtMost() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(fixture, "2", of: tenant)
        try await commit(fixture, "3", of: tenant, wasIn: nil)
        try await commit(fixture, "1", of: tenant, [record(.indeterminate)])
        #expect(try await workedOff(fixture) == ["2"])
        try await commit(fixture, "1", of: tenant, [record(.done)])
        #expect(try await workedOff(fixture) == ["2"])
        for _ in 0..<3 {
            try await commit(fixture, "1", of: tenant, [record(.indeterminate)])
            try await commit(fixture, "1", of: tenant, [record(.done)])
            #expect(try await workedOff(fixture).isEmpty)
        }
        // Jira's administrator has changed it: the next day it counts.
        try await commit(fixture, "1", of: tenant, [record(.indeterminate, day: 1)])
        #expect(try await workedOff(fixture) == ["2"])
    }

    @Test func aLaterDayAloneQueuesNothingAndCounts() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(fixture, "2", of: tenant)
        try await commit(fixture, "1", of: tenant, [record(.done)])
        #expect(try await workedOff(fixture) == ["2"])
        try await commit(fixture, "1", of: tenant, [record(.done, day: 2)])
        try await commit(fixture, "1", of: tenant, [record(.new, day: 1)])
        #expect(try await workedOff(fixture).isEmpty)
        #expect(try await fixture.store.statusCatalog(tenant).category(id: "1", name: nil) == .done)
    }

    /// An id that is not known any more leaves the name, which a log may have as it was written then.
    @Test func aNameIsThatOfTheStatusHoweverItIsWritten() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(fixture, "2", of: tenant, wasIn: "9", called: "REVIEW")
        try await commit(fixture, "3", of: tenant, wasIn: "9", called: "Preview")
        try await commit(fixture, "1", of: tenant, [record(.done)], wasIn: nil)
        #expect(try await fixture.store.statusCatalog(tenant).category(id: "9", name: "REVIEW") == .done)
        #expect(try await workedOff(fixture) == ["2"])
    }

    @Test func aCategoryThatBecameKnownDuringTheWorkIsNotMissed() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for issue in ["1", "2", "3"] as [IssueID] {
            _ = try await fixture.store.inbox.append(
                StoreFixture.delivery("\(issue)", of: tenant, issues: [issue], at: start))
        }
        var claims: [IssueID: IssueClaim] = [:]
        for claim in try await fixture.store.claimIssues(
            limit: 10, now: start, leaseUntil: start.adding(seconds: 60))
        {
            claims[claim.issueID] = claim
        }
        let before = try await fixture.store.statusCatalog(tenant)
        // None of the three is stored yet: nothing finds it by its changes.
        try await commit(fixture, try #require(claims["1"]), [record(.done)])
        try await commit(fixture, try #require(claims["2"]), using: before)
        try await commit(fixture, try #require(claims["3"]), using: before, wasIn: nil)
        let due = try await fixture.store.claimIssues(limit: 10, now: start, leaseUntil: start.adding(seconds: 60))
        #expect(due.map(\.issueID) == ["2"])
        let again = try #require(due.first)
        let work = try #require(try await fixture.store.loadWork(for: again))
        // What a status means is of all times.
        #expect(work.rescoreFrom == Timestamp(milliseconds: 0))
        try await commit(fixture, again, using: work.statuses)
        #expect(try await workedOff(fixture).isEmpty)
    }

    @Test func aDayOfAWrongClockStandsAgainstNothing() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await commit(fixture, "1", of: tenant, [record(.done, day: 366)])
        #expect(try await fixture.store.bringBackFutureInstants(now: start, isSuspected: false) > 0)
        #expect(try await fixture.store.statusCatalog(tenant).record("1")?.toldOn == nil)
        try await commit(fixture, "1", of: tenant, [record(.new)])
        #expect(try await fixture.store.statusCatalog(tenant).category(id: "1", name: nil) == .new)
        #expect(try await fixture.store.bringBackFutureInstants(now: start, isSuspected: false) == 0)
    }
}
