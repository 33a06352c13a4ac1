import Domain
import Foundation
import Synchronization

/// Keeps requests from flooding a channel: one of a kind in ten seconds, on this node.
final class ChannelPause: Sendable {
    private static let seconds: Int64 = 10

    private let instants = Mutex<[UUID: Timestamp]>([:])

    /// Whether a channel may be used at `now`; counts it as used. A clock that was set back keeps none waiting.
    func begin(_ id: UUID, at now: Timestamp) -> Bool {
        instants.withLock { instants in
            instants = instants.filter { $0.value <= now && now < $0.value.adding(seconds: Self.seconds) }
            guard instants[id] == nil else { return false }
            instants[id] = now
            return true
        }
    }
}
