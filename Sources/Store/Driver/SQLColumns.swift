import Domain
import Foundation

/// The columns that a query reads: an enumeration whose cases, in their order, make both the query's list and the place
/// of each value in a row. No reader counts columns, and a column that is not selected does not compile.
///
///     enum ParkedColumn: Int, SQLColumns {
///         case issueID, lastError, attempts
///         static let list = columnList()
///     }
///     try connection.select(ParkedColumn.self, "FROM issue_queue WHERE tenant_id = ?", [.tenant(id)])
///         .map { row in (IssueID(try row.text(.issueID)), try row.integer(.attempts)) }
///
/// A case stands for the column of its name in snake case (`issueID` for `issue_id`). Where the query says something
/// else, as an alias or an expression, the enumeration has an ``sql`` of its own. The list is made once for each
/// enumeration, and a place is a raw value: reading by name costs what reading by position does, which remains possible
/// through ``SQLRow`` and suits a query of a single value.
protocol SQLColumns: RawRepresentable<Int>, CaseIterable, Sendable {
    /// The column in the query's list.
    var sql: String { get }

    /// All columns, separated by commas: `static let list = columnList()`.
    static var list: String { get }
}

extension SQLColumns {
    var sql: String { columnName }

    /// The case's name in snake case.
    var columnName: String {
        var name = ""
        var isWithinCapitals = false
        for character in "\(self)" {
            if character.isUppercase, !isWithinCapitals { name.append("_") }
            isWithinCapitals = character.isUppercase
            name += character.lowercased()
        }
        return name
    }

    static func columnList() -> String { allCases.map(\.sql).joined(separator: ", ") }
}

/// One row of a query of these columns, read by their names. Accessors throw as those of ``SQLRow``.
struct SQLRecord<Columns: SQLColumns>: Sendable {
    private let row: SQLRow
    /// The place of the first column: not 0 where the columns of another enumeration stand before these.
    private let start: Int

    init(_ row: SQLRow, start: Int = 0) {
        self.row = row
        self.start = start
    }

    /// The columns that stand behind these in the same row.
    func following<Others: SQLColumns>(_ others: Others.Type) -> SQLRecord<Others> {
        SQLRecord<Others>(row, start: start + Columns.allCases.count)
    }

    private func place(_ column: Columns) -> Int { start + column.rawValue }

    func text(_ column: Columns) throws -> String { try row.text(place(column)) }
    func optionalText(_ column: Columns) throws -> String? { try row.optionalText(place(column)) }
    func integer(_ column: Columns) throws -> Int { try row.integer(place(column)) }
    func optionalInteger(_ column: Columns) throws -> Int? { try row.optionalInteger(place(column)) }
    func real(_ column: Columns) throws -> Double { try row.real(place(column)) }
    func optionalReal(_ column: Columns) throws -> Double? { try row.optionalReal(place(column)) }
    func flag(_ column: Columns) throws -> Bool { try row.flag(place(column)) }
    func blob(_ column: Columns) throws -> Data { try row.blob(place(column)) }
    func timestamp(_ column: Columns) throws -> Timestamp { try row.timestamp(place(column)) }
    func optionalTimestamp(_ column: Columns) throws -> Timestamp? { try row.optionalTimestamp(place(column)) }
    func uuid(_ column: Columns) throws -> UUID { try row.uuid(place(column)) }
    func optionalUUID(_ column: Columns) throws -> UUID? { try row.optionalUUID(place(column)) }
    func tenantID(_ column: Columns) throws -> TenantID { try row.tenantID(place(column)) }
    func choice<Value: RawRepresentable<String>>(_ column: Columns, of type: Value.Type) throws -> Value {
        try row.choice(place(column), of: type)
    }
    func stored<Form: StoredRow>(_ column: Columns, as form: Form.Type) throws -> Form.Value {
        try row.stored(place(column), as: form)
    }
    func optionalStored<Form: StoredRow>(_ column: Columns, as form: Form.Type) throws -> Form.Value? {
        try row.optionalStored(place(column), as: form)
    }
}

/// A query with its arguments.
struct SQLQuery {
    var sql: String
    var arguments: [SQLValue]

    init(_ sql: String, _ arguments: [SQLValue]) {
        self.sql = sql
        self.arguments = arguments
    }

    /// `SELECT` of these columns; `rest` begins with `FROM`.
    static func select<Columns: SQLColumns>(
        _ columns: Columns.Type, _ rest: String, _ arguments: [SQLValue]
    ) -> SQLQuery {
        SQLQuery("SELECT \(Columns.list) \(rest)", arguments)
    }
}

extension SQLConnection {
    /// All rows of a `SELECT` of these columns; `rest` begins with `FROM`.
    func select<Columns: SQLColumns>(
        _ columns: Columns.Type, _ rest: String, _ arguments: [SQLValue]
    ) throws -> [SQLRecord<Columns>] {
        try query("SELECT \(Columns.list) \(rest)", arguments).map { SQLRecord($0) }
    }

    /// The first row of a `SELECT` of these columns, nil without rows; `rest` begins with `FROM`.
    func selectFirst<Columns: SQLColumns>(
        _ columns: Columns.Type, _ rest: String, _ arguments: [SQLValue]
    ) throws -> SQLRecord<Columns>? {
        try first("SELECT \(Columns.list) \(rest)", arguments).map { SQLRecord($0) }
    }
}
