import Domain
import Foundation
import Logging
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import Alerts

/// Answers as scripted, then accepts.
private actor ScriptedSink: AlertSink {
    nonisolated let longestDelivery = Duration.seconds(60)
    nonisolated let slowAfter: Duration? = nil
    nonisolated let pace: Duration? = .milliseconds(1)
    private var script: [DeliveryAttempt]
    private(set) var delivered: [UUID] = []
    private(set) var targets: Set<String> = []
    /// Called in the middle of each delivery.
    private var interruption: @Sendable () async throws -> Void = {}
    init(_ script: [DeliveryAttempt]) { self.script = script }

    func interrupt(by interruption: @escaping @Sendable () async throws -> Void) { self.interruption = interruption }

    nonisolated func peer(of channel: AlertChannel) -> String { "hooks.example" }
    nonisolated func recipients(of channel: AlertChannel) -> [String]? { nil }

    func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        do { try await interruption() } catch { Issue.record(error) }
        let answer = script.isEmpty ? .accepted : script.removeFirst()
        targets.insert(channel.target)
        if answer == .accepted { delivered.append(message.lead.id) }
        return answer
    }
}

/// Mail: lists of recipients, several deliveries at once, which wait as long as a target says.
private actor MailingSink: AlertSink {
    nonisolated let longestDelivery: Duration
    nonisolated let slowAfter: Duration?
    nonisolated let pace: Duration? = nil
    private(set) var reached: [String] = []
    /// From the end of each delivery that ended to the beginning of the next one.
    private(set) var pauses: [Duration] = []
    private var lastEnd: ContinuousClock.Instant?
    /// Deliveries to targets that hold this word never end, and care for no cancellation.
    static let hanging = "hang"

    init(longestDelivery: Duration = .seconds(60), slowAfter: Duration? = nil) {
        self.longestDelivery = longestDelivery
        self.slowAfter = slowAfter
    }

    nonisolated func peer(of channel: AlertChannel) -> String {
        channel.target.split(separator: "@").last.map(String.init) ?? ""
    }

    nonisolated func recipients(of channel: AlertChannel) -> [String]? {
        channel.target.split(separator: ",").map(String.init)
    }

    func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        reached.append(channel.target)
        if let lastEnd { pauses.append(ContinuousClock.now - lastEnd) }
        defer { lastEnd = .now }
        // No more than a test takes, for what never ends would end nowhere.
        if channel.target.contains(Self.hanging) { await Self.wait(.seconds(120)) }
        if channel.target.contains("unknown") { return .permanent(reason: "550") }
        return .accepted
    }

    private static func wait(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(duration / .seconds(1)))) {
                continuation.resume()
            }
        }
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

    /// A delivery by mail, of a tenant of its own.
    private func mail(to recipients: String, of tenant: TenantID = TenantID(UUID())) -> OutboxItem {
        var item = item(.email)
        item.alerts[0].tenantID = tenant
        item.channel.target = "sealed:\(recipients)"
        return item
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
        let outbox = MemoryOutbox(items, clock: SettableClock(start))
        try await run(outbox, [.slack: sink], policy: policy) { await outbox.total >= outcomes }
        return await outbox.outcomes
    }

    private func group(
        _ outbox: MemoryOutbox, _ sinks: [AlertChannel.Kind: any AlertSink], policy: RetryPolicy = RetryPolicy(),
        turns: DeliveryTurns = DeliveryTurns(), onLoop: @escaping @Sendable () -> Void = {}
    ) -> ServiceGroup {
        let clock = outbox.clock
        let (nudges, _) = AsyncStream.makeStream(of: Void.self)
        let deliverer = AlertDeliverer(
            outbox: outbox, targets: SealedTargets(open: Self.open, seal: { "sealed:\($0)" }), sinks: sinks,
            retry: policy, router: AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)), turns: turns,
            nudges: nudges, now: { clock.now }, onLoop: onLoop,
            logger: Logger(label: "test"))
        var configuration = ServiceGroupConfiguration(
            services: [deliverer], gracefulShutdownSignals: [], logger: Logger(label: "test"))
        configuration.maximumGracefulShutdownDuration = .seconds(1)
        return ServiceGroup(configuration: configuration)
    }

    /// Runs the real deliverer until `condition` holds, and shuts it down.
    private func run(
        _ outbox: MemoryOutbox, _ sinks: [AlertChannel.Kind: any AlertSink], policy: RetryPolicy = RetryPolicy(),
        turns: DeliveryTurns = DeliveryTurns(), onLoop: @escaping @Sendable () -> Void = {},
        until condition: @escaping @Sendable () async throws -> Bool
    ) async throws {
        let group = group(outbox, sinks, policy: policy, turns: turns, onLoop: onLoop)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // Whatever comes of it, the group ends.
            let failure = await Result.catching { try await eventually("it is as expected", condition) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try failure.get()
        }
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

    @Test func shutdownFinishesTheDeliveryInHandAndLeavesTheRest() async throws {
        var items = [item(), item(), item()]
        for index in items.indices { items[index].channel = items[0].channel }
        let (outbox, sink) = (MemoryOutbox(items, clock: SettableClock(start)), ScriptedSink([]))
        let group = group(outbox, [.slack: sink])
        await sink.interrupt {
            await group.triggerGracefulShutdown()
            // The news takes a while to reach the services.
            try await eventually("the delivery hears of it") { Task.isShuttingDownGracefully }
        }
        try await group.run()
        #expect(await outbox.outcomes == [items[0].id: [.delivered]])
        #expect(await outbox.waitingChannels(now: start).count == 1)
    }

    /// Whoever asks for a pause asks for one of the channel, and one that fails goes behind the others.
    @Test func aReceiversPauseHoldsForAllDeliveriesOfTheChannel() async throws {
        for (seconds, held) in [(Int64(600), Int64(600)...600), (3_000_000, 86_400...86_400)] {
            let item = item()
            let sink = ScriptedSink([.transient(reason: "429", retryAfterSeconds: seconds)])
            let outbox = MemoryOutbox([item], clock: SettableClock(start))
            try await run(outbox, [.slack: sink]) { await outbox.total == 2 }
            let until = try #require(await outbox.holds[item.channel.id])
            #expect(held.contains((until.milliseconds - start.milliseconds) / 1000))
        }
        let item = item()
        let outbox = MemoryOutbox([item], clock: SettableClock(start))
        let sink = ScriptedSink([.transient(reason: "no answer", retryAfterSeconds: nil)])
        try await run(outbox, [.slack: sink]) { await outbox.total == 2 }
        let until = try #require(await outbox.holds[item.channel.id])
        #expect((15...60).contains((until.milliseconds - start.milliseconds) / 1000))
    }

    // MARK: Deadlines

    /// No sink's own word bounds the worker.
    @Test func aSinkThatNeverEndsCostsItsDeliveryItsDeadlineAndNobodyElseAnything() async throws {
        let (slow, good) = (mail(to: "hang@slow.example"), mail(to: "ana@good.example"))
        let sink = MailingSink(longestDelivery: .milliseconds(200))
        let outbox = MemoryOutbox([slow, good], clock: SettableClock(start))
        let loops = Mutex(0)
        try await run(
            outbox, [.email: sink], policy: RetryPolicy(attemptLimit: 1), onLoop: { loops.withLock { $0 += 1 } }
        ) { await outbox.total == 2 }
        let outcomes = await outbox.outcomes
        #expect(outcomes[good.id] == [.delivered])
        #expect(outcomes[slow.id] == [.dead(reason: "gave up after 1 attempts: no outcome within 0 s")])
        #expect(loops.withLock { $0 } > 1)
    }

    @Test func theLoopGoesOnWhileADeliveryLasts() async throws {
        let outbox = MemoryOutbox([mail(to: "hang@slow.example")], clock: SettableClock(start))
        let loops = Mutex(0)
        try await run(outbox, [.email: MailingSink()], onLoop: { loops.withLock { $0 += 1 } }) {
            loops.withLock { $0 } > 3
        }
    }

    @Test func silencesAndRepetitionsAreLookedAtWhileDeliveriesBeginAndLast() async throws {
        let items = (0..<50).map { _ in item() }
        let outbox = MemoryOutbox(items + [mail(to: "hang@slow.example")], clock: SettableClock(start))
        try await run(outbox, [.slack: ScriptedSink([]), .email: MailingSink()]) {
            let looks = await outbox.looks
            return await outbox.total == items.count && min(looks.silences, looks.repeats) > 2
        }
    }

    @Test func leasesAreExtendedWhileADeliveryLasts() async throws {
        let item = mail(to: "hang@slow.example")
        let (outbox, sink) = (MemoryOutbox([item], clock: SettableClock(start)), MailingSink())
        try await run(outbox, [.email: sink]) {
            if await sink.reached.isEmpty { return false }
            outbox.clock.now = outbox.clock.now.adding(seconds: 10)
            return await outbox.extensions[item.id, default: 0] > 2
        }
    }

    @Test func shutdownBreaksOffWhatDoesNotEndAndQueuesItAgain() async throws {
        let item = mail(to: "hang@slow.example")
        let (outbox, sink) = (MemoryOutbox([item], clock: SettableClock(start)), MailingSink())
        let begin = ContinuousClock.now
        try await run(outbox, [.email: sink]) { await !sink.reached.isEmpty }
        #expect(ContinuousClock.now - begin < .seconds(90))
        guard case .retry(_, "the daemon ended meanwhile")? = await outbox.outcomes[item.id]?.last else {
            Issue.record("\(await outbox.outcomes)")
            return
        }
    }

    // MARK: Turns

    @Test func oneTenantsHangingChannelsHoldUpNoOtherTenant() async throws {
        let tenant = TenantID(UUID())
        let hanging = (0..<80).map { mail(to: "hang@host\($0).example", of: tenant) }
        let good = mail(to: "ana@good.example")
        let (outbox, sink) = (MemoryOutbox(hanging + [good], clock: SettableClock(start)), MailingSink())
        try await run(outbox, [.email: sink]) { await outbox.total == 1 }
        #expect(await outbox.outcomes[good.id] == [.delivered])
        #expect(await sink.reached.count == 1 + DeliveryTurns.Limits().perTenant)
    }

    @Test func aHostThatDoesNotAnswerTakesAFewSlotsOnly() async throws {
        let hanging = (0..<80).map { mail(to: "hang\($0)@slow.example") }
        let good = mail(to: "ana@good.example")
        let (outbox, sink) = (MemoryOutbox(hanging + [good], clock: SettableClock(start)), MailingSink())
        try await run(outbox, [.email: sink]) { await outbox.total == 1 }
        #expect(await outbox.outcomes[good.id] == [.delivered])
        #expect(await sink.reached.count == 1 + DeliveryTurns.Limits().perPeer)
    }

    /// A relay that looks into some mails for minutes works on others meanwhile.
    @Test func whatIsWaitedForByItselfTakesNoPlaceOfItsPeer() async throws {
        let hanging = (0..<40).map { mail(to: "hang\($0)@relay.example") }
        let good = mail(to: "ana@relay.example")
        let outbox = MemoryOutbox(hanging + [good], clock: SettableClock(start))
        try await run(outbox, [.email: MailingSink(slowAfter: .milliseconds(10))]) { await outbox.total == 1 }
        #expect(await outbox.outcomes[good.id] == [.delivered])
    }

    /// No waiting for others that were claimed with it.
    @Test func aFreeSlotIsFilledAtOnce() async throws {
        var turns = DeliveryTurns()
        turns.limits.total = 2
        let hanging = mail(to: "hang@slow.example")
        let good = (0..<100).map { _ in mail(to: "ana@good.example") }
        let (outbox, sink) = (MemoryOutbox([hanging] + good, clock: SettableClock(start)), MailingSink())
        try await run(outbox, [.email: sink], turns: turns) { await outbox.total == 100 }
        // One after the other through the one slot. The loop looks once a second: had each waited for its next look, the
        // shortest pause would be a second too. A busy machine makes pauses longer, never all of them.
        let shortest = await sink.pauses.min()
        #expect(try #require(shortest) < .milliseconds(500))
    }

    // MARK: Recipients

    @Test func eachRecipientHasADeliveryOfItsOwn() async throws {
        let item = mail(to: "ana@a.example,unknown@a.example,ben@a.example")
        let (outbox, sink) = (MemoryOutbox([item], clock: SettableClock(start)), MailingSink())
        try await run(outbox, [.email: sink]) { await outbox.total == 3 }
        #expect(await sink.reached.sorted() == ["ana@a.example", "ben@a.example", "unknown@a.example"])
        let recipients = await outbox.recipients
        for (id, outcomes) in await outbox.outcomes {
            let isUnknown = recipients[id] == "sealed:unknown@a.example"
            #expect(outcomes == [isUnknown ? .dead(reason: "550") : .delivered])
        }
    }

    @Test func aRecipientThatTheChannelHasNoMoreIsADeadLetter() async throws {
        var (gone, kept) = (mail(to: "ana@a.example"), mail(to: "Ana@a.example"))
        gone.recipient = "sealed:ben@a.example"
        kept.recipient = "sealed:ana@a.example"
        let outbox = MemoryOutbox([gone, kept], clock: SettableClock(start))
        try await run(outbox, [.email: MailingSink()]) { await outbox.total == 2 }
        #expect(
            await outbox.outcomes == [
                gone.id: [.dead(reason: "the channel no longer has this recipient")], kept.id: [.delivered],
            ])
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

extension Result where Failure == any Error {
    /// The outcome of an asynchronous operation as a value.
    fileprivate static func catching(_ body: () async throws -> Success) async -> Self {
        do { return .success(try await body()) } catch { return .failure(error) }
    }
}
