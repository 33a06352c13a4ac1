import CCurl
import Dispatch
public import Domain

/// Delivers alerts by mail, through one SMTP server. A channel's target is a list of addresses separated by commas.
///
/// The recipients of a channel get one mail together: a server that refuses one of them refuses the mail, and the
/// reason says so, rather than that somebody silently gets none.
public struct EmailSink: AlertSink {
    /// libcurl blocks; Swift's own threads must not.
    private static let queue = DispatchQueue(label: "consilod.smtp", attributes: .concurrent)

    private let transfer: SMTPTransfer

    /// The longest a delivery takes, in seconds. It cannot be interrupted: a shutdown waits for it.
    public static let longestSeconds = 20

    /// Connect 10 s, in all ``longestSeconds``.
    public init(_ settings: MailSettings) {
        self.init(settings, timeoutSeconds: Self.longestSeconds, certificateAuthorities: nil)
    }

    init(_ settings: MailSettings, timeoutSeconds: Int, certificateAuthorities: String?) {
        transfer = SMTPTransfer(
            settings: settings, timeoutSeconds: timeoutSeconds, certificateAuthorities: certificateAuthorities)
    }

    /// Sends one mail to all addresses of `channel.target`. Transient when the host's sender address is no mail address,
    /// permanent when the channel holds none; otherwise by the relay's answer. Takes ``longestSeconds`` at most.
    public func deliver(_ alert: Alert, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        // The host's mistake, not the channel's: once it is fixed, the mail still goes out.
        guard let sender = MailAddress(transfer.settings.from) else {
            return .transient(reason: "the sender's address is not a mail address", retryAfterSeconds: nil)
        }
        let recipients = MailAddress.list(channel.target)
        guard !recipients.isEmpty else { return .permanent(reason: "the channel holds no mail address") }
        let message = MailMessage(alert, from: sender, to: recipients, channelID: channel.id, now: now)
        return await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: attempt { try transfer.perform(message) }) }
        }
    }

    /// Whether the mail server lets consilod in: connects, secures the connection and signs in, without sending a mail.
    public func checkServer() async -> DeliveryAttempt {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: attempt { try transfer.greet() }) }
        }
    }

    private func attempt(_ exchange: () throws -> Void) -> DeliveryAttempt {
        do {
            try exchange()
            return .accepted
        } catch let failure as SMTPTransfer.Failure {
            return Self.outcome(of: failure)
        } catch {
            return .transient(reason: "the mail server could not be used", retryAfterSeconds: nil)
        }
    }

    /// Replies 4yz may pass, 5yz will not (RFC 5321, 4.2.1). What fails before the mail itself is offered, such as TLS
    /// or the sign-in (53z, RFC 4954), is the host's to fix and says nothing about the channel.
    static func outcome(of failure: SMTPTransfer.Failure) -> DeliveryAttempt {
        let reply = failure.reply >= 400 ? " (\(failure.reply))" : ""
        switch (CURLcode(failure.code), failure.reply) {
        case (CURLE_LOGIN_DENIED, _), (_, 530), (_, 534), (_, 535), (_, 538):
            return .transient(reason: "the mail server did not accept the sign-in\(reply)", retryAfterSeconds: nil)
        case (CURLE_USE_SSL_FAILED, _):
            return .transient(reason: "the mail server offers no TLS\(reply)", retryAfterSeconds: nil)
        case (CURLE_SEND_ERROR, 500..<600), (CURLE_WEIRD_SERVER_REPLY, 500..<600), (CURLE_RECV_ERROR, 500..<600):
            return .permanent(reason: "the mail server refused the mail or a recipient\(reply)")
        case (_, 400..<500):
            return .transient(reason: "the mail server cannot take the mail now\(reply)", retryAfterSeconds: nil)
        default:
            return .transient(reason: "mail server: \(failure.words)\(reply)", retryAfterSeconds: nil)
        }
    }
}
