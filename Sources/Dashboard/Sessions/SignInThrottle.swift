import Domain
import HTTPServer
import Synchronization

/// Bounds how many sign-ins are looked at on this node that may be refused, for each client and for all together.
///
/// Keys and links have 256 random bits and cannot be guessed; this keeps the store, the providers and the log from those who try.
final class SignInThrottle: Sendable {
    /// Refused attempts of one client within ``windowSeconds``; the next ones are not looked at.
    static let perClient = 30
    /// The same of all clients.
    static let total = 300
    static let windowSeconds: Int64 = 60

    private struct Refusal {
        /// Nil where it is not known.
        var client: ClientAddress?
        var at: Timestamp
    }

    /// The oldest first; never more than ``total``.
    private let refused = Mutex<[Refusal]>([])

    /// Throws ``PageError/tooManyAttempts(seconds:)`` where an attempt of a client is not looked at now.
    func check(_ origin: RequestOrigin?, now: Timestamp) throws {
        let client = Self.client(origin)
        let all = refused.withLock { Self.recent($0, now) }
        let own = all.filter { $0.client == client }
        let ends = [(own, Self.perClient), (all, Self.total)].compactMap { refusals, limit in
            refusals.count >= limit ? refusals.first?.at.adding(seconds: Self.windowSeconds) : nil
        }
        guard let end = ends.max() else { return }
        throw PageError.tooManyAttempts(seconds: max(1, (end.milliseconds - now.milliseconds + 999) / 1000))
    }

    /// Notes an attempt that was refused.
    func note(_ origin: RequestOrigin?, now: Timestamp) {
        let client = Self.client(origin)
        refused.withLock { refused in
            refused = Self.recent(refused, now).suffix(Self.total - 1) + [Refusal(client: client, at: now)]
        }
    }

    private static func recent(_ refusals: [Refusal], _ now: Timestamp) -> [Refusal] {
        refusals.filter { $0.at > now.adding(seconds: -windowSeconds) && $0.at <= now }
    }

    /// The peer, or whom a trusted proxy says that it serves.
    private static func client(_ origin: RequestOrigin?) -> ClientAddress? {
        origin?.address.flatMap { ClientAddress($0) }
    }
}
