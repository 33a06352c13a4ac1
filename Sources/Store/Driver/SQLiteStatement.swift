import Domain
import Foundation
import GRDB
import GRDBSQLite

/// A prepared statement of SQLite, worked through SQLite's own functions: GRDB opens connections, keeps prepared statements
/// and runs transactions, but its rows and arguments cost the door as much as SQLite's whole work.
struct SQLiteStatement {
    private let database: Database
    private let statement: OpaquePointer

    /// Throws GRDB's `DatabaseError`, as all methods.
    init(_ sql: String, in database: Database) throws {
        self.database = database
        statement = try database.cachedStatement(sql: sql).sqliteStatement
    }

    /// Runs it once; the number of rows it changed.
    func execute(_ arguments: [SQLValue]) throws -> Int {
        defer { sqlite3_reset(statement) }
        try bind(arguments)
        while try step() {}
        return Int(sqlite3_changes(database.sqliteConnection))
    }

    func rows(_ arguments: [SQLValue]) throws -> [SQLRow] {
        defer { sqlite3_reset(statement) }
        try bind(arguments)
        var rows: [SQLRow] = []
        let columns = sqlite3_column_count(statement)
        while try step() { rows.append(SQLRow(values: (0..<columns).map(value))) }
        return rows
    }

    /// How a transaction begins: at its first read, or as that of the one writer.
    enum Beginning: String {
        case deferred = "BEGIN DEFERRED TRANSACTION"
        case immediate = "BEGIN IMMEDIATE TRANSACTION"
    }

    /// Runs `body` in a transaction. Throws what that throws, with no effect.
    ///
    /// GRDB's own has SQLite parse what begins and ends a transaction each time, which takes as long as some transactions.
    static func transaction<Result>(
        _ beginning: Beginning, in database: Database, _ body: () throws -> Result
    ) throws -> Result {
        _ = try SQLiteStatement(beginning.rawValue, in: database).execute([])
        do {
            let result = try body()
            _ = try SQLiteStatement("COMMIT TRANSACTION", in: database).execute([])
            return result
        } catch {
            let failure = error
            do {
                // SQLite may have rolled it back already.
                if database.isInsideTransaction { try database.rollback() }
            } catch {
                // What failed first says more.
            }
            throw failure
        }
    }

    /// Whether there is a row.
    private func step() throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw failure(code)
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code),
            message: sqlite3_errmsg(database.sqliteConnection).map { String(cString: $0) })
    }

    private func bind(_ arguments: [SQLValue]) throws {
        guard sqlite3_bind_parameter_count(statement) == arguments.count else { throw failure(SQLITE_RANGE) }
        for (index, argument) in arguments.enumerated() {
            let code = bind(argument, at: Int32(index) + 1)
            guard code == SQLITE_OK else { throw failure(code) }
        }
    }

    /// SQLITE_TRANSIENT: SQLite makes a copy of its own.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: sqlite3_bind_null(statement, index)
        case .integer(let number): sqlite3_bind_int64(statement, index, number)
        case .flag(let flag): sqlite3_bind_int64(statement, index, flag ? 1 : 0)
        case .real(let number): sqlite3_bind_double(statement, index, number)
        case .text(let text): bind(text, at: index)
        case .timestamp(let instant): bind(instant.description, at: index)
        case .uuid(let uuid): bind(uuid.canonicalText, at: index)
        case .array(let values): bind(Self.json(of: values), at: index)
        case .blob(let data):
            // An address also of no bytes: without one it would be NULL.
            data.isEmpty
                ? sqlite3_bind_zeroblob(statement, index, 0)
                : data.withUnsafeBytes {
                    sqlite3_bind_blob64(statement, index, $0.baseAddress, UInt64($0.count), Self.copied)
                }
        }
    }

    private func bind(_ text: String, at index: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) {
                // An empty text may have no address, and without one it would be NULL.
                $0.isEmpty
                    ? sqlite3_bind_text(statement, index, "", 0, Self.copied)
                    : sqlite3_bind_text64(
                        statement, index, $0.baseAddress, UInt64($0.count), Self.copied, UInt8(SQLITE_UTF8))
            }
        }
    }

    /// The list as `json_each` reads it. Nothing but texts, numbers and UUIDs is looked up in a list.
    private static func json(of values: [SQLValue]) -> String {
        let elements = values.map { value in
            switch value {
            case .text(let text): quoted(text)
            case .uuid(let uuid): "\"\(uuid.canonicalText)\""
            case .integer(let number): "\(number)"
            default: "null"
            }
        }
        return "[\(elements.joined(separator: ","))]"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case ..<" ": result += String(format: "\\u%04x", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(statement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(statement, column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(statement, column))
        case SQLITE_TEXT:
            .text(
                String(
                    decoding: UnsafeRawBufferPointer(
                        start: sqlite3_column_text(statement, column), count: byteCount(column)), as: UTF8.self))
        case SQLITE_BLOB:
            .blob(
                Data(
                    UnsafeRawBufferPointer(
                        start: sqlite3_column_blob(statement, column), count: byteCount(column))))
        default: .null
        }
    }

    /// Asked after the value: before, SQLite may give the length of another form of it.
    private func byteCount(_ column: Int32) -> Int { Int(sqlite3_column_bytes(statement, column)) }
}
