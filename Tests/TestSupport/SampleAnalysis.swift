public import Domain

extension Analysis {
    /// An analysis with the given factors and nothing else of interest.
    public static func sample(
        id: IssueID, key: IssueKey, summary: String, factors: [Factor], at: Timestamp
    ) -> Analysis {
        Analysis(
            issueID: id, issueKey: key, projectKey: key.projectKey, summary: summary, asOf: at,
            ownScore: factors.reduce(0) { $0 + $1.points }, factors: factors,
            sentiment: SentimentSummary(
                total: 0, positive: 0, negative: 0, neutral: 0, positivePct: 0, negativePct: 0, trend: []),
            blockers: [],
            timeline: Timeline(
                created: at, updated: at, ageDays: 1, lastUpdateDays: 0, currentStatus: "Open", statusChanges: [],
                timeInCurrentStatus: 0),
            capacity: Capacity(
                estimatedDays: 1, dailyCost: 3000, baseDailyCost: 3000, costMultipliers: [:], assignee: "Ada Nowak",
                assigneeRole: "Mid Engineer", assigneeLocation: "Remote", daysLostPerDayBlocked: 0,
                totalCostIfBlocked: 0, totalEstimatedCost: 3000, overtimeDetected: false, weekendDetected: false),
            predictions: Predictions(
                completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false),
            trends: Trends(sentimentTrend: "stable", activityTrend: "active", riskTrend: "insufficient_data"),
            dependencies: Dependencies(blocks: [], blockedBy: [], relatesTo: []),
            engine: EngineIdentity(scorer: "test-1", model: "wordlist-1"), nextChangeAt: nil)
    }
}
