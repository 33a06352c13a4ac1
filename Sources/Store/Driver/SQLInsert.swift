/// An `INSERT` of many rows, with what becomes of those that are there already.
struct SQLInsert: Sendable {
    /// The columns by which two rows are the same, among `columns`.
    let key: [Int]
    /// For one row.
    let statement: String
    /// For any number of rows: each argument is an array of what they have in one column. PostgreSQL's.
    let statementOfArrays: String
    /// The same, giving the keys of the rows that were new.
    let statementOfArraysTellingNew: String

    /// - Parameters:
    ///   - columns: names, and types as the schema writes them, without a collation.
    ///   - key: the names of those by which two rows are the same.
    ///   - conflict: `DO …`; nil where no row can be there already.
    init(table: String, columns: KeyValuePairs<String, String>, key: [String], conflict: String?) {
        let names = columns.map(\.key)
        self.key = key.compactMap { names.firstIndex(of: $0) }
        let places = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        let arrays = columns.map { "CAST(? AS \(SQLDialect.postgres.schema($0.value))[])" }.joined(separator: ", ")
        let beginning = "INSERT INTO \(table) (\(names.joined(separator: ", ")))"
        let keyNames = key.joined(separator: ", ")
        let ending = conflict.map { "ON CONFLICT (\(keyNames)) \($0)" } ?? ""
        statement = "\(beginning) VALUES (\(places)) \(ending)"
        statementOfArrays = "\(beginning) SELECT * FROM unnest(\(arrays)) \(ending)"
        statementOfArraysTellingNew = "\(statementOfArrays) RETURNING \(keyNames)"
    }
}
