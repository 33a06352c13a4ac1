import Domain
import Foundation
import Queries

/// `POST /api/analyze/issue`.
struct ReportView: Encodable, Sendable {
    var issueKey: IssueKey
    var template: String
    var report: String
    var riskScore: Int
    var dailyCost: Double
    var blockerCount: Int
    var timestamp: Timestamp
    /// Apart from the score; absent once the issue is done.
    var forecast: ForecastView?

    init(_ report: IssueAnalyses.Report, template: String) {
        let analysis = report.analysis
        self.issueKey = analysis.issueKey
        self.template = template
        self.report = report.text
        self.riskScore = analysis.riskScore
        self.dailyCost = analysis.capacity.dailyCost
        self.blockerCount = analysis.blockerCount
        self.timestamp = analysis.asOf
        self.forecast = report.isOver ? nil : ForecastView(report.forecast)
    }
}

/// `GET /api/analyze/issue/{key}/raw`: the whole analysis with what it can be compared to.
struct RawAnalysisView: Encodable, Sendable {
    private var analysis: Analysis
    private var context: Context

    private struct Context: Encodable, Sendable {
        var capacity: CapacityView
        /// Their keys, as the original product has them.
        var similarIssues: [IssueKey]
        var similarIssueDetails: [SimilarIssue]
        var teamBaseline: TeamBaseline
        /// Apart from the score; absent once the issue is done, and of a past instant.
        var forecast: ForecastView?
        /// Of an analysis of a past instant only.
        var past: PastView?
    }

    init(_ comparison: IssueAnalyses.Comparison, past: PastView? = nil) {
        self.analysis = comparison.analysis
        self.context = Context(
            capacity: CapacityView(comparison.analysis.capacity), similarIssues: comparison.similarIssues.map(\.key),
            similarIssueDetails: comparison.similarIssues, teamBaseline: comparison.teamBaseline,
            forecast: comparison.isOver || past != nil ? nil : ForecastView(comparison.forecast), past: past)
    }

    /// What the context has too, as the capacity, it replaces.
    func encode(to encoder: any Encoder) throws {
        try analysis.encode(to: encoder)
        try context.encode(to: encoder)
    }
}

/// What an issue's work costs, under the original product's names.
struct CapacityView: Encodable, Sendable {
    var estimatedDays: Double
    var dailyCost: Double
    var baseDailyCost: Double
    /// In words, those that change the cost: `Location: Warsaw (0.5x)`.
    var costMultipliers: [String]
    /// All of them, by name.
    var costMultiplierFactors: [String: Double]
    var assignee: String
    var assigneeRole: String
    var assigneeLocation: Nullable<String>
    var daysLostPerDayBlocked: Double
    var totalCostIfBlocked: Double
    var totalEstimatedCost: Double
    var overtimeDetected: Bool
    var weekendDetected: Bool

    init(_ capacity: Capacity) {
        self.estimatedDays = capacity.estimatedDays
        self.dailyCost = capacity.dailyCost
        self.baseDailyCost = capacity.baseDailyCost
        self.costMultipliers = capacity.costMultipliers.filter { $0.value != 1 }.sorted { $0.key < $1.key }.map {
            let name = $0.key == "location" ? "Location: \(capacity.assigneeLocation ?? "")" : $0.key.capitalized
            return "\(name) (\($0.value)x)"
        }
        self.costMultiplierFactors = capacity.costMultipliers
        self.assignee = capacity.assignee
        self.assigneeRole = capacity.assigneeRole
        self.assigneeLocation = Nullable(capacity.assigneeLocation)
        self.daysLostPerDayBlocked = capacity.daysLostPerDayBlocked
        self.totalCostIfBlocked = capacity.totalCostIfBlocked
        self.totalEstimatedCost = capacity.totalEstimatedCost
        self.overtimeDetected = capacity.overtimeDetected
        self.weekendDetected = capacity.weekendDetected
    }
}

/// A row of `GET /api/analyze/history/{key}`.
struct HistoryView: Encodable, Sendable {
    var id: String
    var issueKey: IssueKey
    var projectKey: String
    var riskScore: Int
    var dailyCost: Double
    var blockerCount: Int
    var analyzedAt: Timestamp

    init(_ entry: HistoryEntry) {
        self.id = entry.id
        self.issueKey = entry.issueKey
        self.projectKey = entry.projectKey
        self.riskScore = entry.riskScore
        self.dailyCost = entry.dailyCost
        self.blockerCount = entry.blockerCount
        self.analyzedAt = entry.analyzedAt
    }
}

/// `GET /api/analyze/trends/{key}`.
struct TrendsView: Encodable, Sendable {
    struct DataPoint: Encodable, Sendable {
        var timestamp: Timestamp
        var riskScore: Int
        var dailyCost: Double
        var blockerCount: Int
        var sentimentNegativePct: Double
    }

    var issueKey: IssueKey
    var projectKey: String
    /// Oldest first.
    var dataPoints: [DataPoint]
    var trendDirection: String

    init(_ trend: IssueAnalyses.Trend, of key: IssueKey) {
        self.issueKey = key
        self.projectKey = trend.projectKey
        self.dataPoints = trend.entries.map {
            DataPoint(
                timestamp: $0.analyzedAt, riskScore: $0.riskScore, dailyCost: $0.dailyCost,
                blockerCount: $0.blockerCount, sentimentNegativePct: $0.sentimentNegativePct)
        }
        self.trendDirection = trend.direction
    }
}
