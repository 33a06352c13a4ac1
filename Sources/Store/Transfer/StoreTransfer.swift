public import Domain
import Foundation

/// Copies a whole store into another, of the same engine or not: SQLite into PostgreSQL when a team outgrows one machine,
/// PostgreSQL into a SQLite file as a copy to keep.
///
/// The source is read in one snapshot; a SQLite file is closed to everybody else meanwhile. The destination is empty, or
/// holds what an earlier run has copied, and is closed to consilod until everything is there and compared. A copy may be
/// interrupted at any instant and continues when it is run again: what is there already is compared with the source first.
public struct StoreTransfer: Sendable {
    /// How far a copy is.
    public struct Progress: Sendable, Hashable {
        /// The two passes over all tables.
        public enum Phase: Sendable, Hashable { case copying, comparing }
        /// The pass that ``rows`` and ``total`` count.
        public var phase: Phase
        /// The current table.
        public var table: String
        /// Rows of the phase that are done, in all tables.
        public var rows: Int
        /// Of these, the rows that an earlier run has copied.
        public var rowsBefore: Int
        /// Rows of all tables.
        public var total: Int
    }

    /// A table in both stores.
    public struct Comparison: Sendable, Hashable {
        /// As in the database.
        public var table: String
        /// Rows in the source.
        public var sourceRows: Int
        /// Rows in the destination.
        public var destinationRows: Int
        /// Sums over the contents of all rows, the same in either engine.
        public var sourceChecksum: String
        /// As ``sourceChecksum``, of the destination.
        public var destinationChecksum: String

        /// Whether both hold the same rows: equal counts and checksums.
        public var isEqual: Bool { sourceRows == destinationRows && sourceChecksum == destinationChecksum }
    }

    let source: any SQLDriver
    let destination: any SQLDriver
    /// The source, for messages.
    let name: String
    var reader: TransferReader

    /// Opens both stores. Throws ``Domain/StorageError``: `.unavailable` while a SQLite file is open elsewhere or a server
    /// cannot be reached.
    public init(from source: StoreLocation, to destination: StoreLocation) throws {
        if case .sqlite(let path) = source, !FileManager.default.fileExists(atPath: path) {
            throw StorageError(.unavailable, "there is no store \(path)")
        }
        let opened = try Self.opened(source)
        do {
            try self.init(from: opened, to: try Self.opened(destination), name: source.place)
        } catch {
            try opened.close()
            throw error
        }
    }

    init(from source: any SQLDriver, to destination: any SQLDriver, name: String) throws {
        (self.source, self.destination, self.name) = (source, destination, name)
        reader = TransferReader(tables: try TransferTable.all())
    }

    private static func opened(_ location: StoreLocation) throws -> any SQLDriver {
        switch location {
        case .sqlite(let path): return try ExclusiveSQLiteDriver(path: path)
        case .postgres(var settings):
            // Of a page of large rows, or the statistics of a large table, a query's limit says nothing.
            settings.statementSeconds = max(settings.statementSeconds, 600)
            return PostgresDriver(settings)
        }
    }

    /// Closes both stores.
    public func close() throws {
        do { try source.close() } catch {
            try destination.close()
            throw error
        }
        try destination.close()
    }

    /// Copies what is not copied yet, compares everything, and where all is equal opens the destination to consilod; the
    /// tables in both stores.
    ///
    /// Throws ``Domain/StorageError``: `.conflict` when the destination holds something else, `.stale` when the source has
    /// changed since an earlier run, `.corrupt` when the source is no store of this version or holds what the destination
    /// cannot. Throws `CancellationError` between two transactions when the task is cancelled.
    ///
    /// - Parameter startsOver: removes what earlier runs, which did not come to their end, have copied.
    public func run(
        startsOver: Bool = false, now: Timestamp, onProgress: @escaping @Sendable (Progress) -> Void
    ) async throws -> [Comparison] {
        try await source.read(Self.refuseIfOther)
        let known = try await destination.write { [reader, name] connection in
            try CopyProgress.open(
                reader.tables, of: name, startsOver: startsOver, now: now, in: connection)
        }
        let copied = try await tallies(of: source, known: known, .copying, onProgress) { [destination] page in
            do {
                try await destination.write { connection in
                    try CopyProgress.advance(page.table, from: page.before, to: page.after, in: connection)
                    try connection.runAll(page.table.insert, page.rows)
                }
            } catch let error as StorageError where error.code != .unavailable {
                throw StorageError(error.code, "\(page.table.name): \(error)", cause: error)
            }
        }
        try await finishTables()
        let kept = try await tallies(of: destination, known: nil, .comparing, onProgress) { _ in }
        let comparisons = reader.tables.map { table in
            let (a, b) = (copied[table.name] ?? CopyCounts(), kept[table.name] ?? CopyCounts())
            return Comparison(
                table: table.name, sourceRows: a.rows, destinationRows: b.rows, sourceChecksum: a.checksum,
                destinationChecksum: b.checksum)
        }
        if comparisons.allSatisfy(\.isEqual) { try await destination.write { try CopyProgress.close(in: $0) } }
        return comparisons
    }

    /// Reads a store to its end; what each table holds.
    private func tallies(
        of driver: any SQLDriver, known: [String: CopyCounts]?, _ phase: Progress.Phase,
        _ onProgress: @Sendable (Progress) -> Void, _ onPage: (TransferReader.Page) async throws -> Void
    ) async throws -> [String: CopyCounts] {
        let pipeline = CopyPipeline<TransferReader.Item>(limit: 2)
        var progress = Progress(phase: phase, table: "", rows: 0, rowsBefore: 0, total: 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [reader] in try await reader.read(driver, known: known, onto: pipeline) }
            // However this ends, the thread that reads must not wait for a place without end.
            defer { pipeline.stop() }
            var tallies: [String: CopyCounts] = [:]
            for await item in pipeline.items {
                switch item {
                case .total(let count): progress.total = count
                case .known(let table, let rows):
                    progress.table = table.name
                    progress.rows += rows
                    if phase == .copying { progress.rowsBefore += rows }
                case .page(let page):
                    progress.table = page.table.name
                    try await onPage(page)
                    progress.rows += page.rows.count
                case .end(let table, let tally): tallies[table.name] = tally
                }
                onProgress(progress)
                try Task.checkCancellation()
                pipeline.makePlace()
            }
            try Task.checkCancellation()
            try await group.waitForAll()
            return tallies
        }
    }

    /// Makes good what rows that bring their own numbers, and come in at once, leave undone.
    private func finishTables() async throws {
        let dialect = destination.dialect
        let statements = reader.tables.flatMap { table in
            [dialect.continuingNumbers(of: table), dialect.analyzing(table)].compactMap(\.self)
        }
        guard !statements.isEmpty else { return }
        try await destination.write { connection in for sql in statements { try connection.run(sql, []) } }
    }

    /// Throws unless the source has the schema of this version, complete.
    private static func refuseIfOther(_ connection: any SQLConnection) throws {
        let steps: Set<String>
        do {
            steps = Set(try connection.query("SELECT name FROM schema_migrations", []).map { try $0.text() })
        } catch let error as StorageError {
            throw StorageError(error.code, "the source is no store of consilod (\(error))", cause: error)
        }
        let known = Set(Migrations.all.map(\.name))
        if steps.contains(Migrations.unfinishedCopy) {
            throw StorageError(.corrupt, "the source is itself a copy that is not finished")
        }
        if let unknown = steps.subtracting(known).min() {
            throw StorageError(
                .corrupt, "the source was last used by a newer consilod (it has the schema step '\(unknown)')")
        }
        guard steps == known else {
            throw StorageError(
                .corrupt,
                "the source was last used by an older consilod: start and stop this version on it once")
        }
    }
}
