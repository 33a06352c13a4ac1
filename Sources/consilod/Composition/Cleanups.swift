import Synchronization

/// What is to be closed or given back when the daemon ends, whether it ran or its start failed half way: the last step
/// that was registered runs first, because later parts use earlier ones.
final class Cleanups: Sendable {
    private struct Step {
        var name: String
        var run: @Sendable () async throws -> Void
    }

    private let steps = Mutex<[Step]>([])

    /// Registers a step, right after what it closes was opened.
    ///
    /// - Parameter name: what it closes, as the error says when it fails.
    func onStop(_ name: String, _ step: @escaping @Sendable () async throws -> Void) {
        steps.withLock { $0.append(Step(name: name, run: step)) }
    }

    /// Runs every step once, also after one has failed. Throws all failures together.
    func run() async throws(CleanupError) {
        var failures: [String] = []
        while let step = steps.withLock({ $0.popLast() }) {
            do { try await step.run() } catch { failures.append("\(step.name): \(error)") }
        }
        guard failures.isEmpty else { throw CleanupError(failures: failures) }
    }
}

/// Parts that could not be closed.
struct CleanupError: Error, CustomStringConvertible {
    /// Each with its name and reason.
    var failures: [String]

    var description: String { "could not close \(failures.joined(separator: "; "))" }
}
