import Logging

/// Where log entries go: the journal or stderr.
protocol LogDestination: Sendable {
    func write(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata)
}

/// One logger of the daemon. The level is that of the whole process, see ``LogOutput``.
struct DaemonLogHandler: LogHandler {
    let label: String
    let destination: any LogDestination
    var metadata: Logger.Metadata = [:]

    var logLevel: Logger.Level {
        get { LogOutput.level }
        set { LogOutput.setLevel(newValue) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        destination.write(
            level: event.level, label: label, message: event.message.description,
            metadata: metadata.merging(event.metadata ?? [:]) { _, new in new })
    }

    /// `message (key=value, …)` on one line.
    static func line(_ message: String, _ metadata: Logger.Metadata) -> String {
        let pairs = metadata.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: ", ")
        return (pairs.isEmpty ? message : "\(message) (\(pairs))").replacing("\n", with: " ")
    }
}
