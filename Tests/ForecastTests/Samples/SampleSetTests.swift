import Domain
import Testing

@testable import Forecast

/// Which samples are kept, and what they weigh.
struct SampleSetTests {
    private static let maker = SampleMaker(grid: SampleGrid(anchor: Story.begin))

    private static func set(_ issues: [Domain.Issue], upTo day: Double) -> SampleSet {
        maker.samples(of: IssueHistory.all(of: issues, statuses: Story.statuses), upTo: Story.day(day))
    }

    @Test
    func aQuietIssueIsKeptEverMoreSeldom() {
        // Weeks 0 to 24: 25 samples in all.
        let kept = Self.set([Story.issue(1)], upTo: 24 * 7).training(at: Story.day(24 * 7))
        #expect(kept.map { $0.at.wholeDays(since: Story.begin) / 7 } == [0, 1, 2, 3, 4, 6, 8, 11, 16, 22])
        // Each stands for the weeks up to the next, the last one for those up to the cut.
        #expect(kept.map(\.weight) == [1, 1, 1, 1, 2, 2, 3, 5, 6, 3].map { $0 / 5 })
    }

    @Test
    func anEarlierCutWeighsAsIfNothingCameLater() {
        let set = Self.set([Story.issue(1)], upTo: 24 * 7)
        let kept = set.training(at: Story.day(8 * 7 + 3))
        #expect(kept.map(\.weight) == [1, 1, 1, 1, 2, 2, 1].map { $0 / 3 })
    }

    @Test
    func aWeekInWhichSomethingHappenedIsKeptToo() {
        var issue = Story.issue(1)
        issue.comment(13 * 7 - 1, Story.ann, "text")
        issue.edit(14 * 7, Story.ann, ("priority", "Low", "High"))
        let kept = Self.set([issue], upTo: 15 * 7).training(at: Story.day(15 * 7))
        #expect(kept.map { $0.at.wholeDays(since: Story.begin) / 7 } == [0, 1, 2, 3, 4, 6, 8, 11, 13, 14])
        #expect(kept.map(\.weight) == [1, 1, 1, 1, 2, 2, 3, 5, 1, 1].map { $0 / 4 })
    }

    @Test
    func aDoneIssueHasNoSamplesUntilItIsReopened() {
        var issue = Story.issue(1)
        issue.edit(10, Story.ann, ("status", "1", "3"))
        issue.edit(24, Story.ann, ("status", "3", "1"))
        let kept = Self.set([issue], upTo: 30).training(at: Story.day(30))
        #expect(kept.map { $0.at.wholeDays(since: Story.begin) / 7 } == [0, 1, 4])
    }

    @Test
    func testsAreEveryFourthWeek() {
        let set = Self.set([Story.issue(1)], upTo: 24 * 7)
        let tests = set.tests(after: Story.day(28), through: Story.day(140))
        #expect(tests.map { $0.at.wholeDays(since: Story.begin) / 7 } == [8, 12, 16, 20])
        #expect(tests.allSatisfy { $0.weight == 1 })
    }

    @Test
    func theGridIsOfMondaysInUTC() {
        let grid = SampleGrid()
        // Day 0 is a Thursday.
        #expect(Story.begin.utcDay.isoWeekday == 4)
        #expect(grid.next(from: Story.begin) == Story.day(4))
        #expect(grid.next(from: Story.day(4)) == Story.day(4))
        #expect(grid.next(from: Story.day(4.1)) == Story.day(11))
        #expect(grid.next(from: Timestamp(milliseconds: -1)).utcDay.isoWeekday == 1)
        #expect(SampleGrid(first: Story.day(30)).next(from: Story.begin) == Story.day(32))
    }

    @Test
    func noIssuesGiveNoSamples() {
        #expect(Self.set([], upTo: 100).training(at: Story.day(100)).isEmpty)
        #expect(SampleMaker().samples(of: [], at: Story.day(1)).isEmpty)
    }
}
