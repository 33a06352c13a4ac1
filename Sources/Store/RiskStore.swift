public import Domain
import Foundation

/// Everything consilod keeps: one database, reached through a thin driver.
///
/// Every method is one transaction, on disk when it returns. All methods throw ``Domain/StorageError``. Every query
/// names its tenant (P8); the exceptions are the workers' claims, which serve all tenants in turn. A method that changes
/// something for a person or a part names it by `by`; of people's acts the same transaction keeps a row in the audit log.
public struct RiskStore: Sendable {
    let driver: any SQLDriver
    /// The clock of rows whose instant no caller gives.
    public var now: @Sendable () -> Timestamp = { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }
    /// How many of each thing a tenant may add.
    public var limits = TenantLimits()
    /// Whether owners are informed by mail of what happens to their tenant's subscription.
    public var tellsOwners = false
    /// Whether the host sells subscriptions: a tenant whose subscription renews itself is kept then.
    public var sellsSubscriptions = false
    /// Where verified webhooks are kept, several in one transaction.
    public let inbox: GroupCommit
    /// Most events folded under one claim: bounds the memory and the length of one transaction.
    let eventsPerClaim = 500
    /// Most bytes of bodies folded under one claim; a larger one comes alone.
    var eventBytesPerClaim = 64 << 20

    /// Opens the embedded SQLite store at `path`, creates it where it is missing, and brings its schema up to date.
    public static func sqlite(
        path: String, now: Timestamp, metrics: StoreMetrics = StoreMetrics()
    ) async throws -> RiskStore {
        let changes = StoreChanges()
        let driver = try SQLiteDriver(path: path, metrics: metrics, changes: changes)
        _ = try await driver.write { try Migrations.apply(to: $0, now: now) }
        return RiskStore(driver: driver, changes: changes)
    }

    /// Opens a store in a PostgreSQL database, which any number of processes may share, and brings its schema up to date.
    ///
    /// Throws `StorageError(.unavailable)` while the server cannot be reached.
    public static func postgres(
        _ settings: PostgresSettings, now: Timestamp, metrics: StoreMetrics = StoreMetrics()
    ) async throws -> RiskStore {
        try await PostgresSession.requireSessionMode(settings)
        // However long a step takes, and however long another node is at it.
        var patient = settings
        patient.statementSeconds = 24 * 3600
        let migrating = PostgresDriver(patient)
        defer { migrating.close() }
        _ = try await migrating.write { try Migrations.apply(to: $0, now: now) }
        let changes = StoreChanges()
        return RiskStore(
            driver: PostgresDriver(settings, metrics: metrics, changes: changes), signals: try NodeSignals(settings),
            changes: changes)
    }

    /// Opens a store beside the daemons that may use it, for a command, and changes nothing of its schema.
    ///
    /// Throws `StorageError(.unavailable)` where no such store exists, and `.corrupt` for one of another version. Root goes on as the
    /// owner of a SQLite file.
    public static func beside(_ location: StoreLocation) async throws -> RiskStore {
        let store: RiskStore
        switch location {
        case .sqlite(let path):
            try FileOwner.takeOver(path)
            guard FileManager.default.fileExists(atPath: path) else {
                throw StorageError(.unavailable, "there is no store \(path)")
            }
            store = RiskStore(driver: try SQLiteDriver(path: path))
        case .postgres(let settings):
            store = RiskStore(driver: PostgresDriver(settings), signals: try NodeSignals(settings))
        }
        do {
            try await store.driver.read { try Migrations.refuseIfOther($0) }
            return store
        } catch {
            try store.close()
            throw error
        }
    }

    /// How processes on this store wake each other; nil where only one can work on it.
    public let signals: NodeSignals?
    /// Tells whose data this process has changed.
    public let changes: StoreChanges
    /// The counts of large tenants' issues, for a while.
    var projectRiskCache = ProjectRiskCache()
    /// Holds what recognises and erases people.
    public let erasure: ErasureBox

    init(driver: any SQLDriver, signals: NodeSignals? = nil, changes: StoreChanges = StoreChanges()) {
        self.driver = driver
        self.signals = signals
        self.changes = changes
        let erasure = ErasureBox()
        self.erasure = erasure
        self.inbox = GroupCommit(driver: driver, erasure: erasure)
    }

    /// What the store is kept in, for people.
    public var engineName: String { driver.dialect.hasConcurrentWriters ? "PostgreSQL" : "SQLite" }

    /// Ends the leases that a predecessor left when it was killed, so that its work is taken up at once. On a store that
    /// other processes may work on they end by themselves.
    public func endLeftLeases() async throws {
        guard signals == nil else { return }
        try await driver.write { connection in
            for table in [
                "issue_queue", "notifications", "forecast_backtests", "forecast_refreshes", "digest_schedules",
                "account_mails", "stripe_accounts",
            ] {
                try connection.run(
                    "UPDATE \(table) SET lease_token = NULL, leased_until = NULL WHERE lease_token IS NOT NULL", [])
            }
            // Due when the lease ends.
            for table in ["jira_access", "forecast_jobs"] {
                try connection.run(
                    "UPDATE \(table) SET leased_until = ? WHERE lease_token IS NOT NULL",
                    [.timestamp(Timestamp(milliseconds: 0))])
            }
        }
    }

    /// Ends all work and closes the database.
    public func close() throws { try driver.close() }
}
