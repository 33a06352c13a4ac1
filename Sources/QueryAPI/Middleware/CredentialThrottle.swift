import Domain
import HTTPServer
import Synchronization

/// Bounds how many credentials are looked up that may be wrong, for each client and for all together.
///
/// Keys have 256 random bits and cannot be guessed; this keeps the store and the log from those who try. Beyond the bound only
/// keys are looked up that this node has found good before: a client that is set up wrongly does not keep out the others that
/// come from the same address, as behind a proxy all do. Only the number of failures counts, so that a good key is never slowed.
public final class CredentialThrottle: Sendable {
    /// How many are refused before the bound holds, and how soon another one is looked at.
    public struct Limits: Sendable, Hashable {
        /// At once, from one client, and then as many a minute.
        public var perClient: Int
        /// At once, from all clients, and then as many a minute.
        public var total: Int

        public init(perClient: Int = 60, total: Int = 600) {
            self.perClient = perClient
            self.total = total
        }
    }

    private struct State {
        var clients: TokenBuckets<ClientAddress?>
        var total: TokenBuckets<Bool>
        /// The stored forms of keys that were found good: the recent ones, and those before.
        var known: (recent: Set<String>, before: Set<String>) = ([], [])
    }

    /// Half of the keys that are remembered, at most.
    private static let capacity = 8192

    private let state: Mutex<State>
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter now: the clock of the limits.
    public init(limits: Limits = Limits(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        let (client, all) = (max(1, limits.perClient), max(1, limits.total))
        state = Mutex(
            State(
                clients: TokenBuckets(interval: Duration.seconds(60) / client, burst: client),
                total: TokenBuckets(interval: Duration.seconds(60) / all, burst: all)))
        self.now = now
    }

    /// Seconds until a key of this client may be looked up; nil where it may be now.
    func wait(_ client: ClientAddress?, keyHash: String) -> Int? {
        let now = now()
        return state.withLock { state in
            let waits = [state.clients.wait(client, at: now), state.total.wait(true, at: now)].compactMap(\.self)
            guard let wait = waits.max() else { return nil }
            guard !state.known.recent.contains(keyHash), !state.known.before.contains(keyHash) else { return nil }
            return max(1, Int((wait / .seconds(1)).rounded(.up)))
        }
    }

    /// Notes that a client's key was refused.
    func noteRefusal(_ client: ClientAddress?, keyHash: String) {
        let now = now()
        state.withLock { state in
            // It was revoked since it was found good.
            state.known.recent.remove(keyHash)
            state.known.before.remove(keyHash)
            _ = state.clients.take(client, at: now)
            _ = state.total.take(true, at: now)
        }
    }

    /// Notes that a key was found good.
    func noteSuccess(keyHash: String) {
        state.withLock { state in
            guard !state.known.recent.contains(keyHash) else { return }
            if state.known.recent.count >= Self.capacity { state.known = ([], state.known.recent) }
            state.known.recent.insert(keyHash)
        }
    }
}
