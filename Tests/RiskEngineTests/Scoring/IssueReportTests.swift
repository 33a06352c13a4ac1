import Domain
import RiskEngine
import Testing

@Suite struct IssueReportTests {
    private func report(_ template: IssueReport.Template) throws -> String {
        let jane = IssueFixture.person("jane", name: "Jane Doe (Senior Engineer)", zone: "Europe/Warsaw")
        let comments = [
            IssueFixture.comment(1, "Blocked by the vendor", hoursAgo: 16, author: jane),
            IssueFixture.comment(2, "noted", hoursAgo: 50),
        ]
        var issue = IssueFixture.issue(ageDays: 15, updatedDaysAgo: 4, comments: comments, assignee: jane)
        issue.priority = "High"
        return IssueReport.render(
            template: template, issue: issue, analysis: try IssueFixture.classic(issue, negatives: 1),
            siteURL: "https://acme.example", currency: "$")
    }

    @Test func executiveTellsScorePeopleCostAndWhatToDo() throws {
        #expect(
            try report(.executive) == """
                EXECUTIVE SUMMARY
                🟡 Risk score: 40/100 (medium)
                Issue: ENG-1 Export times out
                Status: To Do
                Priority: High
                Assignee: Jane Doe (Senior Engineer) (Senior Engineer, Warsaw)
                Daily cost: $7,500 ($5,000 × location 0.5 × overtime 1.5 × weekend 2)
                Estimated effort: 3 days
                Total estimated cost: $22,500
                ⚠️ Work outside working hours detected
                ⚠️ Weekend work detected
                Blockers: 1
                  - [dependency, external] Blocked by the vendor (Jane Doe (Senior Engineer), 2026-11-23)
                    https://acme.example/browse/ENG-1?focusedCommentId=1
                Days lost per day blocked: 1
                Total cost if blocked: $22,500
                Why:
                  - 1 of 2 comments sounds negative (50%). (+15)
                  - 1 comment mentions a blocker. (+10)
                  - Open for 15 days, more than 14. (+10)
                  - No activity for 4 days, more than 3. (+5)
                Recommendation: Escalate to leadership
                Escalation needed: yes
                """)
    }

    @Test(arguments: RiskConfiguration.Profile.allCases)
    func whatIsRestrictedIsSaidAndWithheld(_ profile: RiskConfiguration.Profile) throws {
        var comment = IssueFixture.comment(1, "Blocked by the Zeta contract")
        comment.isRestricted = true
        var issue = IssueFixture.issue(comments: [comment, IssueFixture.comment(2, "noted")])
        issue.securityLevel = "Board only"
        let analysis =
            switch profile {
            case .classic: try IssueFixture.classic(issue, negatives: 1)
            case .standard: try IssueFixture.standard(issue, negatives: 1)
            }
        #expect(analysis.blockers.first?.evidence.restrictedNote == "Blocked by the Zeta contract")
        let report = IssueReport.render(template: .all, issue: issue, analysis: analysis, currency: "$")
        #expect(report.contains("\nSecurity level: Board only (not everybody in Jira may read this issue)\n"))
        #expect(report.contains("\nWithheld: the text of 1 restricted comment\n"))
        #expect(!report.contains("Zeta"))
    }

    @Test func technicalTellsCommentsTimesAndDependencies() throws {
        #expect(
            try report(.technical) == """
                TECHNICAL DETAILS
                Comments: 2 (1 positive, 1 negative, 0 neutral; read by test-1)
                Sentiment: 50% positive, 50% negative, 0% neutral
                Age: 15 days
                Last update: 4 days ago
                In status To Do for 15 days
                Status changes: 0
                Dependencies: blocks 0, blocked by 0, relates to 0
                """)
    }

    @Test func pmIsBothAndAllIsAllThree() throws {
        let (executive, technical, pm) = try (report(.executive), report(.technical), report(.pm))
        #expect(pm == "PROJECT MANAGER REPORT\n\n\(executive)\n\n\(technical)")
        #expect(try report(.all) == [executive, technical, pm].joined(separator: "\n\n"))
    }

    @Test(arguments: [(0, "🟢"), (3, "🟢")])
    func lowRiskIsGreen(days: Int, mark: String) throws {
        let issue = IssueFixture.issue(ageDays: days)
        let text = IssueReport.render(
            template: .executive, issue: issue, analysis: try IssueFixture.classic(issue), currency: "$")
        #expect(text.contains("\(mark) Risk score: 0/100 (low)"))
    }

    @Test func highRiskIsRed() throws {
        let comments = (0..<4).map { IssueFixture.comment($0, "blocked", hoursAgo: 24 * 40) }
        let issue = IssueFixture.issue(ageDays: 50, updatedDaysAgo: 40, comments: comments)
        let analysis = try IssueFixture.classic(issue, negatives: 4)
        let text = IssueReport.render(template: .executive, issue: issue, analysis: analysis, currency: "EUR")
        #expect(text.contains("🔴 Risk score: 100/100 (high)"))
        #expect(
            text.split(separator: "\n").count { $0.hasPrefix("  - [uncategorized] blocked (Unknown, ") } == 3,
            "at most three snippets")
        #expect(text.contains("Assignee: Unassigned\nDaily cost: EUR 2,500\n"))
    }
}
