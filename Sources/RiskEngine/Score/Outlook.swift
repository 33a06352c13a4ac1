import Domain

/// How an issue will go on, and what to do about it.
enum Outlook {
    /// What is said of an issue that is done or gone.
    static let nothingToDo = Predictions(
        completionLikelihood: "high", recommendedAction: "Nothing left to do", escalationNeeded: false)

    /// Follows from the score, so that it never says other than the score does: the band gives the likelihood and whether
    /// to escalate, the largest factor what to do. Missed dates and open blockers are never "as planned".
    ///
    /// A forecast of the day of completion, once there is one, belongs here, beside the band.
    static func standard(factors: [Factor], hasBlockers: Bool, isOverdue: Bool) -> Predictions {
        let band = RiskBand(score: factors.reduce(0) { $0 + $1.points })
        // Of equals the one that comes first.
        let largest = factors.reversed().max { $0.points < $1.points }
        switch band {
        case .high:
            return Predictions(
                completionLikelihood: "low",
                recommendedAction: "Escalate to leadership: \(largest?.remedy ?? "decide how to go on.")",
                escalationNeeded: true)
        case .medium:
            return Predictions(
                completionLikelihood: "medium", recommendedAction: largest?.remedy ?? "Monitor closely",
                escalationNeeded: false)
        case .low where isOverdue || hasBlockers:
            let cause = factors.first { $0.name == (isOverdue ? .dueDate : .blockers) }
            return Predictions(
                completionLikelihood: "medium", recommendedAction: cause?.remedy ?? "Monitor closely",
                escalationNeeded: false)
        case .low:
            return Predictions(
                completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false)
        }
    }

    /// The original's rule: blockers and more than 30 % negative comments: low; either: medium; else high.
    static func classic(hasBlockers: Bool, negativePercent: Double) -> Predictions {
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
