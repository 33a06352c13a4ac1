import Foundation
import Store
import Synchronization

/// The progress of a copy of a store, on stderr: a line that is redrawn on a terminal, a line every 10 s elsewhere.
final class TransferMeter: Sendable {
    private struct State {
        var progress: StoreTransfer.Progress?
        var line = StatusLine(every: RateWindow.length)
        /// The rows that are done in this phase.
        var rate = RateWindow()
    }

    private let state = Mutex(State())

    func update(_ progress: StoreTransfer.Progress) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.progress, last.phase != progress.phase {
                show(state)
                state.line.end()
                state.rate = RateWindow()
            }
            state.progress = progress
            state.rate.note(progress.rows, at: now)
            if state.line.isDue(at: now) { show(state) }
        }
    }

    /// Shows where it ended, unless it never began.
    func finish() {
        state.withLock { state in
            guard state.progress != nil else { return }
            show(state)
            state.line.end()
        }
    }

    private func show(_ state: State) {
        guard let progress = state.progress else { return }
        state.line.show(Self.line(progress, rowsPerSecond: state.rate.perSecond))
    }

    /// `copying analysis_history: 400000 of 1100000 rows (36 %), 21000/s, 0:34 left`.
    static func line(_ progress: StoreTransfer.Progress, rowsPerSecond: Double) -> String {
        let share = progress.total > 0 ? progress.rows * 100 / progress.total : 100
        let phase = progress.phase == .copying ? "copying" : "comparing"
        var line = "\(phase) \(progress.table): \(progress.rows) of \(progress.total) rows (\(share) %)"
        if rowsPerSecond >= 1 {
            line += ", \(Int(rowsPerSecond))/s"
            line += RateWindow.timeLeft(progress.total - progress.rows, perSecond: rowsPerSecond)
        }
        return line
    }
}
