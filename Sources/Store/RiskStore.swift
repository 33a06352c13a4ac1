public import Domain

/// Everything consilod keeps: one database, reached through a thin driver.
///
/// Every method is one transaction, on disk when it returns. All methods throw ``Domain/StorageError``. Every query
/// names its tenant (P8); the exceptions are the workers' claims, which serve all tenants in turn.
public struct RiskStore: Sendable {
    let driver: any SQLDriver
    let inbox: GroupCommit
    /// Most events folded under one claim: bounds the memory and the length of one transaction.
    let eventsPerClaim = 500
    /// Most bytes of bodies folded under one claim; a larger one comes alone.
    var eventBytesPerClaim = 64 << 20

    /// Opens the embedded SQLite store at `path`, creates it where it is missing, and brings its schema up to date.
    public static func sqlite(path: String, now: Timestamp) async throws -> RiskStore {
        let driver = try SQLiteDriver(path: path)
        _ = try await driver.write { try Migrations.apply(to: $0, now: now) }
        return RiskStore(driver: driver)
    }

    init(driver: any SQLDriver) {
        self.driver = driver
        self.inbox = GroupCommit(driver: driver)
    }

    /// Ends the leases that a predecessor left when it was killed, so that its work is taken up at once.
    ///
    /// Only for a store that no other process works on, as the embedded one: there, whoever starts holds no lease.
    public func endLeftLeases() async throws {
        try await driver.write { connection in
            for table in ["issue_queue", "alert_outbox"] {
                try connection.execute(
                    "UPDATE \(table) SET lease_token = NULL, leased_until = NULL WHERE lease_token IS NOT NULL", [])
            }
        }
    }

    /// Throws when the database cannot commit to disk now: a real write, of values that are there already.
    public func checkWritable() async throws {
        try await driver.write { try $0.execute("UPDATE schema_migrations SET name = name", []) }
    }

    /// Ends all work and closes the database.
    public func close() throws { try driver.close() }
}
