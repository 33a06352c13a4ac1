import Domain
import Foundation
import Glibc

/// Free space on the file system of the store.
struct FreeSpace: Sendable, Hashable {
    /// For processes without root's reserve, in bytes.
    var available: Int
    var total: Int

    private static let megabyte = 1 << 20
    /// Below this, commits are about to fail.
    private static let least = 64 * megabyte
    /// Below this a warning is due.
    private static let comfortable = 1024 * megabyte

    init(available: Int, total: Int) {
        (self.available, self.total) = (available, total)
    }

    /// Of the file system that holds `path`; nil where it is unknown.
    init?(at path: String) {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = Int(status.f_frsize)
        (available, total) = (Int(status.f_bavail) * block, Int(status.f_blocks) * block)
    }

    func check(of path: String) -> DiagnosticCheck {
        let detail = "\(available / Self.megabyte) MB of \(total / Self.megabyte) MB are free at \(path)"
        let outcome: DiagnosticCheck.Outcome =
            available < Self.least ? .failed : available < Self.comfortable ? .warning : .ok
        return DiagnosticCheck(
            "disk", outcome, detail,
            remedy: outcome == .ok
                ? nil : "free space, or keep less (section retention): on a full disk no webhook is accepted")
    }
}
