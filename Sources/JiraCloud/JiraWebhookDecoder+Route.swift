public import Domain

extension JiraWebhookDecoder {
    /// Which issues a stored body concerns, as this version of consilod reads it.
    public func route(_ body: [UInt8]) -> WebhookRoute {
        do {
            let (event, sentAt, routing) = try envelope(of: body)
            return WebhookRoute(event: event, sentAt: sentAt, routing: routing)
        } catch {
            return WebhookRoute(event: "", sentAt: nil, routing: .rejected(reason: "\(error)"))
        }
    }
}
