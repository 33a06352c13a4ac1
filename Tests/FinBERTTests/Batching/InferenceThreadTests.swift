import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FinBERT

@Suite(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
struct InferenceThreadTests {
    private func start(
        capacity: Int = 1024, onBatch: @escaping @Sendable () -> Void = {}
    ) async throws -> InferenceThread {
        let folder = try ModelFolder(TestModel.folder)
        let tokenizer = try BertTokenizer(folder: folder.url)
        return try await InferenceThread.start(capacity: capacity, onBatch: onBatch) {
            try LoadedModel(folder, precision: .fp32, threads: 1, tokenizer: tokenizer, readsTogether: true)
        }
    }

    /// Holds the model's thread after its first batch, so that others have to wait.
    private final class Gate: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let isFirst = Mutex(true)

        func hold() {
            let holds = isFirst.withLock { isFirst in
                defer { isFirst = false }
                return isFirst
            }
            if holds { semaphore.wait() }
        }

        func open() { semaphore.signal() }
    }

    private func sequences(_ count: Int, length: Int = 10) -> [[Int32]] {
        (0..<count).map { [2] + (0..<length).map { _ in Int32(5 + count % 40) } + [Int32($0 % 20 + 20), 3] }
    }

    @Test func moreThanTheQueueHoldsIsReadAllTheSame() async throws {
        let thread = try await start(capacity: 10)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await thread.read(sequences(37)).count } }
            for try await count in group { #expect(count == 37) }
        }
        #expect(thread.statistics.sequences == 20 * 37)
        thread.close()
    }

    @Test func aLongRequestIsReadInPortionsThatFollowOneAnother() async throws {
        let gate = Gate()
        let thread = try await start(capacity: 40) { gate.hold() }
        let all = sequences(100)
        let alone = Task { try await thread.read(sequences(1)) }
        try await eventually("the first is being read") { thread.statistics.batches == 1 }
        let many = Task { try await thread.read(all) }
        // Two portions of 20; the rest comes when they are read.
        try await eventually("two portions wait") { thread.waiting == 40 }
        gate.open()
        #expect(try await many.value.count == 100)
        #expect(try await alone.value.count == 1)
        thread.close()
    }

    @Test func concurrentWorkSharesBatches() async throws {
        let gate = Gate()
        let thread = try await start { gate.hold() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { _ = try await thread.read(sequences(1)) }
            try await eventually("the first is being read") { thread.statistics.batches == 1 }
            for _ in 0..<30 { group.addTask { _ = try await thread.read(sequences(1)) } }
            try await eventually("the others wait") { thread.waiting == 30 }
            gate.open()
            try await group.waitForAll()
        }
        #expect(thread.statistics.sequences == 31)
        #expect(thread.statistics.batches == 2)
        thread.close()
    }

    @Test func aCancelledRequestLeavesTheQueueAndTheOthersAlone() async throws {
        let gate = Gate()
        let thread = try await start { gate.hold() }
        let first = Task { try await thread.read(sequences(1)).count }
        try await eventually("the first is being read") { thread.statistics.batches == 1 }
        let cancelled = Task { try await thread.read(sequences(50)).count }
        let other = Task { try await thread.read(sequences(3)).count }
        try await eventually("both wait") { thread.waiting == 53 }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(thread.waiting == 3)
        gate.open()
        #expect(try await first.value == 1)
        #expect(try await other.value == 3)
        #expect(thread.statistics.sequences == 4)
        thread.close()
    }

    @Test func whoWaitsForRoomIsServedAlsoWhenOthersGiveUp() async throws {
        let gate = Gate()
        let thread = try await start(capacity: 10) { gate.hold() }
        let first = Task { try await thread.read(sequences(1)).count }
        try await eventually("the first is being read") { thread.statistics.batches == 1 }
        // Fills the queue; all others wait for room, and most of them give up.
        let filling = Task { try await thread.read(sequences(5)).count }
        try await eventually("the queue is filling") { thread.waiting == 5 }
        let many = (0..<12).map { _ in Task { try await thread.read(sequences(9)).count } }
        for (index, task) in many.enumerated() where !index.isMultiple(of: 4) { task.cancel() }
        gate.open()
        #expect(try await first.value == 1)
        #expect(try await filling.value == 5)
        for (index, task) in many.enumerated() {
            if index.isMultiple(of: 4) {
                #expect(try await task.value == 9)
            } else {
                await #expect(throws: CancellationError.self) { try await task.value }
            }
        }
        thread.close()
    }

    @Test func afterItsEndNothingWaitsForEver() async throws {
        let thread = try await start()
        thread.close()
        await #expect(throws: ModelError.self) { try await thread.read(sequences(2)) }
    }

    @Test func aLoadThatFailsIsReported() async throws {
        await #expect(throws: ModelError.self) {
            try await InferenceThread.start { throw ModelError(.missing, "nothing there") }
        }
    }
}
