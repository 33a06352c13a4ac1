import Domain

/// The envelope of a request of Jira Automation: that of a webhook, of the few kinds that a rule may send.
///
/// The token that such a request carries lies in a rule, and does not cover the body. So nothing is taken from it that
/// a fetch could not correct: no final deletions, no sprints and projects, and no events of consilod's own.
struct AutomationEnvelope: Decodable {
    let envelope: WebhookEnvelope
    /// Why it is no such request; nil for one that is.
    let fault: String?

    init(from decoder: any Decoder) throws {
        envelope = try WebhookEnvelope(from: decoder)
        let body = try decoder.container(keyedBy: WireKey.self)
        let isNameless = !body.contains("webhookEvent")
        if !isNameless, !AutomationEvent.isOne(envelope.event) {
            fault = "webhookEvent must be \(AutomationEvent.issue) or \(AutomationEvent.deletion), or left out"
        } else if body.contains("issue_event_type_name") {
            fault = "issue_event_type_name is for webhooks alone"
        } else {
            fault = nil
        }
    }
}
