public import Domain

/// Where the risk of an issue is heading.
public enum RiskTrend {
    /// `improving` when the score fell by more than 10 points from the earliest of `points` to the latest, `degrading`
    /// when it rose by more than 10, `stable` otherwise; `insufficient_data` for fewer than two points.
    ///
    /// The rule is the original product's. `points` may come in any order; of several at one instant the last counts as
    /// the latest.
    public static func direction(of points: [ScorePoint]) -> String {
        guard points.count > 1, let first = points.min(by: { $0.at < $1.at }),
            let last = points.reversed().max(by: { $0.at < $1.at })
        else { return "insufficient_data" }
        let gain = last.score - first.score
        return gain < -10 ? "improving" : gain > 10 ? "degrading" : "stable"
    }
}
