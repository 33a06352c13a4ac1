import Domain

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

/// `GET /api/analyze/issue/{key}/raw`: the whole analysis with its surroundings.
struct RawAnalysisView: Encodable, Sendable {
    var analysis: Analysis
    var surroundings: Surroundings

    struct Surroundings: Encodable, Sendable {
        var similarIssues: [SimilarIssue]
        var teamBaseline: TeamBaseline
    }

    func encode(to encoder: any Encoder) throws {
        try analysis.encode(to: encoder)
        try surroundings.encode(to: encoder)
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
}
