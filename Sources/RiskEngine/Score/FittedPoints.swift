/// The points of `standard` that are fitted to what became of real issues: each step adds its points once the issue has
/// been in the state for more than so many whole days.
///
/// Made by `Benchmarks/fit_score.py` on 2026-11-28, which also checks that this is what it makes:
///
///     age         >30 +1, >60 +2, >90 +2, >180 +4, >365 +7, >730 +2      18
///     staleness   >14 +6, >30 +2, >90 +4                                 12
///     progress    in one status >30 +1, >60 +6, >365 +12
///                 not begun >7 +5                                        24
///     owner       unassigned >3 +12                                      12
enum FittedPoints {
    typealias Step = (days: Int, points: Int)

    static let age: [Step] = [(30, 1), (60, 2), (90, 2), (180, 4), (365, 7), (730, 2)]
    static let staleness: [Step] = [(14, 6), (30, 2), (90, 4)]
    static let status: [Step] = [(30, 1), (60, 6), (365, 12)]
    static let unstarted: [Step] = [(7, 5)]
    static let unassigned: [Step] = [(3, 12)]

    /// The part of the cap, 0–1, that is reached with each of `count` steps: the fitted one where there are as many, else
    /// equal parts.
    static func shares(_ steps: [Step], count: Int) -> [Double] {
        guard count == steps.count else { return (1...max(1, count)).map { Double($0) / Double(max(1, count)) } }
        let total = Double(steps.reduce(0) { $0 + $1.points })
        var sum = 0
        return steps.map { step in
            sum += step.points
            return Double(sum) / total
        }
    }
}
