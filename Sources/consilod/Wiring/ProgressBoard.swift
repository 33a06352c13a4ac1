import Synchronization

/// When each worker last finished a turn of its loop. The watchdog and `/health` read it.
final class ProgressBoard: Sendable {
    enum Worker: String, CaseIterable, Sendable {
        case rescorer, alerts
    }

    private let seen: Mutex<[Worker: ContinuousClock.Instant]>

    init() { seen = Mutex(Dictionary(uniqueKeysWithValues: Worker.allCases.map { ($0, .now) })) }

    func advance(_ worker: Worker) { seen.withLock { $0[worker] = .now } }

    /// The workers that have not advanced for longer than `limit`.
    func stalled(for limit: Duration) -> [Worker] {
        let now = ContinuousClock.now
        return seen.withLock { seen in Worker.allCases.filter { now - (seen[$0] ?? now) > limit } }
    }
}
