import Domain
import Testing

@testable import Forecast

/// Labels: what became of an issue, and what may be learned from it.
struct OutcomeTests {
    private static func sample(at day: Double = 10, due: Double? = nil, sprint: Double? = nil) -> Sample {
        Sample(
            issue: "1", project: "ENG", at: Story.day(day), created: Story.day(0),
            features: Array(repeating: .nan, count: Feature.count), usual: 30, usualCount: 20,
            due: due.map(Story.day), sprintEnd: sprint.map(Story.day))
    }

    private static func outcome(_ done: Double?, until: Double = 100) -> Outcome {
        Outcome(done: done.map(Story.day), observedUntil: Story.day(until))
    }

    @Test
    func theOutcomeIsTheFirstEntryIntoDoneAfterTheSampleUpToTheCut() throws {
        var issue = Story.issue(1)
        issue.edit(5, Story.ann, ("status", "1", "3"))
        issue.edit(7, Story.ann, ("status", "3", "2"))
        issue.edit(20, Story.ann, ("status", "2", "3"))
        issue.status = Story.done
        let history = IssueHistory(issue, statuses: Story.statuses)
        #expect(history.done == [Story.day(5), Story.day(20)])
        let cut = Story.day(50)
        #expect(history.outcome(after: Story.day(3), cut: cut).done == Story.day(5))
        #expect(history.outcome(after: Story.day(8), cut: cut).done == Story.day(20))
        #expect(history.outcome(after: Story.day(20), cut: cut).done == nil)
        #expect(
            history.outcome(after: Story.day(8), cut: Story.day(19)) == Outcome(done: nil, observedUntil: Story.day(19))
        )
        #expect(history.outcome(after: Story.day(8), cut: Story.day(20)).done == Story.day(20))
    }

    @Test
    func theDeadlinesOfASample() {
        let sample = Self.sample(due: 20, sprint: 24)
        #expect(Question.usual.deadline(of: sample) == Story.day(30))
        #expect(Question.due.deadline(of: sample) == Story.day(20))
        #expect(Question.sprint.deadline(of: sample) == Story.day(24))
        #expect(Question.horizon(days: 30).deadline(of: sample) == Story.day(40))
        #expect(Question.due.deadline(of: Self.sample()) == nil)
        #expect(!Question.due.isOpen(for: Self.sample(due: 10)), "the deadline is over at its end")
        #expect(Question.usual.isOpen(for: sample))
    }

    @Test
    func lateIsDoneAfterTheDeadlineOrNotAtAll() {
        let (sample, cut) = (Self.sample(), Story.day(100))
        #expect(Question.usual.isLate(sample, Self.outcome(29), cut: cut) == false)
        #expect(Question.usual.isLate(sample, Self.outcome(30), cut: cut) == false)
        #expect(Question.usual.isLate(sample, Self.outcome(30.1), cut: cut) == true)
        #expect(Question.usual.isLate(sample, Self.outcome(nil), cut: cut) == true)
    }

    @Test
    func aSampleIsAdmittedOnlyOnceItsDeadlineIsOver() {
        let sample = Self.sample()
        // Done early, but the window is still open at the cut.
        #expect(Question.usual.isLate(sample, Self.outcome(12, until: 29), cut: Story.day(29)) == nil)
        #expect(Question.usual.isLate(sample, Self.outcome(12, until: 30), cut: Story.day(30)) == false)
        #expect(Question.usual.isLate(Self.sample(at: 31), Self.outcome(nil), cut: Story.day(100)) == nil)
        #expect(Question.due.isLate(sample, Self.outcome(nil), cut: Story.day(100)) == nil)
    }
}
