/// How long the relay is waited for, and how long a session with it is kept.
struct MailLimits: Sendable, Hashable {
    /// For all that precedes the mail itself: connection, TLS, sign-in, sender and recipient.
    var exchange = Duration.seconds(30)
    /// For the mail and its confirmation. A relay may look into a mail before it confirms it, and what is given up meanwhile is
    /// sent twice (RFC 5321, 4.5.3.2.6: 10 minutes).
    var acceptance = Duration.seconds(600)
    /// For the answer to QUIT.
    var goodbye = Duration.seconds(2)
    /// How long a session without a mail stays open.
    var idle = Duration.seconds(15)
    /// Mails in one session. Exim accepts more, and leaves them to its next queue run, half an hour later in Debian
    /// (`findings/exim-queues-eleventh-mail.sh`).
    var mailsInSession = 10

    /// What a delivery may take in all.
    var delivery: Duration { exchange + acceptance + .seconds(5) }
}
