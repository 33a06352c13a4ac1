import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// The mails about accounts as the store keeps them.
@Suite struct AccountMailsTests {
    private let now = StoreFixture.start
    private let by = Actor.operator

    private func key(
        _ kind: AccountMailKind = .trialStarted, _ occasion: String = "sign-up", to recipient: UUID
    ) -> AccountMailKey {
        AccountMailKey(kind: kind, occasion: occasion, recipientID: recipient)
    }

    private func addOwner(
        _ name: String, _ role: Role = .owner, isVerified: Bool = true, to tenant: TenantID, _ store: RiskStore
    ) async throws -> UUID {
        let identity = PersonIdentity(
            issuer: "https://id.example", subject: name, email: "\(name)@acme.example", isEmailVerified: isVerified)
        let known = try await store.signIn(
            PersonSignIn(
                identity: identity, source: "acme", grants: [tenant: role], admitsStrangers: false, session: nil),
            from: nil, now: now)
        return try #require(known).user.id.uuid
    }

    private func facts(of tenant: TenantID, _ store: RiskStore, at instant: Timestamp? = nil) async throws
        -> AccountMailFacts
    {
        let page = try await store.accountMailFacts(now: instant ?? now, after: nil, limit: 100)
        return try #require(page.first { $0.tenantID == tenant })
    }

    private func claims(_ store: RiskStore, at instant: Timestamp? = nil) async throws -> [AccountMailClaim] {
        let instant = instant ?? now
        return try await store.claimAccountMails(
            limit: 20, now: instant, leaseUntil: instant.adding(seconds: 900))
    }

    private func states(_ store: RiskStore) async throws -> [String] {
        try await store.accountMailsOfHost(state: nil, after: nil, limit: 100).items
            .map { "\($0.item.kind.rawValue) \($0.item.state.rawValue)" }.sorted()
    }

    // MARK: Recipients and facts

    @Test func mailGoesToOwnersWithAConfirmedAddressElseToTheAccountOfJira() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        #expect(try await facts(of: tenant, store).recipients == [tenant.uuid: "it@acme.example"])
        _ = try await addOwner("eve", isVerified: false, to: tenant, store)
        _ = try await addOwner("bob", .manager, to: tenant, store)
        #expect(try await facts(of: tenant, store).recipients == [tenant.uuid: "it@acme.example"])
        let ada = try await addOwner("ada", to: tenant, store)
        #expect(try await facts(of: tenant, store).recipients == [ada: "ada@acme.example"])
    }

    @Test func factsAreThoseOfTheTenantAlone() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let other = try await fixture.makeFilledTenant("other")
        var facts = try await facts(of: tenant, store)
        #expect(facts.stepsLeft == [.webhook, .backfill, .channel] && facts.used.total == 0 && facts.known.isEmpty)
        #expect(facts.siteURL == "https://acme.atlassian.net" && facts.limits == Plan.starter.limits)
        _ = try await store.reserveUsage(
            tenant, action: .sprint, resourceKey: "PAY", in: CalendarMonth(containing: now), by: .system("test"),
            now: now)
        _ = try await store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        facts = try await self.facts(of: tenant, store)
        #expect(
            facts.used == UsageCount(issue: 0, sprint: 1, portfolio: 0) && facts.stepsLeft == [.backfill, .channel])
        let filled = try await self.facts(of: other, store)
        #expect(filled.stepsLeft == [.backfill] && filled.used.issue == 1)
        // The next month begins with nothing; an old tenant's set-up is not looked at.
        let later = try await self.facts(of: tenant, store, at: now.adding(days: 40))
        #expect(later.used.total == 0 && later.stepsLeft.isEmpty)
        _ = try await store.scheduleDeletion(of: other, at: now.adding(days: 7), by: by, now: now)
        #expect(try await store.accountMailFacts(now: now, after: nil, limit: 10).map(\.tenantID) == [tenant])
    }

    @Test func theSetUpIsLookedAtWhereItIsAskedForAndByAnIndex() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let without = try await store.accountMailFacts(now: now, after: nil, limit: 10, withSetUp: false)
        #expect(without.map(\.tenantID) == [tenant] && without.allSatisfy { $0.stepsLeft.isEmpty })
        _ = try await store.queueAccountMails([key(.onboarding, "day-0", to: tenant.uuid)], of: tenant, now: now)
        #expect(try await claims(store).first?.facts.stepsLeft == Set(OnboardingStep.allCases))
        // PostgreSQL's planner goes by what is stored.
        guard !StoreFixture.isShared else { return }
        let plan = try await store.driver.read { connection in
            let query = AccountMailStatements.setUp(of: [tenant], now: now, connection.dialect)
            return try connection.query("EXPLAIN QUERY PLAN \(query.sql)", query.arguments)
                .map { try $0.text(3) }.joined(separator: "; ")
        }
        #expect(plan.contains("webhook_events_jira"), "\(plan)")
    }

    @Test func aSubscriptionCountsOnceItHasBegunAndUntilItEnds() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        #expect(try await facts(of: tenant, store).hasSubscription == false)
        try await store.driver.write { connection in
            try connection.run(
                "INSERT INTO stripe_accounts (tenant_id, customer_id, due_at, generation) VALUES (?, 'cus_1', ?, 0)",
                [.tenant(tenant), .timestamp(now)])
            try connection.run(
                "UPDATE tenants SET stripe_subscription_id = 'sub_1' WHERE id = ?", [.tenant(tenant)])
        }
        for (status, counts) in [("trialing", true), ("active", true), ("incomplete", false), ("canceled", false)] {
            try await store.driver.write { connection in
                try connection.run(
                    "UPDATE stripe_accounts SET subscription_status = ? WHERE tenant_id = ?",
                    [.text(status), .tenant(tenant)])
            }
            #expect(try await facts(of: tenant, store).hasSubscription == counts, "\(status)")
        }
    }

    @Test func tenantsComeInPages() async throws {
        let fixture = try await StoreFixture()
        var ids: Set<TenantID> = []
        for index in 0..<5 { ids.insert(try await fixture.makeTenant("acme-\(index)")) }
        var (seen, after): ([TenantID], TenantID?) = ([], nil)
        while true {
            let page = try await fixture.store.accountMailFacts(now: now, after: after, limit: 2)
            seen += page.map(\.tenantID)
            guard page.count == 2 else { break }
            after = page.last?.tenantID
        }
        #expect(Set(seen) == ids && seen.count == ids.count)
    }

    // MARK: Once

    @Test func aMailIsKeptOnceHoweverManyNodesDecideOnIt() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let keys = [key(to: tenant.uuid), key(.onboarding, "day-0", to: tenant.uuid)]
        let counts = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try await store.queueAccountMails(keys, of: tenant, now: now) } }
            return try await group.reduce(0, +)
        }
        #expect(counts == 2)
        #expect(try await facts(of: tenant, store).known == Set(keys))
        let claimed = try await claims(store)
        #expect(Set(claimed.map(\.key)) == Set(keys))
        #expect(try await claims(store).isEmpty)
        for claim in claimed { #expect(try await store.recordAccountMail(claim, .sent, now: now)) }
        // Nothing sent is claimed or kept again, whatever is asked.
        #expect(try await store.queueAccountMails(keys, of: tenant, now: now.adding(days: 1)) == 0)
        #expect(try await claims(store, at: now.adding(days: 1)).isEmpty)
    }

    @Test func whatADeadNodeHasClaimedIsClaimedAgainAndItsOutcomeDoesNotCount() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now)
        let lost = try #require(try await claims(store).first)
        let later = now.adding(seconds: 901)
        let taken = try #require(try await claims(store, at: later).first)
        #expect(taken.id == lost.id && taken.leaseToken != lost.leaseToken)
        #expect(try await store.recordAccountMail(lost, .dead(reason: "late"), now: later) == false)
        #expect(try await store.recordAccountMail(taken, .sent, now: later))
        #expect(try await states(store) == ["trial_started sent"])
    }

    @Test func aDeletedTenantHasNoMails() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now)
        _ = try await store.scheduleDeletion(of: tenant, at: now.adding(days: 7), by: by, now: now)
        #expect(try await claims(store).isEmpty)
        #expect(try await store.queueAccountMails([key(.trialEnded, "x", to: tenant.uuid)], of: tenant, now: now) == 0)
        _ = try await store.restoreTenant(tenant, by: by, now: now)
        #expect(try await claims(store).count == 1)
        #expect(try await store.deleteTenant(tenant, by: by))
        #expect(try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now) == 0)
        #expect(try await states(store).isEmpty)
    }

    @Test func theMailsOfATenantThatLeavesStandInNobodysWay() async throws {
        let fixture = try await StoreFixture()
        let (store, leaving) = (fixture.store, try await fixture.makeTenant("leaving"))
        _ = try await store.queueAccountMails([key(to: leaving.uuid)], of: leaving, now: now)
        _ = try await store.scheduleDeletion(of: leaving, at: now.adding(days: 7), by: by, now: now)
        #expect(try await claims(store, at: now.adding(seconds: 1)).isEmpty)
        let tenant = try await fixture.makeTenant()
        _ = try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now.adding(seconds: 1))
        #expect(try await claims(store, at: now.adding(seconds: 1)).map(\.facts.tenantID) == [tenant])
    }

    // MARK: Outcomes

    @Test func aFailedMailIsTriedAgainThenGivenUpAndRetriedByTheOperator() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now)
        let first = try #require(try await claims(store).first)
        let retryAt = now.adding(seconds: 60)
        #expect(try await store.recordAccountMail(first, .retry(at: retryAt, reason: "busy"), now: now))
        #expect(try await claims(store, at: now.adding(seconds: 59)).isEmpty)
        let second = try #require(try await claims(store, at: retryAt).first)
        #expect(second.attempts == 1)
        #expect(try await store.recordAccountMail(second, .dead(reason: "refused"), now: retryAt))
        let dead = try await store.accountMailsOfHost(state: .dead, after: nil, limit: 10).items
        #expect(dead.map(\.item.reason) == ["refused"] && dead.map(\.item.attempts) == [2])
        #expect(dead.first?.companyName == "acme" && dead.first?.item.recipient == "it@acme.example")
        #expect(try await store.figures(now: now).accountMails == AccountMailFigures(queued: 0, dead: 1))
        #expect(try await store.retryAccountMail(first.id, by: by, now: retryAt))
        #expect(try await store.retryAccountMail(first.id, by: by, now: retryAt) == false)
        #expect(try await store.retryAccountMail(UUID(), by: by, now: retryAt) == false)
        let rows = try await store.auditEntries(.tenant(tenant), filter: AuditFilter(), after: nil, limit: 10).items
        #expect(rows.map(\.action) == ["account_mail.retry"])
        #expect(try await claims(store, at: retryAt).map(\.attempts) == [0])
    }

    @Test func theListIsNewestFirstAndComesInPages() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        for index in 0..<5 {
            let at = now.adding(seconds: Int64(index / 2))
            _ = try await store.queueAccountMails(
                [key(.onboarding, "day-\(index)", to: tenant.uuid)], of: tenant, now: at)
        }
        var (seen, cursor): ([Timestamp], String?) = ([], nil)
        repeat {
            let page = try await store.accountMailsOfHost(state: nil, after: cursor, limit: 2)
            seen += page.items.map(\.item.createdAt)
            cursor = page.nextCursor
        } while cursor != nil
        #expect(seen.count == 5 && seen == seen.sorted(by: >))
        #expect(try await store.accountMailsOfHost(state: .sent, after: nil, limit: 2).items.isEmpty)
    }

    // MARK: Events

    private func telling(_ fixture: StoreFixture) -> RiskStore {
        var store = fixture.store
        store.tellsOwners = true
        return store
    }

    @Test func aChangeOfTheStatusIsAMailOfItsTransaction() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        func set(_ status: Tenant.Status, _ seconds: Int64) async throws {
            let changes = TenantChanges(subscription: SubscriptionChange(status: status))
            _ = try await store.updateTenant(tenant, changes, by: by, now: now.adding(seconds: seconds))
        }
        try await set(.active, 0)
        #expect(try await states(store).isEmpty)
        try await set(.suspended, 1)
        try await set(.suspended, 2)
        #expect(try await states(store) == ["suspended queued"])
        try await set(.active, 3)
        #expect(try await states(store) == ["restored queued", "suspended queued"])
        try await set(.cancelled, 4)
        #expect(try await states(store) == ["restored queued", "suspended queued", "suspended queued"])
        try await set(.active, 5)
        #expect(try await states(store).count == 4)
        // A host without such mails keeps none.
        let quiet = try await fixture.makeTenant("quiet")
        _ = try await fixture.store.updateTenant(
            quiet, TenantChanges(subscription: SubscriptionChange(status: .suspended)), by: by, now: now)
        #expect(try await states(store).count == 4)
    }

    @Test func aFailedPaymentIsSaidOnceAndItsGraceEndsUnlessItIsPaid() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        let graceEndsAt = now.adding(days: 10)
        let failed = AccountEvent.paymentFailed(occasion: "in_1", graceEndsAt: graceEndsAt)
        for _ in 0..<3 { try await store.noteAccountEvent(failed, of: tenant, now: now) }
        #expect(try await states(store) == ["grace_ending queued", "payment_failed queued"])
        #expect(try await claims(store).map(\.key.kind) == [.paymentFailed])
        let later = try await claims(store, at: now.adding(days: 7))
        #expect(Set(later.map(\.key.kind)) == [.graceEnding, .paymentFailed])
        #expect(later.allSatisfy { $0.refersTo == graceEndsAt })
        try await store.noteAccountEvent(.paid, of: tenant, now: now.adding(days: 7))
        #expect(try await states(store) == ["grace_ending left_out", "payment_failed left_out"])
        try await fixture.store.noteAccountEvent(
            .paymentFailed(occasion: "in_2", graceEndsAt: nil), of: tenant, now: now)
        #expect(try await states(store).count == 2)
    }

    @Test func theEndOfASuspensionWithinAGraceIsNoPayment() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        let failed = AccountEvent.paymentFailed(occasion: "in_1", graceEndsAt: now.adding(days: 10))
        try await store.noteAccountEvent(failed, of: tenant, now: now)
        for (status, day) in [(Tenant.Status.suspended, 1), (.active, 2)] {
            let changes = TenantChanges(subscription: SubscriptionChange(status: status))
            _ = try await store.updateTenant(tenant, changes, by: by, now: now.adding(days: day))
            // As after each fetch.
            try await store.noteAccountEvent(failed, of: tenant, now: now.adding(days: day))
        }
        let later = try await claims(store, at: now.adding(days: 7))
        #expect(Set(later.map(\.key.kind)) == [.paymentFailed, .graceEnding, .suspended, .restored])
        try await store.noteAccountEvent(.paid, of: tenant, now: now.adding(days: 7))
        #expect(
            try await states(store)
                == ["grace_ending left_out", "payment_failed left_out", "restored queued", "suspended queued"])
    }

    /// The grace goes on, and who is open again before its end is to know of it.
    @Test(arguments: [(9, true), (11, false)])
    func duringASuspensionTheMailAboutTheEndOfAGraceWaits(day: Int, isTrueStill: Bool) async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        func kinds(day: Int) async throws -> Set<AccountMailKind> {
            Set(try await claims(store, at: now.adding(days: day)).map(\.key.kind))
        }
        func set(_ status: Tenant.Status, day: Int) async throws {
            let changes = TenantChanges(subscription: SubscriptionChange(status: status))
            _ = try await store.updateTenant(tenant, changes, by: by, now: now.adding(days: day))
        }
        let failed = AccountEvent.paymentFailed(occasion: "in_1", graceEndsAt: now.adding(days: 10))
        try await store.noteAccountEvent(failed, of: tenant, now: now)
        try await set(.suspended, day: 6)
        #expect(try await kinds(day: 8) == [.paymentFailed, .suspended])
        // After the end it is claimed in order to be left out, and waits no longer.
        #expect(try await kinds(day: day).contains(.graceEnding) == !isTrueStill)
        try await set(.active, day: day)
        let open = try await claims(store, at: now.adding(days: day).adding(seconds: 901))
        let ending = try #require(open.first { $0.key.kind == .graceEnding })
        #expect(ending.refersTo == now.adding(days: 10) && ending.facts.status == .active)
    }

    @Test func aMailThatWasGivenUpIsNotTriedAgainOnceItIsPaid() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        let failed = AccountEvent.paymentFailed(occasion: "in_1", graceEndsAt: nil)
        try await store.noteAccountEvent(failed, of: tenant, now: now)
        let sent = try #require(try await claims(store).first)
        #expect(try await store.recordAccountMail(sent, .dead(reason: "mailbox full"), now: now))
        try await store.noteAccountEvent(.paid, of: tenant, now: now.adding(days: 1))
        #expect(try await store.retryAccountMail(sent.id, by: by, now: now.adding(days: 1)) == false)
        let left = try await store.accountMailsOfHost(state: .leftOut, after: nil, limit: 10).items
        #expect(left.map(\.item.reason) == ["no longer true; it had been given up: mailbox full"])
    }

    @Test func anotherFailureTakesThePlaceOfTheOneBefore() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        let first = AccountEvent.paymentFailed(occasion: "sub_1", graceEndsAt: now.adding(days: 10))
        try await store.noteAccountEvent(first, of: tenant, now: now)
        let sent = try #require(try await claims(store).first)
        #expect(try await store.recordAccountMail(sent, .sent, now: now))
        let second = AccountEvent.paymentFailed(occasion: "sub_2", graceEndsAt: now.adding(days: 15))
        for _ in 0..<2 { try await store.noteAccountEvent(second, of: tenant, now: now.adding(days: 5)) }
        #expect(
            try await states(store)
                == ["grace_ending left_out", "grace_ending queued", "payment_failed queued", "payment_failed sent"])
        // Only what is so now is said of the end of the grace.
        let due = try await claims(store, at: now.adding(days: 12))
        #expect(due.map(\.key.occasion) == ["sub_2", "sub_2"])
        #expect(due.allSatisfy { $0.refersTo == now.adding(days: 15) })
    }

    // MARK: Switched off, kept, brought back

    @Test func aRecipientSwitchesOptionalMailsOffAndOn() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let ada = try await addOwner("ada", to: tenant, store)
        for isOff in [true, true, false, true] {
            #expect(try await store.setAccountMails(tenant, recipientID: ada, isOff: isOff, by: .link, now: now))
            #expect(try await store.linkedAccountMails(tenant, recipientID: ada)?.isOff == isOff)
            #expect(try await facts(of: tenant, store).optedOut == (isOff ? [ada] : []))
        }
        #expect(try await store.linkedAccountMails(tenant, recipientID: tenant.uuid)?.isOff == false)
        let rows = try await store.auditEntries(.tenant(tenant), filter: AuditFilter(), after: nil, limit: 10).items
        #expect(rows.count { $0.action == "account_mails.set" } == 3)
        let unknown = TenantID(UUID())
        #expect(try await store.setAccountMails(unknown, recipientID: ada, isOff: true, by: .link, now: now) == false)
        #expect(try await store.linkedAccountMails(unknown, recipientID: ada) == nil)
    }

    @Test func aSentMailIsKeptLongEnoughNotToBeSentAgain() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        _ = try await store.queueAccountMails(
            [key(to: tenant.uuid), key(.trialEnded, "x", to: tenant.uuid)], of: tenant, now: now)
        let claim = try #require(try await claims(store).first)
        #expect(try await store.recordAccountMail(claim, .sent, now: now))
        var policy = RetentionPolicy()
        policy.alertDays = 1
        for (day, left) in [(61, 2), (63, 1)] {
            _ = try await store.removeExpired(policy, currentModel: "wordlist-1", now: now.adding(days: day)) { true }
            #expect(try await states(store).count == left, "\(day)")
        }
    }

    @Test func whatAWrongClockHasPutOffIsDueAgainButNotTheEndOfAGrace() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (telling(fixture), try await fixture.makeTenant())
        _ = try await store.queueAccountMails([key(to: tenant.uuid)], of: tenant, now: now)
        let claim = try #require(try await claims(store).first)
        #expect(
            try await store.recordAccountMail(
                claim, .retry(at: now.adding(days: 400), reason: "busy"), now: now))
        try await store.noteAccountEvent(
            .paymentFailed(occasion: "in_1", graceEndsAt: now.adding(days: 20)), of: tenant, now: now)
        #expect(try await store.bringBackFutureInstants(now: now, isSuspected: false) == 1)
        #expect(Set(try await claims(store).map(\.key.kind)) == [.trialStarted, .paymentFailed])
    }
}
