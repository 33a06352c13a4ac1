import Domain
import Testing

@testable import Forecast

/// A sample reads nothing that is dated after it.
struct PointInTimeTests {
    private static let maker = SampleMaker()

    private static func instants(_ world: World, seed: UInt64) -> [Timestamp] {
        var random = SplitMix(state: seed)
        return (0..<6).map { _ in World.begin.adding(days: Int.random(in: 60..<680, using: &random)) }
    }

    @Test(arguments: UInt64(1)...20)
    func samplesAreTheSameWhenAllThatCameLaterIsCutOff(seed: UInt64) {
        let world = World(seed: seed, issues: 14, events: 500)
        let whole = world.histories(at: world.end)
        var compared = 0
        for at in Self.instants(world, seed: seed) {
            let known = Self.maker.samples(of: whole, at: at)
            let cut = Self.maker.samples(of: world.histories(at: at), at: at)
            compared += cut.count
            #expect(known.differences(from: cut) == [], "as of \(at)")
        }
        #expect(compared > 0)
    }

    @Test(arguments: UInt64(1)...5)
    func trainingSamplesAndTheirWeightsAreTheSameWhenAllThatCameLaterIsCutOff(seed: UInt64) {
        let world = World(seed: seed, issues: 14, events: 500)
        let whole = Self.maker.samples(of: world.histories(at: world.end), upTo: world.end)
        for cut in Self.instants(world, seed: seed) {
            let part = Self.maker.samples(of: world.histories(at: cut), upTo: cut)
            #expect(whole.training(at: cut).differences(from: part.training(at: cut)) == [])
            let (tests, known) = (
                whole.tests(after: World.begin, through: cut), part.tests(after: World.begin, through: cut)
            )
            #expect(tests.differences(from: known) == [])
            for sample in tests { #expect(whole.outcome(of: sample, at: cut) == part.outcome(of: sample, at: cut)) }
        }
    }

    @Test
    func aFeatureThatReadsTheFutureIsCaught() {
        let world = World(seed: 3, issues: 14, events: 500)
        let at = World.begin.adding(days: 400)
        let (whole, cut) = (world.histories(at: world.end), world.histories(at: at))
        /// The samples, with the number of all changes, whenever they were, in place of those of the last 7 days.
        func planted(_ histories: [IssueHistory]) -> [Sample] {
            Self.maker.samples(of: histories, at: at).map { sample in
                var sample = sample
                let all = histories.first { $0.id == sample.issue }?.changeTimes.count ?? 0
                sample[.changes7] = Float(all)
                return sample
            }
        }
        let caught = planted(whole).differences(from: planted(cut))
        #expect(!caught.isEmpty && caught.allSatisfy { $0.hasSuffix("changes7") }, "\(caught)")
    }

    @Test(arguments: UInt64(1)...5)
    func theOrderOfTheIssuesDoesNotMatter(seed: UInt64) {
        let world = World(seed: seed, issues: 14, events: 300)
        let histories = world.histories(at: world.end)
        var random = SplitMix(state: seed)
        let shuffled = histories.shuffled(using: &random) + histories.prefix(3)
        let at = World.begin.adding(days: 500)
        #expect(
            Self.maker.samples(of: histories, at: at).differences(from: Self.maker.samples(of: shuffled, at: at)) == [])
        let (one, other) = (
            Self.maker.samples(of: histories, upTo: at).training(at: at),
            Self.maker.samples(of: shuffled, upTo: at).training(at: at)
        )
        #expect(!one.isEmpty && one.differences(from: other) == [])
    }

    @Test(arguments: UInt64(1)...10)
    func theStateAfterAllStepsIsTheLastOne(seed: UInt64) {
        let world = World(seed: seed, issues: 10, events: 400)
        for (issue, history) in zip(world.issues(at: world.end), world.histories(at: world.end)) {
            var progress = IssueProgress(history)
            progress.play(history, through: world.end)
            #expect(progress.facts.assignee == issue.assignee?.id)
            #expect(progress.facts.category == issue.status?.category)
            #expect(progress.facts.components == issue.components.count)
            #expect(progress.facts.links.count == issue.links.count)
            #expect(progress.facts.description == TextTraits(issue.description))
            #expect(progress.facts.dueDay == issue.dueDate)
            #expect(!history.steps.contains { if case .state = $0.kind { true } else { false } })
        }
    }
}

extension [Sample] {
    /// What differs from others, bit by bit, as `issue feature`.
    func differences(from others: [Sample]) -> [String] {
        guard map(\.issue) == others.map(\.issue), map(\.at) == others.map(\.at) else { return ["other samples"] }
        return zip(self, others).flatMap { a, b -> [String] in
            var found = Feature.allCases.filter { a[$0].bitPattern != b[$0].bitPattern }.map { "\(a.issue) \($0)" }
            if a.due != b.due || a.sprintEnd != b.sprintEnd { found.append("\(a.issue) deadline") }
            if a.usual.bitPattern != b.usual.bitPattern || a.usualCount != b.usualCount {
                found.append("\(a.issue) usual")
            }
            if a.weight != b.weight || a.project != b.project || a.created != b.created {
                found.append("\(a.issue) rest")
            }
            return found
        }
    }
}
