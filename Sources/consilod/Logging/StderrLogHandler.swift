import Domain
import Foundation
import Glibc
import Logging

/// Writes one readable line per log entry to stderr.
struct StderrLogHandler: LogHandler {
    var logLevel: Logger.Level {
        get { LogOutput.level }
        set { LogOutput.setLevel(newValue) }
    }
    var metadata: Logger.Metadata = [:]
    let label: String

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let values = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let line = "\(Timestamp.now) \(event.level) \(label): \(LogLine.text(event.message.description, values))\n"
        // One write keeps lines of concurrent threads apart; a closed stderr leaves nowhere to report that.
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

enum LogLine {
    /// `message (key=value, …)` on one line.
    static func text(_ message: String, _ metadata: Logger.Metadata) -> String {
        let pairs = metadata.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ", ")
        return (pairs.isEmpty ? message : "\(message) (\(pairs))").replacing("\n", with: " ")
    }
}
