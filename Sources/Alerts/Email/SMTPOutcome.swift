import CCurl

/// What a failed exchange with the relay means for the delivery.
enum SMTPOutcome {
    /// Replies 4yz may pass, 5yz will not (RFC 5321, 4.2.1). What fails before the mail itself is offered, such as TLS
    /// or the sign-in (53z, RFC 4954), is the host's to fix and says nothing about the channel.
    static func attempt(_ failure: SMTPTransfer.Failure, _ watch: SMTPWatch) -> DeliveryAttempt {
        func transient(_ reason: String) -> DeliveryAttempt { .transient(reason: reason, retryAfterSeconds: nil) }
        let reply = failure.reply >= 400 ? " (\(failure.reply))" : ""
        switch (CURLcode(failure.code), failure.reply) {
        case (CURLE_LOGIN_DENIED, _), (_, 530), (_, 534), (_, 535), (_, 538):
            return transient("the mail server did not accept the sign-in\(reply)")
        case (CURLE_USE_SSL_FAILED, _):
            return transient("the mail server offers no TLS\(reply)")
        case (CURLE_ABORTED_BY_CALLBACK, _) where watch.wasAbandoned:
            return transient("the delivery was interrupted")
        case (CURLE_ABORTED_BY_CALLBACK, _), (CURLE_OPERATION_TIMEDOUT, _):
            return transient(silence(watch))
        case (CURLE_SEND_ERROR, 500..<600), (CURLE_WEIRD_SERVER_REPLY, 500..<600), (CURLE_RECV_ERROR, 500..<600):
            return .permanent(reason: "the mail server refused the mail or its recipient\(reply)")
        case (_, 400..<500):
            return transient("the mail server cannot take the mail now\(reply)")
        default:
            return transient("mail server: \(failure.words)\(reply)")
        }
    }

    private static func silence(_ watch: SMTPWatch) -> String {
        func seconds(_ limit: Duration) -> String { "\(Int64((limit / .seconds(1)).rounded(.up))) s" }
        switch watch.stage {
        case .connecting: return "the mail server did not greet within \(seconds(watch.limits.exchange))"
        case .command(let word):
            return "the mail server did not answer within \(seconds(watch.limits.exchange)) (\(word))"
        case .mail: return "the mail server did not confirm the mail within \(seconds(watch.limits.acceptance))"
        }
    }
}
