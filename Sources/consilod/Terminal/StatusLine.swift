import Foundation
import Glibc

/// A line on stderr that says how far something is: redrawn in place on a terminal, a line now and then elsewhere.
struct StatusLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let interval: Duration
    private var lastShown = ContinuousClock.now

    /// - Parameter interval: the time between two lines where there is no terminal; on one it is 100 ms.
    init(every interval: Duration) { self.interval = interval }

    /// Whether the line is to be shown again; when it is, the time counts from `now` on.
    mutating func isDue(at now: ContinuousClock.Instant) -> Bool {
        guard now - lastShown >= (isTerminal ? .milliseconds(100) : interval) else { return false }
        lastShown = now
        return true
    }

    func show(_ text: String) { emit(isTerminal ? "\r\u{1B}[K\(text)" : text + "\n") }

    /// Leaves the line as it is and goes on to the next.
    func end() { if isTerminal { emit("\n") } }

    private func emit(_ text: String) {
        // A closed stderr is no reason to stop the work.
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}
