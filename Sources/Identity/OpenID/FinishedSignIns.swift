import Domain
import Synchronization

/// The sign-ins that this process has finished, for as long as their responses could be accepted once more.
final class FinishedSignIns: Sendable {
    /// More in that time are not remembered; the provider still refuses a code that was used.
    private static let limit = 10_000
    private let endings = Mutex<[String: Timestamp]>([:])

    /// Whether a state was not finished before. From then on it was.
    func finish(_ state: String, until end: Timestamp, now: Timestamp) -> Bool {
        endings.withLock { endings in
            if endings.count >= Self.limit { endings = endings.filter { $0.value > now } }
            guard endings[state] == nil else { return false }
            if endings.count < Self.limit { endings[state] = end }
            return true
        }
    }
}
