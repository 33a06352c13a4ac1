import Domain
import Foundation
import HTTPTypes
import Testing

@testable import QueryAPI

/// Routes, silences and quiet hours over the API.
@Suite struct RoutingSettingsTests {
    private func channel(_ client: APIClient, _ tenant: TestTenant, more: String = "") async throws -> APIAnswer {
        try await client.call(
            .post, "/api/alert-channels", as: tenant.apiKey,
            body: #"{"kind": "email", "name": "team", "target": "a@b.example"\#(more)}"#)
    }

    @Test func theTreeIsShownAsItWasSaved() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let before = try await client.call(.get, "/api/alert-routes", as: tenant.apiKey)
            #expect(before.json["routes"]?.items.isEmpty == true && before.json["channel_ids"]?.items.isEmpty == true)
            let id = try #require(try await channel(client, tenant).json["id"]?.text)
            let body = """
                {"group_by": "project", "group_wait_seconds": 60, "routes": [
                    {"matchers": [{"name": "label", "values": ["legal"]}], "channel_ids": ["\(id)"], "continue": true},
                    {"matchers": [{"name": "band", "is_equal": false, "values": ["high"]}]}]}
                """
            let saved = try await client.call(.put, "/api/alert-routes", as: tenant.apiKey, body: body)
            #expect(saved.status == .ok, "\(saved.text)")
            let shown = try await client.call(.get, "/api/alert-routes", as: tenant.apiKey)
            #expect(shown.text == saved.text)
            #expect(shown.json["routes"]?.items.first?["channel_ids"]?.items.compactMap(\.text) == [id])
            #expect(shown.json["group_by"]?.text == "project")
        }
    }

    @Test(arguments: [
        (#"{"matchers": [{"name": "project", "values": ["ENG"]}]}"#, "matchers"),
        (#"{"continue": true}"#, "continue"),
        (#"{"channel_ids": ["00000000-0000-4000-8000-000000000001"]}"#, "channel_ids"),
        (#"{"routes": [{"matchers": [{"name": "mood", "values": ["x"]}]}]}"#, "routes[0].matchers[0].name"),
        (#"{"routes": [{"matchers": [{"name": "project", "values": []}]}]}"#, "routes[0].matchers[0].values"),
        (#"{"routes": [{"group_wait": 5}]}"#, "routes[0].group_wait"),
        (#"{"group_by": "people"}"#, "group_by"),
        (
            #"{"routes": [{"routes": [{"routes": [{"routes": [{"routes": [{}]}]}]}]}]}"#,
            "routes[0].routes[0].routes[0].routes[0].routes[0].routes"
        ),
    ])
    func aTreeThatMakesNoSenseIsRefusedAndNothingChanges(_ body: String, _ field: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.put, "/api/alert-routes", as: tenant.apiKey, body: body)
            #expect(answer.code == "validation_failed" && answer.invalidFields == [field], "\(answer.text)")
            let shown = try await client.call(.get, "/api/alert-routes", as: tenant.apiKey)
            #expect(shown.json["routes"]?.items.isEmpty == true)
        }
    }

    @Test func aSilenceIsMadeListedAndEnded() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/alert-silences", as: tenant.apiKey,
                body: """
                    {"matchers": [{"name": "project", "values": ["ENG"]}], "ends_at": "\(testNow.adding(days: 1))",
                     "reason": "Release"}
                    """)
            #expect(made.status == .created && made.json["state"]?.text == "active", "\(made.text)")
            #expect(made.json["created_by"]?.text?.hasPrefix("api-key:") == true)
            let path = "/api/alert-silences/\(made.json["id"]?.text ?? "")"
            #expect(try await client.call(.get, path, as: tenant.apiKey).text == made.text)
            let ended = try await client.call(.delete, path, as: tenant.apiKey)
            #expect(ended.json["state"]?.text == "expired")
            let list = try await client.call(.get, "/api/alert-silences", as: tenant.apiKey).json.items
            #expect(list.map { $0["state"]?.text } == ["expired"])
            let unknown = try await client.call(.delete, "/api/alert-silences/\(UUID())", as: tenant.apiKey)
            #expect(unknown.code == "alert_silence_not_found")
        }
    }

    @Test(arguments: [
        (#""matchers": [], "ends_at": "2027-01-01T00:00:00Z", "reason": "x""#, "matchers"),
        (#""matchers": [{"name": "project", "values": ["A"]}], "reason": "x""#, "ends_at"),
        (
            #""matchers": [{"name": "project", "values": ["A"]}], "ends_at": "2020-01-01T00:00:00Z", "reason": "x""#,
            "ends_at"
        ),
        (
            #""matchers": [{"name": "project", "values": ["A"]}], "ends_at": "2030-01-01T00:00:00Z", "reason": "x""#,
            "ends_at"
        ),
        (#""matchers": [{"name": "project", "values": ["A"]}], "ends_at": "2027-01-01T00:00:00Z""#, "reason"),
    ])
    func aSilenceWithoutMeasureIsRefused(_ fields: String, _ field: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(
                .post, "/api/alert-silences", as: tenant.apiKey, body: "{\(fields)}")
            #expect(answer.invalidFields == [field], "\(answer.text)")
        }
    }

    @Test func quietHoursOfAChannelAreKept() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let quiet = """
                , "quiet_hours": {"time_zone": "Europe/Warsaw", "breakthrough": "high", "dates": ["2026-12-25"],
                  "spans": [{"from": "18:00", "to": "08:30"}, {"weekdays": [7, 6], "from": "00:00", "to": "24:00"}]}
                """
            let made = try await channel(client, tenant, more: quiet)
            let shown = made.json["quiet_hours"]
            #expect(shown?["spans"]?.items.map { $0["to"]?.text } == ["08:30", "24:00"], "\(made.text)")
            #expect(shown?["time_zone"]?.text == "Europe/Warsaw" && shown?["breakthrough"]?.text == "high")
            for (wrong, field) in [
                (#"{"time_zone": "Mars/Olympus"}"#, "quiet_hours.time_zone"),
                (#"{"time_zone": "UTC", "spans": [{"from": "25:00", "to": "08:00"}]}"#, "quiet_hours.spans[0].from"),
                (#"{"time_zone": "UTC", "breakthrough": "low"}"#, "quiet_hours.breakthrough"), ("5", "quiet_hours"),
            ] {
                let answer = try await channel(client, tenant, more: #", "quiet_hours": \#(wrong)"#)
                #expect(answer.invalidFields == [field], "\(answer.text)")
            }
        }
    }
}
