/// Probabilities and what came true, in the order of the probabilities; the base of all that is measured of a ranking.
struct Ranking: Sendable {
    /// Indices of the given arrays, the highest probability first; ties stay in their order.
    let order: [Int]
    /// Where in `order` each run of equal probabilities ends.
    private let ends: [Int]
    private let outcomes: [Bool]

    init(_ probabilities: [Double], _ outcomes: [Bool]) {
        let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
        self.order = order
        self.outcomes = outcomes
        ends = order.indices.filter {
            $0 + 1 == order.count || probabilities[order[$0]] != probabilities[order[$0 + 1]]
        }
        .map { $0 + 1 }
    }

    /// The area under the ROC curve: the probability that one that came true ranks before one that did not, ties half.
    /// Nil when there is only one kind. `weights`: what each of the given counts; nil: 1.
    func area(weights: [Double]? = nil) -> Double? {
        var (pairs, trueBefore, falseBefore, start) = (0.0, 0.0, 0.0, 0)
        for end in ends {
            let (here, other) = mass(start..<end, weights)
            pairs += other * (trueBefore + here / 2)
            trueBefore += here
            falseBefore += other
            start = end
        }
        return trueBefore > 0 && falseBefore > 0 ? pairs / (trueBefore * falseBefore) : nil
    }

    /// The area under precision and recall as steps (scikit-learn's `average_precision_score`); nil when nothing came
    /// true.
    func averagePrecision() -> Double? {
        let all = Double(outcomes.reduce(0) { $0 + ($1 ? 1 : 0) })
        guard all > 0 else { return nil }
        var (sum, found, start) = (0.0, 0.0, 0)
        for end in ends {
            let here = mass(start..<end, nil).true
            found += here
            sum += here / all * found / Double(end)
            start = end
        }
        return sum
    }

    private func mass(_ range: Range<Int>, _ weights: [Double]?) -> (true: Double, false: Double) {
        var sums = (true: 0.0, false: 0.0)
        for place in range {
            let index = order[place]
            let weight = weights?[index] ?? 1
            if outcomes[index] { sums.true += weight } else { sums.false += weight }
        }
        return sums
    }
}
