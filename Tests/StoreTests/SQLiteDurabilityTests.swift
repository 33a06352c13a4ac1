import Dispatch
import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// What P1 rests on where the store is a SQLite file.
@Suite(.enabled(if: !StoreFixture.isShared, "PostgreSQL sees to this itself"))
struct SQLiteDurabilityTests {
    private func inNewFile(_ body: (SQLiteDriver, URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A leftover in the temporary folder is not the test's concern.
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("test.sqlite")
        let driver = try SQLiteDriver(path: file.path)
        try await driver.write { try $0.run("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)", []) }
        try await body(driver, file)
    }

    private func logBytes(_ file: URL) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path + "-wal")
        return try #require(attributes[.size] as? Int)
    }

    /// 1,000 bodies of 100 kB, each in a commit of its own.
    private func writeMuch(_ driver: SQLiteDriver) async throws {
        for _ in 0..<1000 {
            try await driver.write { connection in
                try connection.run("INSERT INTO bodies (body) VALUES (?)", [.blob(Data(count: 100_000))])
            }
        }
    }

    private func count(_ driver: SQLiteDriver) async throws -> Int? {
        try await driver.read { try $0.first("SELECT COUNT(*) FROM bodies", [])?.integer(0) }
    }

    /// How the connection is set (sqlite.org/pragma.html). SQLite answers when it reads the statement, so each has a text of its own.
    private static func synchronous(_ connection: any SQLConnection) throws -> Int? {
        try connection.first("/* \(UUID().uuidString) */ PRAGMA synchronous", [])?.integer(0)
    }

    @Test func everyCommitButThatOfALeaseIsSynced() async throws {
        try await inNewFile { driver, _ in
            // 2 is FULL: the log is synced after each transaction. With 1, NORMAL, it is not.
            for _ in 0..<2 {
                #expect(try await driver.write { try Self.synchronous($0) } == 2)
                #expect(try await driver.writeLeases { try Self.synchronous($0) } == 1)
                #expect(try await driver.write(isUrgent: true) { try Self.synchronous($0) } == 2)
                #expect(try await driver.writeLeases { try Self.synchronous($0) } == 1)
            }
            try driver.close()
        }
    }

    @Test func aLeaseIsCommittedWhenItsTransactionReturns() async throws {
        try await inNewFile { driver, file in
            try await driver.writeLeases { try $0.run("INSERT INTO bodies (body) VALUES (ZEROBLOB(10))", []) }
            #expect(try await count(driver) == 1)
            // Another connection sees it, as it would after the end of this process.
            let other = try SQLiteDriver(path: file.path)
            #expect(try await count(other) == 1)
            try other.close()
            try driver.close()
        }
    }

    @Test func afterASyncThatFailedTheLogBeginsAnew() async throws {
        try await inNewFile { driver, file in
            func add(_ bytes: Int) async throws -> Int {
                try await driver.writeLeases { connection in
                    try connection.run("INSERT INTO bodies (body) VALUES (?)", [.blob(Data(count: bytes))])
                }
                return try logBytes(file)
            }
            let long = try await add(1_000_000)
            #expect(long > 1_000_000)
            #expect(try await add(10) >= long)
            driver.syncing.doubtLog()
            let short = try await add(10)
            #expect(short < 100_000)
            #expect(try await add(10) > short, "once only")
            #expect(try await count(driver) == 4)
            try driver.close()
        }
    }

    @Test func theLogStaysShortHoweverMuchIsWritten() async throws {
        try await inNewFile { driver, file in
            try await writeMuch(driver)
            #expect(try logBytes(file) < 60_000_000)
            #expect(try await count(driver) == 1000)
            try driver.close()
            let reopened = try SQLiteDriver(path: file.path)
            #expect(try await count(reopened) == 1000)
            try reopened.close()
        }
    }

    @Test func aLongReadDelaysNoWriteAndTheLogBeginsAnewAfterIt() async throws {
        try await inNewFile { driver, file in
            let (isRead, isWritten) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let seen = driver.read { connection in
                let before = try connection.first("SELECT COUNT(*) FROM bodies", [])?.integer(0)
                isRead.signal()
                // In the end even where a write fails.
                _ = isWritten.wait(timeout: .now() + 600)
                return (before, try connection.first("SELECT COUNT(*) FROM bodies", [])?.integer(0))
            }
            await withCheckedContinuation { done in
                DispatchQueue.global().async {
                    isRead.wait()
                    done.resume()
                }
            }
            try await writeMuch(driver)
            // The read needs what the log held when it began, so that the log goes on.
            #expect(try logBytes(file) > 100_000_000)
            isWritten.signal()
            #expect(try await seen == (0, 0))
            // It keeps its size, and is written from its beginning.
            let size = try logBytes(file)
            for _ in 0..<2 { try await writeMuch(driver) }
            #expect(try logBytes(file) < size + 60_000_000)
            #expect(try await count(driver) == 3000)
            try driver.close()
        }
    }
}
