public import Domain
import Foundation
public import Logging
public import ServiceLifecycle
import WorkLoop

/// Asks the owners of new mail addresses whether they want the alerts. Like every worker it takes no input: it looks once a
/// second for addresses that are due.
public struct ConfirmationSender: Service, CustomStringConvertible {
    /// Longer than a mail may take.
    private static let leaseSeconds: Int64 = 900
    private static let (batchSize, concurrency) = (20, 4)
    private static let attemptLimit = 10

    private let store: any RecipientStore
    private let mail: EmailSink
    private let links: LinkMaker
    private let open: @Sendable (String) throws -> String
    private let now: @Sendable () -> Timestamp
    private let logger: Logger

    /// Makes the worker of a host that asks.
    ///
    /// - Parameter open: decrypts an address.
    public init(
        store: any RecipientStore, mail: EmailSink, links: LinkMaker,
        open: @escaping @Sendable (String) throws -> String, now: @escaping @Sendable () -> Timestamp, logger: Logger
    ) {
        self.store = store
        self.mail = mail
        self.links = links
        self.open = open
        self.now = now
        self.logger = logger
    }

    /// Services are logged with all they hold.
    public var description: String { "ConfirmationSender" }

    /// Works until graceful shutdown.
    public func run() async throws { await WorkLoop.run(nudges: Nudge().stream) { await sendDue() } }

    /// Sends what is due now.
    func sendDue() async {
        do {
            while !Task.isShuttingDownGracefully, !Task.isCancelled {
                let now = now()
                let requests = try await store.claimConfirmations(
                    limit: Self.batchSize, now: now, leaseUntil: now.adding(seconds: Self.leaseSeconds))
                guard !requests.isEmpty else { return }
                _ = await requests.concurrentMap(atMost: Self.concurrency) { await send($0) }
            }
        } catch {
            logger.error("failed to claim confirmations", metadata: ["error": "\(error)"])
        }
    }

    private func send(_ request: ConfirmationRequest) async {
        let now = now()
        let attempt = await attempt(request, now: now)
        var (retryAt, reason): (Timestamp?, String?) = (nil, nil)
        switch attempt {
        case .accepted: logger.info("confirmation sent", metadata: metadata(of: request))
        case .permanent(let text): reason = text
        case .transient(let text, let seconds):
            reason = text
            if request.attempts + 1 < Self.attemptLimit {
                let pause = Backoff(first: .seconds(60), cap: .seconds(3600)).delay(
                    afterFailures: request.attempts + 1)
                retryAt = now.adding(seconds: max(pause.components.seconds, seconds ?? 0))
            }
        }
        if let reason {
            logger.warning(
                retryAt == nil ? "confirmation not sent" : "confirmation not sent; retrying",
                metadata: metadata(of: request).merging(["reason": "\(reason)"]) { $1 })
        }
        do {
            try await store.recordConfirmation(request.id, retryAt: retryAt, error: reason)
        } catch {
            logger.error(
                "failed to record a confirmation; it will be sent again",
                metadata: metadata(of: request).merging(["error": "\(error)"]) { $1 })
        }
    }

    private func attempt(_ request: ConfirmationRequest, now: Timestamp) async -> DeliveryAttempt {
        let address: String
        do { address = try open(request.address) } catch {
            return .transient(
                reason: "the address cannot be decrypted with the configured keys", retryAfterSeconds: nil)
        }
        let question = MailQuestion(
            siteURL: request.siteURL,
            confirmURL: links.url(
                .confirm(recipientID: request.id), of: request.tenantID, endsAt: now.adding(days: LinkMaker.days)),
            unsubscribeURL: links.url(.unsubscribe(recipientID: request.id), of: request.tenantID, endsAt: nil),
            recipientID: request.id)
        let attempt = await Deadline.within(mail.longestDelivery) { await mail.ask(question, at: address, now: now) }
        return attempt ?? .transient(reason: "timed out", retryAfterSeconds: nil)
    }

    private func metadata(of request: ConfirmationRequest) -> Logger.Metadata {
        ["tenant": "\(request.tenantID)", "recipient": "\(request.id.canonicalText)"]
    }
}
