import Domain

/// The original's rules of thumb on how an issue will go on.
enum Outlook {
    /// Blockers and more than 30 % negative comments: low; either: medium; else high.
    static func predictions(hasBlockers: Bool, negativePercent: Double) -> Predictions {
        switch (hasBlockers, negativePercent > 30) {
        case (true, true):
            Predictions(
                completionLikelihood: "low", recommendedAction: "Escalate to leadership", escalationNeeded: true)
        case (true, false), (false, true):
            Predictions(
                completionLikelihood: "medium", recommendedAction: "Monitor closely", escalationNeeded: false)
        case (false, false):
            Predictions(
                completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false)
        }
    }

    /// Sentiment degrades above 40 % negative comments, activity decreases below two comments; the risk trend compares
    /// `score` with the earliest of `recentScores`, by the rule of ``RiskTrend``.
    static func trends(
        comments: Int, negativePercent: Double, score: Int, recentScores: [ScorePoint], now: Timestamp
    ) -> Trends {
        let risk =
            switch RiskTrend.direction(of: recentScores + [ScorePoint(at: now, score: score)]) {
            case "degrading": "increasing"
            case "improving": "decreasing"
            case let other: other
            }
        return Trends(
            sentimentTrend: negativePercent > 40 ? "degrading" : "stable",
            activityTrend: comments < 2 ? "decreasing" : "active", riskTrend: risk)
    }
}
