/// Weights in 8 bits: in steps between minus and plus the largest of each group of a row, a row being what makes one output.
/// What meets the weights is quantised by the engine as it comes, in groups of numbers of one token, so that nothing needs to
/// be known of it before.
enum GroupQuantisation {
    /// How many neighbours in a row, and how many numbers of a token, share a scale. Of 16 to the whole row, measured on
    /// a trained encoder (decision 0007), these are the largest that keep 98 % of labels.
    private static let (weightGroup, inputGroup) = (64, 32)
    /// The fewest that the engine takes.
    private static let smallestGroup = 16
    /// The largest quantised weight.
    private static let limit: Float = 127

    /// How many numbers that go into a linear layer of the encoder share a scale. Nil where no such number divides the
    /// widths of all layers: then the engine does not quantise what goes in.
    static func inputGroup(of config: BertConfig) -> Int? {
        var group = inputGroup
        while group >= smallestGroup {
            if config.hidden.isMultiple(of: group), config.intermediate.isMultiple(of: group) { return group }
            group /= 2
        }
        return nil
    }

    /// How many weights of a row of `width` share a scale: all, where the row cannot be divided.
    static func weightGroup(width: Int) -> Int { width.isMultiple(of: weightGroup) ? weightGroup : width }

    /// A matrix in 8 bits, row by row, and by what each group is multiplied to get its weights.
    static func quantised(_ matrix: UnsafeBufferPointer<Float>, group: Int) -> (values: [Int8], scales: [Float]) {
        let groups = matrix.count / max(group, 1)
        var scales = [Float](repeating: 1, count: groups)
        let values = [Int8](unsafeUninitializedCapacity: groups * group) { values, count in
            for index in 0..<groups {
                let start = index * group
                let weights = UnsafeBufferPointer(rebasing: matrix[start..<start + group])
                var (largest, isFinite) = (Float(0), true)
                for weight in weights {
                    largest = max(largest, abs(weight))
                    isFinite = isFinite && weight.isFinite
                }
                // Damage must show in the answers, not vanish.
                scales[index] = !isFinite ? .nan : largest > 0 ? largest / limit : 1
                let steps = isFinite && largest > 0 ? limit / largest : 0
                for (place, weight) in weights.enumerated() {
                    // To the nearest step. Where the largest is tiny beyond measure, `steps` is infinite.
                    let value = max(-limit, min(weight * steps, limit))
                    values[start + place] = value.isNaN ? 0 : Int8(value + (value < 0 ? -0.5 : 0.5))
                }
            }
            count = groups * group
        }
        return (values, scales)
    }
}
