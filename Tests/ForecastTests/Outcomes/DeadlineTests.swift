import Domain
import Testing

@testable import Forecast

/// What became of the deadlines that an issue had.
@Suite struct DeadlineTests {
    /// What scorecards call late is what forecasts are judged by, wherever a forecast may be.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func lateIsWhatForecastsAreJudgedBy(seed: UInt64) throws {
        let world = World(seed: seed, issues: 30, events: 900)
        let (cut, histories) = (world.end, world.histories(at: world.end))
        let byID = Dictionary(histories.map { ($0.id, $0) }) { first, _ in first }
        var answered = 0
        for day in stride(from: 20, to: 700, by: 13) {
            let at = World.begin.adding(days: day)
            for sample in SampleMaker().samples(of: histories, at: at) {
                let history = try #require(byID[sample.issue])
                let fate = history.fate(at: at, cut: cut)
                let outcome = history.outcome(after: at, cut: cut)
                for (question, answer) in [(Question.due, fate.due), (.sprint, fate.sprint)] {
                    let deadline = question.deadline(of: sample).flatMap { $0 > at ? $0 : nil }
                    guard let deadline else {
                        #expect(answer == .none)
                        continue
                    }
                    guard deadline <= cut else {
                        // Training leaves these out; that an issue was done early is known all the same.
                        #expect(answer == (outcome.done == nil ? answer : .met))
                        continue
                    }
                    answered += 1
                    switch question.isLate(sample, outcome, cut: cut) {
                    case true: #expect(answer == .missed(at: deadline))
                    case false: #expect(answer == .met)
                    case nil: #expect(answer == .none)
                    }
                }
            }
        }
        #expect(answered > 20)
    }

    /// A deadline that passed while the issue was open is missed seen from an instant before it, as long as nobody moved it.
    @Test(arguments: [4, 5, 6] as [UInt64])
    func aMissedDueDayWasMissedSeenFromJustBefore(seed: UInt64) {
        let world = World(seed: seed, issues: 30, events: 900)
        var found = 0
        for history in world.histories(at: world.end) {
            let missed = history.missedDeadlines(upTo: world.end)
            #expect(missed.map(\.at) == missed.map(\.at).sorted())
            for one in missed where one.question == .due && one.at.adding(seconds: -1) >= history.created {
                found += 1
                let fate = history.fate(at: one.at.adding(milliseconds: -1), cut: world.end)
                #expect(fate.due == .missed(at: one.at), "\(history.id) \(one)")
            }
        }
        #expect(found > 0)
    }

    private func history(_ change: (inout Domain.Issue) -> Void) -> IssueHistory {
        var issue = Story.issue(1)
        issue.dueDate = Story.day(10).utcDay
        change(&issue)
        return IssueHistory(issue, statuses: Story.statuses)
    }

    @Test func anIssueThatIsDoneAtTheEndOfItsDueDayIsInTime() {
        let done = history { issue in
            issue.edit(11, Story.ann, ("status", "1", "3"))
            issue.status = Story.done
        }
        #expect(done.fate(at: Story.day(3), cut: Story.day(30)).due == .met)
        #expect(done.missedDeadlines(upTo: Story.day(30)) == [])
        let late = history { issue in
            issue.edit(11.01, Story.ann, ("status", "1", "3"))
            issue.status = Story.done
        }
        #expect(late.fate(at: Story.day(3), cut: Story.day(30)).due == .missed(at: Story.day(11)))
        #expect(late.missedDeadlines(upTo: Story.day(30)).map(\.at) == [Story.day(11)])
        #expect(late.missedDeadlines(upTo: Story.day(11)).map(\.at) == [Story.day(11)])
        #expect(late.missedDeadlines(upTo: Story.day(10)) == [])
    }

    @Test func aDeadlineToComeIsPendingAndOneThatWasMovedCountsAsItWas() {
        let open = history { _ in }
        #expect(open.fate(at: Story.day(3), cut: Story.day(9)).due == .pending)
        #expect(open.fate(at: Story.day(12), cut: Story.day(30)).due == .none)
        let moved = history { issue in
            issue.edit(9, Story.ann, ("duedate", Story.day(10).utcDay.description, Story.day(20).utcDay.description))
            issue.dueDate = Story.day(20).utcDay
            issue.edit(15, Story.ann, ("status", "1", "3"))
            issue.status = Story.done
        }
        #expect(moved.fate(at: Story.day(3), cut: Story.day(30)).missedAt == Story.day(11))
        #expect(moved.fate(at: Story.day(9.5), cut: Story.day(30)).due == .met)
        #expect(moved.missedDeadlines(upTo: Story.day(30)) == [])
    }

    @Test func whatWasDoneAndThenOpenedIsReopened() {
        let reopened = history { issue in
            issue.dueDate = nil
            issue.edit(5, Story.ann, ("status", "1", "3"))
            issue.edit(8, Story.ann, ("status", "3", "2"))
            issue.status = Story.doing
        }
        #expect(reopened.fate(at: Story.day(3), cut: Story.day(30)).reopenedAt == Story.day(8))
        #expect(reopened.fate(at: Story.day(3), cut: Story.day(7)).reopenedAt == nil)
        #expect(reopened.fate(at: Story.day(9), cut: Story.day(30)).reopenedAt == nil)
    }
}
