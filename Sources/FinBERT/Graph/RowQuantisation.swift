/// Weights in 8 bits: each row of a matrix, which makes one output, in steps of its own between minus and plus its largest
/// weight. What meets the weights is quantised by the engine as it comes, in groups of numbers of one token, so that
/// nothing needs to be known of it before.
enum RowQuantisation {
    /// How many numbers of a token share a scale, at most.
    private static let largestGroup = 64

    /// How many numbers that go into a linear layer of the encoder share a scale: a power of two, 16 or more, which divides
    /// the widths of all layers. Nil where no such number exists: then the engine does not quantise what goes in.
    static func group(of config: BertConfig) -> Int? {
        var group = largestGroup
        while group >= 16 {
            if config.hidden.isMultiple(of: group), config.intermediate.isMultiple(of: group) { return group }
            group /= 2
        }
        return nil
    }

    /// The largest quantised weight.
    private static let limit: Float = 127

    /// A matrix in 8 bits, row by row, and by what each row is multiplied to get its weights.
    static func quantised(_ matrix: UnsafeBufferPointer<Float>, rows: Int) -> (values: [Int8], scales: [Float]) {
        let width = matrix.count / max(rows, 1)
        var scales = [Float](repeating: 1, count: rows)
        let values = [Int8](unsafeUninitializedCapacity: rows * width) { values, count in
            for row in 0..<rows {
                let weights = UnsafeBufferPointer(rebasing: matrix[row * width..<(row + 1) * width])
                var (largest, isFinite) = (Float(0), true)
                for weight in weights {
                    largest = max(largest, abs(weight))
                    isFinite = isFinite && weight.isFinite
                }
                // A damaged row must show in the answers, not vanish.
                scales[row] = !isFinite ? .nan : largest > 0 ? largest / limit : 1
                let steps = isFinite && largest > 0 ? limit / largest : 0
                for (column, weight) in weights.enumerated() {
                    // To the nearest step. Where the largest is tiny beyond measure, `steps` is infinite.
                    let value = max(-limit, min(weight * steps, limit))
                    values[row * width + column] = value.isNaN ? 0 : Int8(value + (value < 0 ? -0.5 : 0.5))
                }
            }
            count = rows * width
        }
        return (values, scales)
    }
}
