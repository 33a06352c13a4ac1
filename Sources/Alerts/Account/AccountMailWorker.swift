public import Domain
import Foundation
public import Logging
public import ServiceLifecycle
import Synchronization
import WorkLoop

/// Decides which mails about accounts are due, keeps each once, and sends those that are kept. Like every worker it takes no
/// input and may be killed at any instant: what it has decided is a row.
public struct AccountMailWorker: Service, CustomStringConvertible {
    /// Longer than a mail may take.
    private static let leaseSeconds: Int64 = 900
    private static let (batchSize, concurrency) = (20, 4)
    /// Tenants looked at in one transaction.
    private static let pageSize = 100

    private let store: any AccountMailOutbox
    private let planner: AccountMailPlanner
    private let mail: EmailSink
    private let links: LinkMaker
    private let sells: Bool
    private let retry: RetryPolicy
    private let interval: Duration
    private let nudges: AsyncStream<Void>
    private let now: @Sendable () -> Timestamp?
    private let metrics: AccountMailMetrics
    private let logger: Logger

    /// - Parameters:
    ///   - planner: says which mails are due.
    ///   - links: makes the addresses of the dashboard, and of the link that switches mails off.
    ///   - sells: whether owners can buy plans by themselves.
    ///   - interval: between two looks at all tenants.
    ///   - nudges: wakes it at once; it also looks for what is kept every five seconds.
    ///   - now: the trusted clock; nil while it is not trusted. Then nothing is decided and nothing is sent (P12).
    public init(
        store: any AccountMailOutbox, planner: AccountMailPlanner, mail: EmailSink, links: LinkMaker,
        sells: Bool = false, retry: RetryPolicy, interval: Duration, nudges: AsyncStream<Void>,
        now: @escaping @Sendable () -> Timestamp?,
        metrics: AccountMailMetrics = AccountMailMetrics(), logger: Logger
    ) {
        self.store = store
        self.planner = planner
        self.mail = mail
        self.links = links
        self.sells = sells
        self.retry = retry
        self.interval = interval
        self.nudges = nudges
        self.now = now
        self.metrics = metrics
        self.logger = logger
    }

    /// Services are logged with all they hold.
    public var description: String { "AccountMailWorker" }

    /// Works until graceful shutdown.
    public func run() async throws {
        let plannedAt = Mutex<ContinuousClock.Instant?>(nil)
        await WorkLoop.run(every: .seconds(5), nudges: nudges) {
            guard now() != nil else { return }
            if plannedAt.withLock({ $0.map { .now - $0 >= interval } ?? true }) {
                await plan()
                plannedAt.withLock { $0 = .now }
            }
            await sendDue()
        }
    }

    // MARK: Deciding

    /// Looks at all tenants once, and keeps what is due.
    func plan() async {
        var after: TenantID?
        do {
            while !Task.isShuttingDownGracefully, !Task.isCancelled, let instant = now() {
                let page = try await store.accountMailFacts(
                    now: instant, after: after, limit: Self.pageSize, withSetUp: planner.sendsOnboarding)
                for facts in page {
                    try await keep(planner.due(facts, now: instant), of: facts.tenantID, now: instant)
                }
                guard page.count == Self.pageSize, let last = page.last else { return }
                after = last.tenantID
            }
        } catch {
            logger.error("failed to decide on account mails", metadata: ["error": "\(error)"])
        }
    }

    private func keep(_ keys: [AccountMailKey], of id: TenantID, now: Timestamp) async throws {
        guard !keys.isEmpty else { return }
        let count = try await store.queueAccountMails(keys, of: id, now: now)
        guard count > 0 else { return }
        logger.info("account mails queued", metadata: ["tenant": "\(id)", "mails": "\(count)"])
    }

    // MARK: Sending

    /// Sends what is due now.
    func sendDue() async {
        do {
            while !Task.isShuttingDownGracefully, !Task.isCancelled, let instant = now() {
                let claims = try await store.claimAccountMails(
                    limit: Self.batchSize, now: instant, leaseUntil: instant.adding(seconds: Self.leaseSeconds))
                guard !claims.isEmpty else { return }
                _ = await claims.concurrentMap(atMost: Self.concurrency) { await send($0, now: instant) }
            }
        } catch {
            logger.error("failed to claim account mails", metadata: ["error": "\(error)"])
        }
    }

    private func send(_ claim: AccountMailClaim, now: Timestamp) async {
        let outcome = await outcome(of: claim, now: now)
        log(outcome, of: claim)
        metrics.count(outcome, of: claim.key.kind)
        do {
            let isOurs = try await store.recordAccountMail(claim, outcome, now: now)
            if !isOurs { logger.debug("lease lost on an account mail", metadata: metadata(of: claim)) }
        } catch {
            logger.error(
                "failed to record an account mail; it may be sent again",
                metadata: metadata(of: claim).merging(["error": "\(error)"]) { $1 })
        }
    }

    private func outcome(of claim: AccountMailClaim, now: Timestamp) async -> AccountMailOutcome {
        if let reason = planner.reasonToLeaveOut(claim, now: now) { return .leftOut(reason: reason) }
        guard let address = claim.facts.recipients[claim.key.recipientID] else {
            return .leftOut(reason: "the recipient is no owner any more, or has no confirmed address")
        }
        let message = message(of: claim)
        let attempt = await Deadline.within(mail.longestDelivery) { await mail.send(message, to: address, now: now) }
        switch attempt ?? .transient(reason: "timed out", retryAfterSeconds: nil) {
        case .accepted: return .sent
        case .permanent(let reason): return .dead(reason: reason)
        case .transient(let reason, let seconds):
            let next = retry.outcome(
                after: reason, attemptsBefore: claim.attempts, id: claim.id, retryAfterSeconds: seconds, now: now)
            guard case .retry(let at, let why) = next else {
                return .dead(reason: "gave up after \(claim.attempts + 1) attempts: \(reason)")
            }
            return .retry(at: at, reason: why)
        }
    }

    private func message(of claim: AccountMailClaim) -> AccountMail {
        let words = AccountMailWords(claim, sells: sells)
        var unsubscribe: String?
        if claim.key.kind.isOptional {
            unsubscribe = links.url(
                .accountMails(recipientID: claim.key.recipientID), of: claim.facts.tenantID, endsAt: nil)
        }
        return AccountMail(
            id: claim.id, words: words, actionURL: links.page(words.page.rawValue), unsubscribeURL: unsubscribe)
    }

    private func log(_ outcome: AccountMailOutcome, of claim: AccountMailClaim) {
        let metadata = metadata(of: claim)
        switch outcome {
        case .sent: logger.info("account mail sent", metadata: metadata)
        case .retry(_, let reason):
            logger.warning(
                "account mail not sent; retrying", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        case .dead(let reason):
            logger.error("account mail given up", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        case .leftOut(let reason):
            logger.info("account mail left out", metadata: metadata.merging(["reason": "\(reason)"]) { $1 })
        }
    }

    /// No address is part of it.
    private func metadata(of claim: AccountMailClaim) -> Logger.Metadata {
        [
            "tenant": "\(claim.facts.tenantID)", "mail": "\(claim.id.canonicalText)",
            "kind": "\(claim.key.kind.rawValue)",
        ]
    }
}
