import TestSupport
import Testing

@testable import FinBERT

@Suite struct BatchPlannerTests {
    private let planner = BatchPlanner()

    @Test(arguments: [TokenBatch.Form.packed, .padded])
    func everyWaitingTextIsReadOnceAndTheOldestFirst(form: TokenBatch.Form) {
        let planner = BatchPlanner(form: form)
        var random = SeededGenerator(seed: 7)
        for _ in 0..<300 {
            var waiting = (0..<Int.random(in: 1...90, using: &random)).map { _ in
                Int.random(in: 2...512, using: &random)
            }
            while !waiting.isEmpty {
                let batch = planner.nextBatch(of: waiting)
                #expect(batch.first == 0)
                #expect(batch == Array(Set(batch)).sorted())
                #expect(batch.count <= planner.largestBatch)
                let lengths = batch.map { waiting[$0] }
                #expect(TokenBatch.computedTokens(of: lengths, form: form) <= planner.largestTokens)
                let sum = lengths.reduce(0) { $0 + TokenBatch.stepped($1) }
                let slots = batch.count * TokenBatch.stepped(lengths.max() ?? 0)
                #expect(Double(slots - sum) <= (form == .packed ? 0.5 : 0.1) * Double(slots))
                for position in batch.reversed() { waiting.remove(at: position) }
            }
        }
    }

    @Test func equalLengthsFillABatch() {
        #expect(planner.nextBatch(of: Array(repeating: 100, count: 50)) == Array(0..<10))
        #expect(planner.nextBatch(of: Array(repeating: 512, count: 50)) == Array(0..<2))
        #expect(planner.nextBatch(of: Array(repeating: 2, count: 100)) == Array(0..<64))
        #expect(planner.nextBatch(of: [9000]) == [0])
    }

    @Test func theNearestInLengthGoTogether() {
        #expect(planner.nextBatch(of: [100, 500, 98, 10, 101, 95]) == [0, 2, 3, 4, 5])
        #expect(planner.nextBatch(of: [500, 10, 20, 30]) == [0, 3])
    }

    @Test func paddedTextsShareAStep() {
        let planner = BatchPlanner(form: .padded)
        #expect(planner.nextBatch(of: [20, 31, 32, 33, 17]) == [0, 1, 2, 4])
    }

    @Test func whereABatchWouldChangeAnswersTextsAreReadAlone() {
        let planner = BatchPlanner(readsTogether: false)
        #expect(planner.nextBatch(of: [100, 100, 100]) == [0])
    }
}
