import Alerts
import Domain
import Foundation
import HTTPTypes
import Store
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// What becomes of the addresses of a mail channel that is made or changed.
@Suite struct RecipientTests {
    private func asking() async throws -> APIHarness {
        var api = try await APIHarness()
        api.recipientPolicy = RecipientPolicy(asks: true, confirmedDomains: ["Acme.Example"])
        return api
    }

    private func create(_ target: String, _ tenant: TestTenant, _ client: APIClient) async throws -> APIAnswer {
        try await client.call(
            .post, "/api/alert-channels", as: tenant.apiKey,
            body: #"{"kind": "email", "name": "Leads", "target": "\#(target)"}"#)
    }

    private func states(_ channel: JSONValue?) -> [String: String] {
        (channel?["recipients"]?.items ?? []).reduce(into: [:]) {
            $0[$1["address"]?.text ?? ""] = $1["state"]?.text
        }
    }

    @Test func aNewAddressIsToBeConfirmedUnlessItsDomainIsTrusted() async throws {
        let api = try await asking()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await create(
                "ana@acme.example, ben@else.example, BEN@else.example, cy@sub.acme.example", tenant, client)
            #expect(
                states(made.json) == [
                    "ana@acme.example": "confirmed", "ben@else.example": "unconfirmed",
                    "cy@sub.acme.example": "unconfirmed",
                ])
            let due = try await api.store.claimConfirmations(
                limit: 10, now: testNow, leaseUntil: testNow.adding(seconds: 60))
            let addresses = try due.map { try api.vault.open($0.address) }
            #expect(Set(addresses) == ["ben@else.example", "cy@sub.acme.example"])
            #expect(Set(due.map(\.siteURL)) == ["https://acme.example"])
            let listed = try await client.call(.get, "/api/alert-channels", as: tenant.apiKey).json.items.first
            #expect(listed?["recipients"]?.items.count == 3)
            #expect(listed?["recipients"]?.items[1]["confirmation_sent_at"]?.text == testNow.description)
        }
    }

    @Test func withoutConfirmationEveryAddressCountsAndStaysSoLater() async throws {
        var api = try await APIHarness()
        let (tenant, id) = try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await create("ana@acme.example, ben@else.example", tenant, client)
            #expect(Set(states(made.json).values) == ["confirmed"])
            return (tenant, try #require(made.json["id"]?.text))
        }
        // The operator has addresses confirmed from now on.
        api.recipientPolicy = RecipientPolicy(asks: true)
        try await api.run { client in
            let path = "/api/alert-channels/\(id)"
            let renamed = try await client.call(.put, path, as: tenant.apiKey, body: #"{"name": "Leaders"}"#)
            #expect(Set(states(renamed.json).values) == ["confirmed"])
            let changed = try await client.call(
                .put, path, as: tenant.apiKey,
                body: #"{"name": "Leaders", "target": "Ben@else.example, cy@else.example"}"#)
            #expect(states(changed.json) == ["Ben@else.example": "confirmed", "cy@else.example": "unconfirmed"])
            // Who was left out has to agree to come back.
            let back = try await client.call(
                .put, path, as: tenant.apiKey,
                body: #"{"name": "Leaders", "target": "ana@acme.example, ben@else.example"}"#)
            #expect(states(back.json) == ["ana@acme.example": "unconfirmed", "ben@else.example": "confirmed"])
        }
    }

    @Test func whoUnsubscribedStaysSoWhenTheAddressComesBack() async throws {
        let api = try await asking()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await create("ben@else.example", tenant, client)
            let id = try #require(UUID(uuidString: made.json["id"]?.text ?? ""))
            let recipient = try #require(try await api.store.mailRecipients(tenant.id, channelID: id).first)
            _ = try await api.store.setMailRecipient(
                tenant.id, recipientID: recipient.id, .unsubscribed, by: .system("test"), now: testNow)
            for target in ["cy@else.example", "ben@else.example"] {
                let changed = try await client.call(
                    .put, "/api/alert-channels/\(id)", as: tenant.apiKey,
                    body: #"{"name": "Leads", "target": "\#(target)"}"#)
                #expect(changed.status == .ok)
                #expect(states(changed.json)["ben@else.example"] ?? "unsubscribed" == "unsubscribed")
            }
        }
    }

    @Test func anAddressIsAskedAgainOnceInTenMinutes() async throws {
        let api = try await asking()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await create("ben@else.example", tenant, client)
            let path = "/api/alert-channels/\(made.json["id"]?.text ?? "")/confirm"
            func claimed() async throws -> Int {
                let now = api.clock.now
                return try await api.store.claimConfirmations(
                    limit: 10, now: now, leaseUntil: now.adding(seconds: 3600)
                ).count
            }
            #expect(try await claimed() == 1)
            let soon = try await client.call(.post, path, as: tenant.apiKey)
            #expect(soon.status == .tooManyRequests && soon.code == "confirmation_sent_recently")
            #expect(try await claimed() == 0)
            api.clock.now = testNow.adding(seconds: 600)
            #expect(try await client.call(.post, path, as: tenant.apiKey).status == .accepted)
            #expect(try await claimed() == 1)
            // A channel that is taken away and made again does not ask at once either.
            let other = #"{"name": "Leads", "target": "cy@acme.example"}"#
            let same = #"{"name": "Leads", "target": "ben@else.example"}"#
            for body in [other, same] {
                let channel = String(path.dropLast("/confirm".count))
                #expect(try await client.call(.put, channel, as: tenant.apiKey, body: body).status == .ok)
            }
            #expect(try await claimed() == 0)
            let slack = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "slack", "name": "Team", "target": "https://hooks.example/x"}"#)
            let wrong = try await client.call(
                .post, "/api/alert-channels/\(slack.json["id"]?.text ?? "")/confirm", as: tenant.apiKey)
            #expect(wrong.status == .conflict)
        }
    }

    @Test func aTestReachesNobodyWhoHasNotAgreed() async throws {
        var api = try await asking()
        api.sinks = [.email: UnreachableMail()]
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await create("ben@else.example, ana@acme.example", tenant, client)
            let answer = try await client.call(
                .post, "/api/alert-channels/\(made.json["id"]?.text ?? "")/test", as: tenant.apiKey)
            let errors = answer.json["results"]?.items.compactMap { $0["error"]?.text }
            #expect(errors == ["the address is not confirmed yet", "the relay cannot be reached"])
        }
    }
}

/// A mail sink whose relay is down.
private struct UnreachableMail: AlertSink {
    let longestDelivery = Duration.seconds(1)
    let pace: Duration? = nil

    func peer(of channel: AlertChannel) -> String { "relay" }
    func recipients(of channel: AlertChannel) -> [String]? {
        channel.target.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    func deliver(_ message: AlertMessage, to channel: AlertChannel, now: Timestamp) async -> DeliveryAttempt {
        .transient(reason: "the relay cannot be reached", retryAfterSeconds: nil)
    }
}
