import Dispatch
import Domain

extension PostgresSession {
    /// Fails as `.unavailable` where a pooler lends a connection to the server for one transaction or statement only: what
    /// a session sets, prepares and listens to would be another session's then.
    ///
    /// One session sets something and another one takes the server's connection that has become free; the first must still
    /// find what it set.
    static func requireSessionMode(_ settings: PostgresSettings) async throws {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: Result { try probe(settings) }) }
        }
        do { try result.get() } catch let error as PostgresError { throw error.translated }
    }

    private static func probe(_ settings: PostgresSettings) throws {
        let (first, second) = (try PostgresSession(settings), try PostgresSession(settings))
        // The server's backend may have served others before.
        let mark = String(UInt64.random(in: .min ... .max), radix: 36)
        _ = try first.ask("SELECT set_config('consilod.session', '\(mark)', false)")
        _ = try second.ask("BEGIN")
        let found = try first.ask("SELECT COALESCE(current_setting('consilod.session', true), '')")
        _ = try second.ask("ROLLBACK")
        guard try found?.text() == mark else { throw PostgresError.sharedSession }
    }

    private func ask(_ sql: String) throws -> SQLRow? {
        try sendOnce(sql)
        return try synchronize().last?.rows.first
    }
}

extension PostgresError {
    /// A connection is not the same session at its next transaction.
    static let sharedSession = PostgresError(
        sqlState: nil,
        message: "a pooler in front of the server is not in session mode: set pool_mode = session for this database",
        endsConnection: true)
}
