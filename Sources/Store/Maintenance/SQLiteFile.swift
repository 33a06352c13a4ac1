import Domain
import Foundation
import Glibc

/// The file of an embedded store: under which one name it is worked on, and whether it may be.
enum SQLiteFile {
    /// Where the file is, with every symbolic link followed, as SQLite does it too; as it is given where nothing is found.
    static func resolved(_ path: String) -> String {
        if let real = realpath(path, nil) {
            defer { free(real) }
            return String(cString: real)
        }
        let url = URL(fileURLWithPath: path)
        guard let folder = realpath(url.deletingLastPathComponent().path, nil) else { return path }
        defer { free(folder) }
        return "\(String(cString: folder))/\(url.lastPathComponent)"
    }

    /// Makes an empty file that only its owner may read, whatever the umask is; SQLite gives the log and its index the mode of
    /// the file. A file that is there is left as it is. What fails here fails for SQLite, too, which says why.
    static func create(_ path: String) {
        // O_EXCL: to close a file that this process has open would end SQLite's locks on it
        // (sqlite.org/howtocorrupt.html, section 2.2).
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 { close(descriptor) }
    }

    /// Throws `StorageError(.corrupt)` where a daemon would begin an empty store in the place of one that is lost.
    ///
    /// - Parameter wasUsed: whether the lock says that there was a store.
    static func refuseLost(_ path: String, wasUsed: Bool) throws {
        guard size(path) == 0 else { return }
        guard size(path + "-wal") == 0 else {
            throw StorageError(
                .corrupt,
                """
                \(path) is empty or missing, but its log \(path)-wal is not, which SQLite would delete: put the store's file \
                back beside its log, or move the log away to begin with an empty store
                """)
        }
        guard !wasUsed else {
            throw StorageError(
                .corrupt,
                """
                \(path) is empty or missing, but there was a store: look for the file or a file system that is not mounted, or \
                restore a backup; to begin with an empty store, remove \(path).lock
                """)
        }
    }

    /// In bytes; 0 where there is no file.
    private static func size(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
