import Alerts
import Domain
import Foundation
import HTTPTypes
import Store
import Synchronization
import TestSupport
import Testing
import Vault

@testable import QueryAPI

/// The pages of the links in messages.
@Suite struct LinkTests {
    /// What links may change.
    private struct Seen: Equatable {
        var alerts: [AlertRecord]
        var silences: [AlertSilence]
        var recipients: [MailRecipient]
    }

    private struct Scene {
        let api: APIHarness
        let tenant: TestTenant
        let channelID: UUID
        let notificationID: UUID
        let recipientID: UUID

        func path(_ action: MessageLink.Action, endsAt: Timestamp? = testNow.adding(days: 7)) -> String {
            path(action, of: tenant.id, endsAt: endsAt)
        }

        func path(_ action: MessageLink.Action, of tenantID: TenantID, endsAt: Timestamp?) -> String {
            let link = MessageLink(tenantID: tenantID, action: action, endsAt: endsAt)
            return "/links/\(api.vault.linkTokens.token(for: link))"
        }

        var actions: [MessageLink.Action] {
            [
                .acknowledge(notificationID: notificationID), .snooze(notificationID: notificationID),
                .unsubscribe(recipientID: recipientID), .confirm(recipientID: recipientID),
                .accountMails(recipientID: tenant.id.uuid),
            ]
        }

        func seen() async throws -> Seen {
            Seen(
                alerts: try await api.store.alerts(tenant.id, state: nil, issueKey: nil, after: nil, limit: 10).items,
                silences: try await api.store.alertSilences(tenant.id, after: nil, limit: 10).items,
                recipients: try await api.store.mailRecipients(tenant.id, channelID: channelID))
        }
    }

    /// One alert of one issue, and one address that is not confirmed.
    private func scene(_ api: APIHarness, _ client: APIClient) async throws -> Scene {
        let tenant = try await client.createTenant("acme")
        let (channelID, recipientID) = try await api.addMailChannel(
            "Leads & <b>co</b>", address: "ana@acme.example", to: tenant.id)
        try await api.addAlert("ENG-1", .delivered, to: tenant.id)
        let alerts = try await api.store.alerts(tenant.id, state: nil, issueKey: nil, after: nil, limit: 10).items
        return Scene(
            api: api, tenant: tenant, channelID: channelID,
            notificationID: try #require(alerts.first?.deliveries.first).id, recipientID: recipientID)
    }

    @Test func gettingAPageChangesNothingAndThePageIsForOneReaderOnly() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let before = try await scene.seen()
            for action in scene.actions {
                let answer = try await client.call(.get, scene.path(action))
                #expect(answer.status == .ok, "\(action)")
                #expect(answer.text.contains("<form method=\"post\">"), "\(action)")
                #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
                #expect(answer.headers[.cacheControl] == "no-store")
                #expect(answer.headers[.xContentTypeOptions] == "nosniff")
                let policy = try #require(answer.headers[.contentSecurityPolicy])
                #expect(policy.hasPrefix("default-src 'none'; ") && !policy.contains("unsafe"))
                #expect(policy.contains("form-action 'self'") && policy.contains("frame-ancestors 'none'"))
                for (name, value) in [("referrer-policy", "no-referrer"), ("x-robots-tag", "noindex, nofollow")] {
                    #expect(answer.headers.first { $0.name.canonicalName == name }?.value == value)
                }
                #expect(!answer.text.contains("<script") && !answer.text.contains("<b>"))
                #expect(!answer.text.contains("ana@"))
                let after = try await scene.seen()
                #expect(after == before, "\(action)")
            }
        }
    }

    @Test func theStyleIsTheOneThatThePolicyNames() throws {
        // The stored form of a key is the SHA-256 of its text.
        let hash = APIKey.hash(LinkPage.style)
        let bytes = stride(from: 0, to: hash.count, by: 2).compactMap { start -> UInt8? in
            UInt8(hash.dropFirst(start).prefix(2), radix: 16)
        }
        #expect(LinkPage.styleHash == Data(bytes).base64EncodedString())
    }

    @Test func anAcknowledgementIsSeenInTheListAndTheFirstOneStays() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.acknowledge(notificationID: scene.notificationID))
            let page = try await client.call(.get, path)
            #expect(page.text.contains("<li>ENG-1 rose to 74</li>"))
            let done = try await client.call(.post, path)
            #expect(done.status == .ok && done.text.contains("2026-11-24 13:00 UTC"), "\(done.text)")
            #expect(!done.text.contains("<form"))
            let alert = try #require(
                try await client.call(.get, "/api/alerts", as: scene.tenant.apiKey).json.items.first)
            #expect(alert["acknowledged_by"]?.text == "link to Leads & <b>co</b>")
            #expect(alert["acknowledged_at"]?.text == testNow.description)
            api.clock.now = testNow.adding(seconds: 60)
            #expect(try await client.call(.post, path).status == .ok)
            let again = try await client.call(
                .post, "/api/alerts/\(alert["id"]?.text ?? "")/acknowledge", as: scene.tenant.apiKey)
            #expect(again.json["acknowledged_at"]?.text == testNow.description)
            #expect(again.json["acknowledged_by"]?.text == "link to Leads & <b>co</b>")
        }
    }

    @Test func anAlertIsAcknowledgedThroughTheAPIToo() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let list = try await client.call(.get, "/api/alerts", as: scene.tenant.apiKey).json.items
            #expect(list.first?["acknowledged_at"]?.isNull == true)
            let path = "/api/alerts/\(list.first?["id"]?.text ?? "")/acknowledge"
            let answer = try await client.call(.post, path, as: scene.tenant.apiKey)
            #expect(answer.json["acknowledged_by"]?.text?.hasPrefix("api-key:") == true)
            let unknown = try await client.call(
                .post, "/api/alerts/\(UUID())/acknowledge", as: scene.tenant.apiKey)
            #expect(unknown.code == "alert_not_found" && unknown.status == .notFound)
        }
    }

    @Test(arguments: [("1h", 3600), ("1d", 86_400), ("3d", 259_200)] as [(String, Int64)])
    func snoozingSilencesTheIssueForTheTimeChosenOnce(choice: String, seconds: Int64) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.snooze(notificationID: scene.notificationID))
            let undecided = try await client.call(.post, path, body: "choice=forever")
            #expect(undecided.status == .unprocessableContent && undecided.text.contains("value=\"1h\""))
            // Its zone is not known.
            #expect(!undecided.text.contains("monday"))
            #expect(try await client.call(.post, path, body: "choice=monday").status == .unprocessableContent)
            for _ in 0..<2 {
                let done = try await client.call(.post, path, body: "choice=\(choice)")
                #expect(done.status == .ok && done.text.contains("<li>ENG-1</li>"), "\(done.text)")
            }
            let silences = try await scene.seen().silences
            try #require(silences.count == 1)
            #expect(silences[0].matchers == [AlertMatcher(name: .issue, values: ["ENG-1"])])
            #expect(silences[0].endsAt == testNow.adding(seconds: seconds))
            #expect(silences[0].createdBy == "link to Leads & <b>co</b>")
            #expect(silences[0].reason == "snoozed from the message")
            let labels = AlertLabels(of: Fixture.alert("ENG-1", tenantID: scene.tenant.id))
            #expect(silences[0].silences(labels, at: testNow))
        }
    }

    @Test func snoozingUntilMondayGoesByTheZoneOfTheChannel() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            var channel = try #require(try await api.store.alertChannels(scene.tenant.id).first)
            channel.quietHours = QuietHours(timeZone: "Europe/Warsaw", spans: [])
            try await api.store.saveAlertChannel(scene.tenant.id, channel, by: .system("test"))
            let path = scene.path(.snooze(notificationID: scene.notificationID))
            #expect(try await client.call(.get, path).text.contains("value=\"monday\""))
            #expect(try await client.call(.post, path, body: "choice=monday").status == .ok)
            // 2026-11-30 is the Monday after; Warsaw is an hour ahead.
            let end = try await scene.seen().silences.first?.endsAt
            #expect(end?.description.hasPrefix("2026-11-30T07:00:00") == true)
        }
    }

    @Test func snoozingKeepsToTheLimitOfSilences() async throws {
        var limits = TenantLimits()
        limits[.alertSilences] = 1
        let api = try await APIHarness(limits: limits)
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.snooze(notificationID: scene.notificationID))
            #expect(try await client.call(.post, path, body: "choice=1h").status == .ok)
            let refused = try await client.call(.post, path, body: "choice=3d")
            #expect(refused.status == .conflict && refused.headers[.contentType] == "text/html; charset=utf-8")
            #expect(try await scene.seen().silences.count == 1)
        }
    }

    /// RFC 8058: the body as mail programs send it, in either of the two encodings.
    @Test(arguments: [
        "List-Unsubscribe=One-Click", "",
        "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n",
    ])
    func oneClickUnsubscribesAndThePageHasAWayBack(body: String) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.unsubscribe(recipientID: scene.recipientID), endsAt: nil)
            let wakeUps = api.signals.alerts.withLock { $0 }
            for _ in 0..<2 {
                let done = try await client.call(.post, path, body: body)
                #expect(done.status == .ok && done.text.contains("value=\"resume\""))
                #expect(try await scene.seen().recipients.map(\.state) == [.unsubscribed])
            }
            #expect(api.signals.alerts.withLock { $0 } > wakeUps)
            // Years later.
            api.clock.now = testNow.adding(days: 2000)
            #expect(try await client.call(.get, path).text.contains("Unsubscribed"))
            #expect(try await client.call(.post, path, body: "choice=resume").status == .ok)
            let recipients = try await scene.seen().recipients
            #expect(recipients.map(\.state) == [.confirmed])
            #expect(recipients.map(\.changedAt) == [testNow.adding(days: 2000)])
        }
    }

    @Test func confirmingIsDoneOnceAndForAll() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.confirm(recipientID: scene.recipientID))
            #expect(try await client.call(.post, path).status == .ok)
            #expect(try await scene.seen().recipients.map(\.state) == [.confirmed])
            #expect(!(try await client.call(.get, path).text.contains("<form")))
            _ = try await api.store.deleteAlertChannel(
                scene.tenant.id, channelID: scene.channelID, by: .system("test"))
            #expect(try await client.call(.get, path).status == .notFound)
        }
    }

    @Test func endedForgedAndForeignLinksDoNothing() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let other = try await client.createTenant("other")
            let before = try await scene.seen()
            let stranger = try Vault(keys: [Fernet.generateKey()]).linkTokens
            for action in scene.actions {
                let ended = scene.path(action, endsAt: testNow)
                let good = scene.path(action)
                let link = MessageLink(tenantID: scene.tenant.id, action: action, endsAt: nil)
                let wrong = [
                    "/links/none", "/links/" + stranger.token(for: link), String(good.dropLast()), good + "A",
                    scene.path(action, of: other.id, endsAt: nil),
                ]
                for method in [HTTPRequest.Method.get, .post] {
                    #expect(try await client.call(method, ended, body: "choice=1h").status == .gone)
                    let answers = try await wrong.asyncMap { try await client.call(method, $0, body: "choice=1h") }
                    #expect(answers.allSatisfy { $0.status == .notFound })
                    #expect(Set(answers.map(\.text)).count == 1)
                }
            }
            let after = try await scene.seen()
            #expect(after == before)
            #expect(api.counts["unknown_link"] == 5 * 2 * 4)
        }
    }

    @Test func noLogHoldsAToken() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            var paths = scene.actions.map { scene.path($0) }
            paths += paths.map { String($0.dropLast(2)) }
            for path in paths {
                for method in [HTTPRequest.Method.get, .post, .delete] { _ = try await client.call(method, path) }
            }
            try api.store.close()
            for path in paths { _ = try await client.call(.get, path) }
            #expect(api.log.lines.contains { $0.contains("unknown_link") && $0.contains("/links/…") })
            #expect(api.log.lines.contains { $0.contains("request failed") && $0.contains("/links/{token}") })
            for path in paths {
                let token = path.dropFirst("/links/".count)
                #expect(!api.log.lines.contains { $0.contains(token.prefix(20)) || $0.contains(token.suffix(20)) })
            }
        }
    }

    @Test func aLargeBodyIsRefused() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let scene = try await scene(api, client)
            let path = scene.path(.unsubscribe(recipientID: scene.recipientID), endsAt: nil)
            let answer = try await client.call(.post, path, body: String(repeating: "x", count: 10_000))
            #expect(answer.code == "body_too_large")
            #expect(try await scene.seen().recipients.map(\.state) == [.unconfirmed])
        }
    }
}

extension Sequence where Self: Sendable, Element: Sendable {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
