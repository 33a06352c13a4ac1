import Domain
import Foundation
import StoreTestSupport
import Testing

@testable import Store

@Suite struct ProjectRiskCacheTests {
    private static let tenant = TenantID(UUID())

    private static func risks(_ count: Int) -> [ProjectRisk] {
        [ProjectRisk(projectKey: "PAY", counts: RiskCounts(high: 1, medium: 0, low: count - 1))]
    }

    @Test func theCountsOfASmallTenantAreNotKept() {
        let cache = ProjectRiskCache()
        cache.keep(Self.risks(ProjectRiskCache.largeTenant - 1), of: Self.tenant)
        #expect(cache.risks(of: Self.tenant) == nil)
    }

    @Test func theCountsOfALargeTenantAreKeptForTenTimesWhatCountingTakes() {
        let (cache, start) = (ProjectRiskCache(), ContinuousClock.now)
        let risks = Self.risks(400_000)
        cache.keep(risks, of: Self.tenant, at: start)
        #expect(cache.risks(of: Self.tenant, at: start + .milliseconds(999)) == risks)
        #expect(cache.risks(of: TenantID(UUID()), at: start) == nil)
        // One counts again, and the others do not wait for it.
        #expect(cache.risks(of: Self.tenant, at: start + .seconds(1)) == nil)
        #expect(cache.risks(of: Self.tenant, at: start + .seconds(1)) == risks)
        cache.keep(Self.risks(10), of: Self.tenant, at: start + .seconds(1))
        #expect(cache.risks(of: Self.tenant, at: start + .seconds(1)) == nil)
    }

    @Test func listAndOverviewShareTheCounts() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        var store = fixture.store
        store.projectRiskCache = ProjectRiskCache(smallest: 0)
        #expect(try await store.projectRisks(tenant).isEmpty)
        let risks = Self.risks(1_000_000)
        store.projectRiskCache.keep(risks, of: tenant)
        #expect(try await store.projectRisks(tenant) == risks)
        #expect(try await store.overview(tenant, alertLimit: 5).projects == risks)
        // Those of another store that has kept nothing.
        #expect(try await fixture.store.overview(tenant, alertLimit: 5).projects.isEmpty)
    }
}
