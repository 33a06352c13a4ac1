import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite struct SprintTests {
    private let start = StoreFixture.start

    private func told(
        _ state: String, end: Timestamp? = nil, deleted: Bool = false, of tenant: TenantID, at: Timestamp
    ) -> WebhookDelivery {
        var delivery = StoreFixture.delivery(UUID().uuidString, of: tenant, at: at)
        delivery.routing = .sprint(Sprint(id: "7", name: "Sprint 7", state: state, endDate: end), deleted: deleted)
        return delivery
    }

    /// Commits issue 10001 as a member of sprint 7.
    private func addMember(_ fixture: StoreFixture, of tenant: TenantID, sprints: [Sprint]) async throws {
        _ = try await fixture.store.inbox.append(StoreFixture.delivery(UUID().uuidString, of: tenant))
        let claim = try #require(try await claims(fixture).first)
        var result = StoreFixture.result(try await fixture.store.loadWork(for: claim), id: "10001", score: 10)
        result.state.fields.sprints = Versioned(sprints, Version(at: start, sentAt: start))
        result.sprintRecords = try await fixture.store.sprintRecords(tenantID: tenant, sprintIDs: sprints.map(\.id))
        try await fixture.store.commit(result, for: claim)
    }

    private func claims(_ fixture: StoreFixture) async throws -> [IssueClaim] {
        try await fixture.store.claimIssues(
            limit: 10, now: start.adding(days: 1), leaseUntil: start.adding(days: 1).adding(seconds: 60))
    }

    private let sprint = Sprint(id: "7", name: "Sprint 7", state: "future")

    @Test func anyOrderOfSprintWebhooksLeavesTheSameSprint() async throws {
        let fixture = try await StoreFixture()
        var random = SeededGenerator(seed: 4)
        var seen: Set<[SprintRecord]> = []
        for index in 0..<12 {
            let tenant = try await fixture.makeTenant("acme-\(index)")
            let deliveries = [
                told("future", of: tenant, at: start), told("active", end: start, of: tenant, at: start),
                told("active", of: tenant, at: start.adding(seconds: 5)),
                told("closed", of: tenant, at: start.adding(seconds: 5)),
                told("closed", deleted: true, of: tenant, at: start.adding(seconds: 5)),
            ]
            for delivery in deliveries.shuffled(using: &random) { _ = try await fixture.store.inbox.append(delivery) }
            seen.insert(try await fixture.store.sprintRecords(tenantID: tenant, sprintIDs: ["7", "8"]))
        }
        #expect(seen.count == 1)
        #expect(seen.first?.map(\.isDeleted) == [true])
    }

    @Test func aChangedSprintBringsItsIssuesBackAndNoOthers() async throws {
        let fixture = try await StoreFixture()
        let (tenant, other) = (try await fixture.makeTenant(), try await fixture.makeTenant("other"))
        try await addMember(fixture, of: tenant, sprints: [sprint])
        try await addMember(fixture, of: other, sprints: [])
        #expect(try await claims(fixture).isEmpty)

        _ = try await fixture.store.inbox.append(told("active", of: tenant, at: start.adding(seconds: 5)))
        #expect(try await claims(fixture).map(\.tenantID) == [tenant])
    }

    @Test func aSprintWebhookThatChangesNothingCausesNoWork() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(told("active", of: tenant, at: start.adding(seconds: 5)))
        try await addMember(fixture, of: tenant, sprints: [sprint])
        _ = try await fixture.store.inbox.append(told("active", of: tenant, at: start.adding(seconds: 9)))
        _ = try await fixture.store.inbox.append(told("future", of: tenant, at: start))
        #expect(try await claims(fixture).isEmpty)
    }

    @Test func anIssueThatLeftASprintHearsOfItNoMore() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        try await addMember(fixture, of: tenant, sprints: [sprint])
        try await addMember(fixture, of: tenant, sprints: [])
        _ = try await fixture.store.inbox.append(told("active", of: tenant, at: start.adding(seconds: 5)))
        #expect(try await claims(fixture).isEmpty)
    }

    @Test func aSprintWebhookDuringTheWorkIsNotMissed() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        _ = try await fixture.store.inbox.append(StoreFixture.delivery("d1", of: tenant))
        let claim = try #require(try await claims(fixture).first)
        var result = StoreFixture.result(try await fixture.store.loadWork(for: claim), id: "10001", score: 10)
        result.state.fields.sprints = Versioned([sprint], Version(at: start, sentAt: start))
        // Nothing is known of the sprint while the issue is scored.
        _ = try await fixture.store.inbox.append(told("active", of: tenant, at: start.adding(seconds: 5)))
        try await fixture.store.commit(result, for: claim)
        #expect(try await claims(fixture).map(\.issueID) == ["10001"])
    }
}
