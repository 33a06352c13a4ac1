import Domain
import RiskEngine
import TestSupport
import Testing

/// What status, comments, links and mood say of one cause counts once (decision 0026).
@Suite struct OneCauseTests {
    private let link = IssueFixture.blockedBy(1, "PAY-17")
    private let move = IssueFixture.change(5, "status", from: "In Progress", to: "Blocked")

    private func issue(
        _ texts: [String], links: [IssueLink] = [], status: String = "To Do", changes: [Change] = []
    ) -> Domain.Issue {
        let comments = texts.enumerated().map {
            IssueFixture.comment($0 + 1, $1, hoursAgo: (texts.count - $0) * 10, author: IssueFixture.person("ada"))
        }
        var issue = IssueFixture.issue(comments: comments, changes: changes, links: links)
        issue.status = Status(name: status, category: .indeterminate)
        return issue
    }

    @Test func statusCommentAndLinkAreOneBlockerWithThreePiecesOfEvidence() throws {
        let analysis = try IssueFixture.standard(
            issue(["We are blocked by PAY-17."], links: [link], status: "Blocked", changes: [move]), negatives: 1)
        #expect(analysis.blockers.count == 1)
        let blocker = try #require(analysis.blockers.first)
        #expect(blocker.evidence.kind == .comment)
        #expect(blocker.snippet == "We are blocked by PAY-17.")
        #expect(blocker.furtherEvidence?.map(\.kind) == [.link, .change])
        #expect(analysis.points(.blockers) == 15)
        #expect(analysis.points(.sentiment) == 0)
        #expect(analysis.sentiment.negative == 1)
        let factor = try #require(analysis.factor(.blockers))
        #expect(factor.evidence.map(\.kind) == [.comment, .link, .change])
        let day = IssueFixture.now.adding(seconds: -10 * 3600).utcDay
        #expect(
            factor.explanation.hasPrefix(
                "1 open blocker: a comment by ada on \(day), the status \"Blocked\" and the link \"Blocked by PAY-17\"")
        )
    }

    @Test func anAddressNamesTheIssueToo() throws {
        let text = "Blocked by https://jira.example/browse/PAY-17 since Monday"
        #expect(try IssueFixture.standard(issue([text], links: [link])).blockers.count == 1)
    }

    @Test func otherCausesStayApart() throws {
        let both = try IssueFixture.standard(issue(["We are waiting for legal. PAY-17 is nearly done."], links: [link]))
        #expect(both.blockers.count == 2)
        let other = try IssueFixture.standard(issue(["We are blocked by PAY-18."], links: [link]))
        #expect(other.blockers.count == 2)
    }

    @Test func aRepetitionIsTheSameBlocker() throws {
        let texts = [
            "We are waiting for the vendor.", "Still waiting for the vendor.", "Blocked by PAY-17", "PAY-17 blocks us",
        ]
        let analysis = try IssueFixture.standard(issue(texts))
        #expect(analysis.blockers.map(\.evidence.id) == ["1", "3"])
        #expect(analysis.blockers.compactMap(\.furtherEvidence).map { $0.map(\.id) } == [["2"], ["4"]])
    }

    @Test func aCommentThatWaitsForAFinishedIssueBlocksNothing() throws {
        let upstream = [IssueFixture.upstream(link, score: 0, isDone: true)]
        let analysis = try IssueFixture.standard(issue(["Blocked by PAY-17"], links: [link]), upstream: upstream)
        #expect(analysis.blockers.isEmpty)
    }

    @Test func aStatusIsItsOwnCauseOnlyAlone() throws {
        #expect(try IssueFixture.standard(issue([], status: "Blocked")).blockers.map(\.evidence.kind) == [.field])
        let linked = try IssueFixture.standard(issue([], links: [link], status: "Blocked"))
        #expect(linked.blockers.map(\.evidence.kind) == [.link])
    }

    @Test func upstreamAddsOnlyWhatTheBlockersPointsDoNotSay() throws {
        func points(_ score: Int) throws -> Int? {
            try IssueFixture.standard(issue([], links: [link]), upstream: [IssueFixture.upstream(link, score: score)])
                .points(.upstream)
        }
        // A quarter of the risk, less the 15 points of the link's blocker.
        #expect(try points(40) == 0)
        #expect(try points(80) == 5)
        #expect(try points(100) == 10)
    }

    /// P: saying the same again never adds points, but for a call that stays unanswered.
    @Test func oneCauseNeverCountsTwice() throws {
        var random = SeededGenerator(seed: 7)
        let sayings = ["Blocked by PAY-17.", "PAY-17 blocks us", "We are waiting on PAY-17", "Depends on PAY-17."]
        for _ in 0..<200 {
            let count = Int.random(in: 1...4, using: &random)
            let texts = (0..<count).map { _ in sayings.randomElement(using: &random) ?? "" }
            let links = Bool.random(using: &random) ? [link] : []
            let status = Bool.random(using: &random) ? "Blocked" : "To Do"
            let once = try IssueFixture.standard(issue([texts[0]]), negatives: 1)
            let often = try IssueFixture.standard(
                issue(texts, links: links, status: status), negatives: count,
                upstream: links.map { IssueFixture.upstream($0, score: 40) })
            #expect(often.blockers.count == 1)
            #expect(often.points(.blockers) == once.points(.blockers))
            #expect(often.points(.sentiment) == 0)
            #expect(often.points(.upstream) == 0)
            let further = often.blockers.first?.furtherEvidence?.count ?? 0
            let sayingsBeside = count - 1 + links.count + (status == "Blocked" ? 1 : 0)
            #expect(further == sayingsBeside)
        }
    }

    // MARK: Calls for help

    private func asking(_ now: Timestamp, answeredBy answerer: String? = nil) throws -> Factor {
        var comments = [
            IssueFixture.comment(1, "We need access to the cluster. Who can help?", author: IssueFixture.person("ada"))
        ]
        if let answerer {
            comments.append(IssueFixture.comment(2, "ok", hoursAgo: 0, author: IssueFixture.person(answerer)))
        }
        return try #require(
            try IssueFixture.standard(IssueFixture.issue(comments: comments), now: now).factor(.blockers))
    }

    @Test func anUnansweredCallAgesAndSaysSo() throws {
        let asked = IssueFixture.now.adding(seconds: -3600)
        #expect(try asking(IssueFixture.now).points == 15)
        #expect(try asking(asked.adding(days: 3).adding(seconds: -1)).points == 15)
        #expect(try asking(asked.adding(days: 3)).points == 19)
        #expect(try asking(asked.adding(days: 7)).points == 23)
        #expect(try asking(asked.adding(days: 5)).explanation.hasSuffix(", unanswered for 5 days."))
    }

    @Test func onlyAnotherPersonAnswers() throws {
        let later = IssueFixture.now.adding(days: 8)
        #expect(try asking(later, answeredBy: "ada").points == 23)
        #expect(try asking(later, answeredBy: "ben").points == 15)
    }

    @Test func whatAsksNobodyDoesNotAge() throws {
        let analysis = try IssueFixture.standard(
            issue(["Waiting for the vendor."]), now: IssueFixture.now.adding(days: 9))
        #expect(analysis.points(.blockers) == 15)
        #expect(analysis.blockers.first?.unansweredSince == nil)
    }
}
