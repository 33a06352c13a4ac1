import Domain
import Foundation
import Glibc

/// Keeps the file of an embedded store to one user at a time, whatever name leads to it: the daemon, or a restore.
///
/// There are two locks, which end with their holder however that ends. One is flock(2) on a file beside the store, which
/// names the holder, and is there before the store is. The other is on the store's file itself, for names that lead to it past
/// the first (a bind mount): an open file description lock (fcntl(2)) on a byte far behind those that SQLite locks. Its
/// descriptor stays open until the lock's end, which must come after that of SQLite: to close it would end SQLite's own
/// locks (sqlite.org/howtocorrupt.html, section 2.2).
public final class StoreLock: Sendable {
    /// The store's file, with every symbolic link followed.
    public let path: String
    private let descriptor: Int32
    /// Of the store's file; -1 where it does not exist.
    private let file: Int32
    /// Whether the lock was of a store before.
    private let wasUsed: Bool

    /// Takes the lock of the store at `path`. Throws `StorageError(.unavailable)` when another process has it, for a lock that
    /// is a link, and for a store that has several names.
    ///
    /// - Parameter opensStore: for a daemon: throws `StorageError(.corrupt)` where a store is lost, and makes an empty file
    ///   where there never was one.
    public convenience init(storePath: String, opensStore: Bool = false) throws {
        let path = SQLiteFile.resolved(storePath)
        let (descriptor, wasUsed) = try Self.lockBeside(path)
        let file: Int32
        do {
            if opensStore {
                try SQLiteFile.refuseLost(path, wasUsed: wasUsed)
                SQLiteFile.create(path)
            }
            file = try Self.lockFile(path)
        } catch {
            flock(descriptor, LOCK_UN)
            close(descriptor)
            throw error
        }
        self.init(path: path, descriptor: descriptor, file: file, wasUsed: wasUsed)
    }

    private init(path: String, descriptor: Int32, file: Int32, wasUsed: Bool) {
        (self.path, self.descriptor, self.file, self.wasUsed) = (path, descriptor, file, wasUsed)
        write(isUsed: wasUsed)
    }

    /// Notes that there is a store: should it be missing at a later start, it was lost.
    public func markUsed() { write(isUsed: true) }

    /// For the messages of others, and ``SQLiteFile/refuseLost(_:wasUsed:)``.
    private func write(isUsed: Bool) {
        let line = "\(getpid())\n\(isUsed ? Self.usedMark : "")"
        if ftruncate(descriptor, 0) == 0 { _ = line.withCString { pwrite(descriptor, $0, strlen($0), 0) } }
    }

    private static let usedMark = "store\n"

    /// Whether the lock of `path`, which is not taken, says that there was a store.
    static func wasUsed(_ path: String) -> Bool {
        let descriptor = open(path + ".lock", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return content(descriptor).hasSuffix(usedMark)
    }

    /// Takes the lock beside the store; whether there was a store.
    private static func lockBeside(_ path: String) throws -> (descriptor: Int32, wasUsed: Bool) {
        let lockPath = path + ".lock"
        // The folder is the daemon's, and root works in it too. An attacker who has taken the daemon over may have put a link
        // here, and what it leads to is not to be given away or emptied. Nor is a pipe waited for.
        let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
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
        return (descriptor, content(descriptor).hasSuffix(usedMark))
    }

    /// A byte of the store's file that SQLite never locks: its own are at 1 GiB (sqlite.org/lockingv3.html).
    private static let lockedByte: off_t = 1 << 62
    /// F_OFD_SETLK of fcntl(2), which Swift does not import.
    private static let setLock: Int32 = 37

    /// Takes the lock on the store's file; -1 where it does not exist.
    private static func lockFile(_ path: String) throws -> Int32 {
        let file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK)
        // What cannot be opened SQLite cannot open either, and says why.
        guard file >= 0 else { return -1 }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw StorageError(.unavailable, "\(path) is no plain file")
        }
        guard status.st_nlink == 1 else {
            close(file)
            throw StorageError(
                .unavailable,
                """
                the store \(path) has \(status.st_nlink) names (hard links), for each of which SQLite would keep a log: remove \
                the others
                """)
        }
        guard set(Int16(F_WRLCK), on: file) || (errno != EAGAIN && errno != EACCES) else {
            close(file)
            throw StorageError(.unavailable, "another consilod uses the file of the store \(path) under another name")
        }
        return file
    }

    @discardableResult private static func set(_ type: Int16, on file: Int32) -> Bool {
        var lock = Glibc.flock()
        lock.l_type = type
        lock.l_whence = Int16(SEEK_SET)
        (lock.l_start, lock.l_len) = (lockedByte, 1)
        return withUnsafeMutablePointer(to: &lock) { fcntl(file, setLock, UnsafeMutableRawPointer($0)) } == 0
    }

    deinit {
        release()
        close(descriptor)
        if file >= 0 { close(file) }
    }

    /// Gives the lock up before the object is gone.
    public func release() {
        // Not left to closing the file: a program that is being started at this instant has a copy of the descriptor.
        flock(descriptor, LOCK_UN)
        if file >= 0 { Self.set(Int16(F_UNLCK), on: file) }
    }

    private static func isNoLock(_ path: String) -> String {
        "\(path) is a link or no plain file, as nothing of consilod's makes it: look who did, and remove it"
    }

    /// ` (process 4711)`, where the holder has written that down.
    private static func holder(_ descriptor: Int32) -> String {
        Int(content(descriptor).filter(\.isNumber)).map { " (process \($0))" } ?? ""
    }

    private static func content(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 40)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : ""
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
