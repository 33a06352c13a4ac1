import Domain

/// Finds the least set of actions by looking at every set, the smallest first.
struct RemedySearch {
    /// A set of actions, by their positions in ascending order, and what it leads to.
    struct Found: Hashable {
        var positions: [Int]
        var score: Int
    }

    /// The effort of each action. They are in the order of their names.
    let efforts: [Int]

    /// The first set of those that bring the score below `target`: of the fewest actions, then of the least effort, then of the
    /// first names. Where no set does, the first of those with the lowest score.
    ///
    /// - Parameter score: after the actions at these positions. It is asked of each set once at most.
    func least(below target: Int, score: ([Int]) -> Int) -> Found {
        var best: Found?
        for count in 0...efforts.count {
            for positions in sets(of: count) {
                let found = Found(positions: positions, score: score(positions))
                if found.score < target { return found }
                if best.map({ found.score < $0.score }) ?? true { best = found }
            }
        }
        return best ?? Found(positions: [], score: score([]))
    }

    /// All sets of so many actions, in the order of their effort, then of their names.
    private func sets(of count: Int) -> [[Int]] {
        func effort(_ positions: [Int]) -> Int { positions.reduce(0) { $0 + efforts[$1] } }
        return combinations(of: count).map { (positions: $0, effort: effort($0)) }
            .sorted { a, b in
                a.effort == b.effort ? a.positions.lexicographicallyPrecedes(b.positions) : a.effort < b.effort
            }
            .map(\.positions)
    }

    private func combinations(of count: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return combinations(of: count - 1).flatMap { shorter in
            ((shorter.last ?? -1) + 1..<efforts.count).map { shorter + [$0] }
        }
    }
}
