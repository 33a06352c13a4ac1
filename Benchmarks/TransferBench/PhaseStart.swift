import Synchronization

/// When something was first noted.
final class PhaseStart: Sendable {
    private let first = Mutex<ContinuousClock.Instant?>(nil)

    func note() { first.withLock { $0 = $0 ?? .now } }

    var instant: ContinuousClock.Instant? { first.withLock { $0 } }
}
