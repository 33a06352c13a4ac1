import Foundation

/// What computing in 8 bits needs to know: the bounds of what goes into each linear layer of the encoder, in order, and
/// how far the weights may go.
///
/// Weights are symmetric with a scale for each output, activations are in 256 steps between calibrated bounds, as
/// OpenVINO's own quantiser does it for transformers. A few columns of the activations reach much further than all others
/// and would leave those a few steps only, so a part of their reach is moved into the weights (SmoothQuant, Xiao et al.
/// 2023, section 4).
struct Quantisation: Sendable {
    /// How much of the reach is moved, from 0 to 1. Of 0.3, 0.5, 0.65, 0.8 and 0.95 this gave the smallest errors on an
    /// encoder with trained weights, and on random ones the most equal labels (Benchmarks/finbert.py).
    private static let smoothingStrength: Float = 0.65

    /// How far each column of an input reaches.
    struct Bounds: Sendable {
        var lows: [Float]
        var highs: [Float]

        /// The bounds of two inputs together.
        func union(_ other: Bounds) -> Bounds {
            Bounds(lows: zip(lows, other.lows).map(min), highs: zip(highs, other.highs).map(max))
        }

        /// By what each column is divided, and the weights that meet it multiplied.
        ///
        /// - Parameter largestWeights: the largest absolute weight that meets each column.
        func smoothing(largestWeights: [Float]) -> [Float] {
            zip(zip(lows, highs), largestWeights).map { reach, weight in
                let scale = pow(max(-reach.0, reach.1), smoothingStrength) / pow(weight, 1 - smoothingStrength)
                return scale.isFinite && scale > 0 ? scale : 1
            }
        }

        /// The bounds of all columns together, each divided by its own divisor. Zero is between them.
        func range(dividedBy divisors: [Float]) -> ClosedRange<Float> {
            let low = zip(lows, divisors).map { $0 / $1 }.min() ?? 0
            let high = zip(highs, divisors).map { $0 / $1 }.max() ?? 0
            return min(low, 0)...max(high, min(low, 0) + 1e-6)
        }
    }

    var bounds: [Bounds]
    /// The largest quantised weight. 127, or 63 where the processor adds pairs of products in 16 bits, which overflow.
    var weightLimit: Float

    /// A matrix in rows, in 8 bits, with the scale of each row.
    func quantised(_ matrix: [Float], rows: Int) -> (values: [Int8], scales: [Float]) {
        let width = matrix.count / max(rows, 1)
        var values = [Int8](repeating: 0, count: matrix.count)
        var scales = [Float](repeating: 1, count: rows)
        for row in 0..<rows {
            let range = row * width..<(row + 1) * width
            let largest = matrix[range].lazy.map(abs).max() ?? 0
            guard largest > 0, largest.isFinite else { continue }
            scales[row] = largest / weightLimit
            for index in range { values[index] = Int8((matrix[index] / scales[row]).rounded()) }
        }
        return (values, scales)
    }
}
