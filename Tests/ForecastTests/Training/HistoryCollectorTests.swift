import Domain
import Foundation
import TestSupport
import Testing

@testable import Forecast

@Suite struct HistoryCollectorTests {
    private let start = Timestamp(seconds: 1_700_000_000)

    private func issue(_ number: Int) -> Domain.Issue {
        var issue = Issue(
            id: IssueID("\(number)"), key: IssueKey("PAY-\(number)"), summary: "Story \(number)",
            created: start.adding(days: number), updated: start.adding(days: number + 1))
        issue.projectKey = "PAY"
        issue.status = Status(id: "\(number)", name: "State \(number)", category: number == 2 ? .done : .indeterminate)
        return issue
    }

    @Test func historiesInPortionsAreThoseOfAllTogether() throws {
        let issues = TenantPast(issues: 60, days: 400, end: start.adding(days: 500)).issues
        var collector = HistoryCollector(statuses: StatusCatalog())
        let pasts = issues.map { IssuePast(issue: $0, commentLengths: [], knownFrom: $0.created) }
        for past in pasts { collector.note(past) }
        #expect(pasts.map { collector.history(of: $0) } == IssueHistory.all(of: issues))
    }

    @Test func aSubtaskCountsForItsParentFromWhenItBecameOne() throws {
        var (parent, child, moved) = (issue(1), issue(2), issue(3))
        parent.subtasks = [
            Subtask(id: child.id, key: child.key), Subtask(id: moved.id, key: moved.key),
        ]
        child.isSubtask = true
        let joined = start.adding(days: 9)
        moved.changes = [
            Change(
                id: "7/0", at: joined, author: nil, field: "Parent", from: nil, fromString: nil, to: "1",
                toString: "PAY-1")
        ]
        var collector = HistoryCollector(statuses: StatusCatalog())
        let pasts = [parent, child, moved].map { IssuePast(issue: $0, commentLengths: [], knownFrom: $0.created) }
        for past in pasts { collector.note(past) }
        #expect(pasts.map { collector.history(of: $0) } == IssueHistory.all(of: [parent, child, moved]))
    }

    @Test func commentsCountByTheLengthsThatCameWithoutTheirTexts() throws {
        var issue = issue(1)
        let at = issue.created.adding(days: 1)
        issue.comments = [
            Comment(
                id: "1", author: Person(id: "ada", displayName: "Ada"), body: "Twelve chars", created: at, updated: at)
        ]
        let whole = IssueHistory(issue, statuses: StatusCatalog())
        issue.comments[0].body = ""
        let collector = HistoryCollector(statuses: StatusCatalog())
        #expect(collector.history(of: IssuePast(issue: issue, commentLengths: [12], knownFrom: issue.created)) == whole)
    }

    @Test func whatWasNeverSeenWholeHasNoSamples() throws {
        let issue = issue(1)
        var collector = HistoryCollector(statuses: StatusCatalog())
        let past = IssuePast(issue: issue, commentLengths: [], knownFrom: nil)
        collector.note(past)
        let history = collector.history(of: past)
        #expect(history.completeSince == nil)
        #expect(SampleMaker().samples(of: [history], at: start.adding(days: 5)).isEmpty)
    }

    @Test func aSprintsDatesCountFromTheWebhookThatToldThem() throws {
        var issue = issue(1)
        let told = issue.created.adding(days: 2)
        issue.changes = [
            Change(
                id: "1/0", at: issue.created, author: nil, field: "Sprint", from: nil, fromString: nil, to: "7",
                toString: "Sprint 7")
        ]
        issue.updated = issue.created.adding(days: 30)
        let sprint = Sprint(
            id: "7", name: "Sprint 7", state: "active", startDate: issue.created,
            endDate: issue.created.adding(days: 14))
        issue.sprints = [sprint]
        var collector = HistoryCollector(statuses: StatusCatalog())
        let past = IssuePast(issue: issue, commentLengths: [], knownFrom: issue.created, sprintsToldAt: issue.updated)
        collector.note(past, sprints: [SprintRecord(sprint: sprint, isDeleted: false, sentAt: told)])
        let history = collector.history(of: past)
        func end(_ day: Int) -> Timestamp? {
            SampleMaker().samples(of: [history], at: issue.created.adding(days: day)).first?.sprintEnd
        }
        #expect(end(1) == nil)
        #expect(end(3) == sprint.endDate)
    }
}
