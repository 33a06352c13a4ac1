import Domain

/// When time alone changes a score.
enum NextChange {
    /// The first instant after `now` at which the sum of `factors` differs from what it is at `now`; nil for never.
    static func after(_ now: Timestamp, of factors: [any ScoreFactor]) -> Timestamp? {
        func score(_ instant: Timestamp) -> Int { factors.reduce(0) { $0 + $1.points(at: instant) } }
        let current = score(now)
        let candidates = Set(factors.flatMap(\.turningPoints)).filter { $0 > now }.sorted()
        return candidates.first { score($0) != current }
    }
}
