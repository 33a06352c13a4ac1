import CCurl
import Synchronization

/// Follows one exchange with the relay, from libcurl's callbacks, and ends it when its time is over or when it was
/// abandoned.
///
/// libcurl's own limits do not do: one for the whole transfer would hold for the time after the final dot too, and none holds
/// for the QUIT that follows a failure.
final class SMTPWatch: Sendable {
    /// How far an exchange has come.
    enum Stage: Sendable, Hashable {
        /// No command was sent yet: connection, TLS from the first byte, and the relay's greeting.
        case connecting
        /// After this command, as `RCPT`.
        case command(String)
        /// The relay has agreed to take the mail (354), which is in flight or waits to be confirmed.
        case mail
    }

    private struct State {
        var stage = Stage.connecting
        var deadline: ContinuousClock.Instant
        /// Whether libcurl says goodbye after a failure. The answer is not needed.
        var isFarewell = false
    }

    private static let commands = ["EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "NOOP", "QUIT"]

    /// What the exchange may take before and after the relay agrees to take the mail.
    let limits: MailLimits
    private let state: Mutex<State>
    private let isAbandoned = Atomic<Bool>(false)

    /// The time begins now.
    init(_ limits: MailLimits) {
        self.limits = limits
        state = Mutex(State(deadline: .now + limits.exchange))
    }

    /// How far it has come; after a failure, where it failed.
    var stage: Stage { state.withLock { $0.stage } }

    /// Whether the outcome is not waited for any more.
    var wasAbandoned: Bool { isAbandoned.load(ordering: .relaxed) }

    /// Whether its time is over.
    var isOver: Bool { wasAbandoned || state.withLock { ContinuousClock.now >= $0.deadline } }

    /// Whether libcurl is to end what it does.
    private var isToEnd: Bool { isOver || state.withLock { $0.isFarewell } }

    /// Ends the exchange within a second.
    func abandon() { isAbandoned.store(true, ordering: .relaxed) }

    /// The same exchange begins again on another connection, within the time that is left.
    func restart() {
        state.withLock {
            $0.stage = .connecting
            $0.isFarewell = false
        }
    }

    /// Has a handle tell this watch of its exchanges, until they are over: it is not retained.
    func attach(to handle: UnsafeMutableRawPointer) -> [CURLcode] {
        let context = Unmanaged.passUnretained(self).toOpaque()
        return [
            consilod_curl_set_progress(
                handle,
                { context, _, _, _, _ in
                    guard let context else { return 0 }
                    return Unmanaged<SMTPWatch>.fromOpaque(context).takeUnretainedValue().isToEnd ? 1 : 0
                }, context),
            consilod_curl_set_debug(
                handle,
                { _, kind, text, count, context in
                    guard let context, let text, kind == CURLINFO_HEADER_OUT || kind == CURLINFO_HEADER_IN else {
                        return 0
                    }
                    // A command or a reply; of what else it holds, as a sign-in, nothing is looked at.
                    let word = UnsafeRawBufferPointer(start: text, count: count).prefix(10).prefix {
                        (0x21...0x7E).contains($0)
                    }
                    let watch = Unmanaged<SMTPWatch>.fromOpaque(context).takeUnretainedValue()
                    watch.note(String(decoding: word, as: UTF8.self), isReply: kind == CURLINFO_HEADER_IN)
                    return 0
                }, context),
        ]
    }

    private func note(_ word: String, isReply: Bool) {
        state.withLock { state in
            if isReply {
                guard word.hasPrefix("354"), state.stage == .command("DATA") else { return }
                state.stage = .mail
                state.deadline = .now + limits.acceptance
            } else if word == "QUIT" {
                state.isFarewell = true
            } else if Self.commands.contains(word) {
                state.stage = .command(word)
            }
        }
    }
}
