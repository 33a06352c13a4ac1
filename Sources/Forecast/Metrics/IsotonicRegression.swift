/// The monotone step function that fits best by squares, linear between its points and constant beyond them (as
/// scikit-learn's `IsotonicRegression(out_of_bounds="clip")`).
struct IsotonicRegression: Sendable, Codable, Equatable {
    private var xs: [Double] = []
    private var ys: [Double] = []

    private enum CodingKeys: String, CodingKey { case xs, ys }

    /// Fits it; `increasing` nil: in the direction of Spearman's rank correlation. No point is needed, but without one
    /// ``callAsFunction(_:)`` answers nil.
    init(_ x: [Double], _ y: [Double], weights: [Double], increasing: Bool? = nil) {
        let increasing = increasing ?? (RankCorrelation.spearman(x, y) >= 0)
        let order = x.indices.sorted { (x[$0], $0) < (x[$1], $1) }
        // Equal x are one point first, then neighbours in the wrong order are pooled.
        var points: [(x: Double, y: Double, weight: Double)] = []
        for index in order {
            if let last = points.last, last.x == x[index] {
                let weight = last.weight + weights[index]
                points[points.count - 1] = (last.x, (last.y * last.weight + y[index] * weights[index]) / weight, weight)
            } else {
                points.append((x[index], y[index], weights[index]))
            }
        }
        var blocks: [(y: Double, weight: Double, count: Int)] = []
        for point in points {
            blocks.append((increasing ? point.y : -point.y, point.weight, 1))
            while let last = blocks.last, let before = blocks.dropLast().last, before.y >= last.y {
                let weight = before.weight + last.weight
                blocks.removeLast(2)
                blocks.append(
                    ((before.y * before.weight + last.y * last.weight) / weight, weight, before.count + last.count))
            }
        }
        // Where a block begins and ends; between them it is level.
        var start = 0
        for block in blocks {
            let ends = block.count == 1 ? [start] : [start, start + block.count - 1]
            xs += ends.map { points[$0].x }
            ys += ends.map { _ in increasing ? block.y : -block.y }
            start += block.count
        }
    }

    /// The value at `x`; nil if it was fitted to nothing.
    func callAsFunction(_ x: Double) -> Double? {
        guard let first = xs.first, let last = ys.last else { return nil }
        guard x > first else { return ys[0] }
        // The first point that is not below x.
        var (low, high) = (0, xs.count)
        while low < high {
            let middle = (low + high) / 2
            if xs[middle] < x { low = middle + 1 } else { high = middle }
        }
        guard low < xs.count else { return last }
        let share = (x - xs[low - 1]) / (xs[low] - xs[low - 1])
        return ys[low - 1] + share * (ys[low] - ys[low - 1])
    }
}

enum RankCorrelation {
    /// Spearman's rho with mean ranks for ties; 0 when one side does not vary.
    static func spearman(_ x: [Double], _ y: [Double]) -> Double {
        let (a, b) = (ranks(x), ranks(y))
        let mean = Double(x.count + 1) / 2
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for index in a.indices {
            ab += (a[index] - mean) * (b[index] - mean)
            aa += (a[index] - mean) * (a[index] - mean)
            bb += (b[index] - mean) * (b[index] - mean)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }

    private static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var (ranks, start) = ([Double](repeating: 0, count: values.count), 0)
        while start < order.count {
            var end = start + 1
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }
}
