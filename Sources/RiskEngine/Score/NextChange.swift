import Domain

/// When time alone changes a score.
enum NextChange {
    /// The first instant after `now` at which `sum` differs from what it is at `now`; nil for never.
    static func after(_ now: Timestamp, of sum: ScoreSum) -> Timestamp? {
        let current = sum.score(at: now)
        let candidates = Set(sum.factors.flatMap(\.turningPoints)).filter { $0 > now }.sorted()
        return candidates.first { sum.score(at: $0) != current }
    }
}
