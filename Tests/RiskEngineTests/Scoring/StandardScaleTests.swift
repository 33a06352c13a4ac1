import Domain
import RiskEngine
import Testing

/// What the scale of `standard` means: issues that a lead would call high, medium or low, and the factors for work that does
/// not advance.
@Suite struct StandardScaleTests {
    private let now = IssueFixture.now
    private let ada = IssueFixture.person("ada", name: "Ada")

    @Test func aYearOverdueWithTheHighestPriorityIsHighWhateverElseIsWell() throws {
        var issue = IssueFixture.issue(ageDays: 400, assignee: ada)
        issue.status = Status(name: "In Progress", category: .indeterminate)
        issue.changes = [IssueFixture.change(1, "status", from: "To Do", to: "In Progress")]
        issue.priority = "Highest"
        issue.dueDate = now.adding(days: -367).utcDay
        let analysis = try IssueFixture.standard(issue)
        // Due date 50, age 16, priority 10.
        #expect(analysis.riskScore == 76)
        #expect(analysis.predictions.completionLikelihood == "low")
        #expect(analysis.predictions.escalationNeeded)
    }

    @Test func overdueByAnHourIsNotHigh() throws {
        var issue = IssueFixture.issue(ageDays: 20, updatedDaysAgo: 2, assignee: ada)
        issue.priority = "Highest"
        issue.dueDate = now.utcDay
        let anHourLate = now.adding(seconds: 13 * 3600)
        let analysis = try IssueFixture.standard(issue, now: anHourLate)
        #expect(analysis.factor(.dueDate)?.explanation == "Due 2026-11-24: overdue by 1 hour.")
        // Due date 32, not begun 5, priority 10.
        #expect(analysis.riskScore == 47)
    }

    @Test func aFreshUnassignedIssueIsLow() throws {
        var issue = IssueFixture.issue()
        issue.priority = "Highest"
        #expect(try IssueFixture.standard(issue).riskScore == 0)
        let week = try IssueFixture.standard(issue, now: now.adding(days: 8))
        // No assignee 12, not begun 5.
        #expect(week.riskScore == 17)
        #expect(week.band == .low)
    }

    @Test func blockedForWeeksWithADueDateInTwoDaysIsHigh() throws {
        let comment = IssueFixture.comment(1, "We are blocked by the vendor.", hoursAgo: 21 * 24, author: ada)
        var issue = IssueFixture.issue(ageDays: 40, updatedDaysAgo: 21, comments: [comment], assignee: ada)
        issue.status = Status(name: "In Progress", category: .indeterminate)
        issue.changes = [IssueFixture.change(1, "status", from: "To Do", to: "In Progress", daysAgo: 30)]
        issue.priority = "High"
        issue.dueDate = now.adding(days: 2).utcDay
        let analysis = try IssueFixture.standard(issue)
        #expect(analysis.points(.progress) == 24)
        #expect(
            analysis.factor(.progress)?.explanation == "Held up for 21 days, since 2026-11-03, reported by Ada.")
        #expect(analysis.factor(.progress)?.evidence.map(\.id) == ["1"])
        // Blocker 15, age 1, silence 6, due date 22, held up 24, priority 8.
        #expect(analysis.riskScore == 76)
    }

    /// In a backlog without attention, the priority tells what should not be there.
    @Test(arguments: [("Low", 68), ("Medium", 70), ("Highest", 76)])
    func anIssueForgottenForYearsIsHighFromMediumPriorityOn(priority: String, score: Int) throws {
        var issue = IssueFixture.issue(ageDays: 900, updatedDaysAgo: 900)
        issue.priority = priority
        #expect(try IssueFixture.standard(issue).riskScore == score)
    }

    @Test(arguments: [(7, 0), (8, 5), (31, 6), (61, 12), (366, 24)])
    func workThatIsNotBegunOrStandsStillAddsPoints(days: Int, points: Int) throws {
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: days)).points(.progress) == points)
    }

    @Test func timeInAStatusCountsFromItsLastTransitionAndCitesIt() throws {
        var move = IssueFixture.change(1, "status", from: "To Do", to: "In Progress", daysAgo: 61)
        move.author = ada
        var issue = IssueFixture.issue(ageDays: 500, changes: [move])
        issue.status = Status(name: "In Progress", category: .indeterminate)
        let factor = try #require(try IssueFixture.standard(issue).factor(.progress))
        #expect(factor.points == 7)
        #expect(factor.explanation == "In status \"In Progress\" for 61 days, moved there by Ada on 2026-09-24.")
        #expect(factor.evidence.map(\.id) == ["1/0"])
    }

    @Test(arguments: ["In Progress", "in review", "In Bearbeitung"])
    func workThatWasBegunOnceIsBegun(status: String) throws {
        let changes = [
            IssueFixture.change(1, "status", from: "To Do", to: status, daysAgo: 6),
            IssueFixture.change(2, "status", from: status, to: "To Do", daysAgo: 5),
        ]
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: 20, changes: changes)).points(.progress) == 0)
    }

    @Test func anUnassignedIssueSaysWhoTookTheAssigneeAway() throws {
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: 4)).points(.owner) == 12)
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: 3)).points(.owner) == 0)
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: 40, assignee: ada)).points(.owner) == 0)
        var removal = IssueFixture.change(1, "assignee", from: "Bob", to: nil, daysAgo: 2)
        removal.author = ada
        let factor = try #require(
            try IssueFixture.standard(IssueFixture.issue(ageDays: 40, changes: [removal])).factor(.owner))
        #expect(factor.explanation == "No assignee since Bob was removed by Ada on 2026-11-22.")
        #expect(factor.evidence.map(\.id) == ["1/0"])
    }

    @Test func aPriorityCountsOnceTheIssueIsLateByAnySign() throws {
        func points(_ change: (inout Domain.Issue) -> Void) throws -> Int? {
            var issue = IssueFixture.issue(ageDays: 10, assignee: ada)
            issue.priority = "High"
            change(&issue)
            return try IssueFixture.standard(issue).points(.priority)
        }
        #expect(try points { _ in } == 0)
        #expect(try points { $0.created = now.adding(days: -91) } == 8)
        #expect(try points { $0.dueDate = now.adding(days: 5).utcDay } == 8)
        #expect(try points { $0.dueDate = now.adding(days: 30).utcDay } == 0)
        #expect(try points { $0.comments = [IssueFixture.comment(1, "We are blocked by the vendor.")] } == 8)
        #expect(try points { ($0.created, $0.priority) = (now.adding(days: -91), "Sometime") } == 0)
    }

    @Test func beyondAHundredTheLastFactorsAddOnlyWhatIsLeft() throws {
        let links = (1...3).map { IssueFixture.blockedBy($0, IssueKey("ENG-\($0 + 1)")) }
        var issue = IssueFixture.issue(ageDays: 900, updatedDaysAgo: 900, links: links)
        issue.priority = "Highest"
        issue.dueDate = now.adding(days: -800).utcDay
        let analysis = try IssueFixture.standard(issue, upstream: [IssueFixture.upstream(links[0], score: 90)])
        #expect(analysis.riskScore == 100)
        #expect(analysis.factors.map(\.points) == [0, 30, 18, 12, 40, 0, 0, 0, 0, 0])
        #expect(analysis.ownScore == 100)
        #expect(analysis.nextChangeAt == nil)
    }

    @Test func aLateIssueIsNeverSaidToGoAsPlanned() throws {
        var issue = IssueFixture.issue(assignee: ada)
        #expect(try IssueFixture.standard(issue).predictions.recommendedAction == "Continue as planned")
        issue.dueDate = now.adding(days: -1).utcDay
        let late = try IssueFixture.standard(issue).predictions
        #expect(late.completionLikelihood == "medium")
        #expect(late.recommendedAction == "Agree on a new date, cut the scope or get more hands.")
        issue.status = Status(name: "Done", category: .done)
        #expect(try IssueFixture.standard(issue).predictions.recommendedAction == "Nothing left to do")
    }
}
