import Domain
import Testing

@testable import Forecast

struct HazardRowsTests {
    private func observed(done: Double?, until: Double, issue: String = "1") -> ObservedSample {
        let sample = SyntheticTenant.sample([.age: 3], issue: issue)
        return ObservedSample(
            sample: sample,
            outcome: Outcome(
                done: done.map { sample.at.adding(fractionalDays: $0) },
                observedUntil: sample.at.adding(fractionalDays: until)))
    }

    private func bins(_ rows: HazardRows) -> [Float] { (0..<rows.matrix.rows).map { rows.matrix[row: $0].last ?? -1 } }

    @Test func anIssueHasARowForEachBinItWasOpenIn() {
        // Bins end at 1, 3, 7, 14 …: done in the third.
        let rows = HazardRows([observed(done: 5, until: 100)], cut: Timestamp(milliseconds: 0).adding(days: 100))
        #expect(bins(rows) == [0, 1, 2])
        #expect(rows.labels == [0, 0, 1])
        #expect(rows.matrix[row: 0].first == 3, "the features come first")
    }

    @Test func aBinThatIsObservedInPartHasNoRowWhateverHappenedInIt() {
        let cut = Timestamp(milliseconds: 0).adding(days: 6)
        #expect(bins(HazardRows([observed(done: 5, until: 100)], cut: cut)) == [0, 1])
        #expect(bins(HazardRows([observed(done: nil, until: 100)], cut: cut)) == [0, 1])
        #expect(
            HazardRows([observed(done: 5, until: 100)], cut: cut).labels == [0, 0], "the cut does not know that it ends"
        )
        #expect(
            bins(HazardRows([observed(done: nil, until: 3)], cut: Timestamp(milliseconds: 0).adding(days: 50))) == [
                0, 1,
            ])
    }

    @Test func doneAtTheEndOfABinIsDoneInIt() {
        let rows = HazardRows([observed(done: 3, until: 100)], cut: Timestamp(milliseconds: 0).adding(days: 100))
        #expect(rows.labels == [0, 1])
    }

    @Test func samplesAfterTheCutAreLeftOut() {
        let later = ObservedSample(
            sample: SyntheticTenant.sample(day: 20),
            outcome: Outcome(done: nil, observedUntil: Timestamp(seconds: 1 << 33)))
        #expect(HazardRows([later], cut: Timestamp(milliseconds: 0).adding(days: 19)).labels.isEmpty)
    }

    @Test func theSameRowsAreChosenInAnyOrderAndNeverTooMany() {
        let tenant = SyntheticTenant(issues: 120)
        let all = HazardRows(tenant.grid, cut: tenant.end)
        #expect(all.labels.count == all.available)
        var random = SystemRandomNumberGenerator()
        for most in [1, 50, 700] {
            let rows = HazardRows(tenant.grid, cut: tenant.end, most: most)
            let again = HazardRows(tenant.grid.shuffled(using: &random), cut: tenant.end, most: most)
            #expect(rows.labels.count <= most)
            #expect(Double(rows.labels.count) >= 0.9 * Double(most) - 1)
            #expect(rows.contentHash == again.contentHash)
            #expect(rows.available == all.available)
        }
        #expect(HazardRows(tenant.grid, cut: tenant.end, most: 700).contentHash != all.contentHash)
    }

    @Test func blankFeaturesAreUnknown() {
        let rows = HazardRows(
            [observed(done: 5, until: 100)], cut: Timestamp(milliseconds: 0).adding(days: 100), blank: { $0 == .age })
        #expect(rows.matrix[row: 0].allSatisfy { $0.isNaN || $0 == 0 })
    }
}
