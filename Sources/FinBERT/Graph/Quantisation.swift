/// What computing in 8 bits needs to know: the bounds of what goes into each linear layer of the encoder, in order, and
/// how far the weights may go.
///
/// Weights are symmetric with a scale for each output, activations are in 256 steps between calibrated bounds, as
/// OpenVINO's own quantiser does it for transformers.
struct Quantisation: Sendable {
    var ranges: [ClosedRange<Float>]
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
