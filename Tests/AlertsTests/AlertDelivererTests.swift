import Domain
import Foundation
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Alerts

/// The seam to the store, whose outbox has tests of its own.
private actor MemoryOutbox: AlertOutbox {
    private var waiting: [OutboxItem]
    private(set) var outcomes: [UUID: [DeliveryOutcome]] = [:]
    let clock: SettableClock

    init(_ items: [OutboxItem], clock: SettableClock) {
        waiting = items
        self.clock = clock
    }

    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) -> [OutboxItem] {
        defer { waiting.removeFirst(min(limit, waiting.count)) }
        return Array(waiting.prefix(limit))
    }

    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) {
        outcomes[item.id, default: []].append(outcome)
        guard case .retry(let at, _) = outcome else { return }
        // Time flies: the retry is due at once.
        clock.now = max(clock.now, at)
        var next = item
        next.attempts += 1
        waiting.append(next)
    }

    private(set) var released: [UUID] = []
    func release(_ items: [OutboxItem]) {
        released += items.map(\.id)
        waiting += items
    }

    var total: Int { outcomes.values.map(\.count).reduce(0, +) }
}

/// Answers as scripted, then accepts.
private actor ScriptedSink: AlertSink {
    private var script: [DeliveryAttempt]
    private(set) var delivered: [UUID] = []
    private(set) var targets: Set<String> = []
    /// Called in the middle of each delivery.
    private var interruption: @Sendable () async throws -> Void = {}
    init(_ script: [DeliveryAttempt]) { self.script = script }

    func interrupt(by interruption: @escaping @Sendable () async throws -> Void) { self.interruption = interruption }

    func deliver(_ alert: Alert, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        do { try await interruption() } catch { Issue.record(error) }
        let answer = script.isEmpty ? .accepted : script.removeFirst()
        targets.insert(channel.target)
        if answer == .accepted { delivered.append(alert.id) }
        return answer
    }
}

@Suite struct AlertDelivererTests {
    private let start = Timestamp(seconds: 1_790_000_000)

    private func item(_ kind: AlertChannel.Kind = .slack) -> OutboxItem {
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let alert = AlertPlanner().decide(
            tenantID: TenantID(UUID()), siteURL: "https://acme.atlassian.net", issue: AlertSample.issue(),
            analysis: AlertSample.analysis(score: 80), previous: nil, recentScores: [], rules: [rule], states: [],
            now: start
        ).alerts[0]
        return OutboxItem(
            id: UUID(), alerts: [alert],
            channel: AlertChannel(id: UUID(), kind: kind, name: "team", target: "sealed:target"),
            attempts: 0, leaseToken: "lease")
    }

    /// Opens what was sealed with the key that is configured.
    @Sendable private static func open(_ target: String) throws -> String {
        struct NoKey: Error {}
        guard target.hasPrefix("sealed:") else { throw NoKey() }
        return String(target.dropFirst("sealed:".count))
    }

    /// Runs the real deliverer in a service group until `outcomes` are recorded, then shuts down gracefully.
    private func run(
        _ items: [OutboxItem], sink: ScriptedSink, policy: RetryPolicy = RetryPolicy(), until outcomes: Int
    ) async throws -> [UUID: [DeliveryOutcome]] {
        try await run(MemoryOutbox(items, clock: SettableClock(start)), sink: sink, policy: policy, until: outcomes)
            .outcomes
    }

    private func run(
        _ outbox: MemoryOutbox, sink: ScriptedSink, policy: RetryPolicy = RetryPolicy(), until outcomes: Int
    ) async throws -> MemoryOutbox {
        let clock = outbox.clock
        let (nudges, _) = AsyncStream.makeStream(of: Void.self)
        let deliverer = AlertDeliverer(
            outbox: outbox, openTarget: Self.open, sinks: [.slack: sink], retry: policy, nudges: nudges,
            now: { clock.now }, onLoop: {},
            logger: Logger(label: "test"))
        let group = ServiceGroup(
            configuration: .init(services: [deliverer], gracefulShutdownSignals: [], logger: Logger(label: "test")))
        if outcomes == 0 {
            await sink.interrupt {
                await group.triggerGracefulShutdown()
                // The news takes a while to reach the services.
                try await eventually("the delivery hears of it") { Task.isShuttingDownGracefully }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // Without outcomes to wait for, the first delivery is to shut the group down.
            if outcomes == 0 { try await tasks.waitForAll() }
            try await eventually("\(outcomes) outcomes are recorded") { await outbox.total >= outcomes }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        return outbox
    }

    @Test func recordsADelivery() async throws {
        let (item, sink) = (item(), ScriptedSink([]))
        #expect(try await run([item], sink: sink, until: 1) == [item.id: [.delivered]])
        #expect(await sink.delivered == item.alerts.map(\.id))
    }

    @Test func triesAgainAfterATransientFailure() async throws {
        let (item, sink) = (item(), ScriptedSink([.transient(reason: "503", retryAfterSeconds: nil)]))
        let outcomes = try await run([item], sink: sink, until: 2)[item.id]
        #expect(outcomes?.last == .delivered)
        guard case .retry(let at, "503")? = outcomes?.first else {
            Issue.record("no retry: \(String(describing: outcomes))")
            return
        }
        #expect((15...19).contains((at.milliseconds - start.milliseconds) / 1000))
    }

    @Test func waitsAtLeastAsLongAsTheReceiverAsks() async throws {
        let (item, sink) = (item(), ScriptedSink([.transient(reason: "429", retryAfterSeconds: 600)]))
        let outcomes = try await run([item], sink: sink, until: 2)[item.id]
        #expect(outcomes?.first == .retry(at: start.adding(seconds: 600), reason: "429"))
    }

    @Test func aPermanentFailureIsADeadLetterAtOnce() async throws {
        let (item, sink) = (item(), ScriptedSink([.permanent(reason: "channel_not_found")]))
        #expect(try await run([item], sink: sink, until: 1)[item.id] == [.dead(reason: "channel_not_found")])
    }

    @Test func givesUpAfterTheLastAttemptAndSaysWhy() async throws {
        let failures = Array(repeating: DeliveryAttempt.transient(reason: "500", retryAfterSeconds: nil), count: 9)
        let item = item()
        let outcomes = try await run(
            [item], sink: ScriptedSink(failures), policy: RetryPolicy(attemptLimit: 3), until: 3)[item.id]
        #expect(outcomes?.count == 3)
        #expect(outcomes?.last == .dead(reason: "gave up after 3 attempts: 500"))
    }

    @Test func aTargetThatNoKeyOpensWaitsForItsKeyAndTheOthersAreDelivered() async throws {
        let (good, sink) = (item(), ScriptedSink([]))
        var lost = item()
        lost.channel.target = "of a key that is gone"
        let outcomes = try await run([lost, good], sink: sink, until: 2)
        #expect(
            outcomes == [
                lost.id: [
                    .postponed(
                        until: start.adding(seconds: 60),
                        reason: "the channel's address cannot be decrypted with the configured keys")
                ],
                good.id: [.delivered],
            ])
        #expect(await sink.targets == ["target"])
    }

    @Test func aKindThatIsNotConfiguredIsADeadLetterWithTheReason() async throws {
        let item = item(.email)
        let outcomes = try await run([item], sink: ScriptedSink([]), until: 1)[item.id]
        #expect(outcomes == [.dead(reason: "email is not configured on this host")])
    }

    @Test func shutdownFinishesTheDeliveryInHandAndGivesTheRestBack() async throws {
        var items = [item(), item(), item()]
        for index in items.indices { items[index].channel = items[0].channel }
        let outbox = try await run(
            MemoryOutbox(items, clock: SettableClock(start)), sink: ScriptedSink([]), until: 0)
        #expect(await outbox.outcomes == [items[0].id: [.delivered]])
        #expect(await outbox.released == [items[1].id, items[2].id])
    }

    @Test func aChannelInTroubleIsLeftAfterOneAttemptForTheOthersToHaveTheirs() async throws {
        var items = [item(), item()]
        items[1].channel = items[0].channel
        let sink = ScriptedSink([.transient(reason: "no answer", retryAfterSeconds: nil)])
        let outbox = try await run(MemoryOutbox(items, clock: SettableClock(start)), sink: sink, until: 3)
        #expect(await outbox.released == [items[1].id])
        #expect(await outbox.outcomes.values.allSatisfy { $0.last == .delivered })
    }

    @Test func aDeliveryThatNeverHasAnOutcomeIsGivenUp() async throws {
        var item = item()
        item.attempts = 3
        let sink = ScriptedSink([])
        let outcomes = try await run([item], sink: sink, policy: RetryPolicy(attemptLimit: 3), until: 1)[item.id]
        #expect(outcomes == [.dead(reason: "gave up after 3 attempts, the last of which had no outcome")])
        #expect(await sink.delivered.isEmpty)
    }

    @Test func pausesGrowAndStayBounded() {
        let policy = RetryPolicy(attemptLimit: 100, firstPauseSeconds: 10, longestPauseSeconds: 1000)
        var item = item()
        var last: Int64 = 0
        for attempts in 0..<90 {
            item.attempts = attempts
            guard case .retry(let at, _) = policy.outcome(after: "x", of: item, retryAfterSeconds: nil, now: start)
            else {
                Issue.record("gave up too early")
                return
            }
            let pause = (at.milliseconds - start.milliseconds) / 1000
            #expect(pause <= 1250)
            if attempts < 6 { #expect(pause > last) }
            last = pause
        }
    }
}
