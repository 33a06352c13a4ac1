import Domain
import Foundation
import GRDB
import Glibc

/// SQLite's failures in the store's terms, and in words that say what to do about them.
enum SQLiteFault {
    /// GRDB's error in the store's terms; any other as it is.
    static func translated(_ error: any Error, path: String) -> any Error {
        (error as? DatabaseError).map { storageError($0, path: path) } ?? error
    }

    /// Without arguments or row contents. `path` is the store's file, which is looked at when SQLite only says that it
    /// cannot read or write.
    static func storageError(_ error: DatabaseError, path: String?) -> StorageError {
        let detail = "SQLite: \(error.message ?? "error \(error.resultCode.rawValue)")"
        switch error.resultCode {
        case .SQLITE_CONSTRAINT:
            return StorageError(
                error.extendedResultCode == .SQLITE_CONSTRAINT_FOREIGNKEY ? .stale : .conflict, detail, cause: error)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            return StorageError(.corrupt, detail, cause: error)
        case .SQLITE_FULL:
            return StorageError(.unavailable, "disk full", cause: error)
        case .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            let obstacle = path.flatMap(obstacle)
            return StorageError(.unavailable, obstacle.map { "\($0) (\(detail))" } ?? detail, cause: error)
        default:
            return StorageError(.unavailable, detail, cause: error)
        }
    }

    /// Why the file at `path`, or the log beside it, cannot be written; nil where it can, or nothing is there.
    static func obstacle(_ path: String) -> String? { obstacle(among: files(of: path)) }

    /// The file at `path`, the log beside it, and their folder.
    static func files(of path: String) -> [String] {
        [path, path + "-wal", URL(fileURLWithPath: path).deletingLastPathComponent().path]
    }

    /// As ``obstacle(_:)``, for ``files(of:)`` that were found before: to take a path apart takes longer than to ask of the files.
    static func obstacle(among files: [String]) -> String? {
        for file in files {
            guard access(file, W_OK) != 0 else { continue }
            switch errno {
            case EROFS: return "disk read-only"
            case EACCES, EPERM: return "\(file) may not be written"
            default: continue
            }
        }
        return nil
    }
}
