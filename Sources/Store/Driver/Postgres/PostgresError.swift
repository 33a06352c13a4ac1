import Domain

/// A failure that PostgreSQL or libpq reported, before it is put in the store's terms.
struct PostgresError: Error {
    /// The five characters of SQLSTATE (docs, appendix A); nil when no server answered.
    var sqlState: String?
    /// The server's primary message. It names tables and constraints, not the values of rows.
    var message: String
    /// Whether the connection is of no use any more.
    var endsConnection: Bool
    /// Whether no connection can be made, so that no other task need try now.
    var isOutage = false

    /// Whether the same transaction may well succeed when it is run again.
    var isRetryable: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// In the store's terms, without arguments or row contents.
    var translated: StorageError {
        let detail = "PostgreSQL: \(message)"
        switch sqlState?.prefix(2) {
        case "23": return StorageError(sqlState == "23503" ? .stale : .conflict, detail, cause: self)
        // Data exceptions, rows too wide for an index, and one row twice in a statement.
        case "21", "22", "54": return StorageError(.corrupt, detail, cause: self)
        case "XX" where sqlState != "XX000": return StorageError(.corrupt, detail, cause: self)
        default: return StorageError(.unavailable, detail, cause: self)
        }
    }
}
