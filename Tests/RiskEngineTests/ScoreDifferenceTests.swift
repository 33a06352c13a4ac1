import Domain
import TestSupport
import Testing

@testable import RiskEngine

/// What made a score another: on random streams of events, which come in random order.
@Suite struct ScoreDifferenceTests {
    /// An issue with its events, and two instants.
    private struct Trial {
        var item: RandomIssues.Case
        var fragments: [IssueState]
        var from: Timestamp
        var to: Timestamp
    }

    private static let trials: [Trial] = {
        var source = RandomIssues(seed: 55)
        var random = SeededGenerator(seed: 56)
        return (0..<150).map { _ in
            let item = source.next()
            // Before the creation at times.
            let range = item.issue.created.adding(days: -20).milliseconds...item.now.milliseconds
            let to = Timestamp(
                milliseconds: Int64.random(in: item.issue.created.milliseconds...item.now.milliseconds, using: &random))
            let from = Timestamp(milliseconds: Int64.random(in: range, using: &random))
            return Trial(item: item, fragments: fragments(of: item.issue), from: min(from, to), to: max(from, to))
        }
    }()

    /// What webhooks would say of the issue: its fields as they are, and each comment and each change by itself.
    private static func fragments(of issue: Domain.Issue) -> [IssueState] {
        let version = Version(at: issue.updated, sentAt: issue.updated)
        var whole = IssueState(id: issue.id)
        whole.fields.key = Versioned(issue.key, version)
        whole.fields.created = Versioned(issue.created, version)
        whole.fields.summary = Versioned(issue.summary, version)
        whole.fields.priority = Versioned(issue.priority, version)
        whole.fields.status = Versioned(issue.status, version)
        whole.fields.dueDate = Versioned(issue.dueDate, version)
        whole.fields.assignee = Versioned(issue.assignee, version)
        whole.fields.storyPoints = Versioned(issue.storyPoints, version)
        whole.fields.sprints = Versioned(issue.sprints, version)
        whole.fields.links = Versioned(issue.links, version)
        whole.isDeleted = issue.isDeleted
        var older = IssueState(id: issue.id)
        let before = Version(at: issue.created, sentAt: issue.created)
        older.fields.priority = Versioned("Lowest", before)
        older.fields.assignee = Versioned(nil, before)
        let comments = issue.comments.map { comment in
            var state = IssueState(id: issue.id)
            state.comments[comment.id] = comment
            state.lastActivityAt = comment.updated
            return state
        }
        let changes = issue.changes.map { change in
            var state = IssueState(id: issue.id)
            state.changes[change.id] = change
            state.lastActivityAt = change.at
            return state
        }
        return [whole, older] + comments + changes
    }

    private static func fold(_ fragments: [IssueState]) -> IssueState {
        fragments.dropFirst().reduce(fragments[0]) { IssueFold.join($0, $1) }
    }

    /// The issues that block this one get another score in the middle of the time.
    private static func upstream(of trial: Trial) -> UpstreamPast {
        let start = max(trial.from, trial.item.issue.created)
        let middle = Timestamp(milliseconds: (start.milliseconds + trial.to.milliseconds) / 2)
        let later = trial.item.upstream.map { risk in
            var risk = risk
            risk.ownScore = 100 - risk.ownScore
            return risk
        }
        return UpstreamPast(steps: [
            UpstreamPast.Step(at: start, risks: trial.item.upstream), UpstreamPast.Step(at: middle, risks: later),
        ])
    }

    private struct Past {
        var rewind: IssueRewind
        var events: [ScoreDifference.Event]
        var look: (Timestamp, Timestamp) -> Analysis?
    }

    private func past(of trial: Trial, folded state: IssueState, _ scorer: RiskScorer) throws -> Past {
        let rewind = IssueRewind(
            of: try #require(IssueFold.issue(from: state)), scorer: scorer, now: trial.item.now)
        let upstream = Self.upstream(of: trial)
        let look: (Timestamp, Timestamp) -> Analysis? = { known, now in
            rewind.issue(at: known).map { issue in
                scorer.analyze(
                    issue, readings: trial.item.readings, model: "test-1", upstream: upstream.risks(at: known),
                    recentScores: [], tenantDailyRate: 2500, now: now)
            }
        }
        return Past(rewind: rewind, events: rewind.events + upstream.events(of: rewind), look: look)
    }

    @Test(arguments: RiskConfiguration.Profile.allCases)
    func thePointsOfAllPartsSumToTheDifferenceOfTheScores(profile: RiskConfiguration.Profile) throws {
        let scorer = try RiskScorer(IssueFixture.configuration(profile))
        var (byEvents, byTime, quiet) = (0, 0, 0)
        for trial in Self.trials {
            let past = try past(of: trial, folded: Self.fold(trial.fragments), scorer)
            let difference = ScoreDifference(
                from: trial.from, to: trial.to, events: past.events, look: past.look)
            // Scored by itself, and not on the way.
            let (before, after) = (past.look(trial.from, trial.from), past.look(trial.to, trial.to))
            #expect(difference.from.score == before?.riskScore ?? 0)
            #expect(difference.to.score == after?.riskScore ?? 0)
            #expect(difference.parts.reduce(0) { $0 + $1.points } == difference.to.score - difference.from.score)
            for name in Factor.Name.allCases {
                let moved = difference.parts.flatMap(\.moves).filter { $0.factor == name }.reduce(0) { $0 + $1.change }
                #expect(moved == (after?.points(name) ?? 0) - (before?.points(name) ?? 0))
            }
            #expect(difference.parts.map(\.at) == difference.parts.map(\.at).sorted())
            #expect(difference.parts.allSatisfy { $0.at > trial.from && $0.at <= trial.to && !$0.moves.isEmpty })
            let inParts = difference.parts.reduce(0) { $0 + $1.events.count }
            #expect(
                inParts + difference.quietEvents == past.events.count { $0.at > trial.from && $0.at <= trial.to })
            byEvents += difference.parts.count { !$0.events.isEmpty }
            byTime += difference.parts.count { $0.events.isEmpty }
            quiet += difference.quietEvents
        }
        #expect(byEvents > 50 && byTime > 50 && quiet > 50, "the trials must reach everything")
    }

    @Test func theOrderOfArrivalChangesNothing() throws {
        let scorer = try RiskScorer(.default)
        var random = SeededGenerator(seed: 57)
        for trial in Self.trials.prefix(60) {
            func difference(_ state: IssueState, _ random: inout SeededGenerator) throws -> ScoreDifference {
                let past = try past(of: trial, folded: state, scorer)
                return ScoreDifference(
                    from: trial.from, to: trial.to, events: past.events.shuffled(using: &random), look: past.look)
            }
            let inOrder = try difference(Self.fold(trial.fragments), &random)
            for _ in 0..<4 {
                // Every event at least once, some of them again.
                let arrived = (trial.fragments + trial.fragments.shuffled(using: &random).prefix(3))
                    .shuffled(using: &random)
                let again = try difference(Self.fold(arrived), &random)
                #expect(again == inOrder)
            }
        }
    }

    @Test func anIssueStaysTheSameBetweenItsEventsAndIsNowAsItStands() throws {
        let scorer = try RiskScorer(.default)
        var random = SeededGenerator(seed: 58)
        for trial in Self.trials {
            let rewind = try past(of: trial, folded: Self.fold(trial.fragments), scorer).rewind
            #expect(rewind.issue(at: trial.item.now) == rewind.issue)
            #expect(rewind.issue(at: rewind.created.adding(milliseconds: -1)) == nil)
            let instants = Set(rewind.events.map(\.at)).sorted()
            for _ in 0..<10 {
                let instant = Timestamp(
                    milliseconds: Int64.random(
                        in: rewind.created.milliseconds...trial.item.now.milliseconds, using: &random))
                let last = try #require(instants.last { $0 <= instant })
                #expect(rewind.issue(at: instant) == rewind.issue(at: last))
            }
        }
    }

    /// Two events at one instant have one number, and are listed in the order of their kinds and numbers.
    @Test func eventsOfOneInstantAreOnePart() throws {
        let scorer = try RiskScorer(.default)
        let at = IssueFixture.now.adding(days: -1)
        var issue = IssueFixture.issue(ageDays: 10)
        issue.dueDate = IssueFixture.now.adding(days: -5).utcDay
        issue.changes = [
            IssueFixture.change(10, "duedate", from: nil, to: issue.dueDate?.description),
            IssueFixture.change(9, "labels", from: nil, to: "late"),
        ]
        issue.comments = [IssueFixture.comment(1, "We are blocked by the vendor.", hoursAgo: 24)]
        let rewind = IssueRewind(of: issue, scorer: scorer, now: IssueFixture.now)
        let difference = ScoreDifference(
            from: at.adding(days: -1), to: IssueFixture.now, events: rewind.events
        ) { known, now in
            rewind.issue(at: known).map {
                scorer.analyze(
                    $0, readings: [:], model: "test-1", upstream: [], recentScores: [], tenantDailyRate: 2500, now: now)
            }
        }
        let part = try #require(difference.parts.first { $0.at == at })
        #expect(part.events.map(\.id) == ["9/0", "10/0", "1"])
        #expect(part.events.map(\.field) == ["labels", "duedate", nil])
        #expect(part.events.last?.text == "We are blocked by the vendor.")
        #expect(Set(part.moves.map(\.factor)).isSuperset(of: [.dueDate, .blockers]))
        #expect(part.points == part.moves.reduce(0) { $0 + $1.change } && part.points > 15)
    }

    @Test func anIssueRisesFromNothingWhenItIsCreated() throws {
        let scorer = try RiskScorer(.default)
        var issue = IssueFixture.issue(ageDays: 3)
        issue.isFlagged = true
        let rewind = IssueRewind(of: issue, scorer: scorer, now: IssueFixture.now)
        let difference = ScoreDifference(
            from: IssueFixture.now.adding(days: -7), to: IssueFixture.now, events: rewind.events
        ) { known, now in
            rewind.issue(at: known).map {
                scorer.analyze(
                    $0, readings: [:], model: "test-1", upstream: [], recentScores: [], tenantDailyRate: 2500, now: now)
            }
        }
        #expect(difference.from.score == 0 && difference.from.points.isEmpty)
        let first = try #require(difference.parts.first)
        #expect(first.events.map(\.kind) == [.created] && first.at == issue.created && first.points == 15)
        #expect(difference.change == difference.to.score)
    }
}
