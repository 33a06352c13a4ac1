import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What is to be asked of Jira, as rows.
@Suite struct JiraSyncTests {
    private let now = StoreFixture.start

    private func fetched(_ id: IssueID, _ digest: String, of tenant: TenantID) -> WebhookDelivery {
        WebhookDelivery(
            tenantID: tenant, deliveryID: "fetched:\(id):\(digest)", receivedAt: now, event: "consilod:issue_fetched",
            sentAt: now, routing: .issues([id]), body: Array("{}".utf8))
    }

    @Test func aTenantIsLookedAfterByOneNodeAtATime() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let first = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        #expect(first.tenantID == tenant && first.sweptAt == nil)
        #expect(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)) == nil)

        // Whoever holds an expired lease does no harm to the one after.
        let later = now.adding(seconds: 61)
        let second = try #require(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)))
        await #expect(throws: StorageError.self) { try await store.renew(first, until: later.adding(seconds: 600)) }
        try await store.release(first, dueAt: later, calls: 7, error: nil)
        #expect(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)) == nil)
        try await store.recordSweep(
            second, at: later, isComplete: true, isFull: true, nextAt: later.adding(seconds: 600))
        try await store.release(second, dueAt: later.adding(seconds: 600), calls: 3, error: nil)

        #expect(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)) == nil)
        let status = try #require(try await store.jiraAccessStatus(tenant))
        #expect(status.calls == 3 && status.sweptAt == later && status.fullySweptAt == later)
    }

    @Test func whatIsAskedForDuringAVisitMakesTheTenantDueAgain() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let claim = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        #expect(try await store.requestFetches(["1", "2"], of: tenant, reason: .missed, now: now) == 2)
        #expect(try await store.requestFetches(["2", "3"], of: tenant, reason: .missed, now: now) == 1)
        try await store.release(claim, dueAt: now.adding(seconds: 600), calls: 0, error: nil)
        let next = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        #expect(try await store.dueFetches(tenant, limit: 10, now: now).map(\.issueID) == ["1", "2", "3"])
        #expect(try await store.jiraAccessStatus(tenant)?.missed == 3)
        try await store.release(next, dueAt: now.adding(seconds: 600), calls: 0, error: nil)
    }

    @Test func whatIsAskedForGoesBeforeAllElse() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        func ask(_ ids: IssueID...) async throws -> Int {
            try await store.requestFetches(ids, of: tenant, reason: .asked, now: now)
        }
        func due() async throws -> [IssueFetch] { try await store.dueFetches(tenant, limit: 10, now: now) }
        try await store.requestFetches(["1"], of: tenant, reason: .backfill, now: now)
        try await store.requestFetches(["2"], of: tenant, reason: .missed, now: now)
        try await store.requestFetches(["3"], of: tenant, reason: .firstSeen, now: now.adding(seconds: 2))
        #expect(try await ask("3", "1", "4") == 3)
        #expect(try await due().map(\.issueID) == ["1", "3", "4", "2"])
        #expect(try await ask("4") == 0, "it waits already")
        // It counts as healed under its own reason only.
        #expect(try await ask("2") == 0)
        #expect(try await due().last?.reason == .missed)

        #expect(try await store.fetchStanding(tenant, "4") == .waiting)
        let fetch = try #require(try await due().first { $0.issueID == "4" })
        try await store.keepFetched([], ending: [fetch: .failed(error: "hidden", retryAt: nil)], of: tenant, now: now)
        #expect(try await store.fetchStanding(tenant, "4") == .parked)
        #expect(try await ask("4") == 1, "somebody asks again")
        #expect(try await store.fetchStanding(tenant, "4") == .waiting)
        let again = try #require(try await due().first { $0.issueID == "4" })
        #expect(again.attempts == 0)
        try await store.keepFetched([], ending: [again: .kept], of: tenant, now: now)
        #expect(try await store.fetchStanding(tenant, "4") == nil)
        #expect(try await store.fetchStanding(tenant, "99") == nil)
    }

    @Test func whatWaitsForAMomentIsNotForgottenByTheVisitBefore() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        try await store.requestFetches(["1"], of: tenant, reason: .firstSeen, now: now.adding(seconds: 2))
        let claim = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        try await store.release(claim, dueAt: now.adding(seconds: 600), calls: 0, error: nil)
        let soon = now.adding(seconds: 2)
        #expect(try await store.claimSync(now: soon, leaseUntil: soon.adding(seconds: 60)) != nil)
    }

    @Test func afterAFailureNothingMakesTheTenantDueBeforeItsTime() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let claim = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        try await store.release(claim, dueAt: now.adding(seconds: 300), calls: 1, error: "not reachable")
        try await store.requestFetches(["1"], of: tenant, reason: .firstSeen, now: now)
        #expect(try await store.claimSync(now: now.adding(seconds: 299), leaseUntil: now.adding(days: 1)) == nil)
        let later = now.adding(seconds: 300)
        let retried = try #require(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(retried.attempts == 1)
    }

    @Test func aStopLastsUntilTheAccessIsChanged() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let claim = try #require(try await store.claimSync(now: now, leaseUntil: now.adding(seconds: 60)))
        try await store.recordSweep(claim, at: now, isComplete: true, isFull: true, nextAt: now)
        let rule = AlertRule(id: UUID(), name: "Access", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let told = AlertFixture.alert(tenant: tenant, rule: rule, score: 0, at: now)
        try await store.stop(claim, reason: "401", raising: try await fixture.decision(told), calls: 1, now: now)
        await #expect(throws: StorageError.self, "a lease that is over stops and tells nothing") {
            try await store.stop(
                claim, reason: "401",
                raising: AlertDecision(alerts: [AlertFixture.alert(tenant: tenant, rule: rule, score: 0, at: now)]),
                calls: 1, now: now)
        }
        let alerts = try await store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 10).items
        #expect(alerts.map(\.alert.id) == [told.id])
        try await store.requestFetches(["1"], of: tenant, reason: .firstSeen, now: now)
        let later = now.adding(days: 30)
        #expect(try await store.claimSync(now: later, leaseUntil: later) == nil)
        #expect(try await store.jiraAccessFigures(sweptBefore: later, now: later).stopped == 1)
        #expect(try await store.jiraAccessStatus(tenant)?.stoppedReason == "401")

        _ = try await store.updateTenant(
            tenant, TenantChanges(companyName: "Other name"), by: .system("test"), now: later)
        #expect(try await store.claimSync(now: later, leaseUntil: later) == nil)
        _ = try await store.updateTenant(
            tenant, TenantChanges(jiraTokenEncrypted: "new"), by: .system("test"), now: later)
        let resumed = try #require(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(resumed.sweptAt == now, "the same site is known already")
        #expect(try await store.jiraAccessStatus(tenant)?.stoppedReason == nil)

        let moved = TenantChanges(jiraURL: "https://moved.atlassian.net", jiraTokenEncrypted: "newer")
        _ = try await store.updateTenant(tenant, moved, by: .system("test"), now: later)
        let other = try #require(try await store.claimSync(now: later, leaseUntil: later.adding(seconds: 60)))
        #expect(other.sweptAt == nil)
    }

    @Test func anAnswerIsKeptAndItsFetchEndedTogether() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        try await store.requestFetches(["1", "2"], of: tenant, reason: .missed, now: now)
        try await store.requestFetches(["3"], of: tenant, reason: .firstSeen, now: now)
        let due = try await store.dueFetches(tenant, limit: 10, now: now)
        #expect(due.map(\.issueID) == ["3", "1", "2"], "what has happened goes before what was missed")
        let byID = Dictionary(uniqueKeysWithValues: due.map { ($0.issueID, $0) })
        let (one, two, three) = (try #require(byID["1"]), try #require(byID["2"]), try #require(byID["3"]))
        try await store.keepFetched(
            [fetched("1", "a", of: tenant)],
            ending: [
                one: .kept, two: .failed(error: "not now", retryAt: now.adding(seconds: 60)),
                three: .failed(error: "not shown", retryAt: nil),
            ], of: tenant, now: now)

        // Another node that fetched the same counts nothing twice.
        try await store.keepFetched([fetched("1", "a", of: tenant)], ending: [one: .kept], of: tenant, now: now)

        let claims = try await store.claimIssues(limit: 10, now: now, leaseUntil: now.adding(seconds: 60))
        #expect(claims.map(\.issueID) == ["1"])
        #expect(try await store.dueFetches(tenant, limit: 10, now: now).isEmpty)
        let again = try await store.dueFetches(tenant, limit: 10, now: now.adding(seconds: 60))
        #expect(again == [IssueFetch(issueID: "2", reason: .missed, attempts: 1)])
        let status = try #require(try await store.jiraAccessStatus(tenant))
        #expect(status.healed == 1 && status.waiting == 1 && status.unavailable == 1)

        // What Jira does not show is not asked for again by the next webhook, but it is when somebody wants it.
        #expect(try await store.requestFetches(["3"], of: tenant, reason: .firstSeen, now: now) == 0)
        #expect(try await store.requestFetches(["3"], of: tenant, reason: .backfill, now: now) == 1)
        // The same answer again is the same delivery.
        try await store.keepFetched([fetched("1", "a", of: tenant)], ending: [:], of: tenant, now: now)
        #expect(try await store.webhookEvents(tenant, state: nil, after: nil, limit: 10).items.count == 1)
    }

    @Test func aBackfillGoesOnWhereItsListingStopped() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        let backfill = try await store.startBackfill(tenant, jql: "project = PAY", by: .system("test"), now: now)
        #expect(
            try await store.startBackfill(tenant, jql: "project = PAY", by: .system("test"), now: now).id == backfill.id
        )
        try await store.recordPage(of: backfill, listed: 3, requested: ["1", "2"], nextPage: "p2", now: now)

        let reopened = try await fixture.reopened()
        let running = try #require(try await reopened.runningBackfills(tenant).first)
        try reopened.close()
        #expect(running.pageToken == "p2" && running.listed == 3 && running.requested == 2 && running.waiting == 2)
        try await store.recordPage(of: running, listed: 1, requested: ["2", "3"], nextPage: nil, now: now)
        let listed = try #require(try await store.backfill(tenant, backfill.id))
        #expect(listed.isListed && listed.requested == 3 && listed.fetched == 0)

        let due = try await store.dueFetches(tenant, limit: 10, now: now)
        try await store.keepFetched(
            [], ending: Dictionary(uniqueKeysWithValues: due.map { ($0, .kept) }), of: tenant, now: now)
        #expect(try await store.backfill(tenant, backfill.id)?.fetched == 3)
        try await store.finish(listed, error: nil, now: now)
        #expect(try await store.runningBackfills(tenant).isEmpty)
        #expect(
            try await store.startBackfill(tenant, jql: "project = PAY", by: .system("test"), now: now).id != backfill.id
        )
        let stranger = try await fixture.makeTenant("other")
        #expect(try await store.backfill(stranger, backfill.id) == nil)
    }

    @Test func anIssueToldByWebhooksAloneIsAskedForOnce() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        let store = fixture.store
        for round in 1...2 {
            _ = try await store.inbox.append(StoreFixture.delivery("d\(round)", of: tenant, at: now))
            let claim = try #require(
                try await store.claimIssues(limit: 1, now: now, leaseUntil: now.adding(seconds: 60)).first)
            var result = StoreFixture.result(try await store.loadWork(for: claim), id: claim.issueID, score: 10)
            result.wantsWhole = true
            try await store.commit(result, for: claim)
        }
        #expect(try await store.dueFetches(tenant, limit: 10, now: now).isEmpty, "others may join it for a moment")
        let soon = now.adding(seconds: 2)
        #expect(try await store.dueFetches(tenant, limit: 10, now: soon).map(\.reason) == [.firstSeen])
        let outline = try #require(try await store.issueOutlines(tenant, ["10001", "77"])["10001"])
        #expect(outline.wholeAt == nil && !outline.hasPendingEvents && outline.projectKey == "PAY")
        #expect(try await store.projectKeys(tenant) == ["PAY"])
    }
}
