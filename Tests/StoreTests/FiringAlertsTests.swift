import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct FiringAlertsTests {
    private let start = StoreFixture.start

    /// Commits that the rule began or ceased to fire for the issue.
    private func commit(
        isFiring: Bool, _ rule: AlertRule, at now: Timestamp, of tenant: TenantID, in fixture: StoreFixture
    ) async throws -> Alert {
        _ = try await fixture.store.inbox.append(
            StoreFixture.delivery("d\(now)", of: tenant, issues: ["10001"], at: now))
        let claim = try #require(
            try await fixture.store.claimIssues(limit: 1, now: now, leaseUntil: now.adding(seconds: 60)).first)
        let work = try await fixture.store.loadWork(for: claim)
        var alert = AlertFixture.alert(tenant: tenant, rule: rule, score: isFiring ? 80 : 20, at: now)
        alert.event = isFiring ? .raised : .resolved
        var decision = try await fixture.decision(alert)
        decision.states = [AlertState(ruleID: rule.id, isFiring: isFiring, since: now, score: 80)]
        try await fixture.store.commit(
            StoreFixture.result(work, id: "10001", score: isFiring ? 80 : 20, decision: decision), for: claim)
        return alert
    }

    private func deliver(at now: Timestamp, in fixture: StoreFixture) async throws {
        for item in try await fixture.store.claimDeliveries(limit: 10, now: now, leaseUntil: now.adding(seconds: 30)) {
            try await fixture.store.record(.delivered, for: item, now: now)
        }
    }

    @Test func areThoseThatWereDeliveredAndStillHold() async throws {
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        let channel = AlertChannel(id: UUID(), kind: .alertmanager, name: "ops", target: "sealed")
        try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        func firing() async throws -> [UUID] {
            try await fixture.store.firingAlerts(on: channel.id, limit: 10).map(\.id)
        }

        let first = try await commit(isFiring: true, rule, at: start, of: tenant, in: fixture)
        // It is sent for the first time by the deliverer.
        #expect(try await firing().isEmpty)
        try await deliver(at: start, in: fixture)
        #expect(try await firing() == [first.id])
        #expect(try await fixture.store.firingAlerts(on: UUID(), limit: 10).isEmpty)

        let later = start.adding(seconds: 600)
        _ = try await commit(isFiring: false, rule, at: later, of: tenant, in: fixture)
        try await deliver(at: later, in: fixture)
        #expect(try await firing().isEmpty)

        // Raised again, it is the newer one.
        let last = start.adding(seconds: 1200)
        let second = try await commit(isFiring: true, rule, at: last, of: tenant, in: fixture)
        try await deliver(at: last, in: fixture)
        #expect(try await firing() == [second.id])
    }

    @Test func channelsOfAKindAreThoseThatAreEnabled() async throws {
        let fixture = try await StoreFixture()
        let tenants = [try await fixture.makeTenant("a"), try await fixture.makeTenant("b")]
        var ids: Set<UUID> = []
        for tenant in tenants {
            for (kind, isEnabled) in [(AlertChannel.Kind.alertmanager, true), (.alertmanager, false), (.slack, true)] {
                let channel = AlertChannel(
                    id: UUID(), kind: kind, name: "c", target: "sealed", isEnabled: isEnabled)
                try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
                if kind == .alertmanager, isEnabled { ids.insert(channel.id) }
            }
        }
        #expect(Set(try await fixture.store.enabledChannels(of: .alertmanager).map(\.id)) == ids)
    }
}
