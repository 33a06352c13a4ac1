import Testing

@testable import Forecast

/// The table of the features, which stored models rely on.
struct FeatureTests {
    @Test
    func thereAre81InNineGroups() {
        #expect(Feature.count == 81)
        #expect(Feature.allCases.map(\.column) == Array(0..<81))
        let sizes = FactorGroup.allCases.map { group in Feature.allCases.count { $0.group == group } }
        #expect(sizes == [3, 5, 13, 9, 23, 6, 9, 4, 9])
    }

    @Test
    func sevenAreTheTenantsOwn() {
        #expect(Feature.allCases.suffix(7).count { $0.isTenantsOwn } == 7)
        #expect(Feature.allCases.count { $0.isTenantsOwn } == 7)
    }

    @Test
    func fourteenMoveTheHazardInOneDirection() {
        #expect(Feature.allCases.count { $0.monotone == -1 } == 7)
        #expect(Feature.allCases.count { $0.monotone == 1 } == 7)
        #expect(Feature.age.monotone == -1 && Feature.flow.monotone == 1 && Feature.priority.monotone == 0)
    }
}
