import Domain

/// When time alone changes what the factors of a score add. Their sum may stay the same then, at the limit or by chance, but
/// the reasons do not.
enum NextChange {
    /// The first instant after `now` at which a factor of `sum` adds other points than at `now`; nil for never.
    static func after(_ now: Timestamp, of sum: ScoreSum) -> Timestamp? {
        let current = sum.points(at: now)
        let candidates = Set(sum.factors.flatMap(\.turningPoints)).filter { $0 > now }.sorted()
        return candidates.first { sum.points(at: $0) != current }
    }
}
