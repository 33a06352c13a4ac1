import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// Whatever is done to the rows of a chain is found, and the row is named.
@Suite struct AuditChainTests {
    private static let start = StoreFixture.start

    /// A store with two chains of random rows, and the tenant of one of them.
    private static func filled(
        _ random: inout SeededGenerator, rows: Int = 12
    ) async throws -> (fixture: StoreFixture, tenant: TenantID) {
        let fixture = try await StoreFixture()
        let tenant = try await fixture.makeTenant()
        for number in 0..<rows {
            for chain in [AuditChain.tenant(tenant), .host] {
                let origin = RequestOrigin(address: "203.0.113.\(number)", requestID: "r\(number)", request: "")
                let act = AuditAct(
                    AuditAction.allCases.randomElement(using: &random) ?? .channelTest,
                    Bool.random(using: &random) ? "object \(number)" : nil,
                    after: Bool.random(using: &random) ? ["text": .text("ü\n\"\(number)")] : nil)
                try await fixture.store.record(
                    act, in: chain, by: Bool.random(using: &random) ? .operator.from(origin) : .apiKey("a\(number)"),
                    now: start.adding(seconds: Int64(number)))
            }
        }
        return (fixture, tenant)
    }

    private static func verification(
        _ chain: AuditChain, of fixture: StoreFixture, known: AuditMark? = nil
    ) async throws -> AuditVerification {
        try #require(try await fixture.store.verifyAudit(chain, known: known))
    }

    /// Runs a statement on the rows of a chain, behind the back of consilod.
    private static func tamper(
        _ sql: String, _ arguments: [SQLValue], _ chain: AuditChain, of fixture: StoreFixture
    ) async throws {
        let isOf = AuditStatements.isOf(chain)
        let changed = try await fixture.store.driver.write { connection in
            try connection.execute("\(sql) AND \(isOf.sql)", arguments + isOf.arguments)
        }
        #expect(changed > 0)
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func anySingleChangeOfAnyColumnIsNamed(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (fixture, tenant) = try await Self.filled(&random)
        let chain = seed.isMultiple(of: 2) ? AuditChain.host : .tenant(tenant)
        let row = Int.random(in: 1...12, using: &random)
        #expect(try await Self.verification(chain, of: fixture).isSound)
        for column in [
            "actor", "action", "object_kind", "object_id", "before_json", "after_json", "address", "request_id",
            "previous_hash", "hash",
        ] {
            let before = try await fixture.store.exportAudit(chain, after: row - 1, limit: 1)
            try await Self.tamper(
                "UPDATE audit_log SET \(column) = COALESCE(\(column), '') || 'x' WHERE sequence = ?", [.integer(row)],
                chain, of: fixture)
            let found = try await Self.verification(chain, of: fixture)
            #expect(found.faults.contains(.changed(row)) && !found.isSound, "\(column) \(found)")
            #expect(found.faults.count == 1, "\(column) \(found)")
            try await Self.restore(try #require(before.first), in: fixture)
        }
        try await Self.tamper(
            "UPDATE audit_log SET at = ? WHERE sequence = ?",
            [.timestamp(Self.start.adding(seconds: 99)), .integer(row)], chain, of: fixture)
        #expect(try await Self.verification(chain, of: fixture).faults == [.changed(row)])
        let other: AuditChain = chain == .host ? .tenant(tenant) : .host
        #expect(try await Self.verification(other, of: fixture).isSound)
    }

    private static func restore(_ entry: AuditEntry, in fixture: StoreFixture) async throws {
        let isOf = AuditStatements.isOf(entry.chain)
        try await fixture.store.driver.write { connection in
            try connection.run(
                "DELETE FROM audit_log WHERE sequence = ? AND \(isOf.sql)",
                [.integer(entry.sequence)] + isOf.arguments)
            try AuditStatements.insert(entry, in: connection)
        }
    }

    @Test(arguments: 1...6 as ClosedRange<UInt64>) func anyRowsThatAreMissingAreNamed(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (fixture, tenant) = try await Self.filled(&random)
        let chain = seed.isMultiple(of: 2) ? AuditChain.host : .tenant(tenant)
        let first = Int.random(in: 1...12, using: &random)
        let last = Int.random(in: first...12, using: &random)
        try await Self.tamper(
            "DELETE FROM audit_log WHERE sequence BETWEEN ? AND ?", [.integer(first), .integer(last)], chain,
            of: fixture)
        #expect(try await Self.verification(chain, of: fixture).faults == [.missing(first...last)])
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func rowsThatTradePlacesAreNamed(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let (fixture, tenant) = try await Self.filled(&random)
        let chain = AuditChain.tenant(tenant)
        let rows = Array(1...12).shuffled(using: &random).prefix(2).sorted()
        for (from, to) in [(rows[0], -1), (rows[1], rows[0]), (-1, rows[1])] {
            try await Self.tamper(
                "UPDATE audit_log SET sequence = ? WHERE sequence = ?", [.integer(to), .integer(from)], chain,
                of: fixture)
        }
        let faults = try await Self.verification(chain, of: fixture).faults
        #expect(faults.contains(.changed(rows[0])) && faults.contains(.changed(rows[1])), "\(faults)")
    }

    @Test func rowsThatAreAddedAtEitherEndAreNamed() async throws {
        var random = SeededGenerator(seed: 3)
        let (fixture, _) = try await Self.filled(&random)
        let last = try #require(try await fixture.store.exportAudit(.host, after: 11, limit: 1).first)
        for sequence in [13, 0] {
            var more = last
            more.sequence = sequence
            more.previousHash = last.hash
            more.hash = AuditHash.of(more)
            let added = more
            try await fixture.store.driver.write { try AuditStatements.insert(added, in: $0) }
        }
        #expect(try await Self.verification(.host, of: fixture).faults == [.unexpected(0), .unexpected(13)])
    }

    @Test func aRowThatIsReplacedWithAHashOfItsOwnIsNamed() async throws {
        var random = SeededGenerator(seed: 4)
        let (fixture, _) = try await Self.filled(&random)
        for sequence in [5, 12] {
            var row = try #require(try await fixture.store.exportAudit(.host, after: sequence - 1, limit: 1).first)
            row.actor = "operator of another host"
            row.hash = AuditHash.of(row)
            try await Self.restore(row, in: fixture)
        }
        #expect(try await Self.verification(.host, of: fixture).faults == [.replaced(5), .replaced(12)])
    }

    @Test func aChainWithoutItsHeadAndOneThatEndsEarlierAreNamed() async throws {
        var random = SeededGenerator(seed: 5)
        let (fixture, tenant) = try await Self.filled(&random)
        let (chain, store) = (AuditChain.tenant(tenant), fixture.store)
        let head = try await Self.verification(chain, of: fixture).head
        // Cut off, with its head.
        let tenth = try #require(try await store.exportAudit(chain, after: 9, limit: 1).first)
        try await Self.tamper("DELETE FROM audit_log WHERE sequence > ?", [.integer(10)], chain, of: fixture)
        try await store.driver.write {
            try $0.run(
                "UPDATE audit_chains SET head_sequence = 10, head_hash = ? WHERE chain = ?",
                [.text(tenth.hash), .text(chain.description)])
        }
        #expect(try await Self.verification(chain, of: fixture).isSound, "no hash is missing")
        let found = try await Self.verification(chain, of: fixture, known: head)
        #expect(!found.isSound && found.faults == [.shorter(than: 12)] && found.known == .differs)
        try await store.driver.write {
            try $0.run("DELETE FROM audit_chains WHERE chain = ?", [.text(chain.description)])
        }
        #expect(try await Self.verification(chain, of: fixture).faults == [.noHead])
        #expect(try await store.auditChains() == [.host, chain])
    }

    @Test func aChainThatWasWrittenAgainIsFoundByAHeadThatWasKept() async throws {
        var random = SeededGenerator(seed: 6)
        let (fixture, _) = try await Self.filled(&random)
        let head = try await Self.verification(.host, of: fixture).head
        #expect(try await Self.verification(.host, of: fixture, known: head).known == .agrees)
        var previous = AuditMark.start.hash
        for row in try await fixture.store.exportAudit(.host, after: 0, limit: 100) {
            var row = row
            if row.sequence == 3 { row.actor = "somebody else" }
            row.previousHash = previous
            row.hash = AuditHash.of(row)
            previous = row.hash
            try await Self.restore(row, in: fixture)
        }
        let last = previous
        try await fixture.store.driver.write {
            try $0.run("UPDATE audit_chains SET head_hash = ? WHERE chain = 'host'", [.text(last)])
        }
        #expect(try await Self.verification(.host, of: fixture).isSound)
        let found = try await Self.verification(.host, of: fixture, known: head)
        #expect(!found.isSound && found.known == .differs)
    }

    // MARK: Retention

    private func pass(_ fixture: StoreFixture, days: Int, at now: Timestamp) async throws -> Int {
        var policy = RetentionPolicy()
        policy.auditDays = days
        return try await fixture.store.removeExpired(policy, currentModel: "m", now: now) { true }.removed[.audit] ?? 0
    }

    @Test func removingTheOldestRowsLeavesAChainThatIsSoundAndFindsWhatIsChanged() async throws {
        let fixture = try await StoreFixture()
        let (store, tenant) = (fixture.store, try await fixture.makeTenant())
        let chain = AuditChain.tenant(tenant)
        func add(_ days: Int) async throws {
            try await store.record(
                AuditAct(.channelTest), in: chain, by: .operator, now: Self.start.adding(days: days))
        }
        for day in 0..<500 { try await add(day / 10) }
        let early = try #require(try await store.exportAudit(chain, after: 99, limit: 1).first)
        let kept = try #require(try await store.exportAudit(chain, after: 449, limit: 1).first)
        #expect(try await pass(fixture, days: 10, at: Self.start.adding(days: 40)) == 300)
        let found = try await Self.verification(chain, of: fixture)
        #expect(found.isSound && found.rows == 200 && found.base.sequence == 300 && found.head.sequence == 500)
        func known(_ entry: AuditEntry) async throws -> AuditVerification.Known? {
            try await Self.verification(
                chain, of: fixture, known: AuditMark(sequence: entry.sequence, hash: entry.hash)
            ).known
        }
        #expect(try await known(early) == .removed)
        #expect(try await known(kept) == .agrees)
        #expect(try await known(AuditEntry(kept, hash: early.hash)) == .differs)
        try await add(60)
        #expect(try await Self.verification(chain, of: fixture).head.sequence == 501)
        try await Self.tamper("DELETE FROM audit_log WHERE sequence = ?", [.integer(301)], chain, of: fixture)
        #expect(try await Self.verification(chain, of: fixture).faults == [.missing(301...301)])
        // What is wrong is not removed.
        #expect(try await pass(fixture, days: 1, at: Self.start.adding(days: 300)) == 0)
        #expect(try await Self.verification(chain, of: fixture).faults == [.missing(301...301)])
    }

    @Test func aRowThatAWrongClockDatedAheadKeepsNoOtherFromExpiring() async throws {
        let fixture = try await StoreFixture()
        for days in [0, 9000, 1, 2, 300] {
            try await fixture.store.record(
                AuditAct(.clockConfirm), in: .host, by: .operator, now: Self.start.adding(days: days))
        }
        #expect(try await pass(fixture, days: 100, at: Self.start.adding(days: 301)) == 4)
        // And one that it dated back takes none with it.
        try await fixture.store.record(AuditAct(.clockConfirm), in: .host, by: .operator, now: Timestamp(seconds: 0))
        #expect(try await pass(fixture, days: 100, at: Self.start.adding(days: 302)) == 0)
        #expect(try await Self.verification(.host, of: fixture).rows == 2)
    }

    // MARK: The outside peer

    /// The script of `docs/audit.md`, which knows nothing but that page.
    private static func script() throws -> String {
        let page = Repository.folder.appendingPathComponent("docs/audit.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        return String(try #require(text.firstMatch(of: /```python\n([\s\S]*?)```/)).output.1)
    }

    private static func check(_ lines: [AuditLine]) throws -> (status: Int32, output: String) {
        let encoder = JSONEncoder()
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("audit-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(lines.flatMap { try Array(encoder.encode($0)) + Array("\n".utf8) }).write(to: file)
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = ["-c", try script()]
        process.standardInput = try FileHandle(forReadingFrom: file)
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test func theScriptOfTheManualChecksAnExport() async throws {
        var random = SeededGenerator(seed: 7)
        let (fixture, tenant) = try await Self.filled(&random)
        let chains = [AuditChain.host, .tenant(tenant)]
        var lines: [AuditLine] = []
        var heads: [String] = []
        for chain in chains {
            lines += try await fixture.store.exportAudit(chain, after: 4, limit: 100).map(AuditLine.init)
            heads.append("\(chain): head \(try await Self.verification(chain, of: fixture).head)\n")
        }
        let sound = try Self.check(lines)
        #expect(sound.status == 0 && sound.output == heads.joined(), "\(sound.output)")
        var changed = lines
        changed[2].entry.actor += "x"
        let found = try Self.check(changed)
        #expect(found.status == 1 && found.output.contains("host: row 7 does not follow"), "\(found.output)")
        var missing = lines
        missing.remove(at: 2)
        #expect(try Self.check(missing).output.contains("host: row 8 does not follow"))
    }
}

extension AuditEntry {
    fileprivate init(_ entry: AuditEntry, hash: String) {
        self = entry
        self.hash = hash
    }
}
