public import Logging
import Synchronization

/// A log that keeps every line, with its level and metadata, whatever the level.
public final class CapturedLog: LogHandler {
    private let captured = Mutex<[String]>([])
    public var lines: [String] { captured.withLock { $0 } }
    public var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    public var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    public init() {}

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    public func log(event: LogEvent) {
        captured.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
    }
}
