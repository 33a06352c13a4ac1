import Domain
import Foundation
import Glibc

/// A file that is written under another name beside its place, then synced and renamed, so that the place never
/// holds half of it. Only its owner may read it (mode 0600).
struct PartialCopy {
    let url: URL
    let descriptor: Int32
    private let target: URL

    /// Makes an empty file. Throws `StorageError(.unavailable)` when it cannot.
    init(for target: URL) throws {
        self.target = target
        let name = ".\(target.lastPathComponent).partial-\(getpid())"
        url = target.deletingLastPathComponent().appendingPathComponent(name)
        unlink(url.path)
        descriptor = open(url.path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("cannot write \(url.path)") }
    }

    /// Returns once all of the content is on disk.
    func sync() throws {
        guard fsync(descriptor) == 0 else { throw Self.failure("cannot sync \(url.path)") }
    }

    /// Gives the file its name, which is on disk too when this returns.
    ///
    /// Throws `StorageError(.conflict)` when the name is taken and is not to be replaced, also if only just now.
    func place(replacing: Bool) throws {
        if replacing {
            guard rename(url.path, target.path) == 0 else { throw Self.failure("cannot place \(target.path)") }
        } else {
            guard link(url.path, target.path) == 0 else {
                guard errno != EEXIST else {
                    throw StorageError(.conflict, "\(target.path) exists; --force replaces it")
                }
                throw Self.failure("cannot place \(target.path)")
            }
        }
        let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw Self.failure("cannot sync the folder of \(target.path)") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw Self.failure("cannot sync the folder of \(target.path)") }
    }

    /// Closes the file, and removes it where it has not been placed.
    func discard() {
        close(descriptor)
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(url.path + suffix) }
    }

    private static func failure(_ what: String) -> StorageError {
        StorageError(.unavailable, "\(what): \(String(cString: strerror(errno)))")
    }
}
