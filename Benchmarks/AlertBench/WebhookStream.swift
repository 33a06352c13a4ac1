import Domain
import JiraCloud

/// The webhooks of a stream.
struct WebhookStream {
    struct Entry {
        var at: Timestamp
        var routing: WebhookDelivery.Routing
        var body: [UInt8]
    }

    /// In the order of their instants.
    let entries: [Entry]

    init() throws {
        let decoder = JiraWebhookDecoder()
        var entries: [Entry] = []
        while let line = readLine() {
            let body = Array(line.utf8)
            let route = decoder.route(body)
            guard case .issues = route.routing, let at = route.sentAt else { continue }
            entries.append(Entry(at: at, routing: route.routing, body: body))
        }
        self.entries = entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
            .map(\.element)
    }
}
