import DaemonTestSupport
import Domain
import TestSupport
import Testing

@testable import Store

/// On a real PgBouncer in front of a real server.
@Suite(
    .alone, .serialized, .enabled(if: PostgresServer.isInstalled, .init(rawValue: PostgresServer.isMissing)),
    .enabled(if: PgBouncer.isInstalled, .init(rawValue: PgBouncer.isMissing)))
struct PgBouncerTests {
    private static let now = Timestamp(seconds: 1_795_521_600)

    /// PgBouncer keeps what the server said of itself when it was a standby.
    @Test func aStandbyThatIsPromotedBehindThePoolerTakesWrites() async throws {
        let primary = try PostgresServer(settings: ["wal_level = replica"])
        _ = try primary.query("CREATE TABLE marks (word TEXT)")
        let standby = try PostgresServer(following: primary)
        try await eventually("the standby has the table") {
            try standby.query("SELECT COUNT(*) FROM pg_tables WHERE tablename = 'marks'") == [["1"]]
        }
        let pooler = try PgBouncer(before: standby, mode: "session")
        let driver = PostgresDriver(try PostgresSettings(connectionString: pooler.url, connectionLimit: 2))
        defer { driver.close() }
        let refusal = await #expect(throws: StorageError.self) {
            try await driver.write { try $0.run("INSERT INTO marks VALUES ('first')", []) }
        }
        #expect(refusal?.code == .unavailable)
        #expect("\(try #require(refusal))".contains("the server does not accept writes: it is a standby"))
        try primary.crash()
        try standby.promote()
        try await eventually("the promoted server takes writes", within: .seconds(20)) {
            do {
                try await driver.write { try $0.run("INSERT INTO marks VALUES ('second')", []) }
                return true
            } catch let error as StorageError where error.code == .unavailable { return false }
        }
        #expect(try standby.query("SELECT word FROM marks") == [["second"]])
    }

    @Test func aStoreOpensInSessionModeAndNamesAnotherMode() async throws {
        let server = try PostgresServer()
        let shared = try PgBouncer(before: server, mode: "transaction")
        let error = await #expect(throws: StorageError.self) {
            _ = try await RiskStore.postgres(PostgresSettings(connectionString: shared.url), now: Self.now)
        }
        #expect("\(try #require(error))".contains("set pool_mode = session"))
        let pooler = try PgBouncer(before: server, mode: "session")
        let store = try await RiskStore.postgres(PostgresSettings(connectionString: pooler.url), now: Self.now)
        #expect(store.engineName == "PostgreSQL")
        try store.close()
    }
}
