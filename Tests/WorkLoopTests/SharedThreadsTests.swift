import Foundation
import Synchronization
import TestSupport
import Testing
import WorkLoop

@Suite struct SharedThreadsTests {
    /// Work that stands still until it is let go.
    private final class Barrier: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let entered = Atomic<Int>(0)

        var count: Int { entered.load(ordering: .relaxed) }
        func wait() {
            entered.add(1, ordering: .relaxed)
            semaphore.wait()
        }
        func open(_ times: Int) { for _ in 0..<times { semaphore.signal() } }
    }

    private final class Order: Sendable {
        private let keys = Mutex<[String]>([])

        var noted: [String] { keys.withLock { $0 } }
        func note(_ key: String) { keys.withLock { $0.append(key) } }
    }

    @Test func everyPieceOfWorkIsDoneOnceAndItsResultOrErrorIsReturned() async throws {
        let threads = SharedThreads<Int>(count: 3, perKey: 2)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<1000 { group.addTask { try await threads.run(for: number % 7) { number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 499_500)
        await #expect(throws: Unexpected.self) {
            try await threads.run(for: 1) { () throws -> Int in throw Unexpected("it fails") }
        }
        try await threads.shutDown()
    }

    @Test func oneKeyNeverHasEveryThread() async throws {
        let threads = SharedThreads<String>(count: 3, perKey: 2)
        let barrier = Barrier()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { try await threads.run(for: "greedy") { barrier.wait() } } }
            try await eventually("two threads are taken") { barrier.count == 2 }
            // Another's work is done while all that the first one may have is taken.
            #expect(try await threads.run(for: "modest") { "done" } == "done")
            #expect(barrier.count == 2)
            barrier.open(20)
            try await group.waitForAll()
        }
        #expect(barrier.count == 20)
        try await threads.shutDown()
    }

    @Test func keysTakeTurns() async throws {
        let threads = SharedThreads<String>(count: 2, perKey: 1)
        let barrier = Barrier()
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Both threads are taken while the rest comes.
            for key in ["a", "b"] { group.addTask { try await threads.run(for: key) { barrier.wait() } } }
            try await eventually("both threads are taken") { barrier.count == 2 }
            for number in 0..<6 {
                group.addTask { try await threads.run(for: "a") { order.note("a\(number)") } }
            }
            group.addTask { try await threads.run(for: "c") { order.note("c") } }
            group.addTask { try await threads.run(for: "d") { order.note("d") } }
            try await Task.sleep(for: .milliseconds(200))
            // One thread is let go: what waits for others does not wait for all of one's work.
            barrier.open(1)
            try await eventually("the others had their turn") {
                order.noted.contains("c") && order.noted.contains("d")
            }
            barrier.open(1)
            try await group.waitForAll()
        }
        let done = order.noted
        #expect(done.count == 8)
        let last = try #require(done.lastIndex { $0 == "c" || $0 == "d" })
        #expect(last <= 4, "\(done)")
        try await threads.shutDown()
    }

    @Test func aTaskRunsOnTheThreadsOfItsKey() async throws {
        let threads = SharedThreads<String>(count: 2, perKey: 1)
        @Sendable func thread() async -> UInt { UInt(bitPattern: Int(pthread_self())) }
        let own = await withTaskExecutorPreference(threads.executor(for: "a")) {
            var seen: Set<UInt> = []
            for _ in 0..<100 {
                seen.insert(await thread())
                await Task.yield()
            }
            return seen
        }
        #expect(own.count <= 2)
        let elsewhere = try await threads.run(for: "b") { UInt(bitPattern: Int(pthread_self())) }
        #expect(own.union([elsewhere]).count <= 2)
        try await threads.shutDown()
    }
}
