import Domain

/// What a webhook is about, by its `webhookEvent`.
///
/// <https://developer.atlassian.com/cloud/jira/platform/webhooks/#supported-webhook-events>
enum WebhookKind: Hashable {
    case issue(deleted: Bool)
    /// The whole issue as Jira answered when it was asked: consilod's own event, in the form of ``FetchedIssue/body``.
    case fetched
    /// Jira no longer shows the issue: consilod's own event, or that of a rule of Jira Automation.
    case absent(IssuePresence)
    case comment(deleted: Bool)
    case issueLink(deleted: Bool)
    case worklog
    /// A sprint; `impliedState` is the state that the event itself proves, nil for a mere update.
    case sprint(impliedState: String?, deleted: Bool)
    /// A project: made, renamed, or gone (deleted, moved to the trash, archived).
    case project(isGone: Bool)
    /// A kind that has no bearing on risk, known or not.
    case other

    /// - Parameter event: `webhookEvent`. Jira Server's earlier versions left it out, and it was then about an issue.
    init(event: String) {
        // Jira writes `jira:issue_updated` but `comment_created`, and `jira:worklog_updated` in earlier versions.
        let name = event.hasPrefix("jira:") ? event.dropFirst("jira:".count) : event[...]
        switch name {
        case "", "issue_created", "issue_updated": self = .issue(deleted: false)
        case "issue_deleted": self = .issue(deleted: true)
        case "comment_created", "comment_updated": self = .comment(deleted: false)
        case "comment_deleted": self = .comment(deleted: true)
        case "issuelink_created": self = .issueLink(deleted: false)
        case "issuelink_deleted": self = .issueLink(deleted: true)
        case "worklog_created", "worklog_updated", "worklog_deleted": self = .worklog
        case FetchedEvent.issue: self = .fetched
        case FetchedEvent.deletion: self = .absent(.deleted)
        case FetchedEvent.hiding: self = .absent(.hidden)
        case AutomationEvent.issue: self = .issue(deleted: false)
        case AutomationEvent.deletion: self = .absent(.deleted)
        case "sprint_created": self = .sprint(impliedState: "future", deleted: false)
        case "sprint_updated": self = .sprint(impliedState: nil, deleted: false)
        case "sprint_started": self = .sprint(impliedState: "active", deleted: false)
        case "sprint_closed": self = .sprint(impliedState: "closed", deleted: false)
        case "sprint_deleted": self = .sprint(impliedState: "closed", deleted: true)
        case "project_created", "project_updated", "project_restored_archived", "project_restored_deleted":
            self = .project(isGone: false)
        case "project_deleted", "project_soft_deleted", "project_archived": self = .project(isGone: true)
        default: self = .other
        }
    }
}
