import Domain
import Foundation
import GRDB
import Glibc

/// Backup, restore and check of a store in a SQLite file.
struct SQLiteMaintenance: StoreMaintenance {
    let path: String

    /// Pages copied between two looks at the progress: a megabyte of SQLite's usual pages.
    private static let pagesPerStep: CInt = 256

    func backUp(
        to file: URL, replacing: Bool, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> StoreInventory {
        guard replacing || !FileManager.default.fileExists(atPath: file.path) else { throw Self.exists(file) }
        // Beside the store the copy belongs to its owner, elsewhere to the user who runs this.
        if FileOwner.isSame(path, file.path) { try FileOwner.takeOver(path) }
        let source = try Self.opened(path)
        defer { try? source.close() }
        let copy = try PartialCopy(for: file)
        defer { copy.discard() }
        let inventory = try Self.copy(source, to: copy, progress: progress)
        try copy.place(replacing: replacing)
        return inventory
    }

    func restore(
        from file: URL, now: Timestamp, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> RestoredStore {
        // Opened first: it may be one that the store's owner cannot read.
        let source = try Self.opened(file.path)
        defer { try? source.close() }
        try FileOwner.takeOver(path)
        // Held to the end, so that no daemon starts in between.
        let lock = try StoreLock(storePath: path)
        defer { withExtendedLifetime(lock) {} }
        // What a link leads to is replaced, and not the link.
        return try SQLiteMaintenance(path: lock.path).replace(by: source, now: now, progress: progress)
    }

    private func replace(
        by source: DatabaseQueue, now: Timestamp, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> RestoredStore {
        let target = URL(fileURLWithPath: path)
        let owner = FileOwner(of: path)
        let copy = try PartialCopy(for: target)
        defer { copy.discard() }
        let inventory = try Self.copy(source, to: copy, progress: progress)
        owner?.adopt(copy.descriptor)
        let aside = try setAside(now)
        try copy.place(replacing: true)
        return RestoredStore(inventory: inventory, aside: aside)
    }

    func check() throws -> StoreCheck {
        try Self.translating {
            let queue = try Self.open(path)
            defer { try? queue.close() }
            return try queue.read { try Self.check($0) }
        }
    }

    // MARK: Copies

    /// Copies a database as of one instant, however much is written to it meanwhile, and checks the copy.
    private static func copy(
        _ source: DatabaseQueue, to copy: PartialCopy, progress: @escaping @Sendable (MaintenanceProgress) -> Void
    ) throws -> StoreInventory {
        try translating {
            var configuration = GRDB.Configuration()
            configuration.prepareDatabase {
                // An interrupted copy leaves nothing behind, and the whole file is synced at the end.
                try $0.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
            }
            let destination = try DatabaseQueue(path: copy.url.path, configuration: configuration)
            defer { try? destination.close() }
            let pageBytes = try source.read { try Int.fetchOne($0, sql: "PRAGMA page_size") ?? 0 }
            try source.backup(to: destination, pagesPerStep: pagesPerStep) { step in
                progress(
                    .copying(
                        done: step.completedPageCount * pageBytes, total: step.totalPageCount * pageBytes))
            }
            progress(.checking)
            let result = try destination.writeWithoutTransaction { database in
                // Of one file, without a log beside it. The daemon goes back to the log when it opens the store.
                try database.execute(sql: "PRAGMA journal_mode = DELETE")
                return try check(database)
            }
            guard let inventory = result.inventory, result.faults.isEmpty else {
                throw StorageError(.corrupt, "\(source.path) is damaged: \(result.faults.joined(separator: "; "))")
            }
            try destination.close()
            try copy.sync()
            return inventory
        }
    }

    /// A store that is open with all of its files, to read it only.
    private static func opened(_ path: String) throws -> DatabaseQueue {
        try translating {
            let queue = try open(path)
            // Its log is opened by the first look.
            _ = try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM sqlite_master") }
            return queue
        }
    }

    /// Opens a store to read it only. Throws `StorageError(.unavailable)` without a file.
    private static func open(_ path: String) throws -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else { throw missing(path) }
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Keeps the store that is there under another name beside it, and takes its log away, which would otherwise be
    /// read as that of the new one. Nil where there is no store.
    private func setAside(_ now: Timestamp) throws -> URL? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let name = now.description.prefix(19).filter { $0 != ":" && $0 != "-" }
        let aside = "\(path).before-\(name)"
        let isWhole = try takeAlone()
        guard link(path, aside) == 0 else {
            throw StorageError(.unavailable, "cannot keep the store as \(aside): \(String(cString: strerror(errno)))")
        }
        for suffix in ["-wal", "-shm"] {
            // Of a whole store, an index without a log at most.
            if isWhole { unlink(path + suffix) } else { rename(path + suffix, aside + suffix) }
        }
        return URL(fileURLWithPath: aside)
    }

    /// Moves the log's content into the store's file and ends the log; false, with everything left as it is, for what
    /// cannot be read. Throws `StorageError(.unavailable)` when any other process has the store open.
    private func takeAlone() throws -> Bool {
        var configuration = GRDB.Configuration()
        configuration.busyMode = .immediateError
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA locking_mode = EXCLUSIVE") }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.writeWithoutTransaction { database in
                // Needs the file for itself: it fails while anybody else has it open.
                let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = DELETE")
                guard mode == "delete" else { throw Self.inUse(path) }
            }
            try queue.close()
            return true
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED: throw Self.inUse(path)
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: return false
            default: throw SQLiteFault.storageError(error, path: path)
            }
        }
    }

    // MARK: Looking into a store

    private static func check(_ database: Database) throws -> StoreCheck {
        var check = StoreCheck(inventory: nil, faults: [], missingSteps: [])
        check.faults = try String.fetchAll(database, sql: "PRAGMA integrity_check(20)").filter { $0 != "ok" }
        // Counting in broken trees tells nothing, and may not end well.
        guard check.faults.isEmpty else { return check }
        let tables = try String.fetchAll(
            database,
            sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).filter { !IssueTextStatements.isOfIndex($0) }
        guard tables.contains("schema_migrations") else {
            check.faults.append("it is not a store of consilod")
            return check
        }
        for row in try Row.fetchAll(
            database, sql: "SELECT \"table\", COUNT(*) FROM pragma_foreign_key_check GROUP BY 1")
        {
            check.faults.append("\(row[1] as Int) rows of \(row[0] as String) refer to rows that are not there")
        }
        let taken = try String.fetchAll(database, sql: "SELECT name FROM schema_migrations ORDER BY name")
        let known = Migrations.all.map(\.name)
        if let unknown = taken.first(where: { !known.contains($0) }) {
            check.faults.append("a newer consilod has used it: it has the schema step \(unknown)")
        }
        check.missingSteps = known.filter { !taken.contains($0) }
        func number(_ sql: String) throws -> Int { try Int.fetchOne(database, sql: sql) ?? 0 }
        let pageBytes = try number("PRAGMA page_size")
        check.inventory = StoreInventory(
            tables: try tables.map { .init(name: $0, rows: try number("SELECT COUNT(*) FROM \"\($0)\"")) },
            bytes: try number("PRAGMA page_count") * pageBytes,
            freeBytes: try number("PRAGMA freelist_count") * pageBytes, schema: taken.last ?? "")
        return check
    }

    private static func translating<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as DatabaseError {
            throw SQLiteFault.storageError(error, path: nil)
        }
    }

    // MARK: Refusals

    private static func missing(_ path: String) -> StorageError {
        StorageError(.unavailable, "there is no store \(path)")
    }
    private static func exists(_ file: URL) -> StorageError {
        StorageError(.conflict, "\(file.path) exists; --force replaces it")
    }
    private static func inUse(_ path: String) -> StorageError {
        StorageError(.unavailable, "another program has the store \(path) open")
    }
}
