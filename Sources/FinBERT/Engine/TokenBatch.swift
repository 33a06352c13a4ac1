/// Token sequences that are read together, as the inputs of a network: one batch.
///
/// Whatever a batch holds, a text's answer must be the same (decision 0063). So every extent that a sum runs over is a
/// multiple of ``step``: what stands in the last part of a vector register is then the same in every batch.
struct TokenBatch {
    /// How a network takes its sequences.
    enum Form: Sendable {
        /// One behind the other without padding, and apart for attention only (``BertGraph``).
        case packed
        /// In rows of one length, as exporters of BERT write it.
        case padded
    }

    struct Input {
        let name: String
        /// As many extents as the network's input has.
        let shape: [Int]
        let values: [Int64]
    }

    /// The elements of the widest vector registers, in 32 bits. Lengths and sums of lengths are rounded up to multiples.
    static let step = 16

    let inputs: [Input]
    /// How many answers the network gives: those of the sequences, in order, then those of rows that were left empty.
    let rows: Int

    /// - Parameters:
    ///   - sequences: not empty, and none of them is.
    ///   - padding: the id that fills.
    ///   - positions: the longest row that the network takes, in tokens; no sequence is longer.
    init(_ sequences: [[Int32]], padding: Int32, form: Form, positions: Int) {
        switch form {
        case .packed: (inputs, rows) = Self.packed(sequences, padding: Int64(padding))
        case .padded: (inputs, rows) = Self.padded(sequences, padding: Int64(padding), positions: positions)
        }
    }

    /// The next multiple of ``step``.
    static func stepped(_ length: Int) -> Int { (length + step - 1) / step * step }

    /// How many tokens a network computes for sequences of these lengths, padding included.
    static func computedTokens(of lengths: [Int], form: Form) -> Int {
        switch form {
        case .packed: stepped(lengths.reduce(0, +))
        case .padded: lengths.count * stepped(lengths.max() ?? 0)
        }
    }

    private static func packed(_ sequences: [[Int32]], padding: Int64) -> ([Input], rows: Int) {
        // Few different counts, as the engine prepares code for each shape of the attention. Two at least: products of one
        // row are added up in another order.
        var rows = 2
        while rows < sequences.count { rows *= 2 }
        let length = stepped(sequences.map(\.count).max() ?? 0)
        let total = stepped(sequences.reduce(0) { $0 + $1.count })
        var ids = [Int64](repeating: padding, count: total)
        var positions = [Int64](repeating: 0, count: total)
        var slots = positions
        var places = [Int64](repeating: 0, count: rows * length)
        var mask = places
        var token = 0
        for (row, sequence) in sequences.enumerated() {
            for (column, id) in sequence.enumerated() {
                let slot = row * length + column
                (ids[token], positions[token], slots[token]) = (Int64(id), Int64(column), Int64(slot))
                (places[slot], mask[slot]) = (Int64(token), 1)
                token += 1
            }
        }
        return (
            [
                Input(name: "input_ids", shape: [total], values: ids),
                Input(name: "positions", shape: [total], values: positions),
                Input(name: "slots", shape: [total], values: slots),
                Input(name: "places", shape: [rows, length], values: places),
                Input(name: "attention_mask", shape: [rows, length], values: mask),
            ], rows
        )
    }

    private static func padded(
        _ sequences: [[Int32]], padding: Int64, positions: Int
    ) -> ([Input], rows: Int) {
        let length = min(stepped(sequences.map(\.count).max() ?? 0), positions)
        let shape = [sequences.count, length]
        var ids = [Int64](repeating: padding, count: sequences.count * length)
        let types = [Int64](repeating: 0, count: ids.count)
        var mask = types
        for (row, sequence) in sequences.enumerated() {
            for (column, id) in sequence.enumerated() {
                ids[row * length + column] = Int64(id)
                mask[row * length + column] = 1
            }
        }
        return (
            [
                Input(name: "input_ids", shape: shape, values: ids),
                Input(name: "attention_mask", shape: shape, values: mask),
                Input(name: "token_type_ids", shape: shape, values: types),
            ], sequences.count
        )
    }
}
