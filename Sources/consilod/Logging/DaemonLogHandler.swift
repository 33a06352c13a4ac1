import Logging

/// Where log entries go: the journal or stderr.
protocol LogDestination: Sendable {
    func write(_ entry: LogEntry)
}

/// A log entry whose texts may be shown anywhere: ``LogText/safe(_:limit:)`` has seen them.
struct LogEntry: Sendable {
    let level: Logger.Level
    let label: String
    /// `message (key=value, …)` on one line.
    let line: String
    /// By name.
    let fields: [(name: String, value: String)]

    /// The one place where log entries are made, for every destination.
    init(_ level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
        self.level = level
        self.label = label
        fields = metadata.map {
            (LogText.safe($0.key, limit: 64), LogText.safe("\($0.value)", limit: LogText.longestValue))
        }
        .sorted { $0 < $1 }
        let message = LogText.safe(message, limit: LogText.longestMessage)
        let pairs = fields.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        line = pairs.isEmpty ? message : "\(message) (\(pairs))"
    }
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
            LogEntry(
                event.level, label: label, message: event.message.description,
                metadata: metadata.merging(event.metadata ?? [:]) { _, new in new }))
    }
}
