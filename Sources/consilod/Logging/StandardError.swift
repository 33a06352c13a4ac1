import Domain
import Foundation
import Glibc
import Logging

/// Writes one readable line per log entry to stderr.
struct StandardError: LogDestination {
    func write(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
        let line = "\(Timestamp.now) \(level) \(label): \(DaemonLogHandler.line(message, metadata))\n"
        // One write keeps lines of concurrent threads apart; a closed stderr leaves nowhere to report that.
        _ = line.withCString { Glibc.write(STDERR_FILENO, $0, strlen($0)) }
    }
}
