import Testing

@testable import FinBERT

@Suite struct TokenBatchTests {
    private func values(_ name: String, _ batch: TokenBatch) throws -> [Int64] {
        try #require(batch.inputs.first { $0.name == name }).values
    }

    @Test func packedTokensFollowOneAnotherAndFindTheirRows() throws {
        let sequences: [[Int32]] = [[2, 7, 3], [2, 8, 9, 3], [2, 3]]
        let batch = TokenBatch(sequences, padding: 5, form: .packed, positions: 64)
        // Nine tokens in steps of sixteen; three sequences in four rows.
        #expect(batch.rows == 4)
        #expect(batch.inputs.map(\.shape) == [[16], [16], [16], [4, 16], [4, 16]])
        #expect(batch.inputs.allSatisfy { $0.values.count == $0.shape.reduce(1, *) })
        #expect(try values("input_ids", batch) == [2, 7, 3, 2, 8, 9, 3, 2, 3] + Array(repeating: 5, count: 7))
        #expect(try values("positions", batch).prefix(9) == [0, 1, 2, 0, 1, 2, 3, 0, 1])
        let (places, slots) = (try values("places", batch), try values("slots", batch))
        let mask = try values("attention_mask", batch)
        var token = 0
        for (row, sequence) in sequences.enumerated() {
            for column in sequence.indices {
                #expect(slots[token] == row * 16 + column)
                #expect(places[row * 16 + column] == token)
                #expect(mask[row * 16 + column] == 1)
                token += 1
            }
        }
        #expect(mask.reduce(0, +) == 9)
        #expect(places.allSatisfy { (0..<16).contains($0) } && slots.allSatisfy { (0..<64).contains($0) })
    }

    @Test func aTextAloneHasAnEmptyRowBesideIt() {
        let batch = TokenBatch([[2, 7, 3]], padding: 5, form: .packed, positions: 64)
        #expect(batch.rows == 2)
        #expect(batch.inputs.map(\.shape) == [[16], [16], [16], [2, 16], [2, 16]])
    }

    @Test func paddedRowsAreNoLongerThanTheNetworkTakes() throws {
        let batch = TokenBatch([[2, 7, 3], [2, 3]], padding: 5, form: .padded, positions: 10)
        #expect(batch.rows == 2)
        #expect(batch.inputs.map(\.shape) == [[2, 10], [2, 10], [2, 10]])
        #expect(try values("input_ids", batch) == [2, 7, 3, 5, 5, 5, 5, 5, 5, 5, 2, 3, 5, 5, 5, 5, 5, 5, 5, 5])
        #expect(try values("attention_mask", batch).reduce(0, +) == 5)
    }

    @Test func computedTokensAreCountedInSteps() {
        #expect(TokenBatch.computedTokens(of: [3, 4, 2], form: .packed) == 16)
        #expect(TokenBatch.computedTokens(of: [10, 7], form: .packed) == 32)
        #expect(TokenBatch.computedTokens(of: [3, 4, 17], form: .padded) == 96)
    }
}
