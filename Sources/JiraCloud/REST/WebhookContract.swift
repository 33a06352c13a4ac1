import Foundation

/// What an admin webhook must be like for consilod to keep its picture by it.
public struct WebhookContract: Sendable, Hashable {
    /// The name that consilod gives its webhooks.
    public static let name = "consilod"

    /// What consilod understands (``WebhookKind``), as Jira names it in `events`.
    ///
    /// <https://developer.atlassian.com/cloud/jira/platform/webhooks/#supported-webhook-events>
    public static let events = [
        "jira:issue_created", "jira:issue_updated", "jira:issue_deleted", "comment_created", "comment_updated",
        "comment_deleted", "issuelink_created", "issuelink_deleted", "worklog_created", "worklog_updated",
        "worklog_deleted", "sprint_created", "sprint_updated", "sprint_started", "sprint_closed", "sprint_deleted",
    ]

    /// Where it must point to.
    public var url: String

    /// - Parameter url: the public address of the tenant's door.
    public init(url: String) { self.url = url }

    /// Whether a webhook is meant for this door: it has the same path, which names the tenant, on whatever host.
    public func concerns(_ webhook: JiraWebhook) -> Bool {
        guard let own = URLComponents(string: url)?.path, let other = URLComponents(string: webhook.url)?.path else {
            return webhook.url == url
        }
        // Behind another proxy what comes before may differ.
        let door = own.split(separator: "/").suffix(3).joined(separator: "/").lowercased()
        return !door.isEmpty && other.split(separator: "/").suffix(3).joined(separator: "/").lowercased() == door
    }

    /// What is wrong with a webhook that is meant for this door, a short sentence each; empty where nothing is.
    public func faults(of webhook: JiraWebhook) -> [String] {
        var faults: [String] = []
        if webhook.url != url { faults.append("it points to \(webhook.url), not to \(url)") }
        if !webhook.isEnabled { faults.append("it is switched off") }
        if webhook.excludesBody { faults.append("it leaves the body out") }
        let missing = Self.events.filter { !webhook.events.contains($0) }
        if !missing.isEmpty { faults.append("it lacks the events \(missing.joined(separator: ", "))") }
        return faults
    }
}
