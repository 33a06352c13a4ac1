import Domain
import Foundation
import NIOHTTP1

/// A webhook as administrators of a Jira site see it. Jira never tells its secret again.
public struct JiraWebhook: Sendable, Hashable {
    /// The number in its own address.
    public var id: String
    /// As administrators see it.
    public var name: String
    /// Where Jira posts to.
    public var url: String
    /// `jira:issue_updated`, `comment_created`, …
    public var events: [String]
    /// Which issues it is about; empty for all.
    public var jqlFilter: String
    /// Jira sends nothing to one that is not.
    public var isEnabled: Bool
    /// Whether Jira leaves the body out.
    public var excludesBody: Bool
}

/// Admin webhooks (`/rest/webhooks/1.0/webhook`): for accounts that administer the site; others get `.forbidden`, which
/// does not stop the tenant's other calls.
extension JiraClient {
    private static let path = "/rest/webhooks/1.0/webhook"

    /// All webhooks of the site.
    public func webhooks() async throws(JiraError) -> [JiraWebhook] {
        let answer: LossyList<WebhookAnswer> = try await answer(
            to: Call(path: Self.path, behavior: .init(stopsWhenForbidden: false)))
        return answer.values.map(\.webhook)
    }

    /// Makes a webhook. Not repeated when no answer comes: Jira may have made it.
    ///
    /// - Parameter secret: signs every delivery (`X-Hub-Signature`).
    public func createWebhook(
        name: String, url: String, events: [String], jqlFilter: String, secret: String
    ) async throws(JiraError) -> JiraWebhook {
        let request = WebhookRequest(name: name, url: url, events: events, jqlFilter: jqlFilter, secret: secret)
        let call = Call(
            method: .POST, path: Self.path, body: try Self.json(request),
            behavior: .init(isRepeatable: false, stopsWhenForbidden: false))
        return try await answer(to: call, as: WebhookAnswer.self).webhook
    }

    /// Replaces the settings of a webhook.
    ///
    /// - Parameter secret: the new one; nil leaves the one it has.
    public func updateWebhook(
        id: String, name: String, url: String, events: [String], jqlFilter: String, secret: String?,
        isEnabled: Bool = true
    ) async throws(JiraError) -> JiraWebhook {
        var request = WebhookRequest(name: name, url: url, events: events, jqlFilter: jqlFilter, secret: secret)
        request.enabled = isEnabled
        let call = Call(
            method: .PUT, path: "\(Self.path)/\(try Self.segment(id))", body: try Self.json(request),
            behavior: .init(stopsWhenForbidden: false))
        return try await answer(to: call, as: WebhookAnswer.self).webhook
    }

    /// Removes a webhook; one that is not there is removed already.
    public func deleteWebhook(id: String) async throws(JiraError) {
        let call = Call(
            method: .DELETE, path: "\(Self.path)/\(try Self.segment(id))", behavior: .init(stopsWhenForbidden: false))
        _ = try await orNil { () async throws(JiraError) in try await self.answer(to: call) }
    }
}

private let filterSection = "issue-related-events-section"

private struct WebhookRequest: Encodable {
    let name: String
    let url: String
    let events: [String]
    let filters: [String: String]
    let excludeBody = false
    let secret: String?
    var enabled: Bool?

    init(name: String, url: String, events: [String], jqlFilter: String, secret: String?) {
        self.name = name
        self.url = url
        self.events = events
        filters = [filterSection: jqlFilter]
        self.secret = secret
    }
}

private struct WebhookAnswer: Decodable {
    let webhook: JiraWebhook

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: WireKey.self)
        let own = try container.decode(String.self, forKey: "self")
        guard let id = own.split(separator: "/").last else {
            throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no number"))
        }
        webhook = JiraWebhook(
            id: String(id), name: container.value("name") ?? "", url: try container.decode(String.self, forKey: "url"),
            events: container.value("events", as: LossyList<String>.self)?.values ?? [],
            jqlFilter: container.value("filters", as: [String: String].self)?[filterSection] ?? "",
            isEnabled: container.value("enabled") ?? true, excludesBody: container.value("excludeBody") ?? false)
    }
}
