public import Domain
import Foundation
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Claims due notifications from the outbox, sends them over their channel, and records how each ended (P7).
///
/// Like every worker it takes no input, only wake-ups. It waits for no delivery: each has a deadline of its own, a slot that
/// becomes free is filled at once, and tenants take turns (``DeliveryTurns``). At shutdown deliveries under way are finished,
/// or interrupted when the time for that is over; the rest stays in the outbox. A delivery whose outcome is unknown or could
/// not be recorded is sent again: at least once.
public struct AlertDeliverer: Service {
    /// What made the score of a raised alert's issue another since `told`, the alert of it that its channel had before, or since the
    /// analysis before it where that is nil; with the least that would lower it where that is wanted. Nil where the scores that the alerts
    /// name cannot be made again. Not asked of an alert that compares with neither.
    public typealias TellStory =
        @Sendable (_ alert: Alert, _ told: Alert?, _ wantsLeast: Bool) async throws -> AlertStory?

    /// Leases are extended while a delivery lasts; those of a node that died end after this.
    private static let leaseSeconds: Int64 = 60
    private static let dayInSeconds: Int64 = 86_400
    /// The longest that a failing channel is left alone, unless its receiver asks for more.
    private static let longestHoldSeconds: Int64 = 60
    /// How long a delivery waits whose channel cannot be decrypted.
    private static let sealedPauseSeconds: Int64 = 60
    /// How often, and how many days, a delivery waits for the confirmation of its address.
    private static let (confirmationPauseSeconds, confirmationDays): (Int64, Int) = (600, 7)

    /// How long deliveries that begin put off the look at ended silences and due repetitions.
    private static let longestPause = Duration.seconds(1)

    /// A retry delivers it once the plan has such channels.
    private static let planReason = "the tenant's plan has no \(PlanFeature.slackIntegration.words)"

    private let outbox: any AlertOutbox
    private let targets: SealedTargets
    private let sinks: [AlertChannel.Kind: any AlertSink]
    private let retry: RetryPolicy
    private let silences: SilenceRelease
    private let repeats: NotificationRepeats
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp
    private let onLoop: @Sendable () -> Void
    private let metrics: DeliveryMetrics
    private let logger: Logger
    private let outcomes: OutcomeWriter
    private let underWay = DeliveriesUnderWay()
    /// Wakes the loop when a delivery ends.
    private let wakeUp = Nudge()
    private let turns: DeliveryTurns
    private let recipients: MailRecipients?
    private let links: LinkMaker?
    private let stories: StoryTeller?
    private let enforcesPlans: Bool

    /// - Parameters:
    ///   - openTarget: decrypts a channel's target, which the outbox holds encrypted. A delivery whose target it cannot
    ///     open waits for the key: `/health` says so, and a channel that is entered again is opened by the present one.
    ///   - sealTarget: encrypts a single recipient of a channel for the outbox.
    ///   - sinks: a kind that is missing here cannot be delivered on this host, and its alerts say so.
    ///   - router: says where goes what ended silences kept back.
    ///   - recipients: what the owners of mail addresses say; nil to ask none.
    ///   - links: puts links into messages; nil for none.
    ///   - tellStory: says what changed the scores of a message; nil for what is stored with its alerts.
    ///   - enforcesPlans: whether nothing is sent to Slack and Teams for a tenant whose plan lacks that.
    ///   - nudges: wakes the deliverer at once; it also looks once a second.
    ///   - onLoop: called on every turn of the loop, also an idle one: the watchdog's proof of life. No turn waits for a
    ///     delivery.
    ///   - metrics: what is counted.
    public init(
        outbox: any AlertOutbox, openTarget: @escaping @Sendable (String) throws -> String,
        sealTarget: @escaping @Sendable (String) throws -> String,
        sinks: [AlertChannel.Kind: any AlertSink], retry: RetryPolicy, router: AlertRouter,
        recipients: MailRecipients? = nil, links: LinkMaker? = nil, enforcesPlans: Bool = false,
        tellStory: TellStory? = nil,
        nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp, onLoop: @escaping @Sendable () -> Void,
        metrics: DeliveryMetrics = DeliveryMetrics(), logger: Logger
    ) {
        self.init(
            outbox: outbox, targets: SealedTargets(open: openTarget, seal: sealTarget), sinks: sinks, retry: retry,
            router: router, turns: DeliveryTurns(), recipients: recipients, links: links,
            enforcesPlans: enforcesPlans, tellStory: tellStory, nudges: nudges, now: now, onLoop: onLoop,
            metrics: metrics, logger: logger)
    }

    init(
        outbox: any AlertOutbox, targets: SealedTargets, sinks: [AlertChannel.Kind: any AlertSink],
        retry: RetryPolicy, router: AlertRouter, turns: DeliveryTurns, recipients: MailRecipients? = nil,
        links: LinkMaker? = nil, enforcesPlans: Bool = false, tellStory: TellStory? = nil, nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp, onLoop: @escaping @Sendable () -> Void,
        metrics: DeliveryMetrics = DeliveryMetrics(), logger: Logger
    ) {
        silences = SilenceRelease(outbox: outbox, router: router, logger: logger)
        repeats = NotificationRepeats(outbox: outbox, router: router, logger: logger)
        self.outbox = outbox
        outcomes = OutcomeWriter(outbox)
        self.targets = targets
        self.sinks = sinks
        self.retry = retry
        self.turns = turns
        self.recipients = recipients
        self.links = links
        stories = tellStory.map { StoryTeller(tell: $0, logger: logger) }
        self.enforcesPlans = enforcesPlans
        self.nudges = nudges
        self.now = now
        self.onLoop = onLoop
        self.metrics = metrics
        self.logger = logger
    }

    /// Works until graceful shutdown.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            var lookedAt = ContinuousClock.now - Self.longestPause
            await WorkLoop.run(nudges: nudges, wakeUp.stream) {
                onLoop()
                await keepLeases()
                // What waits goes first; what silences and repetitions add goes out in the turn after. A delivery that begins puts
                // that off, for a second at most: its end wakes the loop again.
                if await fillSlots(), .now - lookedAt < Self.longestPause { return }
                lookedAt = .now
                let hasEnded = await silences.run(now: now())
                let hasRepeated = await repeats.run(now: now())
                if hasEnded || hasRepeated { wakeUp() }
            }
            group.addTask {
                // Fails only when cancelled: then all deliveries have ended or were interrupted.
                while (try? await Task.sleep(for: .seconds(Self.leaseSeconds / 4))) != nil { await keepLeases() }
            }
            await underWay.finish()
            group.cancelAll()
        }
    }

    // MARK: Turns

    /// What became of one look at what waits.
    private enum Filling {
        case nothing
        /// Each channel that waited has the one delivery that it may have; what came since is a wake-up of its own.
        case all
        /// Deliveries were begun, and more may wait.
        case more
    }

    /// Claims and begins deliveries until every slot is taken or no channel may have a turn. Whether any were begun.
    private func fillSlots() async -> Bool {
        var hasBegun = false
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                switch try await fillOnce() {
                case .nothing: return hasBegun
                case .all: return true
                case .more: hasBegun = true
                }
            } catch {
                logger.error("failed to claim notifications", metadata: ["error": "\(error)"])
                return hasBegun
            }
        }
        return hasBegun
    }

    private func fillOnce() async throws -> Filling {
        let load = underWay.load
        guard turns.hasRoom(load) else { return .nothing }
        let candidates = try await outbox.waitingChannels(now: now()).map(candidate)
        let plan = turns.plan(candidates, under: load)
        guard !plan.isEmpty else { return .nothing }
        let now = now()
        let leasedUntil = now.adding(seconds: Self.leaseSeconds)
        let claims = plan.map { id, limit in
            let pace = candidates.first { $0.waiting.channel.id == id && $0.isSerial }
                .flatMap { sinks[$0.waiting.channel.kind]?.pace }
            return DeliveryTurn(
                channelID: id, limit: limit,
                nextAt: pace.map { now.adding(milliseconds: Int64($0 / .milliseconds(1))) })
        }
        let items = try await outbox.claimDeliveries(claims, now: now, leaseUntil: leasedUntil)
        guard !Task.isShuttingDownGracefully, !Task.isCancelled else {
            await release(items)
            return .nothing
        }
        let waiting = Dictionary(candidates.map { ($0.waiting.channel.id, $0) }) { first, _ in first }
        for item in items {
            guard let candidate = waiting[item.channel.id] else { continue }
            underWay.add(
                item, tenantID: candidate.waiting.tenantID, peer: candidate.peer,
                slowAfter: sinks[item.channel.kind]?.slowAfter, leasedUntil: leasedUntil)
            begin(item)
        }
        guard !items.isEmpty else { return .nothing }
        return plan.count == candidates.count && candidates.allSatisfy(\.isSerial) ? .all : .more
    }

    private func candidate(_ waiting: WaitingChannel) -> DeliveryTurns.Candidate {
        let sink = sinks[waiting.channel.kind]
        return DeliveryTurns.Candidate(
            waiting: waiting, peer: sink.flatMap { targets.peer(of: waiting.channel, by: $0) },
            isSerial: sink?.pace != nil)
    }

    /// Not a child of the turn that begins it: no turn waits for a delivery. ``run()`` does, before it returns.
    private func begin(_ item: OutboxItem) {
        let pace = sinks[item.channel.kind]?.pace
        let task = Task {
            let start = ContinuousClock.now
            await deliver(item)
            underWay.remove(item)
            wakeUp()
            guard let pace else { return }
            // Fails when cancelled: the daemon ends, and nothing is to be sent next.
            try? await Task.sleep(until: start + pace, clock: .continuous)
            wakeUp()
        }
        underWay.keep(task, of: item)
    }

    private func keepLeases() async {
        let now = now()
        // A third of the lease is left for a store that does not answer at once.
        let items = underWay.leased(before: now.adding(seconds: Self.leaseSeconds * 2 / 3))
        guard !items.isEmpty else { return }
        let until = now.adding(seconds: Self.leaseSeconds)
        do {
            try await outbox.extendLeases(of: items, until: until)
            underWay.extended(items, until: until)
        } catch {
            logger.error("failed to extend the leases of notifications", metadata: ["error": "\(error)"])
        }
    }

    private func release(_ items: [OutboxItem]) async {
        guard !items.isEmpty else { return }
        do {
            try await outbox.release(items)
        } catch {
            logger.error(
                "failed to release notifications; retrying when their lease expires",
                metadata: ["error": "\(error)"])
        }
    }

    // MARK: One delivery

    private func deliver(_ claimed: OutboxItem) async {
        var item = claimed
        let end: End
        do {
            end = try await self.end(of: &item)
        } catch {
            logger.error(
                "failed to start a delivery; retrying when its lease expires",
                metadata: metadata(of: item).merging(["error": "\(error)"]) { $1 })
            return
        }
        let now = now()
        let outcome = outcome(of: end, item, now: now)
        metrics.count(outcome, over: item.channel.kind)
        log(outcome, of: item)
        let record = DeliveryRecord(
            item, outcome, endedAt: now, heldUntil: heldUntil(after: end, outcome, of: item, now: now))
        let write: @Sendable () async -> Void = {
            do {
                try await outcomes.record(record)
            } catch {
                logger.error(
                    "failed to record a delivery; it will be sent again",
                    metadata: metadata(of: record.item).merging(["error": "\(error)"]) { $1 })
            }
        }
        guard Task.isCancelled else { return await write() }
        // The process ends soon, and does not wait for a store that hangs. A task of its own, for this one is cancelled.
        await Task { _ = await Deadline.within(.seconds(3), write) }.value
    }

    private func outcome(of end: End, _ item: OutboxItem, now: Timestamp) -> DeliveryOutcome {
        switch end {
        case .attempted(.accepted): return .delivered
        case .attempted(.permanent(let reason)): return .dead(reason: reason)
        case .attempted(.transient(let reason, let seconds)):
            return retry.outcome(after: reason, of: item, retryAfterSeconds: seconds, now: now)
        case .sealed(let reason):
            return .postponed(until: now.adding(seconds: Self.sealedPauseSeconds), reason: reason)
        case .unsubscribed: return .unsubscribed
        case .unconfirmed:
            guard let since = item.notifyAt, since.adding(days: Self.confirmationDays) <= now else {
                let until = now.adding(seconds: Self.confirmationPauseSeconds)
                return .postponed(until: until, reason: MailRecipient.waitingReason)
            }
            return .dead(reason: "the recipient did not confirm the address within \(Self.confirmationDays) days")
        }
    }

    /// A receiver's Retry-After holds for its channel, not for one message alone. A channel that fails otherwise is left
    /// alone for a while too, so that the tenant's other channels go before it. A mail channel is not held: its peer is the
    /// host's relay, and what fails is one recipient.
    private func heldUntil(
        after end: End, _ outcome: DeliveryOutcome, of item: OutboxItem, now: Timestamp
    ) -> Timestamp? {
        guard sinks[item.channel.kind]?.pace != nil, !Task.isCancelled,
            case .attempted(.transient(_, let retryAfterSeconds)) = end
        else { return nil }
        if let retryAfterSeconds { return now.adding(seconds: min(retryAfterSeconds, Self.dayInSeconds)) }
        let longest = now.adding(seconds: Self.longestHoldSeconds)
        guard case .retry(let at, _) = outcome else { return longest }
        return min(at, longest)
    }

    private func log(_ outcome: DeliveryOutcome, of item: OutboxItem) {
        let metadata = metadata(of: item)
        switch outcome {
        case .delivered: logger.info("alert delivered", metadata: metadata)
        case .retry(let at, let reason):
            logger.warning(
                "delivery failed; retrying",
                metadata: metadata.merging(["reason": "\(reason)", "at": "\(at)"]) { $1 })
        case .unsubscribed: logger.info("alert not delivered: the recipient has unsubscribed", metadata: metadata)
        case .postponed(let until, let reason):
            logger.log(
                level: reason == MailRecipient.waitingReason ? .info : .error, "delivery deferred",
                metadata: metadata.merging(["reason": "\(reason)", "until": "\(until)"]) { $1 })
        case .dead(let reason):
            logger.error(
                "delivery failed permanently; moved to the dead letters",
                metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
    }

    private func metadata(of item: OutboxItem) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "delivery": "\(item.id)", "channel": "\(item.channel.id)",
            "alert": "\(item.alerts.map { "\($0.id)" }.joined(separator: " "))",
        ]
        if let alert = item.alerts.first { metadata["tenant"] = "\(alert.tenantID)" }
        let issues = item.alerts.compactMap(\.issue?.issueKey.rawValue)
        if !issues.isEmpty { metadata["issue"] = "\(issues.joined(separator: " "))" }
        return metadata
    }

    private enum End {
        case attempted(DeliveryAttempt)
        /// Nothing was tried. Unavailable, not absent: the key may come back.
        case sealed(reason: String)
        /// Nothing was tried. The owner of the address has not agreed yet, or wants no mail.
        case unconfirmed, unsubscribed

        static func permanent(_ reason: String) -> End { .attempted(.permanent(reason: reason)) }
    }

    /// What no configured key decrypts.
    private struct SealedTarget: Error {
        let reason: String

        init(_ what: String) { reason = "\(what) cannot be decrypted with the configured keys" }
    }

    private func end(of item: inout OutboxItem) async throws -> End {
        do {
            return try await attempt(&item)
        } catch let error as SealedTarget {
            return .sealed(reason: error.reason)
        }
    }

    /// Throws ``SealedTarget``, and what the store throws where a delivery is split by recipients.
    private func attempt(_ item: inout OutboxItem) async throws -> End {
        guard var channel = targets.opened(item.channel) else {
            throw SealedTarget("the channel's address")
        }
        guard let sink = sinks[channel.kind] else {
            return .permanent("\(channel.kind.rawValue) is not configured on this host")
        }
        guard channel.isEnabled else { return .permanent("the channel is disabled") }
        guard !enforcesPlans || item.planHasChat || !channel.kind.isChat else { return .permanent(Self.planReason) }
        // Only the end of the daemon in the middle of attempts leads here: otherwise the last one's failure says so.
        guard item.attempts < retry.attemptLimit else {
            return .permanent("gave up after \(item.attempts) attempts, the last of which had no outcome")
        }
        var recipientID: UUID?
        if let addresses = sink.recipients(of: channel) {
            switch try await recipient(of: &item, among: addresses) {
            case .one(let recipient):
                switch try await standing(of: recipient, on: channel, item) {
                case .unsubscribed: return .unsubscribed
                case .waiting: return .unconfirmed
                case .sealed: throw SealedTarget("a recipient of the channel")
                case .admitted(let id): recipientID = id
                case nil: break
                }
                channel.target = recipient
            case .none(let reason): return .permanent(reason)
            }
        }
        let shown = channel.showsRestricted ? item.alerts.map(\.forPrivileged) : item.alerts.map(\.forEverybody)
        var message = AlertMessage(shown, previous: item.previousAlerts, isRepeat: item.isRepeat)
        let now = now()
        if let links { message.links = links.links(of: item, recipientID: recipientID, now: now) }
        if let stories { message.stories = await stories.stories(for: message, to: channel) }
        return .attempted(await deliver(message, to: channel, by: sink, now: now))
    }

    private func standing(
        of address: String, on channel: AlertChannel, _ item: OutboxItem
    ) async throws -> MailRecipients.Standing? {
        guard let recipients, let tenantID = item.alerts.first?.tenantID else { return nil }
        return try await recipients.standing(of: address, on: channel, of: tenantID)
    }

    private func deliver(
        _ message: AlertMessage, to channel: AlertChannel, by sink: any AlertSink, now: Timestamp
    ) async -> DeliveryAttempt {
        let attempt = await Deadline.within(sink.longestDelivery) {
            await sink.deliver(message, to: channel, now: now)
        }
        if let attempt { return attempt }
        let reason =
            Task.isCancelled
            ? "the daemon ended meanwhile" : "no outcome within \(Int64(sink.longestDelivery / .seconds(1))) s"
        return .transient(reason: reason, retryAfterSeconds: nil)
    }

    private enum Recipient {
        case one(String)
        case none(reason: String)
    }

    /// For whom a delivery is. One that is for all recipients of its channel, as it is at first, becomes one for each.
    private func recipient(of item: inout OutboxItem, among recipients: [String]) async throws -> Recipient {
        if let sealed = item.recipient {
            guard let recipient = targets.opened(sealed) else { throw SealedTarget("the recipient") }
            guard recipients.contains(where: { $0.lowercased() == recipient.lowercased() }) else {
                return .none(reason: "the channel no longer has this recipient")
            }
            return .one(recipient)
        }
        guard let first = recipients.first else { return .none(reason: "the channel has no mail address") }
        let sealed = try recipients.map(targets.seal)
        if recipients.count > 1 {
            guard try await outbox.split(item, into: sealed) else { throw LeaseLost() }
            wakeUp()
        }
        // Recorded with the outcome.
        item.recipient = sealed[0]
        return .one(first)
    }

    private struct LeaseLost: Error, CustomStringConvertible {
        var description: String { "its lease was lost" }
    }
}
