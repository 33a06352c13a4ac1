import Domain
import RiskEngine
import Testing

/// Golden values of the original's estimate, cost, predictions and trends.
@Suite struct ClassicCostTests {
    private func capacity(
        _ assignee: Person?, comments: [Domain.Comment] = [], priority: String? = "Medium", storyPoints: Double? = nil,
        people: [String: RiskConfiguration.Placement] = [:],
        profile: RiskConfiguration.Profile = .classic
    ) throws -> Capacity {
        var issue = IssueFixture.issue(comments: comments, assignee: assignee)
        issue.priority = priority
        issue.storyPoints = storyPoints
        var configuration = IssueFixture.configuration(profile)
        configuration.people = people
        return try IssueFixture.analyze(issue, configuration).capacity
    }

    @Test(arguments: [
        ("Highest", 5.0), ("High", 3), ("Medium", 2), ("Low", 1), ("Lowest", 0.5), ("hIgH", 3), ("Weird", 2),
        ("Blocker", 2), ("Critical", 2), ("Major", 2), ("Minor", 2), ("Trivial", 2),
    ])
    func daysComeFromThePriority(priority: String, days: Double) throws {
        #expect(try capacity(nil, priority: priority).estimatedDays == days)
    }

    @Test(arguments: [
        ("Blocker", 5.0), ("critical", 5), ("Major", 3), ("Minor", 1), ("Trivial", 0.5), ("Highest", 5), ("Weird", 2),
    ])
    func standardKnowsTheOtherNamesOfPriorities(priority: String, days: Double) throws {
        #expect(try capacity(nil, priority: priority, profile: .standard).estimatedDays == days)
    }

    @Test(arguments: RiskConfiguration.Profile.allCases)
    func aConfiguredPriorityGoesBeforeTheBuiltInOnes(profile: RiskConfiguration.Profile) throws {
        var configuration = IssueFixture.configuration(profile)
        configuration.daysByPriority["blocker"] = 8
        var issue = IssueFixture.issue()
        issue.priority = "Blocker"
        #expect(try IssueFixture.analyze(issue, configuration).capacity.estimatedDays == 8)
    }

    @Test func storyPointsGoBeforeThePriority() throws {
        #expect(try capacity(nil, priority: "Highest", storyPoints: 8).estimatedDays == 8)
        #expect(try capacity(nil, priority: "Highest", storyPoints: 0).estimatedDays == 5)
        #expect(try capacity(nil, priority: nil).estimatedDays == 2)
    }

    @Test func theRateTableIsTheOriginals() {
        #expect(
            RiskConfiguration.default.roleRates == [
                "Senior Engineer": 5000, "Staff Engineer": 6000, "Principal Engineer": 7000, "Mid Engineer": 3000,
                "Junior Engineer": 2000, "Engineering Manager": 6500, "Tech Lead": 5500, "Senior PM": 5000, "PM": 4000,
                "Associate PM": 2500, "Senior Designer": 4500, "Designer": 3500, "Junior Designer": 2000,
                "Senior QA Engineer": 4000, "QA Engineer": 3000, "DevOps Engineer": 4500, "SRE": 5000,
                "Data Engineer": 4500, "Data Scientist": 5000, "Analytics Engineer": 3500, "Contractor": 3500,
                "Intern": 1000, "Consultant": 5000,
            ])
    }

    @Test(arguments: [
        ("Ada Obi (Principal Engineer)", "Principal Engineer", 7000.0), ("Staff Engineer Kim", "Staff Engineer", 6000),
        ("Jr. Dev Tom", "Junior Engineer", 2000), ("Tom, Sr. Developer", "Senior Engineer", 5000),
        ("SENIOR QA - Mia", "Senior QA Engineer", 4000), ("Mia (QA)", "QA Engineer", 3000),
        ("Senior Data Engineer", "Data Engineer", 4500),
        ("Eva – Data Scientist", "Data Scientist", 5000), ("Eva, Engineering Manager", "Engineering Manager", 6500),
        ("Tech Lead Jo", "Tech Lead", 5500), ("Sr. Product Manager Li", "Senior PM", 5000), ("Li (PM)", "PM", 4000),
        ("Associate PM Li", "Associate PM", 2500), ("Senior Designer", "Senior Designer", 4500),
        ("UX Designer", "Designer", 3500), ("Jr Designer", "Junior Designer", 2000),
        ("DevOps Max", "DevOps Engineer", 4500),
        ("Max SRE", "SRE", 5000), ("Analytics Ann", "Analytics Engineer", 3500), ("Contractor Bo", "Contractor", 3500),
        ("Bo (Intern)", "Intern", 1000), ("Consultant Cy", "Consultant", 5000), ("Engineer Cy", "Mid Engineer", 3000),
        ("Sreenivas Rao", "Mid Engineer", 3000), ("Qasim Ali", "Mid Engineer", 3000),
        ("Internal Tools", "Mid Engineer", 3000), ("Jane Doe", "Mid Engineer", 3000),
    ])
    func theFirstPatternOfWholeWordsTellsTheRole(name: String, role: String, rate: Double) throws {
        let capacity = try capacity(IssueFixture.person("x", name: name))
        #expect(capacity.assigneeRole == role)
        #expect(capacity.baseDailyCost == rate)
    }

    @Test(arguments: [
        ("Sammy Davis Jr.", "Mid Engineer"), ("Davis, Sammy, Jr.", "Mid Engineer"), ("Sammy Davis, Sr", "Mid Engineer"),
        ("Sammy Davis Jr. (Senior Developer)", "Senior Engineer"), ("Sammy Davis Jr., QA", "QA Engineer"),
        ("Sammy Davis Sr. – Tech Lead", "Tech Lead"), ("Jr. Developer", "Junior Engineer"),
        ("Tom (Jr.)", "Junior Engineer"), ("Tom - Sr.", "Senior Engineer"), ("Jr", "Junior Engineer"),
        ("Tom, Developer Jr.", "Junior Engineer"), ("Sr. QA Mia", "Senior QA Engineer"),
    ])
    func aGenerationalSuffixIsNoRole(name: String, role: String) throws {
        #expect(try capacity(IssueFixture.person("x", name: name)).assigneeRole == role)
    }

    @Test func aConfiguredPersonGoesBeforePatterns() throws {
        let people: [String: RiskConfiguration.Placement] = [
            "acc-1": .init(role: "SRE", location: "Warsaw"), "Jr. Dev Tom": .init(role: "Tech Lead"),
        ]
        let byID = try capacity(IssueFixture.person("acc-1", name: "Jr. Dev Tom"), people: people)
        #expect(byID.assigneeRole == "SRE")
        #expect(byID.dailyCost == 2500)
        let byName = try capacity(IssueFixture.person("acc-2", name: "Jr. Dev Tom"), people: people)
        #expect(byName.assigneeRole == "Tech Lead")
        #expect(byName.assigneeLocation == "Remote")
    }

    @Test(arguments: [
        ("San Francisco", 3900.0), ("New York", 3600), ("Austin", 3000), ("Portland", 3000), ("Remote", 3000),
        ("Warsaw", 1500), ("Bangalore", 1200),
    ])
    func theLocationMultipliesTheRate(location: String, daily: Double) throws {
        let capacity = try capacity(IssueFixture.person("jane"), people: ["jane": .init(location: location)])
        #expect(capacity.assigneeLocation == location)
        #expect(capacity.dailyCost == daily)
    }

    @Test(arguments: [
        ("Europe/Warsaw", "Warsaw"), ("America/New_York", "New York"), ("Asia/Kolkata", "Bangalore"),
        ("Europe/Berlin", "Remote"),
    ])
    func theTimeZoneTellsTheLocation(zone: String, location: String) throws {
        #expect(try capacity(IssueFixture.person("jane", zone: zone)).assigneeLocation == location)
    }

    @Test func unassignedWorkCostsTheTenantsRate() throws {
        let capacity = try capacity(nil)
        #expect(capacity.assignee == "Unassigned")
        #expect(capacity.assigneeRole == "Unknown")
        #expect(capacity.assigneeLocation == nil)
        #expect(capacity.baseDailyCost == 2500)
        #expect(capacity.dailyCost == 2500)
        #expect(capacity.totalEstimatedCost == 5000)
        #expect(capacity.costMultipliers == [:])
    }

    private func comment(at text: String, by author: Person? = nil) throws -> Domain.Comment {
        let at = try #require(Timestamp(text))
        return Domain.Comment(id: CommentID(text), author: author, body: "noted", created: at, updated: at)
    }

    // 2026-11-23 is a Monday.
    @Test(arguments: [
        ("2026-11-23T08:59:59Z", true), ("2026-11-23T09:00:00Z", false), ("2026-11-23T17:59:59Z", false),
        ("2026-11-23T18:00:00Z", true), ("2026-11-27T23:00:00Z", true),
    ])
    func workOutsideNineToSixCostsHalfMore(at: String, isOvertime: Bool) throws {
        let capacity = try capacity(IssueFixture.person("jane"), comments: [comment(at: at)])
        #expect(capacity.overtimeDetected == isOvertime)
        #expect(capacity.weekendDetected == false)
        #expect(capacity.dailyCost == (isOvertime ? 4500 : 3000))
        #expect(capacity.costMultipliers["overtime"] == (isOvertime ? 1.5 : nil))
    }

    @Test(arguments: ["2026-11-21T12:00:00Z", "2026-11-22T03:00:00Z"])
    func weekendWorkCostsTwice(at: String) throws {
        let capacity = try capacity(IssueFixture.person("jane"), comments: [comment(at: at)])
        #expect(capacity.weekendDetected)
        #expect(capacity.overtimeDetected == false)
        #expect(capacity.dailyCost == 6000)
    }

    @Test func hoursAreThoseOfTheCommentersZone() throws {
        let jane = IssueFixture.person("jane", zone: "America/New_York")
        // 14:30 UTC is 09:30 in New York in winter, 10:30 in summer; 13:30 UTC is 08:30 and 09:30.
        #expect(try capacity(jane, comments: [comment(at: "2026-11-23T14:30:00Z", by: jane)]).overtimeDetected == false)
        #expect(try capacity(jane, comments: [comment(at: "2026-11-23T13:30:00Z", by: jane)]).overtimeDetected)
        #expect(try capacity(jane, comments: [comment(at: "2026-07-20T13:30:00Z", by: jane)]).overtimeDetected == false)
        // Sunday evening in UTC is Monday morning in Auckland.
        let kim = IssueFixture.person("kim", zone: "Pacific/Auckland")
        let monday = try capacity(kim, comments: [comment(at: "2026-11-22T20:30:00Z", by: kim)])
        #expect(monday.weekendDetected == false)
        #expect(monday.overtimeDetected == false)
    }

    @Test func allMultipliersStack() throws {
        let comments = [try comment(at: "2026-11-23T20:00:00Z"), try comment(at: "2026-11-22T12:00:00Z")]
        let capacity = try capacity(
            IssueFixture.person("jane", name: "Jane (Senior Engineer)"), comments: comments, storyPoints: 3,
            people: ["jane": .init(location: "Warsaw")])
        #expect(capacity.costMultipliers == ["location": 0.5, "overtime": 1.5, "weekend": 2])
        #expect(capacity.dailyCost == 7500)
        #expect(capacity.totalEstimatedCost == 22_500)
        #expect(capacity.totalCostIfBlocked == 0)
        #expect(capacity.daysLostPerDayBlocked == 0)
    }

    @Test func blockedWorkCostsTheSameTotal() throws {
        let capacity = try capacity(IssueFixture.person("jane"), comments: [IssueFixture.comment(1, "blocked")])
        #expect(capacity.totalEstimatedCost == 6000)
        #expect(capacity.totalCostIfBlocked == 6000)
        #expect(capacity.daysLostPerDayBlocked == 1)
    }

    @Test func standardCountsOnlyTheAssigneesOwnLateHours() throws {
        let jane = IssueFixture.person("jane")
        let weekend = "2026-11-22T12:00:00Z"
        func isDetected(_ comment: Domain.Comment) throws -> Bool {
            try capacity(jane, comments: [comment], profile: .standard).weekendDetected
        }
        #expect(try isDetected(comment(at: weekend, by: jane)))
        #expect(try isDetected(comment(at: weekend, by: IssueFixture.person("tom"))) == false)
        #expect(try isDetected(comment(at: "2026-11-08T12:00:00Z", by: jane)) == false)
    }

    @Test(arguments: [
        (1, 2, "low", "Escalate to leadership", true), (1, 0, "medium", "Monitor closely", false),
        (0, 2, "medium", "Monitor closely", false), (0, 0, "high", "Continue as planned", false),
    ])
    func predictionsFollowBlockersAndNegativeComments(
        blockers: Int, negatives: Int, likelihood: String, action: String, escalates: Bool
    ) throws {
        let comments = (0..<5).map { IssueFixture.comment($0, $0 < blockers ? "blocked" : "noted") }
        let predictions = try IssueFixture.classic(IssueFixture.issue(comments: comments), negatives: negatives)
            .predictions
        #expect(predictions.completionLikelihood == likelihood)
        #expect(predictions.recommendedAction == action)
        #expect(predictions.escalationNeeded == escalates)
    }

    @Test func thirtyPercentNegativeIsNotYetARisk() throws {
        let comments = (0..<10).map { IssueFixture.comment($0, "noted") }
        let issue = IssueFixture.issue(comments: comments)
        #expect(try IssueFixture.classic(issue, negatives: 3).predictions.completionLikelihood == "high")
        #expect(try IssueFixture.classic(issue, negatives: 4).predictions.completionLikelihood == "medium")
    }

    @Test func sentimentDegradesAboveFortyPercent() throws {
        let issue = IssueFixture.issue(comments: (0..<5).map { IssueFixture.comment($0, "noted") })
        #expect(try IssueFixture.classic(issue, negatives: 2).trends.sentimentTrend == "stable")
        #expect(try IssueFixture.classic(issue, negatives: 3).trends.sentimentTrend == "degrading")
    }

    @Test(arguments: [(0, "decreasing"), (1, "decreasing"), (2, "active")])
    func activityDecreasesBelowTwoComments(comments: Int, trend: String) throws {
        let issue = IssueFixture.issue(comments: (0..<comments).map { IssueFixture.comment($0, "noted") })
        #expect(try IssueFixture.classic(issue).trends.activityTrend == trend)
    }

    @Test(arguments: [
        ([], "insufficient_data"), ([9], "increasing"), ([10], "stable"), ([31], "decreasing"),
        ([9, 20], "increasing"),
    ])
    func theRiskTrendComparesWithTheEarliestScore(scores: [Int], trend: String) throws {
        let issue = IssueFixture.issue(ageDays: 15, updatedDaysAgo: 6)
        let points = scores.enumerated().map { ScorePoint(at: IssueFixture.now.adding(days: $0 - 5), score: $1) }
        let analysis = try IssueFixture.analyze(issue, IssueFixture.configuration(.classic), recentScores: points)
        #expect(analysis.riskScore == 20)
        #expect(analysis.trends.riskTrend == trend)
    }

    @Test(arguments: [
        ([], "insufficient_data"), ([50], "insufficient_data"), ([50, 40], "stable"), ([50, 39], "improving"),
        ([50, 60], "stable"), ([50, 61], "degrading"), ([50, 90, 50], "stable"),
    ])
    func directionLooksFromTheFirstScoreToTheLast(scores: [Int], direction: String) {
        let points = scores.enumerated().map { ScorePoint(at: Timestamp(seconds: Int64($0)), score: $1) }
        #expect(RiskTrend.direction(of: points) == direction)
        #expect(RiskTrend.direction(of: points.reversed()) == direction)
    }
}
