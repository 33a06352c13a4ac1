import Dispatch
import Domain
import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct SQLiteWriteTurnsTests {
    /// What was written, in its order.
    private final class Order: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
    }

    @Test func whatIsUrgentGoesBeforeAllThatWaitsAndTheRestAsItCame() {
        let turns = SQLiteWriteTurns()
        let order = Order()
        func take(_ name: String, isUrgent: Bool = false) {
            turns.take(isUrgent: isUrgent) { order.add(name) }
        }
        take("first")
        for name in ["a", "b"] { take(name) }
        for name in ["u", "v"] { take(name, isUrgent: true) }
        take("c")
        #expect(order.all == ["first"])
        for _ in 0..<6 { turns.pass() }
        #expect(order.all == ["first", "u", "v", "a", "b", "c"])
        // Nothing is written now.
        take("last")
        #expect(order.all.last == "last")
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
                }
            }
            while blocker.all.isEmpty { await Task.yield() }
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
