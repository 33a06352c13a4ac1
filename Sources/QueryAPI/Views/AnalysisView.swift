import Domain
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

    init(_ analysis: Analysis, template: String, report: String) {
        self.issueKey = analysis.issueKey
        self.template = template
        self.report = report
        self.riskScore = analysis.riskScore
        self.dailyCost = analysis.capacity.dailyCost
        self.blockerCount = analysis.blockerCount
        self.timestamp = analysis.asOf
    }
}

/// `GET /api/analyze/issue/{key}/raw`: the whole analysis with what it can be compared to.
struct RawAnalysisView: Encodable, Sendable {
    private var analysis: Analysis
    private var context: Context

    private struct Context: Encodable, Sendable {
        var similarIssues: [SimilarIssue]
        var teamBaseline: TeamBaseline
    }

    init(_ comparison: IssueAnalyses.Comparison) {
        self.analysis = comparison.analysis
        self.context = Context(similarIssues: comparison.similarIssues, teamBaseline: comparison.teamBaseline)
    }

    func encode(to encoder: any Encoder) throws {
        try analysis.encode(to: encoder)
        try context.encode(to: encoder)
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
