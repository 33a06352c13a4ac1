import Domain
import RiskEngine
import TestSupport
import Testing

@Suite struct RollupTests {
    private static let now = Timestamp(seconds: 1_795_525_200)

    private static func issue(
        _ key: IssueKey, score: Int, blockers: [[String]] = [], idleDays: Int = 0, summary: String = "Checkout",
        cost: Double = 1000, lost: Double = 0
    ) -> RolledUpIssue {
        RolledUpIssue(
            id: IssueID("id-\(key)"), key: key, projectKey: key.projectKey, summary: summary, status: "In Progress",
            assignee: "Dana Moreau", riskScore: score, blockers: blockers, dailyCost: cost, daysLostPerDay: lost,
            updated: now.adding(days: -idleDays))
    }

    @Test func aSprintHasTheFieldsOfTheOriginal() {
        let rollup = SprintRollup(
            of: [
                Self.issue(
                    "PAY-1", score: 85, blockers: [["dependency", "external"], ["dependency"]], idleDays: 11, lost: 1),
                Self.issue("PAY-2", score: 70, idleDays: 6), Self.issue("PAY-3", score: 69, idleDays: 5),
                Self.issue("PAY-4", score: 40), Self.issue("PAY-5", score: 39, blockers: [["testing"]], lost: 1),
            ], at: Self.now)
        #expect(
            rollup.counts
                == SprintRollup.Counts(
                    issues: 5, blockers: 3, highRisk: 2, mediumRisk: 2, lowRisk: 1, staleFor5Days: 2,
                    staleFor10Days: 1))
        #expect(rollup.risk == SprintRollup.Risk(avg: 60.6, max: 85, highRiskKeys: ["PAY-1", "PAY-2"]))
        #expect(rollup.capacity == RollupCapacity(totalDailyCost: 5000, totalPersonDaysLostPerDay: 2))
        #expect(rollup.blockersByCategory == ["dependency": 2, "external": 1, "testing": 1])
    }

    @Test func nothingRollsUpToZeros() {
        let rollup = SprintRollup(of: [], at: Self.now)
        #expect(rollup.counts.issues == 0)
        #expect(rollup.risk == SprintRollup.Risk(avg: 0, max: 0, highRiskKeys: []))
        #expect(PortfolioRollup(of: []).risk == PortfolioRollup.Risk(avg: 0, max: 0))
    }

    @Test func thePortfolioNamesItsTwentyRiskiestAndCutsTheirSummaries() {
        let issues = (1...30).map {
            Self.issue(IssueKey("PAY-\($0)"), score: 70 + $0, summary: String(repeating: "long ", count: 40))
        }
        let rollup = PortfolioRollup(of: issues.shuffled())
        #expect(rollup.counts.highRisk == 30)
        #expect(rollup.topHighRisk.map(\.risk) == (81...100).reversed())
        #expect(rollup.topHighRisk.allSatisfy { $0.summary.count == 80 })
        #expect(PortfolioRollup(of: [Self.issue("PAY-1", score: 69)]).topHighRisk.isEmpty)
    }

    /// Sums hold, whatever the issues, their order, and how often one is named.
    @Test(arguments: 0..<50)
    func everyIssueCountsOnceInAnyOrder(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let all = (0..<Int.random(in: 0...40, using: &random)).map { number in
            Self.issue(
                IssueKey("\(["PAY", "OPS", "X"].randomElement(using: &random) ?? "")-\(number)"),
                score: Int.random(in: 0...100, using: &random),
                blockers: (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    [["dependency"], ["testing", "external"], []].randomElement(using: &random) ?? []
                },
                idleDays: Int.random(in: 0...20, using: &random), cost: Double.random(in: 0...9000, using: &random))
        }
        let slices = (0..<4).map { _ in all.filter { _ in Bool.random(using: &random) } }
        let union = Set(slices.flatMap { $0 })
        let overall = PortfolioRollup(of: slices.flatMap { $0 })
        #expect(overall == PortfolioRollup(of: union.shuffled(using: &random)))
        #expect(overall.counts.issues == union.count)
        #expect(overall.issuesByProject.values.reduce(0, +) == union.count)
        #expect(overall.counts.projects == overall.issuesByProject.count)
        #expect(overall.counts.blockers == union.reduce(0) { $0 + $1.blockers.count })
        #expect(overall.topHighRisk.count == min(20, overall.counts.highRisk))
        #expect(overall.counts.highRisk == union.count { $0.riskScore >= 70 })

        let sprint = SprintRollup(of: slices.flatMap { $0 }, at: Self.now)
        let counts = sprint.counts
        #expect(counts.highRisk + counts.mediumRisk + counts.lowRisk == union.count)
        #expect(counts.staleFor10Days <= counts.staleFor5Days && counts.staleFor5Days <= counts.issues)
        #expect(sprint.risk.highRiskKeys.count == counts.highRisk)
        #expect(sprint.capacity == overall.capacity)
        #expect(sprint == SprintRollup(of: union.shuffled(using: &random), at: Self.now))
    }

    @Test func theSummariesSayWhatIsInTheFigures() {
        let issues = [
            Self.issue("PAY-1", score: 85, blockers: [["technical_debt"]], lost: 1), Self.issue("OPS-2", score: 12),
        ]
        let part = SprintScope.Part([SprintScope.Item(key: "PAY-1", storyPoints: 3)])
        let none = SprintScope.Part([])
        let text = RollupSummary.of(
            Sprint(id: "7", name: "Sprint 7", state: "active"), projectKey: "PAY",
            rollup: SprintRollup(of: issues, at: Self.now),
            scope: SprintScope(committed: part, added: none, removed: none, completed: none, notCompleted: part),
            open: 3, currency: "€")
        #expect(
            text == """
                SPRINT SUMMARY
                🔴 Sprint 7 (PAY, active)
                Risk: 48.5 on average, 85 at most
                Open issues: 3, the 2 riskiest looked at; 1 high, 0 medium, 1 low
                High risk: PAY-1
                Blockers: 1 (technical debt 1)
                Without a sign of life for more than 5 days: 0; more than 10: 0
                Daily cost: €2,000; person-days lost per day: 1
                Scope: 1 issue (3 points) at the start, 0 issues added, 0 issues removed; 0 issues done, \
                1 issue (3 points) not done
                """)
        let overall = PortfolioRollup(of: issues)
        #expect(
            RollupSummary.of(slices: [("All", overall)], overall: overall, currency: "CHF") == """
                PORTFOLIO SUMMARY
                🔴 2 issues in 2 projects, each counted once
                Risk: 48.5 on average, 85 at most, 1 high
                Blockers: 1 (technical debt 1)
                Daily cost: CHF 2,000; person-days lost per day: 1
                Slices:
                  - All: 2 issues, risk 48.5 on average, 1 high, 1 blocker
                Riskiest:
                  - PAY-1 (85) Checkout
                """)
    }

    @Test(arguments: RiskConfiguration.Profile.allCases)
    func aFinishedIssueCostsNothingADay(profile: RiskConfiguration.Profile) throws {
        let blocked = [IssueFixture.comment(1, "blocked", hoursAgo: 5)]
        var issue = IssueFixture.issue(comments: blocked, assignee: IssueFixture.person("jane"))
        func rolledUp(_ status: Status) throws -> RolledUpIssue {
            issue.status = status
            return RolledUpIssue(
                IssueListing(
                    issue: issue, analysis: try IssueFixture.analyze(issue, IssueFixture.configuration(profile))))
        }
        let open = try rolledUp(Status(name: "In Progress", category: .indeterminate))
        let done = try rolledUp(Status(name: "Done", category: .done))
        #expect(open.dailyCost >= 3000 && open.daysLostPerDay == 1)
        #expect(done.dailyCost == 0 && done.daysLostPerDay == 0)
    }
}
