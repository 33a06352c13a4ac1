import Domain
import Foundation

/// 2026-11-24T13:00:00Z, when every test takes place.
let testNow = Timestamp(seconds: 1_795_525_200)

/// Self-written issues and what hangs on them.
enum Fixture {
    static func listing(_ key: IssueKey, score: Int, isDone: Bool = false) -> IssueListing {
        let issue = Issue(
            id: IssueID("id-\(key)"), key: key, summary: "Checkout of \(key) times out", priority: "High",
            status: Status(name: isDone ? "Done" : "In Progress", category: isDone ? .done : .indeterminate),
            created: testNow.adding(days: -40), updated: testNow.adding(days: -6),
            dueDate: testNow.adding(days: 2).utcDay,
            assignee: Person(id: "5b10", displayName: "Dana Moreau"))
        let (blockers, age) = (score / 2 + 1, score - score / 2 - 1)
        let analysis = Analysis(
            issueID: issue.id, issueKey: key, projectKey: issue.projectKey, summary: issue.summary, asOf: testNow,
            ownScore: score,
            factors: [
                Factor(name: .sentiment, points: 0, cap: 30, explanation: "No comment sounds negative."),
                Factor(name: .age, points: age, cap: 50, explanation: "It is 40 days old."),
                Factor(name: .blockers, points: blockers, cap: 51, explanation: "A comment says it is blocked."),
            ],
            sentiment: SentimentSummary(
                total: 1, positive: 0, negative: 0, neutral: 1, positivePct: 0, negativePct: 0,
                trend: [.init(date: testNow, sentiment: .neutral, score: 0.9)]),
            blockers: [],
            timeline: Timeline(
                created: issue.created, updated: issue.updated, ageDays: 40, lastUpdateDays: 6,
                currentStatus: "In Progress",
                statusChanges: [.init(from: "To Do", to: "In Progress", date: issue.created, author: "Dana Moreau")],
                timeInCurrentStatus: 40),
            capacity: Capacity(
                estimatedDays: 3, dailyCost: 3600, baseDailyCost: 3000, costMultipliers: ["location": 1.2],
                assignee: "Dana Moreau", assigneeRole: "Mid Engineer", assigneeLocation: "New York",
                daysLostPerDayBlocked: 0, totalCostIfBlocked: 0, totalEstimatedCost: 10_800, overtimeDetected: false,
                weekendDetected: false),
            predictions: Predictions(
                completionLikelihood: "high", recommendedAction: "Continue as planned", escalationNeeded: false),
            trends: Trends(sentimentTrend: "stable", activityTrend: "active", riskTrend: "stable"),
            dependencies: Dependencies(blocks: [], blockedBy: [], relatesTo: []),
            engine: EngineIdentity(scorer: "classic-1", model: "wordlist-1"), nextChangeAt: nil)
        return IssueListing(issue: issue, analysis: analysis)
    }

    static func alert(_ key: IssueKey, tenantID: TenantID) -> Alert {
        Alert(
            id: UUID(), tenantID: tenantID, event: .raised, band: .high, headline: "\(key) rose to 74",
            createdAt: testNow,
            subject: .issue(
                IssueAlert(
                    ruleID: UUID(), ruleName: "High risk", ruleKind: .threshold, issueID: IssueID("id-\(key)"),
                    issueKey: key, projectKey: key.projectKey, summary: "Checkout times out", status: "In Progress",
                    assignee: "Dana Moreau", url: "https://a.example/browse/\(key)", score: 74, previousScore: 61,
                    changes: [.init(factor: .age, before: 10, after: 20, explanation: "Older than 30 days.")],
                    factors: [], remedies: [.init(action: "Resolve the blocker", points: 10)], model: "wordlist-1")))
    }
}
