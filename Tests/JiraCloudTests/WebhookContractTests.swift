import Domain
import Testing

@testable import JiraCloud

@Suite struct WebhookContractTests {
    static let url = "https://risk.example/webhooks/jira/5f0c3f0e-7a5e-4d53-8d5c-1d9a1f6f0a11"
    private let contract = WebhookContract(url: Self.url)

    private func webhook(_ url: String = Self.url, events: [String] = WebhookContract.events) -> JiraWebhook {
        JiraWebhook(
            id: "17", name: "consilod", url: url, events: events, jqlFilter: "", isEnabled: true, excludesBody: false)
    }

    @Test func allEventsAreOnesThatConsilodUnderstands() {
        #expect(Set(WebhookContract.events).count == WebhookContract.events.count)
        for event in WebhookContract.events { #expect(WebhookKind(event: event) != .other, "\(event)") }
        #expect(contract.faults(of: webhook()) == [])
        #expect(contract.faults(of: webhook(events: ["user_created"] + WebhookContract.events)) == [])
    }

    @Test(arguments: [
        (WebhookContractTests.url, true),
        ("https://old.example/webhooks/jira/5F0C3F0E-7A5E-4D53-8D5C-1D9A1F6F0A11", true),
        ("http://old.example:8080/behind/webhooks/jira/5f0c3f0e-7a5e-4d53-8d5c-1d9a1f6f0a11/", true),
        ("https://risk.example/webhooks/jira/00000000-0000-0000-0000-000000000000", false),
        ("https://risk.example/5f0c3f0e-7a5e-4d53-8d5c-1d9a1f6f0a11", false), ("no address", false), ("", false),
    ])
    func thePathThatNamesTheTenantTellsWhoseWebhookItIs(_ url: String, isOwn: Bool) {
        #expect(contract.concerns(webhook(url)) == isOwn)
    }

    @Test func aPingConcernsNoIssue() throws {
        let ping = WebhookPing(now: Timestamp(seconds: 1_760_000_000))
        let route = try JiraWebhookDecoder(fields: CustomFields()).envelope(of: ping.body)
        #expect(
            route == WebhookRoute(event: "consilod:test", sentAt: Timestamp(seconds: 1_760_000_000), routing: .ignored))
        #expect(ping.deliveryID != WebhookPing(now: Timestamp(seconds: 1_760_000_000)).deliveryID)
    }
}
