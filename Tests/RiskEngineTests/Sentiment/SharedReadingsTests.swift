import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import RiskEngine

/// Analyses that need the same texts at the same instant.
@Suite struct SharedReadingsTests {
    private static let tenant = TenantID(UUID())
    private static let reading = SentimentReading(label: .negative, score: 0.5)

    private static func text(_ name: String, of tenant: TenantID = tenant) -> SharedReadings.Text {
        SharedReadings.Text(tenantID: tenant, model: "model", hash: ContentHash(name))
    }

    /// Lets a number of tasks through once all have arrived.
    private final class Gate: Sendable {
        private let waiting = Mutex<(missing: Int, continuations: [CheckedContinuation<Void, Never>])>((0, []))

        init(for count: Int) { waiting.withLock { $0.missing = count } }

        func pass() async {
            await withCheckedContinuation { continuation in
                let released = waiting.withLock { waiting in
                    waiting.missing -= 1
                    waiting.continuations.append(continuation)
                    guard waiting.missing <= 0 else { return [CheckedContinuation<Void, Never>]() }
                    defer { waiting.continuations = [] }
                    return waiting.continuations
                }
                for continuation in released { continuation.resume() }
            }
        }
    }

    /// What was read, in order, by all analyses of a test.
    private final class Reader: Sendable {
        let texts = Mutex<[SharedReadings.Text]>([])

        func read(_ texts: [SharedReadings.Text]) -> [SharedReadings.Text: SentimentReading] {
            self.texts.withLock { $0 += texts }
            return Dictionary(uniqueKeysWithValues: texts.map { ($0, SharedReadingsTests.reading) })
        }
    }

    @Test func manyAnalysesOfOneTextReadItOnce() async throws {
        let (shared, reader, count) = (SharedReadings(), Reader(), 50)
        // All hold the text before the first may read it: none finds it in a cache.
        let gate = Gate(for: count)
        let results = try await withThrowingTaskGroup { group in
            for _ in 0..<count {
                group.addTask {
                    try await shared.withHold { hold in
                        hold.hold([Self.text("a")])
                        await gate.pass()
                        return try await hold.readings(of: [Self.text("a")], portion: 64) {
                            await Task.yield()
                            return reader.read($0)
                        } keep: { _, _ in
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == Array(repeating: [Self.text("a"): Self.reading], count: count))
        #expect(reader.texts.withLock { $0 } == [Self.text("a")])
        #expect(shared.isEmpty)
    }

    @Test func analysesThatShareAPartOfTheirTextsReadEachOnce() async throws {
        let (shared, reader, count) = (SharedReadings(), Reader(), 20)
        let gate = Gate(for: count)
        try await withThrowingTaskGroup { group in
            for index in 0..<count {
                group.addTask {
                    // Each shares texts with the next ones; every other goes through them from the end.
                    let own = (index..<index + 10).map { Self.text("\($0)") }
                    let texts = index.isMultiple(of: 2) ? own : own.reversed()
                    let readings = try await shared.withHold { hold in
                        hold.hold(texts)
                        await gate.pass()
                        return try await hold.readings(of: texts, portion: 3) {
                            await Task.yield()
                            return reader.read($0)
                        } keep: { _, _ in
                        }
                    }
                    #expect(Set(readings.keys) == Set(texts))
                }
            }
            try await group.waitForAll()
        }
        let texts = reader.texts.withLock { $0 }
        #expect(texts.count == count + 9 && Set(texts).count == texts.count)
        #expect(shared.isEmpty)
    }

    /// The first reader is in the middle of its reading when the second one begins to wait; then it ends with `end`.
    private func firstReader(
        endsWith end: @escaping @Sendable (Task<Void, any Error>) -> Void,
        read: @escaping @Sendable (Gate) async throws -> Void
    ) async throws {
        let (shared, reader) = (SharedReadings(), Reader())
        let (begun, ends) = (Gate(for: 2), Gate(for: 2))
        let first = Task {
            _ = try await shared.withHold { hold in
                hold.hold([Self.text("a")])
                return try await hold.readings(of: [Self.text("a")], portion: 64) { _ in
                    await begun.pass()
                    try await read(ends)
                    return [:]
                } keep: { _, _ in
                }
            }
        }
        await begun.pass()
        let second = Task {
            try await shared.withHold { hold in
                hold.hold([Self.text("a")])
                return try await hold.readings(of: [Self.text("a")], portion: 64) {
                    reader.read($0)
                } keep: { _, _ in
                }
            }
        }
        try await eventually("the second one waits") { shared.waiting == 1 }
        end(first)
        await ends.pass()
        await #expect(throws: (any Error).self) { try await first.value }
        #expect(try await second.value == [Self.text("a"): Self.reading])
        #expect(reader.texts.withLock { $0 } == [Self.text("a")])
        #expect(shared.isEmpty)
    }

    @Test func aTextWhoseReaderFailsIsReadByTheNextThatWaits() async throws {
        try await firstReader(endsWith: { _ in }) { ends in
            await ends.pass()
            throw Unexpected("the model is down")
        }
    }

    @Test func aTextWhoseReaderIsCancelledIsReadByTheNextThatWaits() async throws {
        try await firstReader(endsWith: { $0.cancel() }) { ends in
            await ends.pass()
            try Task.checkCancellation()
        }
    }

    @Test func anAnalysisThatIsCancelledWhileItWaitsEnds() async throws {
        let (shared, reader) = (SharedReadings(), Reader())
        let (begun, ends) = (Gate(for: 2), Gate(for: 2))
        let first = Task {
            try await shared.withHold { hold in
                hold.hold([Self.text("a")])
                return try await hold.readings(of: [Self.text("a")], portion: 64) {
                    await begun.pass()
                    await ends.pass()
                    return reader.read($0)
                } keep: { _, _ in
                }
            }
        }
        await begun.pass()
        let second = Task {
            _ = try await shared.withHold { hold in
                hold.hold([Self.text("a")])
                return try await hold.readings(of: [Self.text("a")], portion: 64) {
                    reader.read($0)
                } keep: { _, _ in
                }
            }
        }
        try await eventually("the second one waits") { shared.waiting == 1 }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        await ends.pass()
        #expect(try await first.value == [Self.text("a"): Self.reading])
        #expect(shared.isEmpty)
    }

    @Test func tenantsShareNoReading() async throws {
        let (shared, reader) = (SharedReadings(), Reader())
        let texts = [Self.text("a"), Self.text("a", of: TenantID(UUID()))]
        let gate = Gate(for: 2)
        try await withThrowingTaskGroup { group in
            for text in texts {
                group.addTask {
                    _ = try await shared.withHold { hold in
                        hold.hold([text])
                        await gate.pass()
                        return try await hold.readings(of: [text], portion: 64) {
                            reader.read($0)
                        } keep: { _, _ in
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(Set(reader.texts.withLock { $0 }) == Set(texts))
    }

    /// What was read is there for as long as anybody may have looked into the cache before it was committed.
    @Test func aReadingIsSharedUntilItsReaderHasCommittedIt() async throws {
        let (shared, reader) = (SharedReadings(), Reader())
        try await shared.withHold { first in
            first.hold([Self.text("a")])
            _ = try await first.readings(of: [Self.text("a")], portion: 64) {
                reader.read($0)
            } keep: { _, _ in
            }
            try await shared.withHold { second in
                second.hold([Self.text("a")])
                let readings = try await second.readings(of: [Self.text("a")], portion: 64) { _ in
                    throw Unexpected("read twice")
                } keep: { _, _ in
                }
                #expect(readings == [Self.text("a"): Self.reading])
            }
        }
        #expect(reader.texts.withLock { $0 }.count == 1)
        #expect(shared.isEmpty)
    }
}
