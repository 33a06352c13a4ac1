import Domain
import Foundation
import Synchronization
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Counts down.
final class Counter: Sendable {
    private let value: Mutex<Int>
    init(_ value: Int) { self.value = Mutex(value) }
    func next() -> Int {
        value.withLock { value in
            value -= 1
            return value
        }
    }
}

@Suite struct TransferTests {
    static let hasServer = PostgresSchema.server != nil

    // MARK: What moves

    @Test func everyTableAndColumnOfTheSchemaMoves() async throws {
        let fixture = try await StoreFixture()
        let columns = try await fixture.store.driver.read { connection in
            let tables = try connection.query(
                connection.dialect.hasConcurrentWriters
                    ? """
                    SELECT table_name FROM information_schema.tables
                    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'
                    """
                    : "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'", []
            ).map { try $0.text(0) }.filter { !IssueTextStatements.isOfIndex($0) }
            var columns: [String: [String]] = [:]
            for table in tables {
                columns[table] = try connection.query(
                    connection.dialect.hasConcurrentWriters
                        ? """
                        SELECT column_name FROM information_schema.columns
                        WHERE table_schema = current_schema() AND table_name = ? AND is_generated = 'NEVER'
                        ORDER BY ordinal_position
                        """ : "SELECT name FROM pragma_table_info(?) ORDER BY cid", [.text(table)]
                ).map { try $0.text(0) }
            }
            return columns
        }
        let moving = try TransferTable.all()
        #expect(Set(moving.map(\.name)).union(["schema_migrations", "nodes"]) == Set(columns.keys))
        for table in moving { #expect(table.columns.map(\.name) == columns[table.name]) }
        // Each behind those it refers to.
        let names = moving.map(\.name)
        for (first, second) in [
            ("tenants", "webhook_events"), ("alert_rules", "alert_states"), ("alerts", "notification_alerts"),
            ("notifications", "notification_alerts"),
        ] {
            #expect(try #require(names.firstIndex(of: first)) < #require(names.firstIndex(of: second)))
        }
    }

    @Test(.enabled(if: hasServer, "CONSILOD_TEST_POSTGRES names no PostgreSQL server"))
    func everyRowIsTheSameInPostgreSQLAndBackInSQLite() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 40)
        let before = try Data(contentsOf: URL(fileURLWithPath: source))
        let middle = try TransferFixture.Destination(fixture)
        let there = try await TransferFixture.copy(.sqlite(path: source), to: middle.place)
        #expect(there.allSatisfy { $0.isEqual && $0.sourceRows == 40 }, "\(there)")
        #expect(there.map(\.table) == (try TransferTable.all().map(\.name)))
        #expect(try Data(contentsOf: URL(fileURLWithPath: source)) == before)

        let back = fixture.path("back")
        let again = try await TransferFixture.copy(middle.place, to: .sqlite(path: back))
        #expect(again.allSatisfy { $0.isEqual }, "\(again)")
        #expect(again.map(\.sourceChecksum) == there.map(\.sourceChecksum))

        let original = try await TransferFixture.rows(ofFile: source)
        let moved = try await TransferFixture.rows(middle.store().driver)
        let returned = try await TransferFixture.rows(ofFile: back)
        for (table, rows) in original {
            #expect(rows.count == 40)
            #expect(moved[table] == rows, "\(table)")
            #expect(returned[table] == rows, "\(table)")
        }
    }

    @Test func aCopyWorksOnAsTheOriginalDid() async throws {
        let fixture = try TransferFixture()
        let store = try await RiskStore.sqlite(path: fixture.path("source"), now: StoreFixture.start)
        let tenant = TenantID(UUID())
        try await store.createTenant(
            NewTenant(
                tenant: Tenant(
                    id: tenant, companyName: "acme", jiraURL: "https://acme.atlassian.net",
                    jiraEmail: "it@acme.example",
                    plan: .starter, status: .trial, limits: Plan.starter.limits, dailyRatePerPerson: 2500,
                    createdAt: StoreFixture.start, updatedAt: StoreFixture.start, trialEndsAt: nil),
                jiraTokenEncrypted: "sealed", apiKeyHash: "hash", webhookSecretID: UUID(),
                webhookSecretEncrypted: "sealed", rules: []), by: .system("test"))
        for number in 1...7 { _ = try await store.inbox.append(StoreFixture.delivery("d\(number)", of: tenant)) }
        try store.close()
        let destination = try TransferFixture.Destination(fixture)
        let result = try await TransferFixture.copy(.sqlite(path: fixture.path("source")), to: destination.place)
        #expect(result.allSatisfy { $0.isEqual })

        let moved = try await destination.store()
        #expect(try await moved.inbox.append(StoreFixture.delivery("d3", of: tenant)) == .duplicate)
        #expect(try await moved.inbox.append(StoreFixture.delivery("d8", of: tenant)) == .stored)
        let events = try await moved.webhookEvents(tenant, state: nil, after: nil, limit: 20).items
        #expect(events.map(\.deliveryID) == (1...8).reversed().map { "d\($0)" })
        #expect(events.first.map { $0.id > 7 } == true)
        #expect(
            try await moved.claimIssues(limit: 5, now: StoreFixture.start, leaseUntil: StoreFixture.start).count == 1)
        try moved.close()
    }

    // MARK: Interruptions

    @Test(arguments: [false, true])
    func interruptedAtAnyTransactionItGoesOnWhereItWas(isCommitted: Bool) async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 4)
        let destination = try TransferFixture.Destination(fixture)
        var (runs, isFinished) = (0, false)
        while !isFinished {
            runs += 1
            try #require(runs < 100)
            // A few transactions each time, the first of which opens the ledger; the last run does its last two.
            var transfer = try StoreTransfer(from: .sqlite(path: source), to: destination.place)
            let ending = EndingDriver(transfer.destination, after: 4, isCommitted: isCommitted)
            transfer = try StoreTransfer(from: transfer.source, to: ending, name: "source")
            transfer.reader.pageRows = 2
            let rowsBefore = Mutex(0)
            let result: [StoreTransfer.Comparison]?
            do {
                result = try await transfer.run(now: StoreFixture.start) { progress in
                    if progress.phase == .copying { rowsBefore.withLock { $0 = progress.rowsBefore } }
                }
            } catch is EndingDriver.Ended {
                result = nil
            }
            try transfer.close()
            if let result {
                #expect(result.allSatisfy { $0.isEqual && $0.sourceRows == 4 }, "\(result)")
                // All but the pages of this run were there.
                #expect(rowsBefore.withLock { $0 } >= 4 * result.count - 4)
                isFinished = true
            } else {
                do {
                    try await destination.store().close()
                    // The transaction after which it ended was the one that opens the copy.
                    isFinished = true
                    #expect(isCommitted)
                } catch let error as StorageError {
                    #expect(error.code == .corrupt)
                }
            }
        }
        #expect(runs > 8)
        let store = try await destination.store()
        let original = try await TransferFixture.rows(ofFile: source)
        #expect(try await TransferFixture.rows(store.driver) == original)
        try store.close()
    }

    @Test func aCancelledCopyStopsBetweenTransactionsAndGoesOn() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 9)
        let destination = try TransferFixture.Destination(fixture)
        let task = Task {
            var transfer = try StoreTransfer(from: .sqlite(path: source), to: destination.place)
            transfer.reader.pageRows = 2
            do {
                _ = try await transfer.run(now: StoreFixture.start) { progress in
                    if progress.rows > 20 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            } catch {
                try transfer.close()
                throw error
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        let result = try await TransferFixture.copy(.sqlite(path: source), to: destination.place)
        #expect(result.allSatisfy { $0.isEqual && $0.sourceRows == 9 })
    }

    // MARK: Refusals

    @Test func aFileThatAProcessWorksOnIsNotCopied() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 1)
        let store = try await RiskStore.sqlite(path: source, now: StoreFixture.start)
        let destination = StoreLocation.sqlite(path: fixture.path("destination"))
        let refusal = #expect(throws: StorageError.self) {
            try StoreTransfer(from: .sqlite(path: source), to: destination)
        }
        #expect(refusal?.code == .unavailable)
        #expect("\(try #require(refusal))".contains("stop the consilod"))
        try store.close()

        let lock = try StoreLock(storePath: source)
        #expect(throws: StorageError.self) { try StoreTransfer(from: .sqlite(path: source), to: destination) }
        withExtendedLifetime(lock) {}
    }

    @Test func aFileThatIsBeingCopiedIsClosedToEverybodyElse() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 1)
        let transfer = try StoreTransfer(
            from: .sqlite(path: source), to: .sqlite(path: fixture.path("destination")))
        // What a daemon takes first, and what opens without it.
        #expect(throws: StorageError.self) { try StoreLock(storePath: source) }
        await #expect(throws: StorageError.self) { try await RiskStore.sqlite(path: source, now: StoreFixture.start) }
        #expect(throws: Unexpected.self) { try run(["sqlite3", "-readonly", source, "SELECT * FROM tenants"]) }
        try transfer.close()
        try await RiskStore.sqlite(path: source, now: StoreFixture.start).close()
    }

    @Test func aFileThatIsNotThereIsNotMade() throws {
        let fixture = try TransferFixture()
        #expect(throws: StorageError.self) {
            try StoreTransfer(
                from: .sqlite(path: fixture.path("none")), to: .sqlite(path: fixture.path("destination")))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path).isEmpty)
    }

    @Test func aStoreOfAnotherVersionIsNotCopied() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 1)
        let destination = try TransferFixture.Destination(fixture)
        for statement in [
            "DELETE FROM schema_migrations WHERE name = '0009-nodes'",
            "UPDATE schema_migrations SET name = '9999-future' WHERE name = '0007-stale-ranks'",
            "DROP TABLE schema_migrations",
        ] {
            let driver = try SQLiteDriver(path: source)
            try await driver.write { try $0.run(statement, []) }
            try driver.close()
            await #expect(throws: StorageError.self) {
                try await TransferFixture.copy(.sqlite(path: source), to: destination.place)
            }
        }
        // Nothing was done to it.
        try await destination.store().close()
    }

    @Test func aDatabaseThatHoldsSomethingIsLeftAlone() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 2)
        let destination = try TransferFixture.Destination(fixture)
        #expect(try await TransferFixture.copy(.sqlite(path: source), to: destination.place).allSatisfy { $0.isEqual })
        let other = try await fixture.filledFile("other", rows: 3, seed: 2)
        for startsOver in [false, true] {
            let refusal = await #expect(throws: StorageError.self) {
                try await TransferFixture.copy(.sqlite(path: other), to: destination.place, startsOver: startsOver)
            }
            #expect(refusal?.code == .conflict)
        }
        let store = try await destination.store()
        #expect(
            try await TransferFixture.rows(store.driver) == TransferFixture.rows(ofFile: source))
        try store.close()
    }

    @Test func aDatabaseThatAConsilodWorksOnIsRefused() async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile(rows: 2)
        let destination = try TransferFixture.Destination(fixture)
        let store = try await destination.store()
        _ = try await store.heartbeat(
            of: StoreNode(host: "db-host-1", version: "1", startedAt: StoreFixture.start), now: StoreFixture.start,
            clock: ClockNote(trustedAt: StoreFixture.start))
        try store.close()
        let refusal = await #expect(throws: StorageError.self) {
            try await TransferFixture.copy(.sqlite(path: source), to: destination.place)
        }
        #expect(refusal?.code == .conflict)
        #expect("\(try #require(refusal))".contains("db-host-1"))
    }

    @Test func aCopyOfAnotherStoreIsNotGoneOnWithUnlessStartedOver() async throws {
        let fixture = try TransferFixture()
        let (source, other) = (try await fixture.filledFile(rows: 6), try await fixture.filledFile("other", seed: 2))
        let destination = try TransferFixture.Destination(fixture)
        let opened = try StoreTransfer(from: .sqlite(path: source), to: destination.place)
        let ending = EndingDriver(opened.destination, after: 9, isCommitted: true)
        let broken = try StoreTransfer(from: opened.source, to: ending, name: "source")
        await #expect(throws: EndingDriver.Ended.self) { try await broken.run(now: StoreFixture.start) { _ in } }
        try broken.close()

        let refusal = await #expect(throws: StorageError.self) {
            try await TransferFixture.copy(.sqlite(path: other), to: destination.place)
        }
        #expect(refusal?.code == .stale)
        // Nor with the same store when it has been worked on since.
        let driver = try SQLiteDriver(path: source)
        try await driver.write { try $0.run("UPDATE tenants SET company_name = 'renamed'", []) }
        try driver.close()
        let changed = await #expect(throws: StorageError.self) {
            try await TransferFixture.copy(.sqlite(path: source), to: destination.place)
        }
        #expect(changed?.code == .stale)

        let result = try await TransferFixture.copy(.sqlite(path: source), to: destination.place, startsOver: true)
        #expect(result.allSatisfy { $0.isEqual && $0.sourceRows == 6 })
        let store = try await destination.store()
        #expect(
            try await TransferFixture.rows(store.driver) == TransferFixture.rows(ofFile: source))
        try store.close()
    }

    // MARK: The comparison

    @Test(arguments: [
        "UPDATE issue_comments SET body = body || 'x'", "DELETE FROM sentiment_cache",
        "UPDATE issue_snapshots SET state_json = '{\"b\": 2}'", "UPDATE webhook_events SET applied_at = received_at",
    ])
    func whateverDiffersIsFoundAndTheCopyStaysClosed(change: String) async throws {
        let fixture = try TransferFixture()
        let source = try await fixture.filledFile()
        let destination = try TransferFixture.Destination(fixture)
        let opened = try StoreTransfer(from: .sqlite(path: source), to: destination.place)
        let tampered = EndingDriver(opened.destination, after: .max, isCommitted: true) { try $0.run(change, []) }
        let transfer = try StoreTransfer(from: opened.source, to: tampered, name: "source")
        let result = try await transfer.run(now: StoreFixture.start) { _ in }
        try transfer.close()
        let table = try #require(try TransferTable.all().first { change.contains(" \($0.name)") })
        #expect(result.filter { !$0.isEqual }.map(\.table) == [table.name])
        let refusal = await #expect(throws: StorageError.self) { try await destination.store() }
        #expect(refusal?.code == .corrupt)
    }

    // MARK: Pages

    @Test func aPageHoldsNoMoreBytesThanItMay() async throws {
        let fixture = try TransferFixture()
        let source = try ExclusiveSQLiteDriver(path: try await fixture.filledFile(rows: 30))
        let reader = TransferReader(tables: try TransferTable.all(), pageRows: 10, pageBytes: 300_000)
        let pipeline = CopyPipeline<TransferReader.Item>(limit: 1)
        var rows = 0
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await reader.read(source, known: [:], onto: pipeline) }
            for await item in pipeline.items {
                defer { pipeline.makePlace() }
                guard case .page(let found) = item, found.table.name == "webhook_events" else { continue }
                let page = found.rows
                rows += page.count
                let bytes = page.reduce(0) { sum, row in
                    sum + row.reduce(0) { if case .blob(let data) = $1 { $0 + data.count } else { $0 } }
                }
                #expect(page.count <= 10)
                #expect(bytes <= 300_000 || page.count == 1)
            }
            try await group.waitForAll()
        }
        #expect(rows == 30)
        try source.close()
    }
}

@Suite struct CanonicalJSONFormTests {
    private func form(_ json: String) throws -> String {
        var (json, output) = (json, [UInt8]())
        try json.withUTF8 { try CanonicalJSONForm.append($0, to: &output) }
        return String(decoding: output, as: UTF8.self)
    }

    @Test(arguments: [
        (#"{"b":1,"a":2}"#, #" { "a" : 2, "b" : 1.0 } "#), ("[1e3]", "[1000]"), ("[-0.0]", "[0]"), ("[-0]", "[0]"),
        (#""é\/""#, #""\u00e9/""#), (#""\ud83d\ude42""#, #""🙂""#), (#""\u0000""#, #""\ufffd""#),
        ("0.0000001", "1e-7"), (#"{"aa":[{"y":1,"x":{}}],"b":0}"#, #"{"b":0,"aa":[{"x":{},"y":1}]}"#),
    ])
    func twoSpellingsOfAValueAreOne(a: String, b: String) throws { #expect(try form(a) == form(b)) }

    @Test(arguments: [
        ("[1]", "[2]"), (#"{"a":"b"}"#, #"{"b":"a"}"#), (#"["a","b"]"#, #"["b","a"]"#), ("0.1", "0.10000000000000002"),
        (#"["a,b"]"#, #"["a","b"]"#), (#"["\"","x"]"#, #"["\",\"x"]"#), ("1", #""1""#), ("null", #""null""#),
        (#"{"a":{"b":1}}"#, #"{"a":{},"b":1}"#), ("123456789012345", "123456789012346"),
    ])
    func twoValuesAreTwo(a: String, b: String) throws { #expect(try form(a) != form(b)) }

    @Test(arguments: [
        "", "{", "[1,]", "{\"a\"}", "tru", "\"", "[1] 2", #""\x""#, #""\ud83d""#, #""\ude00""#, #""\ud83d\u0041""#, "-",
        "1.2.3", "{1:2}", "01", "+1", "1.", "\"\u{1}\"", "\u{FEFF}1",
    ])
    func whatIsNoJSONIsSaidToBeNone(json: String) {
        #expect(throws: CanonicalJSONForm.Malformed.self) { try form(json) }
    }

    @Test func nestingIsLimited() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        #expect(try form(nested(512)) == nested(512))
        #expect(throws: CanonicalJSONForm.Malformed.self) { try form(nested(513)) }
        #expect(throws: CanonicalJSONForm.Malformed.self) { try form(String(repeating: "[", count: 1_000_000)) }
    }
}
