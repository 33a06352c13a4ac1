import Domain
import RiskEngine
import Testing

/// Golden values of the original formula, one test per rule.
@Suite struct ClassicFormulaTests {
    @Test(arguments: [
        (0, RiskBand.low), (39, .low), (40, .medium), (69, .medium), (70, .high), (100, .high),
    ])
    func bandsBeginAt40And70(score: Int, band: RiskBand) {
        #expect(RiskBand(score: score) == band)
    }

    @Test(arguments: [(0, 0), (7, 0), (8, 5), (14, 5), (15, 10), (30, 10), (31, 20), (400, 20)])
    func ageStepsLieAfter7And14And30Days(days: Int, points: Int) throws {
        #expect(try IssueFixture.classic(IssueFixture.issue(ageDays: days)).points(.age) == points)
    }

    @Test(arguments: [(0, 0), (3, 0), (4, 5), (5, 5), (6, 10), (10, 10), (11, 20), (400, 20)])
    func stalenessStepsLieAfter3And5And10Days(days: Int, points: Int) throws {
        let issue = IssueFixture.issue(ageDays: days, updatedDaysAgo: days)
        #expect(try IssueFixture.classic(issue).points(.staleness) == points)
    }

    @Test func anAgeOf7Point7DaysIsSevenDays() throws {
        var issue = IssueFixture.issue()
        // 2026-11-16T21:00+02:00 is 19:00 UTC; the original dropped the offset.
        issue.created = try #require(Timestamp("2026-11-16T21:00:00.000+0200"))
        let analysis = try IssueFixture.classic(issue)
        #expect(analysis.timeline.ageDays == 7)
        #expect(analysis.points(.age) == 0)
    }

    /// `int(0.3 * (n / total * 100))`, computed with CPython 3.
    @Test(arguments: [
        (0, 0, 0), (0, 3, 0), (1, 1, 30), (1, 2, 15), (1, 3, 9), (2, 3, 19), (1, 4, 7), (3, 7, 12), (1, 7, 4),
        (5, 9, 16), (7, 10, 21), (1, 10, 3), (9, 10, 27), (1, 30, 1), (1, 31, 0), (29, 30, 29), (1, 6, 4),
        (
            10,
            30, 9
        ), (20, 30, 19), (7, 30, 6), (23, 30, 23),
    ])
    func sentimentIsThreeTenthsOfTheNegativePercentageRoundedDown(negatives: Int, total: Int, points: Int) throws {
        let issue = IssueFixture.issue(comments: (0..<total).map { IssueFixture.comment($0, "text") })
        let analysis = try IssueFixture.classic(issue, negatives: negatives)
        #expect(analysis.points(.sentiment) == points)
        #expect(analysis.factor(.sentiment)?.evidence.count == (points > 0 ? negatives : 0))
    }

    @Test func aCommentWithoutAReadingCountsAsNeutral() throws {
        let issue = IssueFixture.issue(comments: [IssueFixture.comment(1, "a"), IssueFixture.comment(2, "b")])
        let analysis = try RiskScorer(IssueFixture.configuration(.classic)).analyze(
            issue, readings: ["1": IssueFixture.negative], model: "test-1", upstream: [], recentScores: [],
            tenantDailyRate: 0, now: IssueFixture.now)
        #expect(analysis.sentiment.neutral == 1)
        #expect(analysis.sentiment.negativePct == 50)
        #expect(analysis.points(.sentiment) == 15)
    }

    @Test(arguments: [(0, 0), (1, 10), (2, 20), (3, 30), (4, 30), (50, 30)])
    func eachBlockerAddsTenUpToThirty(blockers: Int, points: Int) throws {
        let issue = IssueFixture.issue(comments: (0..<blockers).map { IssueFixture.comment($0, "Blocked again") })
        let analysis = try IssueFixture.classic(issue)
        #expect(analysis.points(.blockers) == points)
        #expect(analysis.blockerCount == blockers)
    }

    @Test(arguments: [
        ("technical_debt", ["refactor", "technical debt", "legacy code", "deprecated"]),
        ("dependency", ["waiting on", "blocked by", "depends on", "dependency"]),
        ("resource", ["need help", "need resource", "understaffed", "capacity"]),
        ("external", ["vendor", "third party", "external team", "partner"]),
        ("requirements", ["unclear requirements", "missing spec", "need clarification"]),
        ("testing", ["test failure", "qa blocker", "test environment"]),
        ("deployment", ["deploy", "release", "environment issue", "infrastructure"]),
        ("uncategorized", ["blocked", "blocker"]),
    ])
    func everyKeywordMakesItsCategoryAnywhereInAWord(category: String, keywords: [String]) throws {
        for keyword in keywords {
            let text = "Well: x\(keyword.uppercased())x."
            let analysis = try IssueFixture.classic(IssueFixture.issue(comments: [IssueFixture.comment(7, text)]))
            #expect(analysis.blockers.map(\.categories) == [[category]], "\(keyword)")
            #expect(analysis.blockers.map(\.evidence.id) == ["7"], "\(keyword)")
        }
    }

    @Test func aCommentWithKeywordsOfSeveralCategoriesIsOneBlocker() throws {
        let text = "Blocked by the vendor's deployment"
        let analysis = try IssueFixture.classic(IssueFixture.issue(comments: [IssueFixture.comment(1, text)]))
        #expect(analysis.blockers.map(\.categories) == [["dependency", "external", "deployment"]])
        #expect(analysis.points(.blockers) == 10)
    }

    @Test func otherCommentsAreNoBlockers() throws {
        let comments = [IssueFixture.comment(1, "waiting for Bob"), IssueFixture.comment(2, "Wir warten auf Bob")]
        #expect(try IssueFixture.classic(IssueFixture.issue(comments: comments)).blockers.isEmpty)
    }

    @Test func snippetsHaveAtMost200Characters() throws {
        let text = "blocked " + String(repeating: "ä", count: 300)
        let analysis = try IssueFixture.classic(IssueFixture.issue(comments: [IssueFixture.comment(1, text)]))
        #expect(analysis.blockers.map(\.snippet.count) == [200])
    }

    @Test func theScoreIsTheSumOfFourFactors() throws {
        let comments = (0..<4).map { IssueFixture.comment($0, "Blocked by ops", hoursAgo: 24 * 40) }
        let issue = IssueFixture.issue(ageDays: 50, updatedDaysAgo: 40, comments: comments)
        let analysis = try IssueFixture.classic(issue, negatives: 4)
        #expect(analysis.factors.map(\.name) == [.sentiment, .blockers, .age, .staleness])
        #expect(analysis.factors.map(\.points) == [30, 30, 20, 20])
        #expect(analysis.riskScore == 100)
        #expect(analysis.ownScore == 100)
        #expect(analysis.band == .high)
        #expect(analysis.nextChangeAt == nil)
    }

    @Test func linksDueDatesAndStatusDoNotCount() throws {
        let plain = IssueFixture.issue(ageDays: 20, updatedDaysAgo: 7)
        var issue = plain
        issue.links = [IssueFixture.blockedBy(1, "ENG-2")]
        issue.dueDate = IssueFixture.now.adding(days: -3).utcDay
        issue.status = Status(name: "Done", category: .done)
        let analysis = try IssueFixture.classic(issue)
        #expect(analysis.factors == (try IssueFixture.classic(plain)).factors)
        #expect(analysis.riskScore == 20)
    }

    @Test func theNextChangeIsTheNextStepOfAgeOrStaleness() throws {
        // Created 6 days ago, updated 2 days ago: staleness turns first, on its 4th whole day.
        let issue = IssueFixture.issue(ageDays: 6, updatedDaysAgo: 2)
        #expect(try IssueFixture.classic(issue).nextChangeAt == IssueFixture.now.adding(days: 2))
    }
}
