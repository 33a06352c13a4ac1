public import Domain

/// A list of issues as comma-separated values. The columns are named as the fields of `GET /api/issues`; an answer of the forecast
/// has a column for each of its numbers, and the reasons are one cell.
public enum IssueCSV {
    private static let columns =
        [
            "issue_key", "project_key", "summary", "status", "assignee", "priority", "due_date", "security_level",
            "risk_score", "band", "reasons", "as_of", "updated_at", "url", "forecast_as_of",
        ] + ForecastQuestion.allCases.flatMap(names) + ["forecast_done_50_at", "forecast_done_85_at"]

    /// The list, with the address of the tenant's Jira in the links.
    public static func table(site: String) -> CSVTable<IssueListing> {
        CSVTable("issues", columns: columns, pageSize: 500) { [row($0, site: site)] }
    }

    private static func names(of question: ForecastQuestion) -> [String] {
        ["percent", "level", "late_by_days"].map { "forecast_\(question.rawValue)_\($0)" }
    }

    private static func row(_ listing: IssueListing, site: String) -> [String?] {
        let (issue, analysis) = (listing.issue, listing.analysis)
        let forecast = issue.isDone ? nil : listing.forecast?.forecast
        let reasons = analysis.factors.filter { $0.points > 0 }.sorted { $0.points > $1.points }
            .map { "\($0.name.rawValue) \($0.points)" }
        let cells: [String?] = [
            issue.key.rawValue, issue.projectKey, issue.summary, issue.status?.name, issue.assignee?.displayName,
            issue.priority, issue.dueDate?.description, issue.securityLevel, String(analysis.riskScore),
            analysis.band.rawValue, reasons.joined(separator: "; "), analysis.asOf.description,
            issue.updated.description, "\(site)/browse/\(issue.key)", forecast?.asOf.description,
        ]
        return cells + ForecastQuestion.allCases.flatMap { Self.cells(of: forecast?[$0]) }
            + [forecast?.p50At?.description, forecast?.p85At?.description]
    }

    private static func cells(of answer: IssueForecast.Answer?) -> [String?] {
        [answer?.percent.map { String($0) }, answer?.level?.rawValue, answer?.lateByDays.map { String($0) }]
    }
}
