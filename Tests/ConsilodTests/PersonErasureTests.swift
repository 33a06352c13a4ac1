import Domain
import Foundation
import JiraCloud
import RiskEngine
import Store
import StoreTestSupport
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// A person of Jira is erased: nothing of the person is left, and scores and history are what they were.
@Suite struct PersonErasureTests {
    private typealias Workshop = RescorerTests.Workshop

    private static let account = "557058:f58131cb-b67d-43c7-b30d-6b58d40bd077"
    private static let ada = """
        {"self": "https://acme.atlassian.net/rest/api/2/user?accountId=\(account)", "accountId": "\(account)", \
        "emailAddress": "ada.lovelace@acme.example", "avatarUrls": {"48x48": "https://avatar.example/\(account)"}, \
        "displayName": "Ada Lovelace", "active": true, "timeZone": "Europe/London", "accountType": "atlassian"}
        """
    private static let bob =
        #"{"accountId": "5b10a2844c20165700ede21g", "displayName": "Bob Stone", "timeZone": "UTC"}"#
    /// What must be found nowhere afterwards.
    private static let gone = [
        account, "f58131cb", "Lovelace", "lovelace@", "quagga", "okapi", "zebra", "avatar.example",
    ]

    /// What two people wrote and did on two issues in forty days.
    private static func story(from start: Timestamp) -> [String] {
        var story = JiraStory(start: start)
        let created = story.clock
        let people =
            #", "reporter": \#(ada), "description": "Ask Ada Lovelace or [~accountid:\#(account)]", "labels": ["x"]"#
        for number in 1...2 {
            story.issue(
                number, key: "ENG-\(number)", event: "jira:issue_created", created: created,
                fields: people + ", \"assignee\": \(number == 1 ? ada : bob)", by: ada)
            story.pass(seconds: 60)
        }
        let texts = [
            (ada, "The quagga is terrible, we are blocked by the vendor."),
            (bob, "We are blocked, still waiting for Ada Lovelace."),
            (ada, "Still blocked by the vendor, the okapi is awful. When can we expect the file?"),
            (bob, "Unblocked now, thanks [~accountid:\(account)]!"),
            (ada, "Everybody hates this zebra, it is a disaster and ENG-2 blocks us."),
            (bob, "Waiting for legal, what a mess."),
        ]
        for (index, (author, text)) in texts.enumerated() {
            story.pass(days: 4, seconds: 3600)
            story.comment(index + 1, on: 1, key: "ENG-1", text, by: author)
            story.pass(seconds: 600)
            story.comment(index + 101, on: 2, key: "ENG-2", text, by: author)
        }
        story.pass(days: 2)
        for number in 1...2 {
            story.issue(
                number, key: "ENG-\(number)", created: created,
                fields: people + ", \"assignee\": \(bob), \"status\": \(JiraStory.doing)",
                items: JiraStory.item("assignee", account, "Ada Lovelace", "5b10a2844c20165700ede21g", "Bob Stone"),
                by: ada)
        }
        return story.bodies
    }

    private static func allowErasures(in workshop: Workshop, profile: RiskConfiguration.Profile) {
        var configuration = RiskConfiguration.default
        configuration.profile = profile
        let residue = TextResidue(configuration, classifiers: ClassifierSlot(workshop.classifier))
        workshop.store.erasure.use(
            ErasureParts(
                seal: { "sealed:\($0)" }, open: { String($0.dropFirst("sealed:".count)) }, model: { residue.model },
                hash: { residue.hash(of: $0) }, residue: { residue.residue(of: $0, mood: $1, id: $2) },
                staffing: { residue.staffing(of: $0) }, comment: { JiraComment.read($0) }))
    }

    private struct Row: Hashable, CustomStringConvertible {
        var key: String
        var at: Timestamp
        var score: Int
        var blockers: Int
        var cost: Double
        var negative: Double
        var description: String { "\(key) \(at): \(score), \(blockers) blockers, \(cost), \(negative)" }
    }

    private func rows(_ workshop: Workshop) async throws -> [Row] {
        var rows: [Row] = []
        for key in ["ENG-1", "ENG-2"] {
            rows += try await workshop.history(IssueKey(key)).map {
                Row(
                    key: key, at: $0.analyzedAt, score: $0.riskScore, blockers: $0.blockerCount, cost: $0.dailyCost,
                    negative: $0.sentimentNegativePct)
            }
        }
        return rows
    }

    private func scores(_ workshop: Workshop) async throws -> [String: [Int]] {
        let page = try await workshop.store.issues(
            workshop.tenant, filter: IssueFilter(includesDone: true), after: nil, limit: 10)
        return Dictionary(
            uniqueKeysWithValues: page.items.map { ($0.issue.key.rawValue, $0.analysis.factors.map(\.points)) })
    }

    private func erase(_ workshop: Workshop, in portions: Bool = false) async throws -> PersonErasure {
        let by = Actor.apiKey("0123456789ab")
        let begun = try #require(
            try await workshop.store.beginErasure(
                of: workshop.tenant, account: Self.account, by: by, now: workshop.clock.now))
        var state = begun
        repeat {
            state = try #require(
                try await workshop.store.continueErasure(of: workshop.tenant, person: begun.person.id) { !portions })
        } while state.finishedAt == nil
        return state
    }

    private func expectNothing(_ workshop: Workshop, _ when: String) async throws {
        let page = try await workshop.store.personRecords(
            of: workshop.tenant, account: Self.account, after: nil, limit: 200, by: .system("test"),
            now: workshop.clock.now)
        #expect(page.items.isEmpty && page.nextCursor == nil, "\(when) \(page.items)")
        for bytes in try workshop.storedBytes() {
            for text in Self.gone { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text) \(when)") }
        }
    }

    @Test(arguments: [RiskConfiguration.Profile.standard, .classic], [false, true])
    func scoresStayAndThePersonIsNowhere(profile: RiskConfiguration.Profile, inPortions: Bool) async throws {
        let workshop = try await Workshop(profile: profile)
        Self.allowErasures(in: workshop, profile: profile)
        let bodies = Self.story(from: workshop.clock.now.adding(days: -40))
        try await workshop.take(bodies)
        try await workshop.run { try await workshop.untilIdle() }
        workshop.clock.now = workshop.clock.now.adding(seconds: 11)
        try await workshop.run { try await workshop.untilIdle() }
        let (before, points) = (try await rows(workshop), try await scores(workshop))
        #expect(before.count > 8 && before.contains { $0.blockers > 0 })
        let found = try await workshop.store.personRecords(
            of: workshop.tenant, account: Self.account, after: nil, limit: 200, by: .system("test"),
            now: workshop.clock.now)
        #expect(
            Set(found.items.map(\.table)).isSuperset(of: [
                "webhook_events", "issue_snapshots", "issue_comments", "issue_changes", "analysis_history",
            ]))

        let erasure = try await erase(workshop, in: inPortions)
        #expect(erasure.counts["issue_comments"] ?? 0 >= 6 && erasure.counts["webhook_events"] ?? 0 > 10)
        #expect(try await rows(workshop) == before)
        #expect(try await scores(workshop) == points)
        try await expectNothing(workshop, "after the erasure")
        #expect(try await erase(workshop) == erasure)

        // The same webhooks again, as if Jira had kept them, in another order.
        var random = SeededGenerator(seed: 7)
        for body in bodies.shuffled(using: &random) {
            try await workshop.take([body])
            try await workshop.run { try await workshop.untilIdle() }
        }
        workshop.clock.now = workshop.clock.now.adding(seconds: 11)
        try await workshop.run { try await workshop.untilIdle() }
        try await expectNothing(workshop, "after the webhooks came again")
        #expect(try await scores(workshop) == points)
        #expect(try await rows(workshop).filter { $0.at <= before.map(\.at).max() ?? $0.at } == before)
    }

    @Test func aLateWebhookOfAnotherMakesTheSamePastAgain() async throws {
        let profile = RiskConfiguration.Profile.standard
        var outcomes: [[Row]] = []
        for erases in [false, true] {
            let workshop = try await Workshop(profile: profile)
            Self.allowErasures(in: workshop, profile: profile)
            let start = RescorerTests.start.adding(days: -40)
            try await workshop.take(Self.story(from: start))
            try await workshop.run { try await workshop.untilIdle() }
            if erases { _ = try await erase(workshop) }
            var late = JiraStory(start: start.adding(days: 9))
            late.comment(500, on: 1, key: "ENG-1", "This is terrible.", by: Self.bob)
            try await workshop.take(late.bodies)
            try await workshop.run { try await workshop.untilIdle() }
            outcomes.append(try await rows(workshop))
        }
        #expect(outcomes[0].contains { $0.key == "ENG-1" && $0.at == RescorerTests.start.adding(days: -31) })
        #expect(outcomes[0] == outcomes[1])
    }

    @Test func theSamePersonOfAnotherTenantStays() async throws {
        let workshop = try await Workshop(profile: .standard)
        Self.allowErasures(in: workshop, profile: .standard)
        let other = TenantID(UUID())
        try await workshop.create(other)
        let bodies = Self.story(from: workshop.clock.now.adding(days: -40))
        try await workshop.take(bodies)
        try await workshop.take(bodies, of: other)
        try await workshop.run { try await workshop.untilIdle() }
        func records(_ tenant: TenantID) async throws -> [PersonRecord] {
            try await workshop.store.personRecords(
                of: tenant, account: Self.account, after: nil, limit: 200, by: .system("test"), now: workshop.clock.now
            ).items
        }
        let before = try await records(other)
        #expect(before.count > 20)
        _ = try await erase(workshop)
        #expect(try await records(workshop.tenant).isEmpty)
        #expect(try await records(other) == before)
    }

    @Test func aScoreThatIsBeingMadeDoesNotBringThePersonBack() async throws {
        let workshop = try await Workshop(profile: .standard)
        Self.allowErasures(in: workshop, profile: .standard)
        let (store, now) = (workshop.store, workshop.clock.now)
        try await workshop.take(Array(Self.story(from: now.adding(days: -40)).prefix(1)))
        let claims = try await store.claimIssues(
            limit: 1, now: now, leaseUntil: now.adding(seconds: 600))
        let claim = try #require(claims.first)
        let work = try #require(try await store.loadWork(for: claim))
        let begun = try #require(
            try await store.beginErasure(of: workshop.tenant, account: Self.account, by: .operator, now: now))
        // While it is under way nothing is scored.
        #expect(try await store.loadWork(for: claim) == nil)
        _ = try await store.continueErasure(of: workshop.tenant, person: begun.person.id) { true }
        var state = IssueState(id: claim.issueID)
        for event in work.pending {
            IssueFold.join(try JiraWebhookDecoder().fragment(of: event.body, for: claim.issueID), into: &state)
        }
        let result = RescoreResult(
            previousState: nil, state: state, issue: IssueFold.issue(from: state), analysis: nil, history: [],
            appliedEvents: work.pending.map(\.id), decision: AlertDecision(), requeueAt: nil, now: now)
        await #expect(throws: StorageError.self) { try await store.commit(result, for: claim) }
        try await expectNothing(workshop, "after the commit")
    }

    // MARK: The daemon

    @Test func theCommandsShowAndErase() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let bodies = Self.story(
            from: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970) * 1000).adding(days: -40))
        for body in bodies { #expect(try await daemon.post(body, to: tenant).status < 300) }
        try await daemon.waitUntilApplied()
        // What happened long ago is followed by a look as of now.
        try await daemon.waitUntilSettled(tenant, issues: 2)
        let scores = "SELECT issue_key, risk_score, daily_cost FROM analysis_history ORDER BY issue_key, analyzed_at"
        let before = try daemon.query(scores)

        let shown = try await daemon.run(["people", "export", Self.account], as: tenant)
        #expect(shown.status == 0 && shown.output.contains("quagga") && shown.output.contains("issue_comments"))
        let refused = try await daemon.run(["people", "erase", Self.account], as: tenant)
        #expect(refused.status != 0 && refused.output.contains("--yes-erase-this-person"))
        let erased = try await daemon.run(["people", "erase", Self.account, "--yes-erase-this-person"], as: tenant)
        #expect(erased.status == 0 && erased.output.contains("now erased-"), "\(erased.output)")
        #expect(try daemon.query(scores) == before)

        for body in bodies { #expect(try await daemon.post(body + " ", to: tenant).status < 300) }
        try await daemon.waitUntilApplied()
        let again = try await daemon.run(["people", "export", Self.account], as: tenant)
        #expect(again.status == 0 && again.output.isEmpty, "\(again.output)")
        let paths = [
            "/api/issues?include_done=true", "/api/analyze/issue/ENG-1/raw", "/api/analyze/issue/ENG-2/raw",
            "/api/analyze/history/ENG-1", "/api/analyze/trends/ENG-1", "/api/alerts", "/api/webhook-events",
            "/api/alert-silences", "/api/alert-routes", "/api/digest", "/api/audit", "/api/tenants/\(tenant.id)/usage",
        ]
        for path in paths {
            let answer = try await daemon.request(.get, path, token: tenant.api_key)
            #expect(answer.status == 200, "\(path) \(answer.text)")
            for text in Self.gone { #expect(!answer.text.contains(text), "\(text) in \(path)") }
        }
        let audit = try await daemon.request(.get, "/api/audit?action=person.erase", token: tenant.api_key).text
        #expect(audit.components(separatedBy: "\"person.erase\"").count == 2, "\(audit)")
        // What is in the log of the store's engine is the engine's until the daemon has ended.
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        for bytes in try daemon.storedBytes() {
            for text in Self.gone { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text)") }
        }
        #expect(!daemon.log.contains("f58131cb") && !daemon.log.contains("Lovelace"))
    }
}
