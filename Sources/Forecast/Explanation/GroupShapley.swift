/// Shapley values of the nine factor groups: each group's mean effect on a value over all orders in which the groups of
/// an issue can take the place of those of a reference (Shapley 1953; exact, by all 512 sets).
enum GroupShapley {
    static let groups = FactorGroup.allCases.count
    /// Sets of groups; bit g of a set's number says that group g is the issue's.
    static let sets = 1 << groups

    /// The feature vectors of all sets: the issue's features in the groups of the set, the reference's elsewhere.
    static func mixtures(of issue: [Float], with reference: [Float]) -> [[Float]] {
        let bits = Feature.allCases.map { 1 << $0.group.rawValue }
        return (0..<sets).map { set in
            bits.indices.map { set & bits[$0] != 0 ? issue[$0] : reference[$0] }
        }
    }

    /// The value of each group, in the order of `FactorGroup`; their sum is the last value less the first one.
    ///
    /// - Parameter values: What each set is worth.
    static func values(_ values: [Double]) -> [Double] {
        precondition(values.count == sets, "a value a set")
        // |G|!·(8 - |G|)!/9! = 1/(9·C(8, |G|))
        var weights: [Double] = []
        var combinations = 1.0
        for size in 0..<groups {
            weights.append(1 / (Double(groups) * combinations))
            combinations = combinations * Double(groups - 1 - size) / Double(size + 1)
        }
        return (0..<groups).map { group in
            var sum = 0.0
            for set in 0..<sets where set & (1 << group) == 0 {
                sum += weights[set.nonzeroBitCount] * (values[set | (1 << group)] - values[set])
            }
            return sum
        }
    }
}
