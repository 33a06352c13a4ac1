import Domain
import Foundation
import TestSupport
import Testing

@testable import RiskEngine

@Suite struct ClaimSlotsTests {
    private static let limits = HeldClaims.Limits(perTenant: 4, total: 6, waitingPerTenant: 4, waiting: 64)
    private static let tenants = (0..<5).map { _ in TenantID(UUID()) }

    private static func claims(_ count: Int, of tenant: TenantID) -> [IssueClaim] {
        (0..<count).map { _ in
            let id = UUID().uuidString
            return IssueClaim(tenantID: tenant, issueID: IssueID(id), leaseToken: id, generation: 0, attempts: 0)
        }
    }

    /// What workers do, in an order by chance: claims come in and workers end at any time.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func everyClaimIsWorkedOnOnceWithinTheLimitsAndNoSlotIsLeftEmpty(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var slots = ClaimSlots()
        var (idle, working) = (0, [IssueClaim]())
        var (added, worked) = (Set<String>(), [String]())
        func take() {
            idle -= 1
            if let claim = slots.next(Self.limits).claim {
                working.append(claim)
                worked.append(claim.leaseToken)
            }
        }
        for step in 0..<400 {
            switch Int.random(in: 0..<3, using: &random) {
            case 0 where step < 200:
                let tenant = Self.tenants[Int.random(in: 0..<5, using: &random)]
                let claims = Self.claims(Int.random(in: 1...8, using: &random), of: tenant)
                added.formUnion(claims.map(\.leaseToken))
                idle += slots.add(claims, Self.limits)
            case 1 where idle > 0: take()
            case 2 where !working.isEmpty:
                slots.end(working.remove(at: Int.random(in: 0..<working.count, using: &random)))
                idle += 1
                take()
            default: break
            }
            #expect(slots.workers == idle + working.count && slots.workers <= Self.limits.total)
            for tenant in Self.tenants {
                #expect(working.count { $0.tenantID == tenant } <= Self.limits.perTenant)
            }
        }
        while idle > 0 || !working.isEmpty {
            if idle > 0 { take() } else { slots.end(working.removeFirst()); idle += 1 }
        }
        #expect(worked.count == added.count && Set(worked) == added)
        #expect(slots.all.isEmpty && slots.workers == 0)
    }

    @Test func aTenantWithAHundredIssuesLeavesASlotForTheNextOne() {
        var slots = ClaimSlots()
        let (busy, other) = (Self.tenants[0], Self.tenants[1])
        #expect(slots.add(Self.claims(100, of: busy), Self.limits) == 4)
        for _ in 0..<4 { #expect(slots.next(Self.limits).claim?.tenantID == busy) }
        #expect(slots.add(Self.claims(1, of: other), Self.limits) == 1)
        #expect(slots.next(Self.limits).claim?.tenantID == other)
    }

    @Test func tenantsTakeTurnsWhereSlotsAreScarce() {
        let limits = HeldClaims.Limits(perTenant: 1, total: 2, waitingPerTenant: 4, waiting: 64)
        var slots = ClaimSlots()
        for tenant in Self.tenants { _ = slots.add(Self.claims(2, of: tenant), limits) }
        var (served, working) = ([TenantID](), [slots.next(limits).claim, slots.next(limits).claim].compactMap(\.self))
        while let done = working.first {
            served.append(done.tenantID)
            slots.end(working.removeFirst())
            if let next = slots.next(limits).claim { working.append(next) }
        }
        #expect(served == Self.tenants + Self.tenants)
    }

    @Test func aTenantWithEnoughWaitingGetsNoMoreAndNobodyDoesWhenAllHave() {
        var slots = ClaimSlots()
        #expect(slots.turns(Self.limits) == ClaimTurns())
        let (busy, other) = (Self.tenants[0], Self.tenants[1])
        _ = slots.add(Self.claims(4, of: busy) + Self.claims(3, of: other), Self.limits)
        #expect(slots.turns(Self.limits) == ClaimTurns(full: [busy], last: other))
        _ = slots.add(Self.claims(64, of: busy), Self.limits)
        #expect(slots.turns(Self.limits) == nil)
    }
}
