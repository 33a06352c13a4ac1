import Domain
import RiskEngine
import Testing

/// The life of a blocker in the `standard` profile.
@Suite struct OpenBlockersTests {
    private func blockers(_ texts: [String], changes: [Change] = [], status: String = "To Do") throws -> [Blocker] {
        let comments = texts.enumerated().map {
            IssueFixture.comment($0 + 1, $1, hoursAgo: (texts.count - $0) * 10)
        }
        var issue = IssueFixture.issue(comments: comments, changes: changes)
        issue.status = Status(name: status, category: .indeterminate)
        return try IssueFixture.standard(issue).blockers
    }

    @Test(arguments: [
        "We are blocked by the vendor", "BLOCKED", "waiting for Bob", "Still waiting on legal, any news?",
        "I can't proceed without the certificate", "I can’t proceed without the certificate",
        "cannot test because blocked by ops", "We’re stuck on the migration",
        "Put on-hold by the customer", "Wir sind blockiert", "Wir warten auf die Freigabe von Bob",
        "WIR KOMMEN NICHT WEITER", "Hängt an der Schnittstelle", "Keine Kapazität im Team",
        "The API is fixed, now waiting for the certificate", "no test data yet. We are blocked",
        "Not my area but we are blocked here",
    ])
    func opensABlocker(text: String) throws {
        let found = try blockers([text])
        #expect(found.map(\.evidence.kind) == [.comment])
        #expect(found.map(\.evidence.id) == ["1"])
    }

    @Test(arguments: [
        "unblocked", "We are not blocked", "no longer blocked", "released yesterday", "Bump dependency to 4.2",
        "great partnership", "No blockers so far", "This isn't blocked", "not currently blocked by anything",
        "Are we blocked?", "If we get blocked I'll tell you", "This could be blocked by the freeze",
        "Don't wait for me", "nicht blockiert", "Wir sind nicht mehr blockiert", "Kein Blocker mehr",
        "Sind wir blockiert?", "Die Auslieferung ist fertig", "the vendor sent an invoice", "deployed to production",
        "{quote}We are blocked by ops{quote}\nThat was last month", "bq. we are blocked\nThanks",
        "{code:java}lock.blocked = true; // blocked{code} is the code", "unblocking the pipe",
        "Wait for the count to load", "still stuck on 2.x", "This is a blocker!",
    ])
    func opensNone(text: String) throws {
        #expect(try blockers([text]).isEmpty)
    }

    @Test(arguments: [
        "resolved", "Unblocked now, thanks", "We are no longer blocked", "That is fixed", "Ist behoben",
        "entblockt", "nicht mehr blockiert", "Geklärt!", "Resolved - the vendor answered",
    ])
    func aLaterCommentCloses(text: String) throws {
        #expect(try blockers(["Waiting for the vendor", text]).isEmpty)
    }

    @Test(arguments: [
        "not resolved yet", "Still not fixed", "Is it fixed?", "Once this is fixed we can go on",
        "This must be resolved by Friday", "noch nicht behoben", "Wird morgen gelöst", "ok", "unresolved",
    ])
    func aLaterCommentDoesNotClose(text: String) throws {
        #expect(try blockers(["Waiting for the vendor", text]).map(\.evidence.id) == ["1"])
    }

    @Test func aBlockerMayOpenAgain() throws {
        #expect(try blockers(["blocked", "resolved", "blocked again"]).map(\.evidence.id) == ["3"])
        #expect(try blockers(["blocked", "A is resolved, now waiting for B"]).map(\.evidence.id) == ["2"])
        #expect(try blockers(["blocked", "waiting for B: resolved"]).isEmpty)
    }

    @Test func aTransitionToDoneOrOutOfBlockedCloses() throws {
        let reopened = [
            IssueFixture.change(1, "status", from: "In Progress", to: "Done", daysAgo: 0, hoursAgo: 8),
            IssueFixture.change(2, "status", from: "Done", to: "In Progress", daysAgo: 0, hoursAgo: 7),
        ]
        #expect(try blockers(["blocked"], changes: reopened, status: "In Progress").isEmpty)
        let released = [IssueFixture.change(1, "status", from: "On Hold", to: "In Progress", daysAgo: 0, hoursAgo: 8)]
        #expect(try blockers(["blocked"], changes: released, status: "In Progress").isEmpty)
        let started = [IssueFixture.change(1, "status", from: "To Do", to: "In Progress", daysAgo: 0, hoursAgo: 8)]
        #expect(try blockers(["blocked"], changes: started, status: "In Progress").count == 1)
        let before = [IssueFixture.change(1, "status", from: "Blocked", to: "In Progress", daysAgo: 5)]
        #expect(try blockers(["blocked"], changes: before, status: "In Progress").count == 1)
    }

    @Test func aBlockedStatusIsABlockerWithItsTransitionAsEvidence() throws {
        let changes = [IssueFixture.change(5, "status", from: "In Progress", to: "Blocked")]
        let found = try blockers([], changes: changes, status: "Blocked")
        #expect(found.map(\.evidence.kind) == [.change])
        #expect(found.map(\.evidence.id) == ["5/0"])
        #expect(try blockers([], status: "on hold").map(\.evidence.id) == ["status"])
    }

    @Test func anUnfinishedBlockingLinkIsABlocker() throws {
        let links = [IssueFixture.blockedBy(1, "ENG-2"), IssueFixture.blockedBy(2, "ENG-3")]
        let issue = IssueFixture.issue(links: links)
        let upstream = [IssueFixture.upstream(links[0], score: 0, isDone: true)]
        let analysis = try IssueFixture.standard(issue, upstream: upstream)
        #expect(analysis.blockers.map(\.evidence.kind) == [.link])
        #expect(analysis.blockers.map(\.evidence.id) == ["2"])
        #expect(analysis.dependencies.blockedBy == ["ENG-2", "ENG-3"])
        #expect(analysis.points(.blockers) == 15)
    }

    @Test(arguments: [
        ("Waiting for the vendor", ["dependency", "external"]), ("Wir sind unterbesetzt", ["resource"]),
        ("We are blocked: test environment down", ["testing"]), ("Blocked", ["uncategorized"]),
        ("Blocked, legacy code everywhere", ["technical_debt"]), ("need clarification", ["requirements"]),
        ("Got stuck in the deployment", ["deployment"]),
    ])
    func categoriesComeFromTheWordsAround(text: String, categories: [String]) throws {
        #expect(try blockers([text]).map(\.categories) == [categories])
    }
}
