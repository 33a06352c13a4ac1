import Domain
import Foundation
import Logging
import ServiceLifecycle
import StoreTestSupport
import TestSupport
import Testing

@testable public import Alerts
@testable public import Store

extension RiskStore: DigestStore {}

/// Digests of a real store, by workers whose clock the test moves.
@Suite struct DigestWorkerTests {
    /// A tenant with one issue of high risk and a channel with a daily digest at 08:00 UTC.
    private struct Situation {
        let fixture: StoreFixture
        let tenant: TenantID
        var channel: AlertChannel
        /// Monday, 12 October 2026, 12:00 UTC.
        let clock = SettableClock(Timestamp(seconds: 1_791_806_400))
        /// What the scorecards say, and how long they may take.
        var reviewRules: DigestComposer.RuleReviewer = { _ in [] }
        var reviewLimit = Duration.seconds(60)
        let log = CapturedLog()

        init(_ schedule: DigestSchedule = .init(every: .day, minute: 480, timeZone: "UTC"), score: Int = 80)
            async throws
        {
            fixture = try await StoreFixture()
            tenant = try await fixture.makeTenant()
            channel = AlertChannel(id: UUID(), kind: .slack, name: "leads", target: "sealed", digest: schedule)
            try await save(channel)
            let claim = try await fixture.claim("1", of: tenant, at: clock.now.adding(days: -3))
            let work = try await fixture.store.loadWork(for: claim)
            try await fixture.store.commit(
                StoreFixture.result(work, id: "1", score: score, now: clock.now.adding(days: -3)), for: claim)
        }

        func save(_ channel: AlertChannel) async throws {
            try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test"))
        }

        var composer: DigestComposer {
            DigestComposer(
                store: fixture.store, reviewRules: reviewRules, limit: reviewLimit,
                logger: Logger(label: "test", factory: { [log] _ in log }))
        }

        func worker(_ store: RiskStore? = nil) -> DigestWorker {
            DigestWorker(
                store: store ?? fixture.store, composer: composer, nudges: AsyncStream { $0.finish() },
                now: { [clock] in clock.now },
                onAlerts: {},
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        }

        /// Works on all that is due.
        func work() async {
            let worker = worker()
            while await worker.workOnNext() {}
        }

        /// The digests that were queued, the oldest first.
        func queued() async throws -> [DigestContent] {
            try await fixture.store.alerts(tenant, state: nil, issueKey: nil, after: nil, limit: 100).items.reversed()
                .compactMap(\.alert.digest)
        }

        func instants(_ column: String) async throws -> [Timestamp?] {
            try await fixture.store.driver.read { connection in
                try connection.query("SELECT \(column) FROM digest_schedules", []).map { try $0.optionalTimestamp(0) }
            }
        }
    }

    private func time(_ text: String) throws -> Timestamp { try #require(Timestamp(text)) }

    @Test func aNewScheduleBeginsWithTheNextInstant() async throws {
        let situation = try await Situation()
        await situation.work()
        #expect(try await situation.queued().isEmpty)
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-13T08:00:00Z")])
        situation.clock.now = try time("2026-10-13T07:59:59Z")
        await situation.work()
        #expect(try await situation.queued().isEmpty)
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        await situation.work()
        let digest = try #require(try await situation.queued().first)
        #expect(try digest.from == time("2026-10-12T08:00:00Z") && digest.to == situation.clock.now)
        #expect(digest.riskiest.map(\.key) == ["PAY-1"])
        await situation.work()
        #expect(try await situation.queued().count == 1)
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-14T08:00:00Z")])
    }

    @Test func itIsDeliveredAsAlertsAre() async throws {
        var situation = try await Situation()
        // Quiet all day, and silenced: neither holds it.
        situation.channel.quietHours = QuietHours(
            timeZone: "UTC", spans: [.init(weekdays: [1, 2, 3, 4, 5, 6, 7], from: 0, to: 1440)])
        try await situation.save(situation.channel)
        await situation.work()
        let store = situation.fixture.store
        try await store.addAlertSilence(
            situation.tenant,
            AlertSilence(
                id: UUID(), matchers: [AlertMatcher(name: .band, values: ["high"])], startsAt: situation.clock.now,
                endsAt: situation.clock.now.adding(days: 9), createdBy: "operator", reason: "x",
                createdAt: situation.clock.now),
            by: .system("test"))
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        await situation.work()
        let now = situation.clock.now
        func claim(at now: Timestamp) async throws -> OutboxItem? {
            try await store.claimDeliveries(limit: 1, now: now, leaseUntil: now.adding(seconds: 30)).first
        }
        let item = try #require(try await claim(at: now))
        #expect(item.channel.id == situation.channel.id && item.alerts.first?.kind == .digest)
        #expect(item.previousAlerts.isEmpty)
        try await store.record(.retry(at: now.adding(seconds: 60), reason: "503"), for: item, now: now)
        let again = try #require(try await claim(at: now.adding(seconds: 60)))
        try await store.record(.dead(reason: "gone"), for: again, now: now.adding(seconds: 60))
        let listed = try await store.alerts(situation.tenant, state: .dead, issueKey: nil, after: nil, limit: 9).items
        #expect(listed.map(\.alert.kind) == [.digest])
        #expect(listed.first?.deliveries.map(\.lastError) == ["gone"])
    }

    @Test func aHostThatWasDownSendsOneLateDigestOfAllThatTime() async throws {
        let situation = try await Situation()
        await situation.work()
        situation.clock.now = try time("2026-10-13T08:00:05Z")
        await situation.work()
        situation.clock.now = try time("2026-10-16T20:30:00Z")
        await situation.work()
        let digests = try await situation.queued()
        #expect(digests.count == 2)
        let late = try #require(digests.last)
        #expect(try late.from == time("2026-10-13T08:00:00Z"))
        #expect(try late.to == time("2026-10-16T08:00:00Z") && late.asOf == situation.clock.now)
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-17T08:00:00Z")])
    }

    /// Two nodes at the same instant, over and over: each digest once.
    @Test func twoNodesQueueEachDigestOnce() async throws {
        let situation = try await Situation()
        // SQLite takes one process; there they share the store.
        let second = StoreFixture.isShared ? try await situation.fixture.reopened() : situation.fixture.store
        let workers = [situation.worker(), situation.worker(second), situation.worker(), situation.worker(second)]
        for day in 0..<6 {
            situation.clock.now = try time("2026-10-13T08:00:00Z").adding(days: day - 1)
            await withTaskGroup(of: Void.self) { group in
                for worker in workers { group.addTask { while await worker.workOnNext() {} } }
            }
        }
        #expect(try await situation.queued().count == 5)
        if StoreFixture.isShared { try second.close() }
    }

    @Test func aClaimThatWasLostQueuesNothing() async throws {
        let situation = try await Situation()
        await situation.work()
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        let (store, now) = (situation.fixture.store, situation.clock.now)
        let lost = try #require(try await store.claimDigest(now: now, leaseUntil: now.adding(seconds: 120)))
        #expect(try await store.claimDigest(now: now, leaseUntil: now.adding(seconds: 120)) == nil)
        // Its node hung for longer than the lease.
        situation.clock.now = now.adding(seconds: 121)
        await situation.work()
        #expect(try await situation.queued().count == 1)
        let content = try await store.digestContent(
            DigestRequest(
                tenantID: situation.tenant, siteURL: "https://acme.example", every: .day, timeZone: "UTC", from: now,
                to: now.adding(days: 1), asOf: now.adding(days: 1)))
        let decision = DigestPlanner().decide(content, for: lost.channel, of: situation.tenant)
        let isQueued = try await store.finish(lost, nextDueAt: now, coveredUntil: now, decision)
        #expect(!isQueued)
        #expect(try await situation.queued().count == 1)
    }

    // MARK: Scorecards

    private static let weekly = DigestSchedule(every: .week, minute: 480, timeZone: "UTC", weekday: .tuesday)

    private static func line(_ name: String, raised: Int) -> DigestContent.RuleLine {
        DigestContent.RuleLine(
            name: name, advice: RuleAdvice(kind: .narrow, field: nil, value: nil, sentence: "Narrow “\(name)”."),
            raised: raised, precision: Proportion(1, of: 20), noise: Proportion(0, of: 9), recall: Proportion(0, of: 0))
    }

    /// The digest of Tuesday, of a situation with these scorecards.
    private func tuesday(
        _ schedule: DigestSchedule, score: Int = 80, limit: Duration = .seconds(60),
        reviewRules: @escaping DigestComposer.RuleReviewer
    ) async throws -> (digest: DigestContent?, log: [String]) {
        var situation = try await Situation(schedule, score: score)
        (situation.reviewRules, situation.reviewLimit) = (reviewRules, limit)
        await situation.work()
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        await situation.work()
        return (try await situation.queued().first, situation.log.lines)
    }

    @Test func aWeeklyDigestNamesTheRulesToChangeAndADailyOneAsksForNone() async throws {
        let lines = [Self.line("few", raised: 12), Self.line("many", raised: 90)]
        let weekly = try #require(try await tuesday(Self.weekly) { _ in lines }.digest)
        #expect(weekly.rules == DigestContent.RuleReview(lastDays: 90, changes: lines))
        #expect(weekly.rules?.changes.map(\.name) == ["many", "few"])
        let daily = try await tuesday(.init(every: .day, minute: 480, timeZone: "UTC")) { _ in lines }.digest
        #expect(daily != nil && daily?.rules == nil)
    }

    @Test func aRuleToChangeIsSomethingToReport() async throws {
        let quiet = try await tuesday(Self.weekly, score: 10) { _ in [] }.digest
        #expect(quiet == nil)
        let digest = try await tuesday(Self.weekly, score: 10) { _ in [Self.line("many", raised: 90)] }.digest
        #expect(digest?.isEmpty == false)
    }

    @Test func aDigestComesWithoutScorecardsThatFailOrTakeTooLong() async throws {
        let failed = try await tuesday(Self.weekly) { _ in throw StorageError(.unavailable, "disk full") }
        #expect(failed.digest?.riskiest.map(\.key) == ["PAY-1"])
        #expect(failed.digest?.rules?.failure == "the log of the host has the reason")
        #expect(failed.log.contains { $0.hasPrefix("error a digest has no scorecards") && $0.contains("disk full") })
        let slow = try await tuesday(Self.weekly, limit: .milliseconds(1)) { _ in
            try await Task.sleep(for: .seconds(3600))
            return [Self.line("many", raised: 90)]
        }
        #expect(slow.digest?.rules == DigestContent.RuleReview(lastDays: 90, failure: "they took too long"))
        #expect(slow.log.contains { $0.hasPrefix("error a digest has no scorecards") })
    }

    @Test func theEndOfTheDaemonBreaksScorecardsOffAndTheNextOneMakesTheDigest() async throws {
        var situation = try await Situation(Self.weekly)
        await situation.work()
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        let (begun, begin) = AsyncStream.makeStream(of: Void.self)
        situation.reviewRules = { _ in
            begin.yield()
            try await Task.sleep(for: .seconds(3600))
            return []
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [situation.worker()], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in begun { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(try await situation.queued().isEmpty)
        #expect(try await situation.instants("leased_until") == [nil])
        situation.reviewRules = { _ in [] }
        await situation.work()
        #expect(try await situation.queued().count == 1)
    }

    // MARK: Schedules

    @Test func nothingToReportSendsNothingUnlessALineIsWanted() async throws {
        var situation = try await Situation(score: 10)
        await situation.work()
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        await situation.work()
        #expect(try await situation.queued().isEmpty)
        #expect(try await situation.instants("covered_until") == [situation.clock.now])
        situation.channel.digest?.saysWhenEmpty = true
        try await situation.save(situation.channel)
        await situation.work()
        situation.clock.now = try time("2026-10-14T08:00:00Z")
        await situation.work()
        let digest = try #require(try await situation.queued().first)
        #expect(try digest.isEmpty && digest.from == time("2026-10-13T08:00:00Z"))
    }

    @Test func onlyAnotherScheduleOrAnEndOfDisablingBeginsAgain() async throws {
        var situation = try await Situation()
        await situation.work()
        situation.channel.name = "leads 2"
        try await situation.save(situation.channel)
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-13T08:00:00Z")])
        // Disabled for days: nothing is made up for.
        situation.channel.isEnabled = false
        try await situation.save(situation.channel)
        situation.clock.now = try time("2026-10-15T12:00:00Z")
        await situation.work()
        #expect(try await situation.queued().isEmpty)
        situation.channel.isEnabled = true
        try await situation.save(situation.channel)
        await situation.work()
        #expect(try await situation.queued().isEmpty)
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-16T08:00:00Z")])
        situation.channel.digest?.minute = 13 * 60
        try await situation.save(situation.channel)
        await situation.work()
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-15T13:00:00Z")])
        situation.channel.digest = nil
        try await situation.save(situation.channel)
        #expect(try await situation.instants("next_due_at").isEmpty)
    }

    @Test func aScheduleThatCannotBeReadDelaysNoOther() async throws {
        let situation = try await Situation()
        var broken = situation.channel
        (broken.id, broken.name) = (UUID(), "broken")
        try await situation.save(broken)
        await situation.work()
        let id = broken.id
        try await situation.fixture.store.driver.write { connection in
            try connection.run("UPDATE alert_channels SET digest_json = '{}' WHERE id = ?", [.uuid(id)])
            // It is the first whose turn it is.
            try connection.run(
                "UPDATE digest_schedules SET next_due_at = ? WHERE channel_id = ?",
                [.timestamp(Timestamp(seconds: 0)), .uuid(id)])
        }
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        // Two looks of the worker, a second apart.
        for _ in 0..<2 { await situation.work() }
        #expect(try await situation.queued().count == 1)
        try await situation.save(broken)
        await situation.work()
        let next = try time("2026-10-14T08:00:00Z")
        #expect(try await situation.instants("next_due_at") == [next, next])
    }

    @Test func aDeletedChannelTakesItsScheduleWithIt() async throws {
        let situation = try await Situation()
        _ = try await situation.fixture.store.deleteAlertChannel(
            situation.tenant, channelID: situation.channel.id, by: .system("test"))
        #expect(try await situation.instants("next_due_at").isEmpty)
    }

    @Test func aClockThatWasWrongLeavesNoDigestInTheFuture() async throws {
        let situation = try await Situation()
        await situation.work()
        let now = situation.clock.now
        situation.clock.now = now.adding(days: 400)
        await situation.work()
        let before = try await situation.queued().count
        situation.clock.now = now
        let changed = try await situation.fixture.store.bringBackFutureInstants(now: now, isSuspected: true)
        #expect(changed > 0)
        await situation.work()
        #expect(try await situation.queued().count == before, "nothing is sent for it")
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-13T08:00:00Z")])
        situation.clock.now = try time("2026-10-13T08:00:00Z")
        await situation.work()
        #expect(try await situation.queued().count == before + 1)
    }

    @Test func oneThatIsAskedForComesAtOnceAndLeavesTheScheduleAlone() async throws {
        let situation = try await Situation(score: 10)
        await situation.work()
        let (clock, store) = (situation.clock, situation.fixture.store)
        let tenant = try #require(try await store.tenant(situation.tenant))
        let digests = Digests(store: store, composer: situation.composer, now: { clock.now })
        let id = try await digests.queue(for: situation.channel, of: tenant, by: .system("test"))
        #expect(id != nil)
        let again = try await digests.queue(for: situation.channel, of: tenant, by: .system("test"))
        #expect(again == nil, "within ten seconds")
        let digest = try #require(try await situation.queued().first)
        #expect(digest.isRequested && digest.isEmpty && digest.to == clock.now)
        #expect(try digest.from == time("2026-10-12T08:00:00Z"))
        #expect(try await situation.instants("next_due_at") == [try time("2026-10-13T08:00:00Z")])
    }
}
