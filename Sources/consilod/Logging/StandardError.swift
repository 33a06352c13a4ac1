import Domain
import Foundation
import Glibc
import Logging
import Synchronization

/// Writes one readable line per log entry to stderr.
///
/// A log that cannot be written must not block the daemon. A full disk fails at once; a pipe that is no longer read would
/// block the writer, so entries are dropped while it is full, and their number is logged afterwards.
final class StandardError: LogDestination {
    /// Lines of different threads stay apart.
    private let dropped = Mutex(0)
    private let descriptor: Int32

    init(descriptor: Int32 = STDERR_FILENO) { self.descriptor = descriptor }

    func write(_ entry: LogEntry) {
        let line = "\(Timestamp.now) \(entry.level) \(entry.label): \(entry.line)\n"
        dropped.withLock { dropped in
            if dropped > 0, put("\(Timestamp.now) warning log: \(dropped) entries were dropped: the pipe was full\n") {
                dropped = 0
            }
            if dropped > 0 || !put(line) { dropped += 1 }
        }
    }

    /// False, with nothing written, when the reader must read first. What else fails leaves nowhere to report it.
    private func put(_ line: String) -> Bool {
        var rest = Array(line.utf8)[...]
        var isFirst = true
        while !rest.isEmpty {
            // A pipe that is ready takes this much at once (pipe(7)); a line that was begun gets a moment to end.
            var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard Glibc.poll(&poll, 1, isFirst ? 0 : 200) > 0 else { return !isFirst }
            let piece = Array(rest.prefix(Int(PIPE_BUF)))
            let count = Glibc.write(descriptor, piece, piece.count)
            guard count > 0 else { return true }
            rest = rest.dropFirst(count)
            isFirst = false
        }
        return true
    }
}
