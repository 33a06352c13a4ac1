import Domain
import Foundation
import GRDB

/// What a column holds, by its mark in the migrations. The engines keep some of these in types of their own.
enum TransferType: String, CaseIterable, Sendable {
    case text = "TEXT"
    case integer = "INTEGER"
    case key = "KEY_TEXT"
    case serial = "SERIAL"
    case count = "COUNT"
    case real = "REAL"
    case uuid = "UUID"
    case timestamp = "TIMESTAMP"
    case date = "DATE"
    case json = "JSON"
    case blob = "BLOB"
    case flag = "FLAG"

    /// Whether both engines sort values of this type in the same order, so that a copy can stop and go on at one.
    var isOrderedAlike: Bool { [.key, .serial, .count, .uuid].contains(self) }

    /// The value in the form that both engines take and give: what one of them keeps as a text or a number becomes what it
    /// stands for. Nil where it cannot stand for this type.
    func converted(_ value: SQLValue) -> SQLValue? {
        switch (self, value) {
        case (_, .null): .null
        case (.text, .text), (.key, .text), (.json, .text), (.real, .real), (.uuid, .uuid), (.timestamp, .timestamp),
            (.blob, .blob), (.flag, .flag), (.serial, .integer), (.count, .integer):
            value
        // 32 bits in PostgreSQL.
        case (.integer, .integer(let number)): Int32(exactly: number).map { .integer(Int64($0)) }
        case (.real, .integer(let number)): .real(Double(number))
        case (.uuid, .text(let text)): UUID(uuidString: text).map { .uuid($0) }
        case (.timestamp, .text(let text)): Timestamp(text).map { .timestamp($0) }
        case (.date, .text(let text)): CalendarDay(text).map { .text($0.description) }
        case (.flag, .integer(let number)): .flag(number != 0)
        default: nil
        }
    }
}

/// A table that moves from store to store.
struct TransferTable: Sendable {
    struct Column: Sendable {
        var name: String
        var type: TransferType
    }

    var name: String
    var columns: [Column]
    /// The positions of the primary key's columns.
    var key: [Int]

    /// The tables whose rows speak of the store they are in, not of what is kept there: the steps of its schema, and the
    /// processes that work on it.
    static let bound: Set = ["schema_migrations", "nodes", CopyProgress.tableName]

    /// Every table of the schema that moves, each behind those it refers to.
    ///
    /// Asked of an empty database that the migrations have made, whose types are the marks themselves: a table or column
    /// that a later step adds is among them by itself. Throws `StorageError(.corrupt)` for a type that is unknown here.
    static func all() throws -> [TransferTable] {
        let marks = SQLDialect(
            types: [
                "serial": "\(TransferType.serial.rawValue) PRIMARY KEY", "uuid": TransferType.uuid.rawValue,
                "timestamp": TransferType.timestamp.rawValue, "date": TransferType.date.rawValue,
                "json": TransferType.json.rawValue, "blob": TransferType.blob.rawValue,
                "flag": TransferType.flag.rawValue, "real": TransferType.real.rawValue,
                "key": TransferType.key.rawValue, "count": TransferType.count.rawValue,
            ],
            hasConcurrentWriters: false, isAny: { $0 }, beforeMigrating: [], lowercase: { "LOWER(\($0))" })
        do {
            return try DatabaseQueue().write { database in
                for statement in Migrations.all.flatMap(\.statements) {
                    try database.execute(sql: marks.schema(statement))
                }
                let names = try String.fetchAll(
                    database,
                    sql:
                        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
                )
                return try inOrder(names.filter { !bound.contains($0) }, of: database)
            }
        } catch let error as DatabaseError {
            throw SQLiteFault.storageError(error, path: nil)
        }
    }

    private static func inOrder(_ names: [String], of database: Database) throws -> [TransferTable] {
        var (rest, ordered) = (names, [TransferTable]())
        while !rest.isEmpty {
            let next = try rest.first { name in
                let targets = Set(try database.foreignKeys(on: name).map(\.destinationTable)).subtracting([name])
                return targets.isDisjoint(with: rest)
            }
            guard let next else { throw StorageError(.corrupt, "the tables \(rest) refer to each other in a circle") }
            ordered.append(try table(next, of: database))
            rest.removeAll { $0 == next }
        }
        return ordered
    }

    private static func table(_ name: String, of database: Database) throws -> TransferTable {
        let infos = try database.columns(in: name)
        let columns = try infos.map { info in
            guard let type = TransferType(rawValue: info.type) else {
                throw StorageError(.corrupt, "the column \(name).\(info.name) has the unknown type \(info.type)")
            }
            return Column(name: info.name, type: type)
        }
        let key = infos.indices.filter { infos[$0].primaryKeyIndex > 0 }
            .sorted { infos[$0].primaryKeyIndex < infos[$1].primaryKeyIndex }
        guard !key.isEmpty, key.allSatisfy({ columns[$0].type.isOrderedAlike }) else {
            throw StorageError(.corrupt, "the table \(name) has no primary key that every engine sorts alike")
        }
        return TransferTable(name: name, columns: columns, key: key)
    }

    // MARK: Statements

    private var keyNames: String { key.map { columns[$0].name }.joined(separator: ", ") }

    /// The end of a query of a page: the rows behind a key, in key order.
    private func page(isFirst: Bool) -> String {
        let placeholders = key.map { _ in "?" }.joined(separator: ", ")
        let condition = isFirst ? "" : "WHERE (\(keyNames)) > (\(placeholders)) "
        return "FROM \(name) \(condition)ORDER BY \(keyNames) LIMIT ?"
    }

    /// The rows of a page.
    func rows(isFirst: Bool) -> String {
        "SELECT \(columns.map(\.name).joined(separator: ", ")) \(page(isFirst: isFirst))"
    }

    /// How much the rows of a page hold, about, in bytes or characters; nil where they cannot hold much.
    func sizes(isFirst: Bool, in dialect: SQLDialect) -> String? {
        let lengths = columns.compactMap { column in
            dialect.size(of: column).map { "COALESCE(\($0), 0)" }
        }
        return lengths.isEmpty ? nil : "SELECT \(lengths.joined(separator: " + ")) \(page(isFirst: isFirst))"
    }

    /// Inserts a row, all columns in order.
    var insert: String {
        """
        INSERT INTO \(name) (\(columns.map(\.name).joined(separator: ", "))) \
        VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))
        """
    }

    /// The row in the form that every engine takes. Throws `StorageError(.corrupt)`, which names the column and not what
    /// it holds.
    func converted(_ row: SQLRow) throws -> [SQLValue] {
        try zip(columns, row.values).map { column, value in
            guard let converted = column.type.converted(value) else {
                throw StorageError(
                    .corrupt, "\(name).\(column.name) holds a value that is no \(column.type.rawValue.lowercased())")
            }
            return converted
        }
    }

    /// The row's key.
    func key(of row: SQLRow) -> [SQLValue] { key.map { row.values[$0] } }
}

extension SQLDialect {
    /// How much a column holds, without reading it where the engine can tell; nil where it cannot be much.
    fileprivate func size(of column: TransferTable.Column) -> String? {
        switch column.type {
        case .text, .blob: hasConcurrentWriters ? "OCTET_LENGTH(\(column.name))" : "LENGTH(\(column.name))"
        // Compressed, in PostgreSQL; to have it as a text takes longer than to copy it.
        case .json:
            hasConcurrentWriters
                ? "4 * CAST(pg_column_size(\(column.name)) AS BIGINT)" : "LENGTH(\(column.name))"
        default: nil
        }
    }

    /// Has the numbers of a table go on behind the largest there is; nil where the engine does so by itself.
    func continuingNumbers(of table: TransferTable) -> String? {
        guard hasConcurrentWriters, let column = table.columns.first(where: { $0.type == .serial }) else { return nil }
        return """
            SELECT setval(pg_get_serial_sequence('\(table.name)', '\(column.name)'), MAX(\(column.name)))
            FROM \(table.name)
            """
    }

    /// Has the planner know what was copied; nil where it does not ask.
    func analyzing(_ table: TransferTable) -> String? { hasConcurrentWriters ? "ANALYZE \(table.name)" : nil }

    /// Statements before a transaction that may wait for the other store for longer than a query may take.
    var beforeLongReading: [String] {
        hasConcurrentWriters ? ["SET LOCAL idle_in_transaction_session_timeout = 0"] : []
    }
}
