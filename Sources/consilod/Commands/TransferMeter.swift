import Foundation
import Store
import Synchronization

/// How far a copy of a store is, on stderr: a line that is redrawn on a terminal, a line every 10 s elsewhere.
final class TransferMeter: Sendable {
    private struct State {
        var progress: StoreTransfer.Progress?
        var line = StatusLine(every: TransferMeter.window)
        /// How many rows were done at which moment, over the last ``window``.
        var samples: [(at: ContinuousClock.Instant, rows: Int)] = []
    }

    /// The time over which the rate is taken.
    private static let window = Duration.seconds(10)

    private let state = Mutex(State())

    func update(_ progress: StoreTransfer.Progress) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let last = state.progress, last.phase != progress.phase {
                show(&state, at: now)
                state.line.end()
                state.samples = []
            }
            state.progress = progress
            if state.samples.isEmpty { state.samples.append((now, progress.rows)) }
            if state.line.isDue(at: now) { show(&state, at: now) }
        }
    }

    /// Shows where it ended, unless it never began.
    func finish() {
        state.withLock { state in
            guard state.progress != nil else { return }
            show(&state, at: .now)
            state.line.end()
        }
    }

    private func show(_ state: inout State, at now: ContinuousClock.Instant) {
        guard let progress = state.progress else { return }
        state.samples.append((now, progress.rows))
        while state.samples.count > 2, now - state.samples[1].at >= Self.window { state.samples.removeFirst() }
        let oldest = state.samples[0]
        let seconds = (now - oldest.at) / .seconds(1)
        let rate = seconds > 0.2 ? Double(progress.rows - oldest.rows) / seconds : 0
        state.line.show(Self.line(progress, rowsPerSecond: rate))
    }

    /// `copying analysis_history: 400000 of 1100000 rows (36 %), 21000/s, 0:34 left`.
    static func line(_ progress: StoreTransfer.Progress, rowsPerSecond: Double) -> String {
        let share = progress.total > 0 ? progress.rows * 100 / progress.total : 100
        let phase = progress.phase == .copying ? "copying" : "comparing"
        var line = "\(phase) \(progress.table): \(progress.rows) of \(progress.total) rows (\(share) %)"
        if rowsPerSecond >= 1 {
            line += ", \(Int(rowsPerSecond))/s"
            let seconds = Double(progress.total - progress.rows) / rowsPerSecond
            // Beyond that the estimate says nothing.
            if progress.rows < progress.total, seconds < 100 * 3600 {
                line += ", \(DownloadMeter.clock(Int(seconds.rounded(.up)))) left"
            }
        }
        return line
    }
}
