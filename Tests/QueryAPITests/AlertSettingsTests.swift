import Domain
import Foundation
import HTTPTypes
import Store
import Testing
import Vault

@testable import QueryAPI

@Suite struct AlertSettingsTests {
    private static let slackURL = "https://hooks.slack.example/services/T0/B0/do-not-show"

    @Test func rulesAreListedAddedReplacedAndDeleted() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let defaults = try await client.call(.get, "/api/alert-rules", as: tenant.apiKey).json.items
            #expect(defaults.compactMap { $0["name"]?.text } == ["High risk", "Risk spike"])
            #expect(
                defaults.first?.keys == [
                    "id", "name", "enabled", "kind", "raise_at", "clear_below", "project_keys", "channel_ids",
                    "notify_resolved",
                ])
            #expect(defaults.last?["window_seconds"]?.number == 86_400)

            let added = try await client.call(
                .post, "/api/alert-rules", as: tenant.apiKey,
                body: #"{"name": "Ops", "kind": "threshold", "raise_at": 50, "project_keys": ["ops"]}"#)
            #expect(added.status == .created)
            #expect(added.json["clear_below"]?.number == 50)
            #expect(added.json["enabled"]?.flag == true)
            #expect(added.json["project_keys"]?.items.map(\.text) == ["OPS"])

            let path = "/api/alert-rules/\(added.json["id"]?.text ?? "")"
            let replaced = try await client.call(
                .put, path, as: tenant.apiKey,
                body: #"{"name": "Ops", "enabled": false, "kind": "spike", "points": 15, "window_seconds": 3600}"#)
            #expect(replaced.status == .ok)
            #expect(replaced.json["id"]?.text == added.json["id"]?.text)
            #expect(replaced.json["kind"]?.text == "spike")
            #expect(replaced.json["project_keys"]?.items.isEmpty == true)

            #expect(try await client.call(.delete, path, as: tenant.apiKey).status == .noContent)
            #expect(try await client.call(.delete, path, as: tenant.apiKey).code == "alert_rule_not_found")
            #expect(try await client.call(.put, path, as: tenant.apiKey, body: "{}").code == "alert_rule_not_found")
        }
    }

    @Test(arguments: [
        (#"{}"#, ["kind", "name"]),
        (#"{"name": "x", "kind": "drop"}"#, ["kind"]),
        (#"{"name": "x", "kind": "threshold"}"#, ["raise_at"]),
        (#"{"name": "x", "kind": "threshold", "raise_at": 0}"#, ["raise_at"]),
        (#"{"name": "x", "kind": "threshold", "raise_at": 70.5}"#, ["raise_at"]),
        (#"{"name": "x", "kind": "threshold", "raise_at": 60, "clear_below": 61}"#, ["clear_below"]),
        (#"{"name": "x", "kind": "spike"}"#, ["points", "window_seconds"]),
        (#"{"name": "x", "kind": "spike", "points": 101, "window_seconds": 10}"#, ["points", "window_seconds"]),
        (#"{"name": "x", "kind": "threshold", "raise_at": 60, "channel_ids": ["nope"]}"#, ["channel_ids"]),
        (
            #"{"name": "x", "kind": "threshold", "raise_at": 60, "points": 5, "window_seconds": 60}"#,
            ["points", "window_seconds"]
        ),
        (
            #"{"name": "x", "kind": "spike", "points": 5, "window_seconds": 60, "raise_at": 60, "clear_below": 50}"#,
            ["raise_at", "clear_below"]
        ),
        (
            #"{"name": "x", "kind": "threshold", "raise_at": 60, "notify_resolved": null, "enabled": null}"#,
            ["enabled", "notify_resolved"]
        ),
        (#"{"name": "x\u0000y", "kind": "threshold", "raise_at": 60}"#, ["name"]),
        (
            #"{"name": "x", "kind": "threshold", "raise_at": 60, "channel_ids": ["\#(UUID())"]}"#,
            ["channel_ids"]
        ),
    ])
    func refusesARuleThatCannotWork(body: String, fields: [String]) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/alert-rules", as: tenant.apiKey, body: body)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == fields)
        }
    }

    @Test func channelsKeepTheirTargetsSealedAndASlackURLIsNeverShown() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let slack = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "slack", "name": "Team", "target": "\#(Self.slackURL)"}"#)
            #expect(slack.status == .created)
            #expect(
                slack.json.keys == [
                    "id", "kind", "name", "enabled", "show_restricted", "destination", "quiet_hours", "digest",
                    "alerts", "allowed_by_plan",
                ])
            #expect(slack.json["destination"]?.text == "hooks.slack.example")
            let email = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "email", "name": "Leads", "target": "a@acme.example,b@acme.example"}"#)
            #expect(email.json["destination"]?.text == "a@acme.example, b@acme.example")

            let stored = try await api.store.alertChannels(tenant.id)
            #expect(stored.count == 2)
            let target = try #require(stored.first { $0.kind == .slack }?.target)
            #expect(!target.contains("do-not-show"))
            #expect(try api.vault.open(target) == Self.slackURL)
            let listed = try await client.call(.get, "/api/alert-channels", as: tenant.apiKey)
            #expect(listed.json.items.count == 2)
            #expect(!listed.text.contains("do-not-show"))

            let rule = try await client.call(
                .post, "/api/alert-rules", as: tenant.apiKey,
                body: """
                    {"name": "Ops", "kind": "threshold", "raise_at": 50,
                     "channel_ids": ["\(slack.json["id"]?.text ?? "")"]}
                    """)
            #expect(rule.json["channel_ids"]?.items.first?.text == slack.json["id"]?.text)
        }
    }

    @Test func aReplacedChannelKeepsItsKindAndAnUnsentTarget() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "slack", "name": "Team", "target": "\#(Self.slackURL)"}"#)
            let path = "/api/alert-channels/\(made.json["id"]?.text ?? "")"
            let renamed = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"name": "Team 2", "enabled": false}"#)
            #expect(renamed.json["name"]?.text == "Team 2")
            #expect(renamed.json["enabled"]?.flag == false)
            #expect(renamed.json["destination"]?.text == "hooks.slack.example")
            let moved = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"name": "Team", "target": "https://chat.example/hook"}"#)
            #expect(moved.json["destination"]?.text == "chat.example")
            let turned = try await client.call(
                .put, path, as: tenant.apiKey, body: #"{"name": "Team", "kind": "email"}"#)
            #expect(turned.invalidFields == ["kind"])
            #expect(try await client.call(.delete, path, as: tenant.apiKey).status == .noContent)
            #expect(try await client.call(.delete, path, as: tenant.apiKey).code == "alert_channel_not_found")
        }
    }

    @Test(arguments: [
        (#"{}"#, ["kind", "target", "name"]),
        (#"{"kind": "pager", "name": "x", "target": "y"}"#, ["kind"]),
        (#"{"kind": "slack", "name": "x", "target": "http://hooks.example/x"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "https://u:p@hooks.example/x"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "hooks.example"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "https://localhost/x"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "https://2130706433/x"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "https://169.254.169.254/x"}"#, ["target"]),
        (#"{"kind": "slack", "name": "x", "target": "https://[::ffff:127.0.0.1]/x"}"#, ["target"]),
        (#"{"kind": "email", "name": "x", "target": "a@b.example, nobody"}"#, ["target"]),
        (#"{"kind": "email", "name": "x", "target": "a@b.example\r\nBcc: c@d.example"}"#, ["target"]),
    ])
    func refusesAChannelThatCannotWork(body: String, fields: [String]) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/alert-channels", as: tenant.apiKey, body: body)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == fields)
        }
    }

    @Test func plainHTTPIsForHostsThatAllowIt() async throws {
        var api = try await APIHarness()
        api.allowsPlainHTTPChannels = true
        api.allowedChannelHosts = ["127.0.0.1"]
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey,
                body: #"{"kind": "slack", "name": "Sink", "target": "http://127.0.0.1:9/hook"}"#)
            #expect(answer.json["destination"]?.text == "127.0.0.1")
        }
    }
}
