import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Who is signed in, and what the pages of the host's owner read.
@Suite struct OperatorStoreTests {
    private let start = StoreFixture.start

    private func signIn(
        _ hash: String, _ kind: SignIn.Kind, mark: String = "mark", at: Timestamp, days: Int = 1
    ) -> OperatorSignIn {
        OperatorSignIn(tokenHash: hash, kind: kind, adminMark: mark, createdAt: at, endsAt: at.adding(days: days))
    }

    @Test func aSessionHoldsUntilItsEndAndForItsAdminTokenAlone() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        try await store.addOperatorSignIn(signIn("a", .session, at: start), from: nil)
        func holds(_ hash: String, _ mark: String, _ at: Timestamp) async throws -> Bool {
            try await store.hasOperatorSession(tokenHash: hash, adminMark: mark, now: at)
        }
        #expect(try await holds("a", "mark", start))
        #expect(try await !holds("a", "other", start))
        #expect(try await !holds("b", "mark", start))
        #expect(try await !holds("a", "mark", start.adding(days: 1)))
        // A tenant's session is none of the owner's, and the other way round.
        #expect(try await store.session(tokenHash: "a", now: start) == nil)
        try await store.endSession(tokenHash: "a", from: nil)
        #expect(try await !holds("a", "mark", start))
    }

    @Test func aLinkMakesOneSession() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        try await store.addOperatorSignIn(signIn("link", .link, at: start), from: nil)
        func redeem(_ session: String, _ mark: String, _ at: Timestamp) async throws -> Bool {
            try await store.redeemOperatorLink(
                linkHash: "link", as: session, until: at.adding(days: 7), adminMark: mark, from: nil, now: at)
        }
        #expect(try await !store.hasOperatorSession(tokenHash: "link", adminMark: "mark", now: start))
        #expect(try await !redeem("x", "other", start))
        #expect(try await redeem("session", "mark", start))
        #expect(try await !redeem("second", "mark", start))
        #expect(try await store.hasOperatorSession(tokenHash: "session", adminMark: "mark", now: start))
        #expect(try await !store.hasOperatorSession(tokenHash: "second", adminMark: "mark", now: start))
    }

    @Test func sessionsAreBoundedAndEndedOnesAreRemoved() async throws {
        let fixture = try await StoreFixture()
        for number in 0..<110 {
            try await fixture.store.addOperatorSignIn(
                signIn("\(number)", .session, at: start.adding(seconds: Int64(number)), days: 2), from: nil)
        }
        #expect(try await fixture.count("SELECT COUNT(*) FROM operator_sign_ins") == 100)
        #expect(try await fixture.store.hasOperatorSession(tokenHash: "109", adminMark: "mark", now: start))
        #expect(try await !fixture.store.hasOperatorSession(tokenHash: "0", adminMark: "mark", now: start))
        try await fixture.store.addOperatorSignIn(signIn("new", .session, at: start.adding(days: 3)), from: nil)
        #expect(try await fixture.count("SELECT COUNT(*) FROM operator_sign_ins") == 1)
    }

    @Test func aTenantsSessionIsFoundWithItsTenantWhileBothHold() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant("one"))
        try await store.addSignIn(
            SignIn(
                tokenHash: "token", kind: .session, tenantID: tenant, apiKeyHash: "hash-\(tenant)", createdAt: start,
                endsAt: start.adding(days: 1)), from: nil)
        let found = try #require(try await store.signedIn(tokenHash: "token", now: start))
        #expect(found.tenant == (try await store.tenant(tenant)))
        #expect(found.session == (try await store.session(tokenHash: "token", now: start)))
        #expect(try await store.signedIn(tokenHash: "token", now: start.adding(days: 1)) == nil)
        #expect(try await store.signedIn(tokenHash: "another", now: start) == nil)
        #expect(
            try await store.replaceAPIKey(
                tenant, current: nil, mark: APIKeyMark(hash: "new", prefix: nil), by: .system("test"), now: start))
        #expect(try await store.signedIn(tokenHash: "token", now: start) == nil)
    }

    @Test func workAndUsageOfAllTenantsAreSeen() async throws {
        let fixture = try await StoreFixture()
        let store = fixture.store
        let (one, two) = (try await fixture.makeFilledTenant("one"), try await fixture.makeFilledTenant("two"))
        for tenant in [one, two] {
            try await fixture.park("10002", of: tenant, error: "broken", attempts: 8, at: start)
        }
        let first = try await store.parkedIssuesOfHost(after: nil, limit: 1)
        let second = try await store.parkedIssuesOfHost(after: first.nextCursor, limit: 1)
        #expect(Set((first.items + second.items).map(\.tenantID)) == [one, two] && second.nextCursor == nil)
        #expect(first.items[0].item.lastError == "broken")
        let rejected = try await store.rejectedEventsOfHost(limit: 10)
        #expect(Set(rejected.map(\.tenantID)) == [one, two] && rejected.allSatisfy { $0.item.error == "no issue.id" })
        #expect(try await store.rejectedEventsOfHost(limit: 1).count == 1)

        let usage = try await store.hostUsage(since: start.adding(days: -1))
        #expect(
            usage.days.map(\.uses) == [2] && usage.days[0].action == .issue && usage.days[0].day == "\(start.utcDay)")
        #expect(usage.plans.map(\.tenants).reduce(0, +) == 2 && usage.plans.map(\.activeTenants).reduce(0, +) == 2)
        #expect(usage.tenantsMade == [TenantsMade(day: "\(start.utcDay)", count: 2)])
        #expect(try await store.hostUsage(since: start.adding(days: 1)).days.isEmpty)
        let tenants = try await store.tenantListings(usedSince: start.adding(days: -1), after: nil, limit: 10)
        #expect(tenants.items.map(\.uses) == [1, 1])
    }
}
