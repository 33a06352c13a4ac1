import FinBERT
import Foundation
import Synchronization

/// The progress of a download, on stderr: a line that is redrawn on a terminal, a line every 10 s elsewhere.
final class DownloadMeter: Sendable {
    private struct State {
        var progress: ModelDownload.Progress?
        var line = StatusLine(every: RateWindow.length)
        /// What has come over the network.
        var rate = RateWindow()
    }

    private let state = Mutex(State())

    func update(_ progress: ModelDownload.Progress) {
        state.withLock { state in
            state.progress = progress
            let now = ContinuousClock.now
            state.rate.note(progress.bytesReceived, at: now)
            if state.line.isDue(at: now) { show(state) }
        }
    }

    /// Shows where the download ended, unless it never began.
    func finish() {
        state.withLock { state in
            guard state.progress != nil else { return }
            show(state)
            state.line.end()
        }
    }

    private func show(_ state: State) {
        guard let progress = state.progress else { return }
        state.line.show(Self.line(progress, bytesPerSecond: state.rate.perSecond))
    }

    /// `[#########---------------]  38 %  166.4 of 438.0 MB, 12.1 MB/s, 0:22 left`, MB being 10⁶ bytes.
    static func line(_ progress: ModelDownload.Progress, bytesPerSecond: Double) -> String {
        let (done, total) = (progress.bytesDone, progress.bytesTotal)
        let share = total > 0 ? min(max(Double(done) / Double(total), 0), 1) : 1
        let filled = Int(share * 24)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: 24 - filled)
        let percent = String(format: "%3d", Int(share * 100))
        var line = "[\(bar)] \(percent) %  \(megabytes(Double(done))) of \(megabytes(Double(total))) MB"
        if bytesPerSecond >= 1 {
            line += ", \(megabytes(bytesPerSecond)) MB/s"
            line += RateWindow.timeLeft(total - done, perSecond: bytesPerSecond)
        }
        return line
    }

    private static func megabytes(_ bytes: Double) -> String { String(format: "%.1f", bytes / 1_000_000) }
}
