public import Domain
import Foundation
import Synchronization

/// Remembers which keys were used, until a worker writes it down: no request waits for that.
public final class APIKeyUses: Sendable {
    /// How far a stored last use may be behind.
    public static let resolutionSeconds: Int64 = 300
    /// Most keys remembered at a time; the uses of others are noted later.
    private static let capacity = 10_000

    private let waiting = Mutex<[UUID: Timestamp]>([:])

    public init() {}

    /// Notes that a key is used, unless the store says that it was used a moment ago.
    public func note(_ holder: APIKeyHolder, at now: Timestamp) {
        if let last = holder.lastUsedAt, now < last.adding(seconds: Self.resolutionSeconds) { return }
        waiting.withLock { waiting in
            guard waiting.count < Self.capacity || waiting[holder.keyID] != nil else { return }
            waiting[holder.keyID] = now
        }
    }

    /// Writes what was noted since the last time. Throws what the store throws; it is then noted again with the next uses.
    public func write(to store: some APIKeyStore) async throws {
        let uses = waiting.withLock { waiting in
            defer { waiting = [:] }
            return waiting
        }
        if !uses.isEmpty { try await store.noteAPIKeyUses(uses) }
    }
}
