import Alerts
import Domain
import Forecast
import Foundation
import JiraCloud
import Logging
import RiskEngine
import ServiceLifecycle
import Store
import Synchronization
import TestSupport
import Testing
import WorkLoop

@testable import DaemonTestSupport
@testable import consilod

/// The rescorer on a real store, with a clock that stands still until the test moves it.
@Suite struct RescorerTests {
    static let start = Timestamp(seconds: 1_790_000_000)

    /// The word list, which remembers every text it was given and can be made to fail.
    final class RecordingClassifier: SentimentClassifier {
        private let wordList = WordListClassifier()
        let texts = Mutex<[String]>([])
        let isDown = Mutex(false)
        /// While it is set, texts with this word are not answered.
        let heldBack = Mutex<String?>(nil)

        var modelID: String { wordList.modelID }

        func reads(_ language: TextLanguage) -> Bool { wordList.reads(language) }

        func classify(_ texts: [String]) async throws -> [SentimentReading] {
            guard !isDown.withLock({ $0 }) else { throw Unexpected("the model is down") }
            self.texts.withLock { $0 += texts }
            try await eventually("the texts are answered") {
                heldBack.withLock { word in word.map { word in !texts.contains { $0.contains(word) } } ?? true }
            }
            return wordList.classify(texts)
        }
    }

    struct Workshop: Sendable {
        let store: RiskStore
        /// What the rescorer works on: `store`, behind a count of what it is asked.
        let relay: RelayingStore
        let clock = SettableClock(start)
        let classifier = RecordingClassifier()
        let tenant = TenantID(UUID())
        private let folder: URL
        private let schema: PostgresSchema?

        init(profile: RiskConfiguration.Profile, rules: [AlertRule]? = nil) async throws {
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            schema = try PostgresSchema.server.map { try PostgresSchema(server: $0) }
            store =
                if let schema {
                    try await RiskStore.postgres(PostgresSettings(connectionString: schema.url), now: start)
                } else {
                    try await RiskStore.sqlite(path: folder.appendingPathComponent("c.sqlite").path, now: start)
                }
            relay = RelayingStore(store)
            let rules =
                rules ?? [AlertRule(id: UUID(), name: "High", condition: .threshold(raiseAt: 50, clearBelow: 40))]
            self.profile = profile
            try await create(tenant, rules: rules)
        }

        func create(_ tenant: TenantID, rules: [AlertRule] = []) async throws {
            try await store.createTenant(
                NewTenant(
                    tenant: Tenant(
                        id: tenant, companyName: "Acme",
                        jiraURL: "https://\(tenant == self.tenant ? "acme" : "\(tenant)").atlassian.net",
                        jiraEmail: "it@acme.example",
                        plan: .starter, status: .active, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                        createdAt: start, updatedAt: start, trialEndsAt: nil),
                    jiraTokenEncrypted: "sealed", apiKeyHash: "hash of \(tenant)", webhookSecretID: UUID(),
                    webhookSecretEncrypted: "sealed", rules: rules), by: .system("test"))
        }

        private let profile: RiskConfiguration.Profile

        func makeAnalyst() throws -> IssueAnalyst {
            var configuration = RiskConfiguration.default
            configuration.profile = profile
            return IssueAnalyst(
                store: relay, scorer: try RiskScorer(configuration), classifiers: ClassifierSlot(classifier))
        }

        /// Runs the rescorer while `body` waits for what it wants to see.
        func run(_ body: () async throws -> Void) async throws {
            let analyst = try makeAnalyst()
            let forecaster = IssueForecaster(library: ForecastLibrary(store: store))
            let rescorer = Rescorer(
                store: relay, analyst: analyst,
                readEvent: JiraWebhookDecoder(isAutomaticReply: AutomaticReply.isOne).fragment(of:for:fields:own:),
                decideAlerts: AlertPlanner().decide,
                routeAlerts: AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)).route,
                makeForecast: {
                    try await forecaster.forecast(
                        of: $0, sprints: $1, statuses: $2, tenantID: $3, basis: $4, isExplained: $5, now: $6)
                },
                nudges: Nudge().stream, now: { [clock] in clock.now }, onLoop: {},
                onAlerts: {},
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            let group = ServiceGroup(
                configuration: .init(services: [rescorer], gracefulShutdownSignals: [], logger: Logger(label: "test")))
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await body()
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }

        func take(_ bodies: [String], of other: TenantID? = nil) async throws {
            let decoder = JiraWebhookDecoder()
            for body in bodies {
                let bytes = Array(body.utf8)
                let route = try decoder.envelope(of: bytes)
                _ = try await store.inbox.append(
                    WebhookDelivery(
                        tenantID: other ?? tenant, deliveryID: UUID().uuidString, receivedAt: clock.now,
                        event: route.event,
                        sentAt: route.sentAt, routing: route.routing, body: bytes))
            }
        }

        func history(_ key: IssueKey = "PAY-1") async throws -> [HistoryEntry] {
            try await store.history(tenant, key: key, after: nil, limit: 100).items
        }

        func untilIdle() async throws {
            try await eventually("nothing is due") {
                let figures = try await store.figures(now: clock.now)
                return figures.pendingEvents == 0 && figures.dueIssues == 0
            }
        }

        /// All that the store holds, as it lies on the disk or as a dump.
        func storedBytes() throws -> [Data] {
            if let schema {
                return [Data(try TestSupport.run(["pg_dump", "--schema", schema.name, schema.url]).utf8)]
            }
            return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .map { try Data(contentsOf: $0) }
        }

        func alerts() async throws -> [Alert] {
            try await store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 100).items.map(\.alert)
        }
    }

    private let bad = "This is terrible, we are blocked again and the deadline is at risk."

    @Test func noTextIsReadTwice() async throws {
        let workshop = try await Workshop(profile: .classic)
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1, comments: [bad, "Unblocked, thanks!", bad])
        stream.addIssue(2, comments: [bad])
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        // The same webhooks as new deliveries, and one new comment.
        workshop.clock.now = workshop.clock.now.adding(seconds: 1)
        try await workshop.take(stream.bodies)
        stream.addComment(to: 1, id: 999, text: "Something new.")
        try await workshop.take(Array(stream.bodies.suffix(1)))
        try await workshop.run { try await workshop.untilIdle() }
        let texts = workshop.classifier.texts.withLock { $0 }
        #expect(texts.sorted() == ["Something new.", bad, "Unblocked, thanks!"].sorted())
        #expect(try await workshop.history().first?.riskScore == 45)
    }

    @Test func theSentimentCacheIsQueriedOncePerClaimAndTheClassifierReadsOnlyNewTexts() async throws {
        let workshop = try await Workshop(profile: .classic)
        // So long ago that a claim looks at many instants.
        var stream = WebhookStream(start: Self.start.adding(days: -20))
        stream.addIssue(1, comments: [bad, "Unblocked, thanks!", bad])
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        // One query, about each text once.
        #expect(workshop.relay.cacheQueries == [2])
        #expect(try await workshop.history().count > 1)

        workshop.clock.now = workshop.clock.now.adding(seconds: 1)
        stream.addComment(to: 1, id: 999, text: "Something new.")
        try await workshop.take(Array(stream.bodies.suffix(1)))
        try await workshop.run { try await workshop.untilIdle() }
        #expect(workshop.relay.cacheQueries == [2, 3])
        let texts = workshop.classifier.texts.withLock { $0 }
        #expect(texts.sorted() == ["Something new.", bad, "Unblocked, thanks!"].sorted())

        // Analysed on demand: one more query, which the remedies share, and no text is read.
        let analyst = try workshop.makeAnalyst()
        let found = try #require(
            try await analyst.analyze(
                tenantID: workshop.tenant, key: "PAY-1", now: workshop.clock.now, storesHistory: false))
        #expect(found.issue.comments.count == 4)
        #expect(workshop.classifier.texts.withLock { $0 } == texts)
        let remedies = try await analyst.remedies(of: found) { _, _, _ in Remedies.Goal(below: 1, .request) }
        #expect(remedies != nil)
        #expect(workshop.relay.cacheQueries.count == 3)
    }

    @Test func aTextInALanguageThatTheModelDoesNotReadIsNotJudgedAndThatIsSaid() async throws {
        let workshop = try await Workshop(profile: .standard)
        let french = "Ce n'est pas encore prêt, et nous avons un autre souci pour les clients."
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1, comments: [bad, french])
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(workshop.classifier.texts.withLock { $0 } == [bad])
        let entry = try #require(try await workshop.history().first)
        #expect(entry.sentimentNegativePct == 100)
        let listed = try await workshop.store.issues(workshop.tenant, filter: IssueFilter(), after: nil, limit: 10)
        let explanation = listed.items.first?.analysis.factors.first { $0.name == .sentiment }?.explanation
        #expect(
            explanation?.hasSuffix("the sentiment reader does not read French (1).") == true, "\(explanation ?? "")")
    }

    @Test func aTextOfManyIssuesAtTheSameInstantIsReadOnce() async throws {
        let workshop = try await Workshop(profile: .classic)
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        for number in 1...24 { stream.addIssue(number, comments: [bad]) }
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(workshop.classifier.texts.withLock { $0 } == [bad])
        // Each issue has the reading.
        for number in 1...24 {
            let newest = try #require(try await workshop.history(IssueKey("PAY-\(number)")).first)
            #expect(newest.sentimentNegativePct == 100)
        }
    }

    @Test func lateEventsLeaveATrueHistoryAndOneAlertForThePresent() async throws {
        let workshop = try await Workshop(profile: .classic)
        let storyStart = Self.start.adding(days: -20)
        var stream = WebhookStream(start: storyStart)
        stream.addIssue(1)
        for index in 0..<6 {
            stream.addComment(to: 1, id: 500 + index, text: bad + " Day \(index).")
            try await workshop.take(stream.bodies)
            try await workshop.run {
                try await eventually("the comment is folded") {
                    try await workshop.store.figures(now: workshop.clock.now).pendingEvents == 0
                }
            }
        }
        // Every row speaks of the time of its newest event, and nothing has rung.
        let late = try await workshop.history()
        #expect(late.count >= 6)
        #expect(late.allSatisfy { $0.analyzedAt < storyStart.adding(days: 1) })
        #expect(try await workshop.alerts().isEmpty)

        workshop.clock.now = workshop.clock.now.adding(seconds: 11)
        try await workshop.run { try await workshop.untilIdle() }
        let settled = try #require(try await workshop.history().first)
        // The newest step that time alone has made: older than 14 days.
        #expect(settled.analyzedAt == storyStart.adding(days: 15))
        // 20 days old: 10 points for age, 20 for silence, besides 30 and 30.
        #expect(settled.riskScore == 90)
        #expect(try await workshop.alerts().map(\.kind) == [.threshold])
    }

    @Test func eventsOfOneInstantThatAreAppliedOneByOneEachRing() async throws {
        let rule = AlertRule(id: UUID(), name: "High", condition: .threshold(raiseAt: 20, clearBelow: 10))
        let workshop = try await Workshop(profile: .classic, rules: [rule])
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1)
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        func comment(_ id: Int) -> String {
            var stream = WebhookStream(start: Self.start.adding(seconds: -65))
            stream.addComment(to: 1, id: id, text: bad)
            return stream.bodies[0]
        }
        let deletion = """
            {"timestamp": \(Self.start.milliseconds - 5000), "webhookEvent": "comment_deleted", "comment": {"id": "901"},
             "issue": {"id": "10001", "key": "PAY-1"}}
            """
        for body in [comment(901), deletion, comment(902)] {
            workshop.clock.now = workshop.clock.now.adding(seconds: 1)
            try await workshop.take([body])
            try await workshop.run { try await workshop.untilIdle() }
        }
        #expect(try await workshop.alerts().map(\.event) == [.raised, .resolved, .raised])
        #expect(try await workshop.store.figures(now: workshop.clock.now).parkedIssues == 0)
    }

    @Test func timeAloneRescoresAtTheInstantItMatters() async throws {
        let workshop = try await Workshop(profile: .classic)
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1)
        try await workshop.take(stream.bodies)
        try await workshop.run { try await workshop.untilIdle() }
        // One row as "To Do", one in progress.
        #expect(try await workshop.history().map(\.riskScore) == [0, 0])
        // Silent for more than 3 days, then 5, then (older than 7 too) …
        for (days, score) in [(3, 0), (4, 5), (6, 10), (8, 15), (11, 25)] {
            workshop.clock.now = Self.start.adding(days: days)
            try await workshop.run { try await workshop.untilIdle() }
            #expect(try await workshop.history().first?.riskScore == score, "after \(days) days")
        }
        // Only what changed the score is in the history.
        #expect(try await workshop.history().count == 6)
    }

    @Test(arguments: ["9000-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"])
    func anIssueFromAFarFutureIsScoredAndListed(_ instant: String) async throws {
        let workshop = try await Workshop(profile: .standard)
        try await workshop.take([
            """
            {"timestamp": \(Self.start.milliseconds), "webhookEvent": "jira:issue_created", "issue": {"id": "10001",
             "key": "PAY-1", "fields": {"created": "\(instant)", "updated": "\(instant)", "duedate": "9999-12-31",
             "summary": "Later", "priority": {"name": "High"}}}}
            """
        ])
        // Twice: the second look reads what the first has written.
        for _ in 0..<2 {
            try await workshop.run { try await workshop.untilIdle() }
            workshop.clock.now = workshop.clock.now.adding(days: 1)
            var stream = WebhookStream(start: workshop.clock.now)
            stream.addComment(to: 1, id: 5, text: "Soon.")
            try await workshop.take(stream.bodies)
        }
        let listed = try await workshop.store.issues(workshop.tenant, filter: IssueFilter(), after: nil, limit: 10)
        #expect(listed.items.map(\.issue.key) == ["PAY-1"])
        let figures = try await workshop.store.figures(now: workshop.clock.now)
        #expect(figures.parkedIssues == 0)
    }

    private func issueInSprint(_ status: String = #"{"name": "Open"}"#) -> String {
        """
        {"timestamp": \(Self.start.milliseconds - 5000), "webhookEvent": "jira:issue_created", "issue": {"id": "10001",
         "key": "PAY-1", "fields": {"created": "\(Self.start)", "updated": "\(Self.start)", "status": \(status),
         "customfield_10020": [{"id": 7, "name": "Sprint 7", "state": "active",
         "endDate": "\(Self.start.adding(seconds: 3600))"}]}}}
        """
    }

    private func sprintWebhook(_ event: String, secondsAgo: Int64, end: Timestamp = start.adding(days: 14)) -> String {
        """
        {"timestamp": \(Self.start.milliseconds - secondsAgo * 1000), "webhookEvent": "\(event)", "sprint": {"id": 7,
         "name": "Sprint 7", "endDate": "\(end)"}}
        """
    }

    @Test(arguments: ["sprint_closed", "sprint_started", "sprint_deleted"], [true, false])
    func aSprintWebhookMovesTheDeadlineOfItsIssues(_ event: String, comesFirst: Bool) async throws {
        let workshop = try await Workshop(profile: .standard)
        let webhook = sprintWebhook(event, secondsAgo: 1)
        if comesFirst { try await workshop.take([webhook]) }
        try await workshop.take([issueInSprint()])
        if !comesFirst {
            try await workshop.run { try await workshop.untilIdle() }
            // The sprint of the issue's own copy ends in an hour.
            #expect(try await workshop.history().first?.riskScore == 27)
            workshop.clock.now = workshop.clock.now.adding(seconds: 1)
            try await workshop.take([webhook])
        }
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await workshop.history().first?.riskScore == 0)
    }

    @Test func aSprintWebhookOlderThanTheIssuesCopyChangesNothing() async throws {
        let workshop = try await Workshop(profile: .standard)
        try await workshop.take([issueInSprint(), sprintWebhook("sprint_closed", secondsAgo: 60)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await workshop.history().map(\.riskScore) == [27])
    }

    @Test func aStatusIsDoneForTheListAsForTheScore() async throws {
        let workshop = try await Workshop(profile: .standard)
        // Jira Server before 6.2 names no category.
        try await workshop.take([issueInSprint(#"{"name": "Erledigt"}"#)])
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await workshop.history().map(\.riskScore) == [0])
        func listed(_ includesDone: Bool) async throws -> Int {
            try await workshop.store.issues(
                workshop.tenant, filter: IssueFilter(includesDone: includesDone), after: nil, limit: 10
            ).items.count
        }
        #expect(try await listed(false) == 0)
        #expect(try await listed(true) == 1)
    }

    @Test func waitsForAModelThatIsDownAndLosesNothing() async throws {
        let workshop = try await Workshop(profile: .classic)
        var stream = WebhookStream(start: Self.start.adding(seconds: -600))
        stream.addIssue(1, comments: [bad])
        workshop.classifier.isDown.withLock { $0 = true }
        try await workshop.take(stream.bodies)
        try await workshop.run {
            try await eventually("the failure is noted") {
                try await workshop.store.figures(now: workshop.clock.now).dueIssues == 0
            }
        }
        #expect(try await workshop.store.figures(now: workshop.clock.now).pendingEvents == stream.bodies.count)
        workshop.classifier.isDown.withLock { $0 = false }
        workshop.clock.now = workshop.clock.now.adding(seconds: 60)
        try await workshop.run { try await workshop.untilIdle() }
        #expect(try await workshop.history().first?.blockerCount == 1)
    }

    @Test func anIssueIsScoredAnewWhenWhatBlocksItChanges() async throws {
        let workshop = try await Workshop(profile: .standard)
        var stream = WebhookStream(start: Self.start.adding(seconds: -800))
        stream.addIssue(1)
        stream.addIssue(2)
        try await workshop.take(stream.bodies)
        try await workshop.take([
            """
            {"timestamp": \(Self.start.milliseconds - 1000), "webhookEvent": "issuelink_created", "issueLink": {
             "id": 77, "sourceIssueId": 10001, "destinationIssueId": 10002, "issueLinkType": {"id": 1, "name": "Blocks",
             "outwardName": "blocks", "inwardName": "is blocked by"}}}
            """
        ])
        try await workshop.run { try await workshop.untilIdle() }
        let before = try #require(try await workshop.history("PAY-2").first)
        #expect(before.blockerCount == 1)
        // PAY-1 gets into trouble; PAY-2 hears nothing from Jira.
        workshop.clock.now = workshop.clock.now.adding(seconds: 1)
        stream = WebhookStream(start: Self.start)
        for index in 0..<8 { stream.addComment(to: 1, id: 700 + index, text: bad + " \(index)") }
        try await workshop.take(stream.bodies)
        try await workshop.take([
            """
            {"timestamp": \(Self.start.milliseconds), "webhookEvent": "jira:issue_updated", "issue": {"id": "10001",
             "key": "PAY-1", "fields": {"summary": "Late", "created": "2026-09-21T14:00:00.000Z", "updated": "\(Self.start)",
             "duedate": "2025-09-01", "priority": {"name": "Highest"}, "status": {"name": "In Progress"}}}}
            """
        ])
        try await workshop.run {
            try await eventually("the risk is passed on") {
                try await workshop.history("PAY-2").first.map { $0.riskScore > before.riskScore } ?? false
            }
        }
    }
}
