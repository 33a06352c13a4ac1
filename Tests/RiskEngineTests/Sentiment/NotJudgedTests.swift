import Domain
import RiskEngine
import Testing

/// Comments in languages that the classifier does not read.
@Suite struct NotJudgedTests {
    private func analyze(
        _ profile: RiskConfiguration.Profile, unreadable: [CommentID: TextLanguage],
        readings: [CommentID: SentimentReading] = ["1": IssueFixture.negative, "2": IssueFixture.positive]
    ) throws -> Analysis {
        let ada = Person(id: "ada", displayName: "Ada Nowak")
        let comments = (1...4).map { IssueFixture.comment($0, "text \($0)", author: ada) }
        return try RiskScorer(IssueFixture.configuration(profile)).analyze(
            IssueFixture.issue(comments: comments), readings: readings, unreadable: unreadable, model: "test-1",
            upstream: [], recentScores: [], tenantDailyRate: 0, now: IssueFixture.now)
    }

    @Test func theyCountForNothingInStandardAndAreNamed() throws {
        let analysis = try analyze(.standard, unreadable: ["3": .french, "4": .japanese])
        #expect(analysis.sentiment.total == 4)
        #expect(analysis.sentiment.neutral == 0)
        #expect(analysis.sentiment.negativePct == 50)
        #expect(analysis.sentiment.positivePct == 50)
        #expect(analysis.sentiment.trend.count == 2)
        #expect(analysis.sentiment.notJudged == ["French": 1, "Japanese": 1])
        #expect(
            analysis.factor(.sentiment)?.explanation == """
                1 of 2 comments sounds annoyed, worried or sorry, written by Ada Nowak on 2026-11-24. 2 comments were not judged: the sentiment reader does not read French (1), Japanese (1).
                """)
    }

    @Test func whatWasNotReadIsNotTakenForNeutral() throws {
        for profile in [RiskConfiguration.Profile.standard, .classic] {
            let issue = IssueFixture.issue(comments: (1...3).map { IssueFixture.comment($0, "text \($0)") })
            let analysis = try RiskScorer(IssueFixture.configuration(profile)).analyze(
                issue, readings: ["1": IssueFixture.negative], unread: ["2", "3"], model: "test-1", upstream: [],
                recentScores: [], tenantDailyRate: 0, now: IssueFixture.now)
            #expect(analysis.sentiment.total == 3)
            #expect(analysis.sentiment.neutral == (profile == .standard ? 0 : 2))
            #expect(analysis.sentiment.notJudged == (profile == .standard ? ["finished issue": 2] : nil))
        }
    }

    @Test func whereAllAreItSaysSo() throws {
        let all = Dictionary(uniqueKeysWithValues: (1...4).map { (CommentID("\($0)"), TextLanguage.polish) })
        let factor = try #require(try analyze(.standard, unreadable: all, readings: [:]).factor(.sentiment))
        #expect(factor.points == 0)
        #expect(
            factor.explanation
                == "No comment could be judged. 4 comments were not judged: the sentiment reader does not read Polish (4)."
        )
    }

    @Test func theyCountAsNeutralInClassic() throws {
        let analysis = try analyze(.classic, unreadable: ["3": .french, "4": .japanese])
        #expect(analysis == (try analyze(.classic, unreadable: [:])))
        #expect(analysis.sentiment.notJudged == nil)
        #expect(analysis.sentiment.neutral == 2)
    }

    @Test func theEvidenceIsShownWhereItAddsNoPoint() throws {
        let issue = IssueFixture.issue(comments: (0..<12).map { IssueFixture.comment($0, "noted") })
        let factor = try #require(try IssueFixture.standard(issue, negatives: 1).factor(.sentiment))
        #expect(factor.points == 0)
        #expect(factor.evidence.map(\.id) == ["0"])
        #expect(factor.remedy == nil)
    }
}
