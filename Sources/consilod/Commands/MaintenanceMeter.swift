import Foundation
import Store
import Synchronization

/// The progress of a backup or a restore, on stderr.
final class MaintenanceMeter: Sendable {
    private struct State {
        var line = StatusLine(every: .seconds(10))
        var isShown = false
    }

    private let state = Mutex(State())

    func update(_ progress: MaintenanceProgress) {
        state.withLock { state in
            switch progress {
            case .copying(let done, let total):
                guard state.line.isDue(at: .now) else { return }
                let percent = total > 0 ? Int(Double(done) / Double(total) * 100) : 100
                state.line.show(String(format: "copied %3d %% of %.1f MB", percent, Double(total) / 1_000_000))
            case .checking:
                // Of a small store there is nothing to wait for.
                guard state.isShown else { return }
                state.line.show("checking the copy")
            }
            state.isShown = true
        }
    }

    /// Ends the line, if there is one.
    func finish() {
        state.withLock { state in
            guard state.isShown else { return }
            state.isShown = false
            state.line.end()
        }
    }
}
