public import Domain
import Synchronization

/// Delivers alerts by mail, through one SMTP server, each mail to one recipient.
///
/// Sessions with the relay are kept for the next mail. There are as many as there are deliveries at once.
public final class EmailSink: AlertSink {
    private let settings: MailSettings
    private let limits: MailLimits
    private let certificateAuthorities: String?

    private struct Pool {
        struct Rest {
            var session: SMTPSession
            var since: ContinuousClock.Instant
        }
        /// The one used last at the end.
        var resting: [Rest] = []
        var busy: [SMTPSession] = []
        /// Whether a task looks for sessions that have rested long enough.
        var isWatched = false
        var isShutDown = false
    }
    private let pool = Mutex(Pool())

    /// 30 s for all that precedes the mail, 10 minutes for its confirmation (RFC 5321, 4.5.3.2.6).
    public convenience init(_ settings: MailSettings) {
        self.init(settings, MailLimits(), certificateAuthorities: nil)
    }

    init(_ settings: MailSettings, _ limits: MailLimits, certificateAuthorities: String?) {
        self.settings = settings
        self.limits = limits
        self.certificateAuthorities = certificateAuthorities
    }

    /// The limits together, and some seconds for libcurl to notice.
    public var longestDelivery: Duration { limits.delivery }

    /// The relay may look into a mail for minutes.
    public var slowAfter: Duration? { .seconds(5) }

    /// Relays take mails as fast as they can.
    public var pace: Duration? { nil }

    /// All mail goes to the relay.
    public func peer(of channel: AlertChannel) -> String { "\(settings.host):\(settings.port)" }

    /// Each address of a list once.
    public func recipients(of channel: AlertChannel) -> [String]? {
        MailRecipients.addresses(of: channel.target)
    }

    /// Sends one mail to the one address in `channel.target`. Transient when the host's sender address is no mail address,
    /// permanent when the channel holds none; otherwise by the relay's answer. A cancelled one ends within a second.
    public func deliver(_ alerts: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        // The host's mistake, not the channel's: once it is fixed, the mail still goes out.
        guard let sender = MailAddress(settings.from) else {
            return .transient(reason: "the sender's address is not a mail address", retryAfterSeconds: nil)
        }
        guard let recipient = MailAddress(channel.target) else {
            return .permanent(reason: "the channel has no mail address")
        }
        return await send(MailMessage(alerts, from: sender, to: recipient, channelID: channel.id, now: now))
    }

    /// Asks the owner of an address whether alerts may come there. Outcomes as those of an alert.
    func ask(_ question: MailQuestion, at address: String, now: Timestamp) async -> DeliveryAttempt {
        guard let sender = MailAddress(settings.from) else {
            return .transient(reason: "the sender's address is not a mail address", retryAfterSeconds: nil)
        }
        guard let recipient = MailAddress(address) else {
            return .permanent(reason: "the channel has no mail address")
        }
        return await send(MailMessage(question, from: sender, to: recipient, now: now))
    }

    /// Sends a mail about an account. Outcomes as those of an alert.
    func send(_ mail: AccountMail, to address: String, now: Timestamp) async -> DeliveryAttempt {
        guard let sender = MailAddress(settings.from) else {
            return .transient(reason: "the sender's address is not a mail address", retryAfterSeconds: nil)
        }
        guard let recipient = MailAddress(address) else {
            return .permanent(reason: "the recipient has no mail address that can be written to")
        }
        return await send(MailMessage(mail, from: sender, to: recipient, now: now))
    }

    /// Sends an invitation; whether the relay has taken it over. It is not waited for longer than ``invitationLimit``.
    public func invite(_ invitation: MailInvitation, at address: String, now: Timestamp) async -> Bool {
        guard let sender = MailAddress(settings.from), let recipient = MailAddress(address) else { return false }
        let message = MailMessage(invitation, from: sender, to: recipient, now: now)
        let attempt = await Deadline.within(Self.invitationLimit) { await self.send(message) }
        return attempt == .accepted
    }

    /// An owner waits for the answer.
    private static let invitationLimit = Duration.seconds(30)

    private func send(_ message: MailMessage) async -> DeliveryAttempt {
        let session = pool.withLock { pool in
            let session = pool.resting.popLast()?.session ?? newSession()
            pool.busy.append(session)
            return session
        }
        return await session.send(message, SMTPWatch(limits)) { [self] in giveBack(session, isOpen: $0) }
    }

    /// Whether the mail server lets consilod in: connects, secures the connection and signs in, without sending a mail.
    public func checkServer() async -> DeliveryAttempt {
        let session = newSession()
        let attempt = await session.greet(SMTPWatch(limits))
        await session.close()
        return attempt
    }

    /// Ends the sessions that rest, and lets no others rest. Takes as long as an answer to QUIT is waited for. A delivery that
    /// was cancelled is given the second that it needs to notice: the process must not end under libcurl.
    public func shutdown() async {
        let sessions = pool.withLock { pool in
            pool.isShutDown = true
            defer { pool.resting = [] }
            return pool.resting.map(\.session) + pool.busy
        }
        let limit = limits.goodbye + .seconds(2)
        await withDiscardingTaskGroup { group in
            for session in sessions {
                group.addTask { _ = await Deadline.within(limit) { await session.close() } }
            }
        }
    }

    /// Whether a session is used for a mail.
    var isBusy: Bool { pool.withLock { !$0.busy.isEmpty } }

    private func newSession() -> SMTPSession {
        SMTPSession(settings, limits, certificateAuthorities: certificateAuthorities)
    }

    private func giveBack(_ session: SMTPSession, isOpen: Bool) {
        let (isKept, isWatched) = pool.withLock { pool in
            pool.busy.removeAll { $0 === session }
            // One that has ended has nothing to keep.
            guard isOpen else { return (true, true) }
            guard !pool.isShutDown else { return (false, true) }
            pool.resting.append(Pool.Rest(session: session, since: .now))
            defer { pool.isWatched = true }
            return (true, pool.isWatched)
        }
        // Nothing waits for these tasks: a session that is not used ends by itself.
        if !isKept { Task { await session.close() } }
        if !isWatched { Task { await closeIdle() } }
    }

    /// Ends sessions that have rested long enough, until none is left.
    private func closeIdle() async {
        while true {
            // Fails only when cancelled, which never happens.
            try? await Task.sleep(for: limits.idle)
            let (idle, isLast) = pool.withLock { pool in
                let isIdle = { (rest: Pool.Rest) in .now - rest.since >= self.limits.idle }
                defer { pool.isWatched = !pool.resting.isEmpty }
                let idle = pool.resting.filter(isIdle).map(\.session)
                pool.resting.removeAll(where: isIdle)
                return (idle, pool.resting.isEmpty)
            }
            for session in idle { await session.close() }
            if isLast { return }
        }
    }
}
