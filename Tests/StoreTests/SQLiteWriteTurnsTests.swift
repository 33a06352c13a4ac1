import Dispatch
import Domain
import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct SQLiteWriteTurnsTests {
    @Test func whatIsUrgentGoesBeforeAllThatWaitsAndTheRestAsItCame() {
        let turns = SQLiteWriteTurns()
        let order = Mutex<[String]>([])
        func take(_ name: String, isUrgent: Bool = false) {
            turns.take(isUrgent: isUrgent) { order.withLock { $0.append(name) } }
        }
        take("first")
        for name in ["a", "b"] { take(name) }
        for name in ["u", "v"] { take(name, isUrgent: true) }
        take("c")
        #expect(order.withLock { $0 } == ["first"])
        for _ in 0..<6 { turns.pass() }
        #expect(order.withLock { $0 } == ["first", "u", "v", "a", "b", "c"])
        // Nothing is written now.
        take("last")
        #expect(order.withLock { $0.last } == "last")
    }

    /// As webhooks behind what scoring writes.
    @Test func aWriteThatIsUrgentDoesNotWaitForThoseThatWait() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: file) }
        let driver = try SQLiteDriver(path: file.appendingPathComponent("store.sqlite").path)
        let order = Mutex<[String]>([])
        let release = DispatchSemaphore(value: 0)
        let blocker = Mutex(false)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await driver.write { _ in
                    blocker.withLock { $0 = true }
                    release.wait()
                }
            }
            while !blocker.withLock({ $0 }) { await Task.yield() }
            // Queued in this order, for nothing is suspended before it has its place.
            for name in ["a", "b", "c"] {
                group.addImmediateTask {
                    try await driver.write { _ in order.withLock { $0.append(name) } }
                }
            }
            group.addImmediateTask {
                try await driver.write(isUrgent: true) { _ in order.withLock { $0.append("webhook") } }
            }
            release.signal()
            try await group.waitForAll()
        }
        #expect(order.withLock { $0 } == ["webhook", "a", "b", "c"])
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
