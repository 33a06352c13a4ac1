import Domain

/// A row of `GET /api/issues`: an issue, its risk and why.
struct IssueView: Encodable, Sendable {
    struct Reason: Encodable, Sendable {
        var factor: Factor.Name
        var points: Int
        var explanation: String
    }

    var issueKey: IssueKey
    var projectKey: String
    var summary: String
    var status: Nullable<String>
    var assignee: Nullable<String>
    var priority: Nullable<String>
    var dueDate: Nullable<CalendarDay>
    var securityLevel: Nullable<String>
    var riskScore: Int
    var band: RiskBand
    /// The factors that add points, largest first.
    var reasons: [Reason]
    var asOf: Timestamp
    /// When it changed last in Jira.
    var updatedAt: Timestamp
    var url: String
    /// Apart from the score; absent once the issue is done.
    var forecast: ForecastView?

    init(_ listing: IssueListing, site: String) {
        let (issue, analysis) = (listing.issue, listing.analysis)
        self.issueKey = issue.key
        self.projectKey = issue.projectKey
        self.summary = issue.summary
        self.status = Nullable(issue.status?.name)
        self.assignee = Nullable(issue.assignee?.displayName)
        self.priority = Nullable(issue.priority)
        self.dueDate = Nullable(issue.dueDate)
        self.securityLevel = Nullable(issue.securityLevel)
        self.riskScore = analysis.riskScore
        self.band = analysis.band
        self.reasons = analysis.factors.filter { $0.points > 0 }.sorted { $0.points > $1.points }
            .map { Reason(factor: $0.name, points: $0.points, explanation: $0.explanation) }
        self.asOf = analysis.asOf
        self.updatedAt = issue.updated
        self.url = "\(site)/browse/\(issue.key)"
        self.forecast = issue.isDone ? nil : ForecastView(listing.forecast?.forecast)
    }
}

/// A row of `GET /api/issues/parked`: an issue that could not be scored, and why.
struct ParkedIssueView: Encodable, Sendable {
    var issueID: IssueID
    var issueKey: Nullable<IssueKey>
    var lastError: String
    var attempts: Int
    var parkedAt: Timestamp

    init(_ issue: ParkedIssue) {
        self.issueID = issue.issueID
        self.issueKey = Nullable(issue.issueKey)
        self.lastError = issue.lastError
        self.attempts = issue.attempts
        self.parkedAt = issue.parkedAt
    }
}
