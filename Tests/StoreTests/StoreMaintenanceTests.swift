import Domain
import Foundation
import Synchronization
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

@Suite(.enabled(if: !StoreFixture.isShared, "PostgreSQL has tools of its own"))
struct StoreMaintenanceTests {
    private func maintenance(of fixture: StoreFixture) throws -> any StoreMaintenance {
        try StoreLocation(fixture.home.appendingPathComponent("test.sqlite").path).maintenance
    }

    private func permissions(_ file: URL) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
    }

    private func files(_ fixture: StoreFixture) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: fixture.home.path).sorted()
    }

    @Test func aBackupOfAStoreInUseIsTheStoreAsOfOneInstant() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let file = fixture.home.appendingPathComponent("backup.sqlite")
        let maintenance = try maintenance(of: fixture)
        // Webhooks come in all the while, each with its row in the inbox and its row in the queue.
        let isDone = Flag()
        async let taken = {
            var count = 0
            while await !isDone.isSet {
                try await fixture.take(.issues([IssueID("m\(count)")]), "m\(count)", of: tenant, at: StoreFixture.start)
                count += 1
            }
            return count
        }()
        try await eventually("webhooks come in") {
            try await fixture.count("SELECT COUNT(*) FROM webhook_events WHERE delivery_id LIKE 'm%'") > 20
        }
        let inventory = try maintenance.backUp(to: file, replacing: false) { _ in }
        await isDone.set()
        #expect(try await taken > 20)

        #expect(try permissions(file) == 0o600)
        #expect(try !files(fixture).contains { $0.contains("partial") || $0.hasPrefix("backup.sqlite-") })
        #expect(inventory.tables.first { $0.name == "tenants" }?.rows == 1)
        let copy = try await RiskStore.sqlite(path: file.path, now: StoreFixture.start)
        let (events, issues) = try await copy.driver.read { connection in
            (
                try connection.first("SELECT COUNT(*) FROM webhook_events WHERE delivery_id LIKE 'm%'", [])?.integer(0),
                try connection.first("SELECT COUNT(*) FROM issue_queue WHERE issue_id LIKE 'm%'", [])?.integer(0)
            )
        }
        #expect(events == issues)
        #expect(inventory.tables.first { $0.name == "webhook_events" }?.rows == events.map { $0 + 5 })
        #expect(try await copy.tenant(tenant) == fixture.store.tenant(tenant))
        try copy.close()
    }

    private actor Flag {
        private(set) var isSet = false
        func set() { isSet = true }
    }

    @Test func aBackupTellsHowFarItIs() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for index in 0..<6 {
            var delivery = StoreFixture.delivery("d\(index)", of: tenant)
            // Bytes that do not compress.
            var random = SeededGenerator(seed: UInt64(index + 1))
            delivery.body = (0..<1 << 20).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try await fixture.store.inbox.append(delivery)
        }
        let told = Told()
        let file = fixture.home.appendingPathComponent("backup.sqlite")
        let inventory = try maintenance(of: fixture).backUp(to: file, replacing: false) { told.append($0) }
        let steps = told.all
        #expect(steps.count > 5)
        #expect(steps.last == .checking)
        #expect(steps.dropLast().last == .copying(done: inventory.bytes, total: inventory.bytes))
        let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int
        #expect(size == inventory.bytes)
    }

    /// What was told, in order.
    private final class Told: Sendable {
        private let steps = Mutex<[MaintenanceProgress]>([])
        func append(_ step: MaintenanceProgress) { steps.withLock { $0.append(step) } }
        var all: [MaintenanceProgress] { steps.withLock { $0 } }
    }

    @Test func aBackupReplacesNothingUnlessItIsToldTo() async throws {
        let fixture = try await StoreFixture()
        let file = fixture.home.appendingPathComponent("backup.sqlite")
        try Data("precious".utf8).write(to: file)
        let error = #expect(throws: StorageError.self) {
            try maintenance(of: fixture).backUp(to: file, replacing: false) { _ in }
        }
        #expect(error?.code == .conflict)
        #expect(try Data(contentsOf: file) == Data("precious".utf8))
        _ = try maintenance(of: fixture).backUp(to: file, replacing: true) { _ in }
        #expect(try StoreLocation(file.path).maintenance.check().faults == [])
    }

    @Test func aStoreThatIsMissingOrInPostgreSQLIsSaidPlainly() throws {
        let missing = #expect(throws: StorageError.self) {
            try StoreLocation("/nonexistent/c.sqlite").maintenance.check()
        }
        #expect(missing?.message == "there is no store /nonexistent/c.sqlite")
        let location = try StoreLocation("postgresql://user:password@host/consilod")
        #expect(!"\(location)".contains("password"))
        let server = #expect(throws: StorageError.self) { try location.maintenance.check() }
        #expect(server?.message.contains("pg_dump") == true)
    }

    /// A store with a backup, both closed; after the backup one more tenant has come.
    private func backedUp() async throws -> (fixture: StoreFixture, tenant: TenantID, later: TenantID, backup: URL) {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let backup = fixture.home.appendingPathComponent("backup.sqlite")
        _ = try maintenance(of: fixture).backUp(to: backup, replacing: false) { _ in }
        let later = try await fixture.makeTenant("later")
        try fixture.store.close()
        return (fixture, tenant, later, backup)
    }

    @Test func aRestoredStoreIsTheBackupAndTheOneBeforeIsKept() async throws {
        let (fixture, tenant, later, backup) = try await backedUp()
        let restored = try maintenance(of: fixture).restore(from: backup, now: StoreFixture.start) { _ in }
        let path = fixture.home.appendingPathComponent("test.sqlite")
        #expect(try permissions(path) == 0o600)
        let aside = try #require(restored.aside)
        #expect(aside.lastPathComponent == "test.sqlite.before-20251009T085320")
        // Nothing is left of the log of the one before.
        let left = try files(fixture)
        #expect(left == ["backup.sqlite", "test.sqlite", aside.lastPathComponent, "test.sqlite.lock"])
        let store = try await RiskStore.sqlite(path: path.path, now: StoreFixture.start)
        #expect(try await store.tenants(after: nil, limit: 10).items.map(\.id) == [tenant])
        try store.close()
        let before = try await RiskStore.sqlite(path: aside.path, now: StoreFixture.start)
        #expect(try await before.tenant(later)?.id == later)
        try before.close()
    }

    @Test func aStoreIsRestoredWhereNoneIs() async throws {
        let (fixture, tenant, _, backup) = try await backedUp()
        let path = fixture.home.appendingPathComponent("new.sqlite").path
        let restored = try StoreLocation(path).maintenance.restore(from: backup, now: StoreFixture.start) { _ in }
        #expect(restored.aside == nil)
        let store = try await RiskStore.sqlite(path: path, now: StoreFixture.start)
        #expect(try await store.tenant(tenant)?.id == tenant)
        try store.close()
    }

    @Test func aDamagedStoreIsReplacedAndKeptAsItWas() async throws {
        let (fixture, tenant, _, backup) = try await backedUp()
        let path = fixture.home.appendingPathComponent("test.sqlite")
        let rubbish = Data("this is no database, and no header of one".utf8)
        try rubbish.write(to: path)
        try Data("neither is this a log".utf8).write(to: fixture.home.appendingPathComponent("test.sqlite-wal"))
        let restored = try maintenance(of: fixture).restore(from: backup, now: StoreFixture.start) { _ in }
        #expect(try Data(contentsOf: try #require(restored.aside)) == rubbish)
        let store = try await RiskStore.sqlite(path: path.path, now: StoreFixture.start)
        #expect(try await store.tenant(tenant)?.id == tenant)
        try store.close()
    }

    @Test func aStoreThatADaemonUsesIsNotReplaced() async throws {
        let (fixture, _, _, backup) = try await backedUp()
        let path = fixture.home.appendingPathComponent("test.sqlite").path
        let lock = try StoreLock(storePath: path)
        let held = #expect(throws: StorageError.self) {
            try maintenance(of: fixture).restore(from: backup, now: StoreFixture.start) { _ in }
        }
        #expect(held?.message == "another consilod (process \(getpid())) uses the store \(path)")
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: ["symbolic", "hard", "dangling", "pipe"])
    func aLockThatIsALinkIsRefusedAndWhatItLeadsToStaysAsItWas(kind: String) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (store, target) = (folder.appendingPathComponent("c.sqlite"), folder.appendingPathComponent("shadow"))
        let lock = folder.appendingPathComponent("c.sqlite.lock")
        try Data("SQLite".utf8).write(to: store)
        if kind != "dangling" { try Data("root:*:1\n".utf8).write(to: target) }
        if geteuid() == 0 {
            // Of the daemon's user, to whom root would give what the link leads to.
            try #require(chown(store.path, 65_534, 65_534) == 0)
        }
        switch kind {
        case "hard": try FileManager.default.linkItem(at: target, to: lock)
        case "pipe": try #require(mkfifo(lock.path, 0o600) == 0)
        default: try FileManager.default.createSymbolicLink(at: lock, withDestinationURL: target)
        }
        let error = #expect(throws: StorageError.self) { _ = try StoreLock(storePath: store.path) }
        #expect(error?.message.hasPrefix("\(lock.path) is a link or no plain file") == true, "\(error as Any)")
        guard kind != "dangling" else { return #expect(!FileManager.default.fileExists(atPath: target.path)) }
        #expect(try String(contentsOf: target, encoding: .utf8) == "root:*:1\n")
        let attributes = try FileManager.default.attributesOfItem(atPath: target.path)
        #expect(attributes[.ownerAccountID] as? UInt32 == geteuid())
    }

    @Test func aStoreThatAnyProgramHasOpenIsNotReplaced() async throws {
        let (fixture, _, later, backup) = try await backedUp()
        let path = fixture.home.appendingPathComponent("test.sqlite").path
        let reader = Process()
        reader.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        reader.arguments = ["sqlite3", "-readonly", path]
        let (orders, answers) = (Pipe(), Pipe())
        reader.standardInput = orders
        reader.standardOutput = answers
        try reader.run()
        orders.fileHandleForWriting.write(Data("SELECT COUNT(*) FROM tenants;\n".utf8))
        #expect(String(decoding: answers.fileHandleForReading.availableData, as: UTF8.self) == "2\n")
        let error = #expect(throws: StorageError.self) {
            try maintenance(of: fixture).restore(from: backup, now: StoreFixture.start) { _ in }
        }
        #expect(error?.message == "another program has the store \(path) open")
        try orders.fileHandleForWriting.close()
        try await eventually("the reader ends") { !reader.isRunning }
        #expect(try !files(fixture).contains { $0.contains("before") || $0.contains("partial") })
        let store = try await RiskStore.sqlite(path: path, now: StoreFixture.start)
        #expect(try await store.tenant(later)?.id == later)
        try store.close()
    }

    @Test func aDamagedOrForeignBackupChangesNothing() async throws {
        let (fixture, _, later, backup) = try await backedUp()
        var bytes = try Data(contentsOf: backup)
        // All pages but the first, which holds the header and the schema.
        for offset in stride(from: 8192, to: bytes.count, by: 512) { bytes[offset] ^= 0xFF }
        let damaged = fixture.home.appendingPathComponent("damaged.sqlite")
        try bytes.write(to: damaged)
        let foreign = fixture.home.appendingPathComponent("foreign.sqlite")
        try Data("no database at all".utf8).write(to: foreign)
        let newer = fixture.home.appendingPathComponent("newer.sqlite")
        let future = try await RiskStore.sqlite(path: newer.path, now: StoreFixture.start)
        try await future.driver.write {
            try $0.execute(
                "INSERT INTO schema_migrations (name, applied_at) VALUES ('9999-future', ?)",
                [.timestamp(StoreFixture.start)])
        }
        try future.close()
        for file in [damaged, foreign, newer] {
            let error = #expect(throws: StorageError.self) {
                try maintenance(of: fixture).restore(from: file, now: StoreFixture.start) { _ in }
            }
            #expect(error?.code == .corrupt, "\(file.lastPathComponent): \(error.map { "\($0)" } ?? "")")
        }
        #expect(try !files(fixture).contains { $0.contains("before") || $0.contains("partial") })
        let path = fixture.home.appendingPathComponent("test.sqlite").path
        let store = try await RiskStore.sqlite(path: path, now: StoreFixture.start)
        #expect(try await store.tenant(later)?.id == later)
        try store.close()
    }

    @Test func aCheckFindsDamageAndRowsWithoutTheirTenant() async throws {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeFilledTenant("acme")
        let sound = try maintenance(of: fixture).check()
        #expect(sound.faults == [])
        #expect(sound.missingSteps == [])
        #expect(sound.inventory?.schema == Migrations.all.last?.name)
        #expect(sound.inventory?.tables.first { $0.name == "issue_comments" }?.rows == 3)
        // As a tool without foreign keys, or a step of an older consilod.
        let path = fixture.home.appendingPathComponent("test.sqlite").path
        try fixture.store.close()
        let tool = Process()
        tool.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tool.arguments = [
            "sqlite3", path,
            "DELETE FROM tenants WHERE id = '\(tenant)'; DELETE FROM schema_migrations WHERE name LIKE '0008%';",
        ]
        try tool.run()
        try await eventually("sqlite3 ends") { !tool.isRunning }
        let check = try maintenance(of: fixture).check()
        #expect(check.faults.contains("3 rows of issue_comments refer to rows that are not there"))
        #expect(check.missingSteps == ["0008-retention"])
    }
}

extension StoreFixture {
    /// Where the store's file is: these tests run on SQLite only.
    fileprivate var home: URL { folder ?? FileManager.default.temporaryDirectory }
}
