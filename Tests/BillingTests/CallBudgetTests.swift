import Domain
import Foundation
import Testing

@testable import Billing

@Suite struct CallBudgetTests {
    private let start = ContinuousClock.now

    /// How long a tenant has to wait; nil where its call is carried out.
    private func wait(_ budget: CallBudget, _ tenantID: TenantID, after seconds: Int) throws -> Int? {
        do {
            try budget.take(tenantID, at: start.advanced(by: .seconds(seconds)))
            return nil
        } catch BillingError.tooMany(let seconds) {
            return seconds
        }
    }

    @Test func aLoopIsRefusedUntilTheMinuteIsOverAndNoOtherTenantIs() throws {
        let (budget, tenant) = (CallBudget(), TenantID(UUID()))
        for _ in 0..<CallBudget.callsPerWindow { #expect(try wait(budget, tenant, after: 0) == nil) }
        #expect(try wait(budget, tenant, after: 0) == 61)
        #expect(try wait(budget, tenant, after: 59) == 2)
        #expect(try wait(budget, TenantID(UUID()), after: 59) == nil)
        for _ in 0..<CallBudget.callsPerWindow { #expect(try wait(budget, tenant, after: 60) == nil) }
        #expect(try wait(budget, tenant, after: 61) == 60)
    }

    /// However many tenants there are: who is counted now is not forgotten.
    @Test func manyTenantsGiveNoneOfThemMore() throws {
        let (budget, tenant) = (CallBudget(), TenantID(UUID()))
        for _ in 0..<CallBudget.callsPerWindow { #expect(try wait(budget, tenant, after: 0) == nil) }
        for _ in 0..<2000 { #expect(try wait(budget, TenantID(UUID()), after: 1) == nil) }
        #expect(try wait(budget, tenant, after: 2) == 59)
    }
}
