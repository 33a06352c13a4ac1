import Domain
import Foundation
import Store
import StoreTestSupport
import Testing

/// An erasure begins while webhooks about the person are stored, on another node where nodes share the store.
@Suite struct ErasureRaceTests {
    private static let account = "557058:ada"

    private func delivery(_ number: Int, of tenant: TenantID) -> WebhookDelivery {
        var delivery = StoreFixture.delivery("d\(number)", of: tenant, issues: [IssueID("\(number)")])
        delivery.body = Array(#"{"issue": {"fields": {"assignee": {"accountId": "\#(Self.account)"}}}}"#.utf8)
        return delivery
    }

    @Test func aWebhookIsSeenByTheErasureOrStoredWithoutThePerson() async throws {
        let fixture = try await StoreFixture()
        let intake = fixture.store
        let other = StoreFixture.isShared ? try await fixture.reopened() : intake
        let (rounds, webhooks) = (8, 60)
        for round in 0..<rounds {
            let tenant = try await fixture.makeTenant("acme-\(round)")
            let begun = try await withThrowingTaskGroup(of: PersonErasure?.self) { group in
                for number in 0..<webhooks {
                    group.addTask {
                        _ = try await intake.inbox.append(delivery(number, of: tenant))
                        return nil
                    }
                    // Begins behind more of them from round to round.
                    if number == round * webhooks / rounds {
                        group.addTask {
                            try await other.beginErasure(
                                of: tenant, account: Self.account, by: .system("test"), now: StoreFixture.start)
                        }
                    }
                }
                return try await group.reduce(nil) { $0 ?? $1 }
            }
            let person = try #require(begun).person
            let done = try await other.continueErasure(of: tenant, person: person.id) { true }
            #expect(done?.finishedAt != nil)
            let bodies = try await bodies(of: tenant, in: intake)
            #expect(bodies.count == webhooks)
            #expect(bodies.filter { $0.contains(Self.account) } == [])
        }
        if StoreFixture.isShared { try other.close() }
    }

    private func bodies(of tenant: TenantID, in store: RiskStore) async throws -> [String] {
        let now = StoreFixture.start.adding(seconds: 60)
        let claims = try await store.claimIssues(limit: 1000, now: now, leaseUntil: now.adding(seconds: 600))
        var bodies: [String] = []
        for claim in claims where claim.tenantID == tenant {
            let work = try #require(try await store.loadWork(for: claim))
            bodies += work.pending.map { String(decoding: $0.body, as: UTF8.self) }
        }
        return bodies
    }
}
