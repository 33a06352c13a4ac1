import CSystemd
import Foundation
import Glibc
import Logging

/// Writes log entries to the systemd journal with their metadata as fields: `CONSILO_TENANT`, `CONSILO_ISSUE`, …
struct JournalLogHandler: LogHandler {
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
        var fields = [
            "MESSAGE=\(LogLine.text(event.message.description, values))", "PRIORITY=\(Self.priority(event.level))",
            "SYSLOG_IDENTIFIER=consilod", "CONSILO_COMPONENT=\(label)",
        ]
        fields += values.map { "CONSILO_\(Self.fieldName($0.key))=\($0.value)" }.sorted()
        let buffers = fields.map { Array($0.utf8) }
        let vectors = buffers.map { buffer in
            let copy = UnsafeMutableRawPointer.allocate(byteCount: max(buffer.count, 1), alignment: 1)
            copy.copyMemory(from: buffer, byteCount: buffer.count)
            return iovec(iov_base: copy, iov_len: buffer.count)
        }
        defer { for vector in vectors { vector.iov_base.deallocate() } }
        // A journal that takes no entry leaves nowhere to report that.
        _ = sd_journal_sendv(vectors, Int32(vectors.count))
    }

    /// syslog(3)'s levels.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }

    /// The journal takes upper-case ASCII letters, digits and underscores.
    private static func fieldName(_ key: String) -> String {
        String(
            key.uppercased().unicodeScalars.map {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil) ? Character($0) : "_"
            })
    }

    /// Whether stderr is connected to the journal: `JOURNAL_STREAM` names its device and inode (systemd.exec(5)).
    static var isAvailable: Bool {
        guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] else { return false }
        var status = stat()
        return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
    }
}
