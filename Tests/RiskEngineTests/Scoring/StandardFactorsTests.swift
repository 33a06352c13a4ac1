import Domain
import RiskEngine
import Testing

/// The factors that the `standard` profile mends or adds.
@Suite struct StandardFactorsTests {
    private let now = IssueFixture.now

    @Test func allFactorsStandInAFixedOrder() throws {
        let analysis = try IssueFixture.standard(IssueFixture.issue())
        #expect(analysis.factors.map(\.name) == Factor.Name.allCases)
        #expect(analysis.factors.map(\.cap) == [5, 30, 18, 12, 50, 5, 24, 12, 10, 10])
        #expect(analysis.riskScore == 0)
        #expect(analysis.factors.allSatisfy { $0.remedy == nil && !$0.explanation.isEmpty })
    }

    @Test(arguments: [(1, 1, 1), (1, 10, 0), (5, 5, 3), (20, 20, 4), (0, 9, 0)])
    func sentimentIsDampedTowardsNeutral(negatives: Int, total: Int, points: Int) throws {
        let issue = IssueFixture.issue(comments: (0..<total).map { IssueFixture.comment($0, "noted") })
        #expect(try IssueFixture.standard(issue, negatives: negatives).points(.sentiment) == points)
    }

    @Test func anOldNegativeCommentWeighsLessAndTheScoreKnowsWhen() throws {
        let comments = (0..<4).map { IssueFixture.comment($0, "noted", hoursAgo: 13 * 24) }
        let issue = IssueFixture.issue(ageDays: 13, updatedDaysAgo: 0, comments: comments)
        // 5 × 4/(4+4) = 2.5, then 5 × 2/(2+4) = 1.7; the next step of another factor comes later.
        let analysis = try IssueFixture.standard(issue, negatives: 4)
        #expect(analysis.points(.sentiment) == 3)
        #expect(
            analysis.factor(.sentiment)?.explanation
                == "4 of 4 comments sound annoyed, worried or sorry; the latest is on 2026-11-11.")
        #expect(analysis.nextChangeAt == now.adding(days: 1))
        let later = try IssueFixture.standard(issue, negatives: 4, now: now.adding(days: 1))
        #expect(later.points(.sentiment) == 2)
    }

    @Test(arguments: [(30, 0), (31, 1), (61, 3), (91, 5), (181, 9), (366, 16), (731, 18), (4000, 18)])
    func ageRisesInStepsForTwoYears(days: Int, points: Int) throws {
        let factor = try #require(try IssueFixture.standard(IssueFixture.issue(ageDays: days)).factor(.age))
        #expect(factor.points == points)
        #expect(factor.explanation.contains("\(days) days"))
        #expect(factor.evidence.map(\.id) == (points > 0 ? ["created"] : []))
    }

    @Test func blockersStopAtTheirCap() throws {
        let issue = IssueFixture.issue(comments: (0..<9).map { IssueFixture.comment($0, "blocked") })
        let factor = try #require(try IssueFixture.standard(issue).factor(.blockers))
        #expect(factor.points == 30)
        #expect(factor.evidence.count == 9)
        #expect(
            factor.explanation == "9 open blockers: 9 comments, the latest on \(now.adding(seconds: -3600).utcDay).")
    }

    /// The estimate is 2 days, so the steps begin 4, 2 and 1 days before the end of the due date.
    @Test(arguments: [
        (5, 0), (4, 0), (3, 10), (2, 10), (1, 22), (0, 27), (-1, 32), (-2, 35), (-7, 35), (-8, 40), (-31, 44),
        (-91, 47),
        (-366, 50),
    ])
    func pressureRisesAsTheDueDateNears(days: Int, points: Int) throws {
        var issue = IssueFixture.issue()
        issue.dueDate = now.adding(days: days).utcDay
        let factor = try #require(try IssueFixture.standard(issue).factor(.dueDate))
        #expect(factor.points == points)
        #expect(factor.evidence.map(\.id) == (points > 0 ? ["duedate"] : []))
    }

    @Test(arguments: [
        (-1, "Due 2026-11-23: overdue by 12 hours."), (-2, "Due 2026-11-22: overdue by 1.5 days."),
        (-424, "Due 2025-09-26: overdue by 423 days."), (0, "Due 2026-11-24: 12 hours left for about 2 days of work."),
        (30, "Due 2026-12-24: 30 days left for about 2 days of work."),
    ])
    func aDueDateSaysHowFarAwayItIsInItsNaturalUnit(days: Int, text: String) throws {
        var issue = IssueFixture.issue()
        issue.dueDate = now.adding(days: days).utcDay
        #expect(try IssueFixture.standard(issue).factor(.dueDate)?.explanation == text)
    }

    @Test func explanationsCiteTheChangeAndTheCommentTheyRestOn() throws {
        var change = IssueFixture.change(1, "duedate", from: nil, to: "2026-11-22", daysAgo: 40)
        change.author = IssueFixture.person("ada", name: "Ada")
        var issue = IssueFixture.issue(ageDays: 90, updatedDaysAgo: 40, changes: [change])
        issue.dueDate = now.adding(days: -2).utcDay
        let first = try IssueFixture.standard(issue)
        #expect(
            first.factor(.dueDate)?.explanation
                == "Due 2026-11-22 (set by Ada on 2026-10-15): overdue by 1.5 days.")
        #expect(
            first.factor(.staleness)?.explanation
                == "No activity for 40 days, more than 30; the last was a change of duedate by Ada on 2026-10-15.")
        (issue.updated, issue.activeAt) = (now.adding(days: -20), now.adding(days: -20))
        issue.comments = [
            IssueFixture.comment(1, "noted", hoursAgo: 480, author: IssueFixture.person("bob", name: "Bob"))
        ]
        #expect(
            try IssueFixture.standard(issue, negatives: 1).factor(.staleness)?.explanation
                == "No activity for 20 days, more than 14; the last was a comment by Bob on 2026-11-04.")
        #expect(
            try IssueFixture.standard(issue, negatives: 1).factor(.sentiment)?.explanation
                == "1 of 1 comment sounds annoyed, worried or sorry, written by Bob on 2026-11-04.")
    }

    @Test func theActiveSprintsEndStandsInForADueDate() throws {
        var issue = IssueFixture.issue()
        issue.sprints = [
            Sprint(id: "1", name: "S1", state: "closed", endDate: now.adding(days: -20)),
            Sprint(id: "2", name: "S2", state: "active", endDate: now.adding(days: 1)),
        ]
        let factor = try #require(try IssueFixture.standard(issue).factor(.dueDate))
        #expect(factor.points == 27)
        #expect(factor.evidence.map(\.note) == ["S2"])
        issue.dueDate = now.adding(days: 30).utcDay
        #expect(try IssueFixture.standard(issue).points(.dueDate) == 0)
    }

    @Test func churnCountsReopeningsPostponementsAndHandbacks() throws {
        let changes = [
            IssueFixture.change(1, "assignee", from: "ada", to: "bob", daysAgo: 9),
            IssueFixture.change(2, "assignee", from: "bob", to: "ada", daysAgo: 8),
            IssueFixture.change(3, "duedate", from: "2026-11-20", to: "2026-11-30", daysAgo: 7),
            IssueFixture.change(4, "duedate", from: "2026-11-30", to: "2026-11-25", daysAgo: 6),
            IssueFixture.change(5, "status", from: "In Progress", to: "Closed", daysAgo: 5),
            IssueFixture.change(6, "status", from: "Closed", to: "To Do", daysAgo: 4),
        ]
        let factor = try #require(try IssueFixture.standard(IssueFixture.issue(changes: changes)).factor(.churn))
        #expect(factor.evidence.map(\.id) == ["2/0", "3/0", "6/0"])
        #expect(factor.points == 5)
        #expect(
            factor.explanation
                == "Reopened once, due date put off once and handed back to a former assignee once in the last 90 days, "
                + "last on 2026-11-20."
        )
    }

    @Test func churnIsForgottenAfterItsWindow() throws {
        let changes = [IssueFixture.change(1, "status", from: "Done", to: "To Do", daysAgo: 89)]
        let analysis = try IssueFixture.standard(IssueFixture.issue(changes: changes))
        #expect(analysis.points(.churn) == 4)
        #expect(analysis.nextChangeAt == now.adding(days: 1))
        #expect(
            try IssueFixture.standard(IssueFixture.issue(changes: changes), now: now.adding(days: 1)).points(.churn)
                == 0)
    }

    @Test func theCurrentStatusCategoryGoesBeforeTheConfiguredNames() throws {
        // "Shipped" is nobody's configured name; the category tells that it is done.
        var issue = IssueFixture.issue(ageDays: 100, updatedDaysAgo: 50)
        issue.status = Status(name: "Shipped", category: .done)
        #expect(try IssueFixture.standard(issue).riskScore == 0)
        issue.status = Status(name: "Resolved", category: .indeterminate)
        // Age 5, silence 8, 50 days and more in one status 7, unassigned 12.
        #expect(try IssueFixture.standard(issue).riskScore == 32)
        issue.status = Status(name: "Resolved", category: nil)
        #expect(try IssueFixture.standard(issue).riskScore == 0)
    }

    @Test func theRiskiestUnfinishedBlockingIssuePassesRiskOn() throws {
        let links = (1...3).map { IssueFixture.blockedBy($0, IssueKey("ENG-\($0 + 1)")) }
        let upstream = [
            IssueFixture.upstream(links[0], score: 20), IssueFixture.upstream(links[1], score: 80),
            IssueFixture.upstream(links[2], score: 90, isDone: true),
        ]
        let analysis = try IssueFixture.standard(IssueFixture.issue(links: links), upstream: upstream)
        let factor = try #require(analysis.factor(.upstream))
        // A quarter of 80, less the 15 points of the blocker.
        #expect(factor.points == 5)
        #expect(factor.explanation == "Blocked by ENG-3, whose own risk is 80.")
        #expect(factor.evidence.map(\.id) == ["2"])
        #expect(analysis.ownScore == analysis.riskScore - 5)
    }

    @Test func upstreamStopsAtItsCapAndNeedsALink() throws {
        let link = IssueFixture.blockedBy(1, "ENG-2")
        let risk = IssueFixture.upstream(link, score: 90)
        var configuration = IssueFixture.configuration(.standard)
        configuration.upstreamFraction = 1
        func points(_ issue: Domain.Issue) throws -> Int? {
            try IssueFixture.analyze(issue, configuration, upstream: [risk]).points(.upstream)
        }
        #expect(try points(IssueFixture.issue(links: [link])) == 10)
        #expect(try points(IssueFixture.issue()) == 0)
    }

    @Test func aDoneOrDeletedIssueHasNoRisk() throws {
        var done = IssueFixture.issue(
            ageDays: 100, updatedDaysAgo: 50, comments: [IssueFixture.comment(1, "blocked")],
            links: [IssueFixture.blockedBy(1, "ENG-2")])
        done.dueDate = now.adding(days: -9).utcDay
        var deleted = done
        done.status = Status(name: "Fertig", category: .done)
        deleted.isDeleted = true
        for (issue, word) in [(done, "done"), (deleted, "deleted")] {
            let analysis = try IssueFixture.standard(issue, negatives: 1)
            #expect(analysis.riskScore == 0)
            #expect(analysis.factors.count == Factor.Name.allCases.count)
            #expect(analysis.factors.allSatisfy { $0.explanation.contains(word) })
            #expect(analysis.nextChangeAt == nil)
            #expect(analysis.predictions.completionLikelihood == "high")
        }
    }

    @Test func timeInStatusCountsFromTheLastTransition() throws {
        let changes = [
            IssueFixture.change(1, "status", from: "To Do", to: "In Progress", daysAgo: 12),
            IssueFixture.change(2, "priority", from: "Low", to: "High", daysAgo: 1),
        ]
        for profile in RiskConfiguration.Profile.allCases {
            let issue = IssueFixture.issue(ageDays: 20, updatedDaysAgo: 1, changes: changes)
            let timeline = try IssueFixture.analyze(issue, IssueFixture.configuration(profile)).timeline
            #expect(timeline.timeInCurrentStatus == 12)
            #expect(timeline.statusChanges.map(\.to) == ["In Progress"])
            #expect(timeline.lastUpdateDays == 1)
        }
        #expect(try IssueFixture.standard(IssueFixture.issue(ageDays: 20)).timeline.timeInCurrentStatus == 20)
    }
}
