/// Token sequences of about the same length, padded to the longest: one batch.
struct TokenBatch {
    let count: Int
    /// The length of the longest, to which the others are padded.
    let length: Int
    var ids: [Int64]
    var mask: [Int64]
    var types: [Int64]

    init(_ sequences: [[Int32]], padding: Int32) {
        count = sequences.count
        let length = sequences.map(\.count).max() ?? 0
        self.length = length
        ids = [Int64](repeating: Int64(padding), count: count * length)
        mask = [Int64](repeating: 0, count: count * length)
        types = mask
        for (row, sequence) in sequences.enumerated() {
            for (column, id) in sequence.enumerated() {
                ids[row * length + column] = Int64(id)
                mask[row * length + column] = 1
            }
        }
    }
}
