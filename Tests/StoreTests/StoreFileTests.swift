import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// One store, one daemon, whatever name leads to the file; and a file that holds what was committed.
@Suite(.enabled(if: !StoreFixture.isShared, "it is about the SQLite file"))
struct StoreFileTests {
    private func inFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // A leftover in the temporary folder is not the test's concern.
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }

    /// The rows of the table `bodies`; nil where it does not exist.
    private func count(in file: URL) async throws -> Int? {
        let driver = try SQLiteDriver(path: file.path)
        let count = try await driver.read { connection in
            let table = try connection.first("SELECT 1 FROM sqlite_master WHERE name = 'bodies'", [])
            return table == nil ? nil : try connection.first("SELECT COUNT(*) FROM bodies", [])?.integer(0)
        }
        try driver.close()
        return count
    }

    @Test func onlyTheOwnerMayReadNewFiles() async throws {
        try await inFolder { folder in
            let path = folder.appendingPathComponent("c.sqlite").path
            let lock = try StoreLock(storePath: path, opensStore: true)
            let store = try await RiskStore.sqlite(path: path, now: StoreFixture.start)
            for file in ["", "-wal", "-shm", ".lock"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + file)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(file)")
            }
            try store.close()
            withExtendedLifetime(lock) {}
        }
    }

    @Test func aStoreIsLockedUnderAllOfItsNames() async throws {
        try await inFolder { folder in
            let path = folder.appendingPathComponent("c.sqlite").path
            let (linked, other) = (folder.path + "/link.sqlite", folder.path + "/other.sqlite")
            let lock = try StoreLock(storePath: path, opensStore: true)
            try #require(symlink(path, linked) == 0)
            #expect(message { _ = try StoreLock(storePath: linked) }.contains("another consilod (process \(getpid())"))
            // As through a mount of the file alone, beside which there is no lock.
            try FileManager.default.removeItem(atPath: path + ".lock")
            #expect(message { _ = try StoreLock(storePath: path) }.contains("under another name"))
            try #require(link(path, other) == 0)
            #expect(message { _ = try StoreLock(storePath: other) }.contains("2 names (hard links)"))
            try FileManager.default.removeItem(atPath: other)
            lock.release()
            let again = try StoreLock(storePath: linked)
            #expect(again.path == SQLiteFile.resolved(path))
        }
    }

    @Test func anEmptyStoreDoesNotTakeThePlaceOfALostOne() async throws {
        try await inFolder { folder in
            let path = folder.appendingPathComponent("c.sqlite").path
            // A start that failed left a lock: no store was lost.
            try StoreLock(storePath: path, opensStore: true).release()
            try FileManager.default.removeItem(atPath: path)
            let lock = try StoreLock(storePath: path, opensStore: true)
            let store = try await RiskStore.sqlite(path: path, now: StoreFixture.start)
            lock.markUsed()
            try FileManager.default.copyItem(atPath: path + "-wal", toPath: path + ".saved")
            try store.close()
            lock.release()

            try FileManager.default.removeItem(atPath: path)
            let lost = message { _ = try StoreLock(storePath: path, opensStore: true) }
            #expect(lost.contains("there was a store") && lost.contains("remove \(path).lock"), "\(lost)")
            await #expect(throws: StorageError.self) { try await StoreProbe.sqlite(path: path) }
            // A restore puts one there.
            try StoreLock(storePath: path).release()
            try FileManager.default.moveItem(atPath: path + ".saved", toPath: path + "-wal")
            #expect(message { _ = try StoreLock(storePath: path, opensStore: true) }.contains("SQLite would delete"))
            for file in ["-wal", ".lock"] { try FileManager.default.removeItem(atPath: path + file) }
            try StoreLock(storePath: path, opensStore: true).release()
        }
    }

    @Test func whatIsDeletedIsNotLeftInTheFile() async throws {
        try await inFolder { folder in
            let file = folder.appendingPathComponent("c.sqlite")
            let text = "a comment of somebody who is to be forgotten"
            func holds() throws -> Bool { try Data(contentsOf: file).range(of: Data(text.utf8)) != nil }
            // A small value, and one that fills pages of its own.
            for value in [text, text + String(repeating: ".", count: 20_000)] {
                var driver = try SQLiteDriver(path: file.path)
                try await driver.write { connection in
                    try connection.run("CREATE TABLE IF NOT EXISTS texts (id INTEGER PRIMARY KEY, body TEXT)", [])
                    try connection.run("INSERT INTO texts (body) VALUES (?)", [.text(value)])
                    try connection.run("INSERT INTO texts (body) VALUES ('stays')", [])
                }
                try driver.close()
                #expect(try holds())
                driver = try SQLiteDriver(path: file.path)
                try await driver.write { try $0.run("DELETE FROM texts WHERE body <> 'stays'", []) }
                try driver.close()
                #expect(try !holds())
            }
        }
    }

    @Test func theFileAloneHoldsAllOnceItIsQuiet() async throws {
        try await inFolder { folder in
            let file = folder.appendingPathComponent("c.sqlite")
            let driver = try SQLiteDriver(path: file.path, quietInterval: .milliseconds(20))
            try await driver.write { connection in
                try connection.run("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL)", [])
                for _ in 0..<100 {
                    try connection.run("INSERT INTO bodies (body) VALUES (?)", [.blob(Data(count: 4000))])
                }
            }
            try await eventually("the file alone has the rows", within: .seconds(120)) {
                let copy = folder.appendingPathComponent("\(UUID().uuidString).sqlite")
                try FileManager.default.copyItem(at: file, to: copy)
                return try await self.count(in: copy) == 100
            }
            // A heartbeat, and nothing else: it is carried over in its time, too.
            try await driver.write { try $0.run("INSERT INTO bodies (body) VALUES ('x')", []) }
            try await eventually("the file alone has the last row", within: .seconds(120)) {
                let copy = folder.appendingPathComponent("\(UUID().uuidString).sqlite")
                try FileManager.default.copyItem(at: file, to: copy)
                return try await self.count(in: copy) == 101
            }
            try driver.close()
        }
    }
}
