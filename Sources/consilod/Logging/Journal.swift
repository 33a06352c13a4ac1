import CSystemd
import Foundation
import Glibc
import Logging

/// Writes log entries to the systemd journal with their metadata as fields: `CONSILO_TENANT`, `CONSILO_ISSUE`, …
struct Journal: LogDestination {
    func write(_ entry: LogEntry) {
        var fields = [
            "MESSAGE=\(entry.line)", "PRIORITY=\(Self.priority(entry.level))", "SYSLOG_IDENTIFIER=consilod",
            "CONSILO_COMPONENT=\(entry.label)",
        ]
        fields += entry.fields.map { "CONSILO_\(Self.fieldName($0.name))=\($0.value)" }
        let vectors = fields.map { field in
            let bytes = Array(field.utf8)
            let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 1)
            copy.copyMemory(from: bytes, byteCount: bytes.count)
            return iovec(iov_base: copy, iov_len: bytes.count)
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
        String(key.uppercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// Whether stderr is connected to the journal: `JOURNAL_STREAM` names its device and inode (systemd.exec(5)).
    static var isConnected: Bool {
        guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] else { return false }
        var (device, inode): (UInt64, UInt64) = (0, 0)
        return consilod_file_of_descriptor(STDERR_FILENO, &device, &inode) == 0 && stream == "\(device):\(inode)"
    }
}
