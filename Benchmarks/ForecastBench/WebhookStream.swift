import Domain
import Forecast
import Foundation
import JiraCloud
import RiskEngine

/// A stream of webhooks, one body a line, folded into issues as the daemon folds them.
struct WebhookStream {
    let histories: [IssueHistory]
    /// The project of each issue.
    let projects: [IssueID: String]
    /// When the last webhook was sent.
    let end: Timestamp

    /// Reads standard input. Throws what the decoder throws.
    init() throws {
        let decoder = JiraWebhookDecoder(isAutomaticReply: { _ in false })
        var states: [IssueID: IssueState] = [:]
        var statuses = StatusCatalog()
        var end = Timestamp(milliseconds: 0)
        while let line = readLine() {
            let body = Array(line.utf8)
            let route = decoder.route(body)
            guard case .issues(let ids) = route.routing, let id = ids.first, let at = route.sentAt else { continue }
            let state = try decoder.fragment(of: body, for: id)
            if let status = state.fields.status?.value { statuses.insert(status) }
            IssueFold.join(state, into: &states[id, default: IssueState(id: id)])
            end = max(end, at)
        }
        let issues = states.values.sorted { $0.id < $1.id }.compactMap(IssueFold.issue(from:))
        histories = IssueHistory.all(of: issues, statuses: statuses)
        projects = Dictionary(issues.map { ($0.id, $0.projectKey) }, uniquingKeysWith: { first, _ in first })
        self.end = end
    }
}
