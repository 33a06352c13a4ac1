import Domain
import Forecast

/// A whole stream of webhooks as histories, with what the site's statuses mean.
struct WebhookStream {
    let histories: [IssueHistory]
    /// The project of each issue.
    let projects: [IssueID: String]
    /// When the last webhook was sent.
    let end: Timestamp

    /// Reads standard input. Throws what the decoder throws.
    init() throws {
        let stream = try StreamHistory()
        let issues = stream.issues(through: stream.end)
        histories = IssueHistory.all(of: issues, statuses: stream.statuses)
        projects = Dictionary(issues.map { ($0.id, $0.projectKey) }, uniquingKeysWith: { first, _ in first })
        end = stream.end
    }
}
