import Domain
import Foundation
import TestSupport
import Testing

@testable import RiskEngine

/// The least set of actions for the issues of a sprint: no set of all that there are is better.
@Suite struct SprintRemedyTests {
    // MARK: The search

    /// What several issues make of a set of actions.
    private struct Game {
        var efforts: [Int]
        var shared: [Int]
        var members: [SprintRemedySearch.Member]
        var fixed: Int

        var search: SprintRemedySearch {
            SprintRemedySearch(efforts: efforts, shared: shared, members: members, fixed: fixed)
        }

        func misses(after set: Set<Int>) -> Int {
            members.reduce(fixed) { sum, member in
                if let end = member.endedBy, set.contains(end) { return sum }
                let theirs = set.intersection(member.options.flatMap(\.positions))
                return sum + (member.options.first { Set($0.positions) == theirs }?.misses ?? 0)
            }
        }

        /// By looking at every set.
        func best(below target: Int) -> SprintRemedySearch.Found? {
            SprintRemedySearch.subsets(of: Array(efforts.indices))
                .map { SprintRemedySearch.Found(positions: $0, misses: misses(after: Set($0))) }
                .min { isBefore($0, $1, below: target) }
        }

        private func isBefore(
            _ a: SprintRemedySearch.Found, _ b: SprintRemedySearch.Found, below target: Int
        ) -> Bool {
            func effort(_ found: SprintRemedySearch.Found) -> Int { found.positions.reduce(0) { $0 + efforts[$1] } }
            let (first, second) = (a.misses < target, b.misses < target)
            if first != second { return first }
            let (mine, theirs) =
                first
                ? ([a.positions.count, effort(a), a.misses], [b.positions.count, effort(b), b.misses])
                : ([a.misses, a.positions.count, effort(a)], [b.misses, b.positions.count, effort(b)])
            if mine != theirs { return mine.lexicographicallyPrecedes(theirs) }
            return a.positions.lexicographicallyPrecedes(b.positions)
        }

        /// One with few different numbers, so that much is equal.
        static func random(_ rng: inout SeededGenerator) -> Game {
            let shared = Array(0..<Int.random(in: 0...3, using: &rng))
            var (next, members) = (shared.count, [SprintRemedySearch.Member]())
            for _ in 0..<Int.random(in: 0...3, using: &rng) {
                let own = (0..<Int.random(in: 0...2, using: &rng)).map { next + $0 }
                next += own.count
                let common = shared.filter { _ in Bool.random(using: &rng) }
                let options = SprintRemedySearch.subsets(of: common + own).map {
                    SprintRemedySearch.Option(positions: $0, misses: Int.random(in: 0...4, using: &rng))
                }
                let ends = shared.filter { _ in Int.random(in: 0...3, using: &rng) == 0 }
                members.append(SprintRemedySearch.Member(options: options, endedBy: ends.first))
            }
            return Game(
                efforts: (0..<next).map { _ in Int.random(in: 1...3, using: &rng) }, shared: shared, members: members,
                fixed: Int.random(in: 0...2, using: &rng))
        }
    }

    @Test func noSetOfAllActionsBeatsTheOneThatIsFound() {
        var rng = SeededGenerator(seed: 20_261_210)
        var sizes: Set<Int> = []
        for _ in 0..<600 {
            let game = Game.random(&rng)
            for target in [0, 1, 3, 6, 100] {
                let found = game.search.least(below: target)
                #expect(found == game.best(below: target), "\(game)")
                sizes.insert(found.positions.count)
            }
        }
        #expect(sizes.isSuperset(of: [0, 1, 2, 3]))
    }

    @Test func noMoreActionsAreNamedThanTheLimit() {
        let members = (0..<20).map { place in
            SprintRemedySearch.Member(options: [
                SprintRemedySearch.Option(positions: [], misses: 10),
                SprintRemedySearch.Option(positions: [place], misses: place % 2),
            ])
        }
        let search = SprintRemedySearch(efforts: Array(repeating: 1, count: 20), shared: [], members: members)
        #expect(search.least(below: 160).positions == [0, 2, 4, 6, 8])
        let found = search.least(below: 1)
        #expect(found.positions.count == SprintRemedySearch.sizeLimit)
        #expect(found.misses == 82, "ten that leave nothing, two that leave one, eight as they were")
    }

    // MARK: Issues

    private static let catalog = StatusCatalog([
        Status(id: "1", name: "To Do", category: .new), Status(id: "3", name: "In Progress", category: .indeterminate),
        Status(id: "5", name: "Done", category: .done),
    ])

    private func part(
        _ issue: Domain.Issue, upstream: [UpstreamRisk], by scorer: RiskScorer
    ) throws -> SprintRemedyProblem.Part {
        let (state, now) = (IssueState(telling: issue), IssueFixture.now)
        let hypothesis = Hypothesis(
            state, sprints: [], project: nil, statuses: Self.catalog, scorer: scorer, now: now)
        let known = try #require(hypothesis.issue)
        let input = ScoringInput(
            issue: known, readings: [:], unreadable: [:], unread: [], model: "test-1", upstream: upstream,
            statuses: Self.catalog, recentScores: [], tenantDailyRate: 2500)
        let work = IssueWork(
            tenant: TenantContext(
                id: TenantID(UUID()), jiraURL: "https://acme.example", dailyRatePerPerson: 2500, lateUntil: nil),
            state: state, pending: [], lastAnalysis: nil, recentScores: [], rules: [], alertStates: [],
            statuses: Self.catalog)
        return SprintRemedyProblem.Part(
            found: IssueAnalyst.Found(work: work, issue: known, sprintRecords: [], hypothesis: hypothesis),
            actions: RemedyProblem.find(
                for: hypothesis, input: input, analysis: scorer.analyze(input, now: now),
                atMost: SprintRemedyProblem.actionLimit, blocking: SprintRemedyProblem.blockingLimit),
            input: input)
    }

    private func issue(_ number: Int, blockedBy others: [IssueKey]) -> Domain.Issue {
        var issue = IssueFixture.issue(
            ageDays: 20, links: others.enumerated().map { IssueFixture.blockedBy(10 * number + $0, $1) })
        issue.id = IssueID("\(30_000 + number)")
        issue.key = IssueKey("ENG-\(number)")
        issue.dueDate = IssueFixture.now.adding(days: 1).utcDay
        return issue
    }

    /// ENG-1 and ENG-2 wait for OPS-1, and ENG-2 for ENG-1, too.
    private func problem() throws -> SprintRemedyProblem {
        let scorer = try RiskScorer(.default)
        return SprintRemedyProblem(
            try [issue(2, blockedBy: ["OPS-1", "ENG-1"]), issue(1, blockedBy: ["OPS-1"])].map { issue in
                try part(issue, upstream: issue.links.map { IssueFixture.upstream($0, score: 50) }, by: scorer)
            })
    }

    @Test func whatSeveralIssuesWaitForIsOneAction() throws {
        let problem = try problem()
        #expect(problem.members.map(\.work.state?.fields.key?.value) == ["ENG-1", "ENG-2"])
        let shared = problem.actions.prefix(problem.sharedCount)
        #expect(
            shared.map(\.action.name) == ["finish_blocking_issue:ENG-1", "finish_blocking_issue:OPS-1"])
        #expect(shared.map(\.issueKeys) == [["ENG-2"], ["ENG-1", "ENG-2"]])
        #expect(problem.members.map(\.endedBy) == [0, nil])
        #expect(problem.actions.dropFirst(problem.sharedCount).allSatisfy { $0.issueKeys.count == 1 })
        for member in problem.members {
            #expect(member.sets.count == 1 << member.positions.count)
            #expect(member.positions.count <= SprintRemedyProblem.actionLimit)
            let none = try #require(member.outcome(after: []))
            let all = try #require(member.outcome(after: Array(member.positions.indices)))
            #expect(all.riskScore < none.riskScore)
        }
    }

    @Test func theLeastForRealIssuesIsThatOfAllSets() throws {
        let problem = try problem()
        try #require(problem.actions.count <= 12)
        // A score is what an issue is expected to miss, here.
        let members = problem.members.map { member in
            SprintRemedySearch.Member(
                options: member.sets.map { set in
                    SprintRemedySearch.Option(
                        positions: member.places(of: set), misses: member.outcome(after: set)?.riskScore ?? 0)
                }, endedBy: member.endedBy)
        }
        let game = Game(
            efforts: problem.actions.map(\.action.effort), shared: Array(0..<problem.sharedCount), members: members,
            fixed: 0)
        let present = game.misses(after: [])
        #expect(game.search.least(below: present + 1).positions.isEmpty)
        for target in stride(from: present, through: 1, by: -9) {
            #expect(game.search.least(below: target) == game.best(below: target))
        }
        #expect(game.search.least(below: present).positions.count == 1)
    }
}
