import Domain
import Foundation
import Glibc

/// Keeps the file of an embedded store to one user at a time: the daemon, or a restore.
///
/// The lock is flock(2) on a file beside the store, and so ends with its holder however that ends. It is not taken on the
/// store itself, on which SQLite has locks of its own that another descriptor of the process would disturb.
public final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock of the store at `path`. Throws `StorageError(.unavailable)` when another process has it, and for a
    /// lock that is a link.
    public init(storePath path: String) throws {
        let lockPath = path + ".lock"
        // The folder is the daemon's, and root works in it too. An attacker who has taken the daemon over may have put a link
        // here, and what it leads to is not to be given away or emptied. Nor is a pipe waited for.
        descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else {
            throw StorageError(
                .unavailable,
                errno == ELOOP
                    ? Self.isNoLock(lockPath)
                    : "cannot lock the SQLite store \(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 1 else {
            close(descriptor)
            throw StorageError(.unavailable, Self.isNoLock(lockPath))
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw StorageError(.unavailable, "another consilod\(holder) uses the store \(path)")
        }
        FileOwner(of: path)?.adopt(descriptor)
        // For the message above only.
        let line = "\(getpid())\n"
        if ftruncate(descriptor, 0) == 0 { _ = line.withCString { pwrite(descriptor, $0, strlen($0), 0) } }
    }

    deinit {
        release()
        close(descriptor)
    }

    /// Gives the lock up before the object is gone.
    public func release() {
        // Not left to closing the file: a program that is being started at this instant has a copy of the descriptor.
        flock(descriptor, LOCK_UN)
    }

    private static func isNoLock(_ path: String) -> String {
        "\(path) is a link or no plain file, as nothing of consilod's makes it: look who did, and remove it"
    }

    /// ` (process 4711)`, where the holder has written that down.
    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0, let process = Int(String(decoding: buffer[..<count], as: UTF8.self).filter(\.isNumber)) else {
            return ""
        }
        return " (process \(process))"
    }
}

/// Whose files a store's are: what root makes beside them is to be the daemon's too.
struct FileOwner: Equatable {
    private let user: uid_t
    private let group: gid_t

    /// The owner of `path`, or of its folder where it does not exist; nil where neither does.
    init?(of path: String) {
        var status = stat()
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard stat(path, &status) == 0 || stat(folder, &status) == 0 else { return nil }
        (user, group) = (status.st_uid, status.st_gid)
    }

    /// The owner of the store at `path`: the owner of what is there under that name, be it a link, or else of its
    /// folder; nil where there is neither.
    private init?(inCharge path: String) {
        var status = stat()
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard lstat(path, &status) == 0 || stat(folder, &status) == 0 else { return nil }
        (user, group) = (status.st_uid, status.st_gid)
    }

    /// Has this process go on as the owner of a store, for good, where it is root: SQLite opens what is beside a store by
    /// its name, and the owner of the folder decides what that leads to. With the owner's rights it leads nowhere else than the
    /// daemon could go itself.
    static func takeOver(_ path: String) throws {
        guard geteuid() == 0, let owner = FileOwner(inCharge: path), owner.user != 0 else { return }
        guard setgroups(0, nil) == 0, setgid(owner.group) == 0, setuid(owner.user) == 0 else {
            throw StorageError(
                .unavailable, "cannot go on as the owner of \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Whether two paths are in the same hands.
    static func isSame(_ path: String, _ other: String) -> Bool {
        FileOwner(inCharge: path) == FileOwner(inCharge: other)
    }

    /// Gives a file to this owner, if this process may give files away.
    func adopt(_ descriptor: Int32) {
        guard geteuid() == 0 else { return }
        _ = fchown(descriptor, user, group)
    }
}
