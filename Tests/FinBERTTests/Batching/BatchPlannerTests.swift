import TestSupport
import Testing

@testable import FinBERT

@Suite struct BatchPlannerTests {
    private let planner = BatchPlanner()

    @Test func everyWaitingTextIsReadOnceAndTheOldestFirst() {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var waiting = (0..<Int.random(in: 1...90, using: &random)).map { _ in
                Int.random(in: 2...512, using: &random)
            }
            while !waiting.isEmpty {
                let batch = planner.nextBatch(of: waiting)
                #expect(batch.first == 0)
                #expect(batch == Array(Set(batch)).sorted())
                let lengths = batch.map { waiting[$0] }
                let padded = batch.count * (lengths.max() ?? 0)
                #expect(batch.count <= planner.largestBatch)
                #expect(padded <= planner.largestTokens)
                #expect(Double(padded - lengths.reduce(0, +)) <= planner.paddingShare * Double(padded))
                for position in batch.reversed() { waiting.remove(at: position) }
            }
        }
    }

    @Test func equalLengthsFillABatch() {
        #expect(planner.nextBatch(of: Array(repeating: 100, count: 50)) == Array(0..<10))
        #expect(planner.nextBatch(of: Array(repeating: 512, count: 50)) == Array(0..<2))
        #expect(planner.nextBatch(of: [9000]) == [0])
    }

    @Test func theNearestInLengthGoTogether() {
        #expect(planner.nextBatch(of: [100, 500, 98, 10, 101, 95]) == [0, 2, 4, 5])
    }
}
