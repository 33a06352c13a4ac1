import Dispatch
import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Store

/// One at a time: they hold threads of the writer's up, of which a process has not many.
@Suite(.serialized, .enabled(if: PostgresSchema.server == nil, "It is about SQLite: runs once"))
struct SQLiteWriteTurnsTests {
    /// What was written, in its order.
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func whatIsUrgentGoesBeforeAllThatWaitsAndTheRestAsItCame() throws {
        let turns = SQLiteWriteTurns()
        let order = Order()
        func add(_ name: String, isUrgent: Bool = false) -> Bool {
            turns.add(SQLiteWrite(run: { _ in }, end: { _ in order.add(name) }), isUrgent: isUrgent)
        }
        /// One turn: the names of what shares its commit.
        func turn() throws -> [String] {
            let first = try #require(turns.first())
            var writes = [first.write]
            while let write = turns.next(afterUrgent: first.isUrgent) { writes.append(write) }
            let known = order.all.count
            for write in writes { write.end(nil) }
            return Array(order.all.dropFirst(known))
        }
        #expect(add("first"))
        #expect(try turn() == ["first"])
        // Until the turn has ended, nobody else begins one.
        for name in ["a", "b"] { #expect(!add(name)) }
        for name in ["u", "v"] { #expect(!add(name, isUrgent: true)) }
        #expect(!add("c"))
        #expect(turns.pass())
        #expect(try turn() == ["u", "v"])
        #expect(turns.pass())
        #expect(try turn() == ["a", "b", "c"])
        #expect(!turns.pass())
        // Nothing is written now.
        #expect(add("last"))
    }

    @Test func whatIsUrgentEndsAGroupThatItWaitsFor() throws {
        let turns = SQLiteWriteTurns()
        func add(isUrgent: Bool) -> Bool {
            turns.add(SQLiteWrite(run: { _ in }, end: { _ in }), isUrgent: isUrgent)
        }
        #expect(add(isUrgent: false))
        for _ in 0..<3 { #expect(!add(isUrgent: false)) }
        #expect(try #require(turns.first()).isUrgent == false)
        #expect(turns.next(afterUrgent: false) != nil)
        #expect(!add(isUrgent: true))
        #expect(turns.next(afterUrgent: false) == nil)
        #expect(turns.pass())
        #expect(try #require(turns.first()).isUrgent)
    }

    @Test func whatNeedNotBeSyncedIsSyncedWithWhatWaitsBehindIt() throws {
        let turns = SQLiteWriteTurns()
        func add(isSynced: Bool) -> Bool {
            turns.add(SQLiteWrite(run: { _ in }, end: { _ in }, isSynced: isSynced), isUrgent: false)
        }
        #expect(add(isSynced: false))
        #expect(!add(isSynced: true))
        let turn = try #require(turns.first())
        #expect(!turn.write.isSynced && turn.isSynced)
        #expect(turns.next(afterUrgent: false, isSynced: turn.isSynced)?.isSynced == true)
        #expect(!turns.pass())
    }

    @Test func whatMustBeSyncedIsInNoGroupThatIsNot() throws {
        let turns = SQLiteWriteTurns()
        func add(isSynced: Bool) -> Bool {
            turns.add(SQLiteWrite(run: { _ in }, end: { _ in }, isSynced: isSynced), isUrgent: false)
        }
        #expect(add(isSynced: false))
        #expect(!add(isSynced: false))
        let turn = try #require(turns.first())
        #expect(!turn.isSynced)
        #expect(turns.next(afterUrgent: false, isSynced: turn.isSynced) != nil)
        // It came while the group was written.
        #expect(!add(isSynced: true))
        #expect(turns.next(afterUrgent: false, isSynced: turn.isSynced) == nil)
        #expect(turns.pass())
        #expect(try #require(turns.first()).isSynced)
    }

    /// Random transactions, some of which fail, give the same as one after the other: what each reads, what is kept, and whose
    /// failure it is.
    @Test(arguments: 0..<8) func transactionsThatShareACommitGiveTheSameAsOneAfterTheOther(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let driver = try SQLiteDriver(path: folder.appendingPathComponent("store.sqlite").path)
        try await driver.write { try $0.run("CREATE TABLE numbers (n INTEGER PRIMARY KEY)", []) }
        // Numbers that are there already make a transaction fail, after it has written another one.
        let pairs = (0..<40).map { _ in (Int.random(in: 0..<25, using: &random), Int.random(in: 0..<25, using: &random))
        }
        var (model, expected) = (Set<Int>(), [Int?]())
        for (first, second) in pairs {
            let fails = model.contains(first) || model.contains(second) || first == second
            expected.append(fails ? nil : model.count)
            if !fails { model.formUnion([first, second]) }
        }
        let (release, blocker) = (DispatchSemaphore(value: 0), Order())
        let found = try await withThrowingTaskGroup(of: (Int, Int?).self) { group in
            group.addTask {
                try await driver.write { _ in
                    blocker.add("begun")
                    release.wait()
                    // It may run again, where one fails that it shares a commit with.
                    release.signal()
                }
                return (-1, nil)
            }
            try await eventually("the blocking transaction has begun") { !blocker.all.isEmpty }
            for (index, (first, second)) in pairs.enumerated() {
                group.addImmediateTask {
                    do {
                        return (
                            index,
                            try await driver.write { connection in
                                let count = try connection.first("SELECT COUNT(*) FROM numbers", [])?.integer()
                                for number in [first, second] {
                                    try connection.run("INSERT INTO numbers VALUES (?)", [.integer(number)])
                                }
                                return count
                            }
                        )
                    } catch let error as StorageError where error.code == .conflict {
                        return (index, nil)
                    }
                }
            }
            release.signal()
            var found = [Int?](repeating: nil, count: pairs.count)
            for try await (index, count) in group where index >= 0 { found[index] = count }
            return found
        }
        #expect(found == expected)
        let kept = try await driver.read { try $0.query("SELECT n FROM numbers", []).map { try $0.integer() } }
        #expect(Set(kept) == model)
        try driver.close()
    }

    @Test func whatWaitsSharesACommit() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let driver = try SQLiteDriver(path: folder.appendingPathComponent("store.sqlite").path)
        try await driver.write { try $0.run("CREATE TABLE numbers (n INTEGER PRIMARY KEY)", []) }
        let log = folder.appendingPathComponent("store.sqlite-wal").path
        func frames() throws -> Int {
            let size = try #require(try FileManager.default.attributesOfItem(atPath: log)[.size] as? Int)
            return (size - 32) / (4096 + 24)
        }
        let before = try frames()
        let (release, blocker) = (DispatchSemaphore(value: 0), Order())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await driver.write { _ in
                    blocker.add("begun")
                    release.wait()
                    // It may run again, where one fails that it shares a commit with.
                    release.signal()
                }
            }
            try await eventually("the blocking transaction has begun") { !blocker.all.isEmpty }
            for number in 0..<8 {
                group.addImmediateTask {
                    try await driver.write { try $0.run("INSERT INTO numbers VALUES (?)", [.integer(number)]) }
                }
            }
            release.signal()
            try await group.waitForAll()
        }
        // Each commit adds the pages that it changed to the log: here one, for all rows are on the same.
        #expect(try frames() - before == 1)
        try driver.close()
    }

    /// As webhooks behind what scoring writes.
    @Test func aWriteThatIsUrgentDoesNotWaitForThoseThatWait() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: file) }
        let driver = try SQLiteDriver(path: file.appendingPathComponent("store.sqlite").path)
        let order = Order()
        let release = DispatchSemaphore(value: 0)
        let blocker = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await driver.write { _ in
                    blocker.add("begun")
                    release.wait()
                    // It may run again, where one fails that it shares a commit with.
                    release.signal()
                }
            }
            try await eventually("the blocking transaction has begun") { !blocker.all.isEmpty }
            // Queued in this order, for nothing is suspended before it has its place.
            for name in ["a", "b", "c"] {
                group.addImmediateTask {
                    try await driver.write { _ in order.add(name) }
                }
            }
            group.addImmediateTask {
                try await driver.write(isUrgent: true) { _ in order.add("webhook") }
            }
            release.signal()
            try await group.waitForAll()
        }
        #expect(order.all == ["webhook", "a", "b", "c"])
        try driver.close()
    }

    @Test func aWriteThatFailsPassesTheTurn() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: file) }
        let driver = try SQLiteDriver(path: file.appendingPathComponent("store.sqlite").path)
        await #expect(throws: StorageError.self) {
            try await driver.write { try $0.run("INSERT INTO missing VALUES (1)", []) }
        }
        try await driver.write { try $0.run("CREATE TABLE present (a INTEGER)", []) }
        try driver.close()
    }
}
