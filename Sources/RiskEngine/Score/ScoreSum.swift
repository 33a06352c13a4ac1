import Domain

/// The factors of a score added up, in their order, to at most 100: where the sum would be more, the last factors add no more
/// than what the ones before them leave. So the points that are shown always sum to the score (P6).
struct ScoreSum {
    static let limit = 100

    let factors: [any ScoreFactor]

    /// What each factor adds, in their order.
    func points(at now: Timestamp) -> [Int] {
        var left = Self.limit
        return factors.map { factor in
            let points = min(left, factor.points(at: now))
            left -= points
            return points
        }
    }

    /// Each factor with its points and reasons.
    func described(at now: Timestamp) -> [Factor] {
        zip(factors, points(at: now)).map { $0.factor(at: now, points: $1) }
    }
}
