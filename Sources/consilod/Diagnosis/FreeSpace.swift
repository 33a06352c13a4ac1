import Domain
import Foundation
import Glibc
import QueryAPI

/// How much room there is where the store is.
struct FreeSpace: Sendable, Hashable {
    /// For whoever is not root, in bytes.
    var available: Int
    var total: Int

    private static let megabyte = 1 << 20
    /// Below this, commits are about to fail.
    private static let least = 64 * megabyte
    /// Below this it is time to look.
    private static let comfortable = 1024 * megabyte

    init(available: Int, total: Int) {
        (self.available, self.total) = (available, total)
    }

    /// Of the file system that holds `path`; nil where it cannot be told.
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
                ? nil : "make room, or have less kept (section retention): a full disk takes no webhooks")
    }
}
