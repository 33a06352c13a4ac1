import Domain
import Foundation
import Testing

@testable import Forecast

/// A stored pace gives the samples that all histories give.
struct TenantPaceTests {
    private static let maker = SampleMaker()

    @Test(arguments: UInt64(1)...8)
    func theSamplesByAPaceAreThoseByAllHistories(seed: UInt64) throws {
        let world = World(seed: seed, issues: 14, events: 500)
        let histories = world.histories(at: world.end)
        for days in [200, 400, 650] {
            let at = World.begin.adding(days: days)
            let stored = try JSONEncoder().encode(Self.maker.pace(of: histories, asOf: at))
            let pace = try JSONDecoder().decode(TenantPace.self, from: stored)
            let known = Self.maker.samples(of: histories, at: at)
            #expect(Self.maker.samples(of: histories, at: at, pace: pace) == known)
            // Days later, when nothing has happened since.
            let quiet = world.histories(at: at)
            let later = at.adding(days: 9)
            let aged = Self.maker.samples(of: quiet, at: later, pace: pace)
            #expect(aged == Self.maker.samples(of: quiet, at: later))
        }
    }

    @Test(arguments: UInt64(1)...4)
    func leadTimesThatAreSortedOnceGiveTheSameSamples(seed: UInt64) {
        let world = World(seed: seed, issues: 60, events: 1500)
        let histories = world.histories(at: world.end)
        let pace = Self.maker.pace(of: histories, asOf: World.begin.adding(days: 400))
        let leads = SharedLeads(of: pace)
        // Also back in time, and after the pace, where an issue has added its own lead time.
        for days in [400, 401, 620, 410, 650] {
            let at = World.begin.adding(days: days)
            for history in histories {
                let shared = Self.maker.samples(of: [history], at: at, pace: pace, leads: leads)
                #expect(shared == Self.maker.samples(of: [history], at: at, pace: pace))
            }
        }
    }

    @Test
    func whatTheIssueItselfDidSinceCounts() throws {
        var issue = Story.issue(1)
        issue.assignee = Story.bob
        let before = [issue, Story.issue(2)]
        issue.edit(12, Story.bob, ("priority", "Low", "High"))
        issue.edit(13, Story.bob, ("assignee", "bob", "ann"))
        issue.assignee = Story.ann
        let after = [issue, Story.issue(2)]
        let pace = Self.maker.pace(of: IssueHistory.all(of: before, statuses: Story.statuses), asOf: Story.day(10))
        let histories = IssueHistory.all(of: after, statuses: Story.statuses)
        let known = Self.maker.samples(of: histories, at: Story.day(14))
        #expect(Self.maker.samples(of: histories, at: Story.day(14), pace: pace) == known)
        #expect(known.first?[.ownerOpen] == 1)
    }

    @Test
    func anIssueThatIsNewSinceCounts() {
        let before = [Story.issue(2)]
        let pace = Self.maker.pace(of: IssueHistory.all(of: before, statuses: Story.statuses), asOf: Story.day(10))
        let histories = IssueHistory.all(of: before + [Story.issue(1, created: 12)], statuses: Story.statuses)
        let samples = Self.maker.samples(of: histories, at: Story.day(14), pace: pace)
        #expect(samples.map { $0[.projectOpen] } == [1, 2], "the first knows nothing of the second")
    }

    @Test
    func equalHistoriesGiveEqualBytes() throws {
        let world = World(seed: 5, issues: 14, events: 400)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var random = SplitMix(state: 1)
        let histories = world.histories(at: world.end)
        let one = try encoder.encode(Self.maker.pace(of: histories, asOf: world.end))
        let other = try encoder.encode(Self.maker.pace(of: histories.shuffled(using: &random), asOf: world.end))
        #expect(one == other)
    }

    @Test
    func instantsOfTheRecentPastAreCountedWhileOldOnesAreDropped() {
        var recent = RecentInstants()
        var all: [Int64] = []
        for hour in 0..<5000 {
            let instant = Int64(hour) * 3_600_000
            recent.add(instant, keeping: 30)
            all.append(instant)
            let first = instant - 30 * millisecondsPerDay
            #expect(
                recent.count(days: 30, at: instant) == min(hour + 1, 720),
                "\(all.count(after: first, through: instant))")
        }
    }
}
