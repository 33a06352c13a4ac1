import Foundation
import Synchronization

/// Keeps requests from flooding a channel: one of a kind in ten seconds, on this node.
final class ChannelPause: Sendable {
    private static let interval = Duration.seconds(10)

    private let instants = Mutex<[UUID: ContinuousClock.Instant]>([:])

    /// Whether a channel may be used now; counts it as used.
    func begin(_ id: UUID) -> Bool {
        let now = ContinuousClock.now
        return instants.withLock { instants in
            instants = instants.filter { now - $0.value < Self.interval }
            guard instants[id] == nil else { return false }
            instants[id] = now
            return true
        }
    }
}
