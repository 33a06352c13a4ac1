import Domain
import TestSupport
import Testing

@testable import Queries

@Suite struct IssueStoryTests {
    private static let start = Timestamp(seconds: 1_790_000_000)

    private static func analysis(
        _ points: [Factor.Name: Int], at: Timestamp, blockers: [Blocker] = []
    ) -> Analysis {
        var analysis = Analysis.sample(
            id: "1", key: "PAY-1", summary: "Refund",
            factors: points.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                Factor(name: $0.key, points: $0.value, cap: 40, explanation: "Because.")
            }, at: at)
        analysis.blockers = blockers
        return analysis
    }

    private static func blocker(_ comment: String, at: Timestamp) -> Blocker {
        Blocker(
            author: "Ada Nowak", date: at, snippet: "Blocked by \(comment).", categories: ["external"],
            evidence: Evidence(kind: .comment, id: comment, at: at))
    }

    private static func state(changes: [(id: ChangeID, at: Timestamp)] = []) -> IssueState {
        var state = IssueState(id: "1")
        for (id, at) in changes {
            state.changes[id] = Change(
                id: id, at: at, author: Person(id: "a", displayName: "Ada Nowak"), field: "status", from: "1",
                fromString: "To Do", to: "3", toString: "In Progress")
        }
        return state
    }

    /// Whatever the points are and in whatever order the analyses come.
    @Test(arguments: 0..<20) func theChangesOfTheFactorsSumToTheChangeOfTheScore(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var analyses: [Analysis] = []
        for step in 0..<12 {
            var points: [Factor.Name: Int] = [:]
            for name in Factor.Name.allCases where Bool.random(using: &random) {
                points[name] = Int.random(in: 0...10, using: &random)
            }
            analyses.append(Self.analysis(points, at: Self.start.adding(seconds: Int64(step) * 600)))
        }
        let story = IssueStory(analyses: analyses.shuffled(using: &random), state: Self.state())
        #expect(story.moments.map(\.at) == story.moments.map(\.at).sorted())
        for from in story.moments {
            for to in story.moments where to.at > from.at {
                // The order of the two does not matter.
                let difference = try #require(IssueDifference(of: story, from: to.at, to: from.at))
                #expect(difference == IssueDifference(of: story, from: from.at, to: to.at))
                #expect(difference.rows.reduce(0) { $0 + $1.change } == to.score - from.score)
                #expect(difference.change == to.score - from.score)
                #expect(difference.rows.allSatisfy { $0.change != 0 })
            }
        }
        #expect(IssueDifference(of: story, from: Self.start.adding(seconds: 1), to: Self.start) == nil)
    }

    @Test func aBlockerIsResolvedAtTheFirstAnalysisWithoutItByWhatHappenedSince() throws {
        let (first, second) = (
            Self.blocker("100", at: Self.start), Self.blocker("200", at: Self.start.adding(seconds: 60))
        )
        let story = IssueStory(
            analyses: [
                Self.analysis([.blockers: 20], at: Self.start, blockers: [first]),
                Self.analysis([.blockers: 30], at: Self.start.adding(seconds: 60), blockers: [first, second]),
                Self.analysis([.blockers: 20], at: Self.start.adding(seconds: 120), blockers: [second]),
            ],
            state: Self.state(changes: [
                ("9001", Self.start.adding(seconds: 60)), ("9002", Self.start.adding(seconds: 120)),
            ]))
        #expect(story.blockers.map(\.blocker.evidence.id) == ["200", "100"])
        #expect(story.blockers[0].resolvedAt == nil)
        #expect(story.blockers[1].resolvedAt == Self.start.adding(seconds: 120))
        #expect(story.blockers[1].resolvedBy.map(\.id) == ["9002"])
    }

    @Test func aBlockerThatComesBackHasALifeOfItsOwn() {
        let blocker = Self.blocker("100", at: Self.start)
        let story = IssueStory(
            analyses: [
                Self.analysis([:], at: Self.start, blockers: [blocker]),
                Self.analysis([:], at: Self.start.adding(seconds: 60)),
                Self.analysis([:], at: Self.start.adding(seconds: 120), blockers: [blocker]),
            ], state: Self.state())
        #expect(story.blockers.map(\.resolvedAt) == [nil, Self.start.adding(seconds: 60)])
    }

    @Test func aCommentThatNotEverybodyMayReadIsAnEventWithoutItsText() {
        var state = Self.state()
        for (id, isRestricted) in [("1", true), ("2", false), ("3", false)] {
            state.comments[CommentID(id)] = Comment(
                id: CommentID(id), author: Person(id: "a", displayName: "Ada Nowak"), body: "Text \(id)",
                created: Self.start, updated: Self.start, isRestricted: isRestricted)
        }
        state.deletedComments = ["3"]
        let story = IssueStory(analyses: [], state: state)
        #expect(story.events.map(\.to) == [nil, "Text 2"])
        #expect(story.events.map(\.author) == ["Ada Nowak", "Ada Nowak"])
    }
}
