import FinBERT
import Foundation
import Synchronization

/// How far a download is, on stderr: a line that is redrawn on a terminal, a line every 10 s elsewhere.
final class DownloadMeter: Sendable {
    private struct State {
        var progress: ModelDownload.Progress?
        var line = StatusLine(every: DownloadMeter.window)
        /// What had come over the network at which moment, over the last ``window``.
        var samples: [(at: ContinuousClock.Instant, bytes: Int)] = []
    }

    /// The time over which the rate is taken.
    private static let window = Duration.seconds(10)

    private let state = Mutex(State())

    func update(_ progress: ModelDownload.Progress) {
        state.withLock { state in
            state.progress = progress
            let now = ContinuousClock.now
            if state.samples.isEmpty { state.samples.append((now, progress.bytesReceived)) }
            if state.line.isDue(at: now) { show(&state, at: now) }
        }
    }

    /// Shows where the download ended, unless it never began.
    func finish() {
        state.withLock { state in
            guard state.progress != nil else { return }
            show(&state, at: .now)
            state.line.end()
        }
    }

    private func show(_ state: inout State, at now: ContinuousClock.Instant) {
        guard let progress = state.progress else { return }
        state.samples.append((now, progress.bytesReceived))
        // The oldest sample is the last one that is no younger than the window.
        while state.samples.count > 2, now - state.samples[1].at >= Self.window { state.samples.removeFirst() }
        let oldest = state.samples[0]
        let seconds = (now - oldest.at) / .seconds(1)
        let rate = seconds > 0.2 ? Double(progress.bytesReceived - oldest.bytes) / seconds : 0
        state.line.show(Self.line(progress, bytesPerSecond: rate))
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
            let seconds = Double(total - done) / bytesPerSecond
            // Beyond that the estimate says nothing.
            if done < total, seconds < 100 * 3600 { line += ", \(clock(Int(seconds.rounded(.up)))) left" }
        }
        return line
    }

    private static func megabytes(_ bytes: Double) -> String { String(format: "%.1f", bytes / 1_000_000) }

    /// `0:07`, `12:30`, `1:02:30`.
    static func clock(_ seconds: Int) -> String {
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
        return hours > 0
            ? String(format: "%d:%02d:%02d", hours, minutes, seconds % 60)
            : String(format: "%d:%02d", minutes, seconds % 60)
    }
}
