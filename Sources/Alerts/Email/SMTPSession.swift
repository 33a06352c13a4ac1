import CCurl
import Dispatch
import Synchronization

/// One session with the relay, used by one exchange at a time. It opens with the first mail, opens again where the relay has
/// ended it, and carries many mails.
final class SMTPSession: Sendable {
    private let settings: MailSettings
    private let limits: MailLimits
    private let certificateAuthorities: String?
    /// libcurl blocks; Swift's own threads must not. A serial queue has a thread of its own whenever it has work.
    private let queue = DispatchQueue(label: "consilod.smtp")
    /// Nil before the first mail and after a failure. Only `queue` uses it.
    private let transfer = Mutex<SMTPTransfer?>(nil)

    init(_ settings: MailSettings, _ limits: MailLimits, certificateAuthorities: String?) {
        self.settings = settings
        self.limits = limits
        self.certificateAuthorities = certificateAuthorities
    }

    /// Sends a mail and says how that ended as soon as it is known: what a failed session is cleaned up with comes after.
    ///
    /// - Parameter onRest: called when nothing is left to do, with whether the session is open: before an open one's outcome is
    ///   given, so that the next mail finds it.
    func send(
        _ message: MailMessage, _ watch: SMTPWatch, onRest: @escaping @Sendable (_ isOpen: Bool) -> Void
    ) async -> DeliveryAttempt {
        await exchange(watch, onRest: onRest) { try $0.send(message, $1) }
    }

    /// Connects and signs in, without a mail.
    func greet(_ watch: SMTPWatch) async -> DeliveryAttempt { await exchange(watch) { try $0.greet($1) } }

    /// Ends the session with a QUIT, which is waited for as long as the limits say.
    func close() async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                end(politely: true)
                continuation.resume()
            }
        }
    }

    private func exchange(
        _ watch: SMTPWatch, onRest: @escaping @Sendable (_ isOpen: Bool) -> Void = { _ in },
        _ body: @escaping @Sendable (SMTPTransfer, SMTPWatch) throws -> Void
    ) async -> DeliveryAttempt {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async { [self] in
                    let attempt = attempt(watch, body)
                    let isFull = transfer.withLock { ($0?.count ?? 0) >= limits.mailsInSession }
                    let isOpen = attempt == .accepted && !isFull
                    if isOpen { onRest(true) }
                    continuation.resume(returning: attempt)
                    guard !isOpen else { return }
                    end(politely: attempt == .accepted)
                    onRest(false)
                }
            }
        } onCancel: {
            watch.abandon()
        }
    }

    private func attempt(
        _ watch: SMTPWatch, _ body: (SMTPTransfer, SMTPWatch) throws -> Void
    ) -> DeliveryAttempt {
        while true {
            var wasReused = false
            do {
                try transfer.withLock { transfer in
                    if transfer == nil {
                        transfer = try SMTPTransfer(
                            settings, limits, certificateAuthorities: certificateAuthorities)
                    }
                    guard let transfer else { return }
                    do { try body(transfer, watch) } catch {
                        wasReused = transfer.wasReused
                        throw error
                    }
                }
                return .accepted
            } catch let failure as SMTPTransfer.Failure {
                // A relay may end a session that rests, and the next mail is where that shows. Not once it has the mail:
                // it might be sent twice.
                let isStale = wasReused && watch.stage != .mail && (failure.reply == 0 || failure.reply == 421)
                guard isStale, !watch.isOver else { return SMTPOutcome.attempt(failure, watch) }
                end(politely: false)
                watch.restart()
            } catch {
                return .transient(reason: "the mail server could not be used", retryAfterSeconds: nil)
            }
        }
    }

    private func end(politely: Bool) {
        transfer.withLock {
            $0?.close(within: politely ? limits.goodbye : .zero)
            $0 = nil
        }
    }
}
