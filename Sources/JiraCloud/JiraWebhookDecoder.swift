public import Domain
import Foundation

/// Reads the bodies of Jira's webhooks, as Jira Cloud sends them and as Jira Server sent them.
///
/// It is lenient where that costs no truth: ids may be numbers or strings, texts may be wiki markup or documents in
/// the Atlassian Document Format, and an optional field of a shape it does not know is left out without giving up
/// the rest. Of members of the same name the first counts. Ids and keys over 255 bytes are ignored.
public struct JiraWebhookDecoder: Sendable {
    private let fields: JiraFieldMapping
    private let isAutomaticReply: @Sendable (_ text: String) -> Bool

    /// - Parameters:
    ///   - fields: which custom fields hold story points and sprints on the site.
    ///   - isAutomaticReply: whether a comment's text is one that no person wrote for the issue, such as an out-of-office
    ///     note: it is no sign of life by people.
    public init(
        fields: JiraFieldMapping = JiraFieldMapping(),
        isAutomaticReply: @escaping @Sendable (_ text: String) -> Bool = { _ in false }
    ) {
        self.fields = fields
        self.isAutomaticReply = isAutomaticReply
    }

    /// The envelope: what must be known before a body is stored. Only the few fields that matter for it are read.
    ///
    /// - Returns: `webhookEvent` (empty where it is missing), the body's own `timestamp`, and whom it concerns; a
    ///   body that cannot be routed is `.rejected` with the reason.
    /// - Throws: `.notJSON` when the body is no JSON at all, or not in UTF-8.
    public func envelope(
        of body: [UInt8]
    ) throws(JiraPayloadError) -> WebhookRoute {
        if let plain = PlainEnvelope(body) {
            return WebhookRoute(event: plain.event, sentAt: plain.sentAt, routing: .issues([plain.issueID]))
        }
        let envelope: WebhookEnvelope
        do {
            envelope = try JSONDecoder().decode(WebhookEnvelope.self, from: PreparedBody(body).data)
        } catch {
            guard JSONScanner.value(in: body) != nil else { throw JiraPayloadError(.notJSON, "the body is not JSON") }
            let reason = (error as? JiraPayloadError ?? Self.unreadable).message
            return WebhookRoute(event: "", sentAt: nil, routing: .rejected(reason: reason))
        }
        return WebhookRoute(event: envelope.event, sentAt: envelope.sentAt, routing: envelope.routing)
    }

    /// As ``envelope(of:)``, for a body that Jira Automation sent: a whole issue without a `webhookEvent`, or a custom body of
    /// an ``AutomationEvent``. The event of the first is ``AutomationEvent/issue`` too.
    ///
    /// - Throws: `.notJSON` as ``envelope(of:)``; `.notUnderstood` for an event that is not to be told so.
    public func automationEnvelope(of body: [UInt8]) throws(JiraPayloadError) -> WebhookRoute {
        let read: AutomationEnvelope
        do {
            read = try JSONDecoder().decode(AutomationEnvelope.self, from: PreparedBody(body).data)
        } catch {
            // Why it cannot be read, or that it is no JSON.
            let route = try envelope(of: body)
            guard case .rejected = route.routing else { throw JiraPayloadError(.notJSON, "the body is not JSON") }
            return route
        }
        if let fault = read.fault { throw JiraPayloadError(.notUnderstood, fault) }
        let event = read.envelope.event.isEmpty ? AutomationEvent.issue : read.envelope.event
        return WebhookRoute(event: event, sentAt: read.envelope.sentAt, routing: read.envelope.routing)
    }

    /// As ``envelope(of:)``, for a body that is stored already: one that is no JSON is `.rejected`, too.
    public func route(_ body: [UInt8]) -> WebhookRoute {
        do {
            return try envelope(of: body)
        } catch {
            return WebhookRoute(event: "", sentAt: nil, routing: .rejected(reason: "\(error)"))
        }
    }

    /// What this webhook says about one issue, as a small state of its own: folding the webhook is joining that
    /// state.
    ///
    /// - Parameters:
    ///   - fields: which custom fields hold what on the site it comes from; nil for the decoder's own.
    ///   - own: what consilod itself has written into the site; nil for what `fields` say of it.
    /// - Throws: `.notUnderstood` with the reason when the body was rejected by ``envelope(of:)``, or is not about
    ///   `issueID`.
    public func fragment(
        of body: [UInt8], for issueID: IssueID, fields: CustomFields? = nil, own: OwnWrites? = nil
    ) throws(JiraPayloadError) -> IssueState {
        var mapping = fields ?? self.fields
        if let own { mapping.own = own }
        var payload: WebhookPayload
        do {
            let data = try PreparedBody(body).data
            payload = try JSONDecoder().decode(WebhookPayload.self, from: data, configuration: mapping)
            if AutomationEvent.isOne(payload.envelope.event) {
                payload = try JSONDecoder().decode(
                    WebhookPayload.self, from: BlankValues.removed(from: data), configuration: mapping)
            }
        } catch {
            throw error as? JiraPayloadError ?? Self.unreadable
        }
        switch payload.envelope.routing {
        case .issues(let ids) where ids.contains(issueID):
            return payload.state(of: issueID, isAutomaticReply: isAutomaticReply)
        case .issues:
            throw JiraPayloadError(.notUnderstood, "the webhook is about another issue")
        case .sprint, .project, .ignored:
            throw JiraPayloadError(.notUnderstood, "a webhook of this kind says nothing about an issue")
        case .rejected(let reason):
            throw JiraPayloadError(.notUnderstood, reason)
        }
    }

    /// Every field is read leniently, so decoding fails only for the body as a whole.
    private static let unreadable = JiraPayloadError(.notUnderstood, "the body is not a JSON object")
}
