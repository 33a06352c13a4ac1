import Domain
import Foundation
import HTTPTypes
import Store
import Synchronization
import TestSupport
import Testing

@testable import Queries
@testable import QueryAPI

@Suite struct DigestTests {
    private func channel(_ digest: String, kind: String = "email", more: String = "") -> String {
        let target = kind == "email" ? "ana@acme.example" : "https://hooks.example/x"
        return #"{"kind": "\#(kind)", "name": "Leads", "target": "\#(target)", "digest": \#(digest)\#(more)}"#
    }

    private let weekly =
        #"{"every": "week", "at": "08:05", "time_zone": "Europe/Berlin", "weekday": "monday", "projects": ["pay"]}"#

    @Test func aChannelsDigestIsKeptAndShown() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let made = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey, body: channel(weekly, more: #", "alerts": "none""#))
            #expect(made.status == .created, "\(made.text)")
            let digest = try #require(made.json["digest"])
            #expect(digest["at"]?.text == "08:05" && digest["every"]?.text == "week")
            #expect(digest["weekday"]?.text == "monday" && digest["when_empty"]?.text == "nothing")
            #expect(digest["projects"]?.items.compactMap(\.text) == ["PAY"], "Jira's keys are in capital letters")
            #expect(made.json["alerts"]?.text == "none")
            let stored = try #require(try await api.store.alertChannels(tenant.id).first)
            #expect(
                stored.digest
                    == DigestSchedule(
                        every: .week, minute: 485, timeZone: "Europe/Berlin", weekday: .monday, projectKeys: ["PAY"]))
            #expect(!stored.takesAlerts)
            // What is left out goes.
            let replaced = try await client.call(
                .put, "/api/alert-channels/\(stored.id)", as: tenant.apiKey, body: #"{"name": "Leads"}"#)
            #expect(replaced.json["digest"] == .null && replaced.json["alerts"]?.text == "all")
        }
    }

    @Test(arguments: [
        (#"{"every": "month", "at": "08:00", "time_zone": "UTC"}"#, "digest.every"),
        (#"{"every": "day", "at": "24:00", "time_zone": "UTC"}"#, "digest.at"),
        (#"{"every": "day", "at": "8:00", "time_zone": "UTC"}"#, "digest.at"),
        (#"{"every": "day", "time_zone": "UTC"}"#, "digest.at"),
        (#"{"every": "day", "at": "08:00", "time_zone": "Moon/Tycho"}"#, "digest.time_zone"),
        (#"{"every": "day", "at": "08:00"}"#, "digest.time_zone"),
        (#"{"every": "week", "at": "08:00", "time_zone": "UTC"}"#, "digest.weekday"),
        (#"{"every": "week", "at": "08:00", "time_zone": "UTC", "weekday": "noday"}"#, "digest.weekday"),
        (#"{"every": "day", "at": "08:00", "time_zone": "UTC", "weekday": "monday"}"#, "digest.weekday"),
        (#"{"every": "day", "at": "08:00", "time_zone": "UTC", "when_empty": "all"}"#, "digest.when_empty"),
        (#"{"every": "day", "at": "08:00", "time_zone": "UTC", "minute": 3}"#, "digest.minute"),
        (#""08:00""#, "digest"),
    ])
    func whatIsNoScheduleIsRefused(_ digest: String, field: String) async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/alert-channels", as: tenant.apiKey, body: channel(digest))
            #expect(answer.status == .unprocessableContent, "\(answer.text)")
            #expect(answer.invalidFields == [field], "\(answer.text)")
        }
    }

    @Test func anAlertmanagerTakesNoDigestAndAChannelWithoutOneTakesAlerts() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let alertmanager = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey, body: channel(weekly, kind: "alertmanager"))
            #expect(alertmanager.status == .unprocessableContent)
            #expect(alertmanager.text.contains("cannot be sent to a channel of the kind alertmanager"))
            for kind in ["slack", "teams", "webhook"] {
                let made = try await client.call(
                    .post, "/api/alert-channels", as: tenant.apiKey, body: channel(weekly, kind: kind))
                #expect(made.status == .created, "\(made.text)")
            }
            let mute = try await client.call(
                .post, "/api/alert-channels", as: tenant.apiKey, body: channel("null", more: #", "alerts": "none""#))
            #expect(mute.status == .unprocessableContent && mute.text.contains("only on a channel with a digest"))
        }
    }

    @Test func aDigestIsQueuedAtOnceWhereSomebodyAsksForIt() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 80), to: tenant.id)
            try await api.addChannel("plain", to: tenant.id)
            try await api.addChannel(
                "reports", to: tenant.id, digest: DigestSchedule(every: .day, minute: 480, timeZone: "UTC"))
            let channels = try await api.store.alertChannels(tenant.id)
            func send(_ name: String) async throws -> APIAnswer {
                let id = try #require(channels.first { $0.name == name }?.id)
                return try await client.call(.post, "/api/alert-channels/\(id)/digest", as: tenant.apiKey)
            }
            let sent = try await send("reports")
            #expect(sent.status == .accepted, "\(sent.text)")
            #expect(api.signals.alerts.withLock { $0 } == 1)
            let listed = try await client.call(.get, "/api/alerts", as: tenant.apiKey)
            let alert = try #require(listed.json.items.first)
            #expect(alert["id"] == sent.json["alert_id"] && alert["kind"]?.text == "digest")
            #expect(alert["issue_key"]?.text == "-" && alert["headline"]?.text?.hasPrefix("Daily digest") == true)
            #expect(alert["deliveries"]?.items.compactMap { $0["channel_name"]?.text } == ["reports"])
            let again = try await send("reports")
            #expect(again.status == .tooManyRequests && again.code == "digest_requested_recently")
            let plain = try await send("plain")
            #expect(plain.status == .unprocessableContent && plain.text.contains("has no digest"))
        }
    }

    @Test func whatADigestWouldSayCanBeRead() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(Fixture.listing("ENG-1", score: 80), Fixture.listing("PAY-1", score: 50), to: tenant.id)
            let all = try await client.call(.get, "/api/digest?every=week", as: tenant.apiKey)
            #expect(all.status == .ok, "\(all.text)")
            #expect(all.json["riskiest"]?.items.compactMap { $0["key"]?.text } == ["ENG-1", "PAY-1"])
            #expect(all.json["every"]?.text == "week" && all.json["is_empty"] == .bool(false))
            let one = try await client.call(.get, "/api/digest?project=pay", as: tenant.apiKey)
            #expect(one.json["riskiest"]?.items.compactMap { $0["key"]?.text } == ["PAY-1"])
            #expect(one.json["every"]?.text == "day")
            let none = try await client.call(.get, "/api/digest?project=XYZ", as: tenant.apiKey)
            #expect(none.json["is_empty"] == .bool(true))
            for query in ["every=month", "time_zone=Moon/Tycho"] {
                let refused = try await client.call(.get, "/api/digest?\(query)", as: tenant.apiKey)
                #expect(refused.status == .unprocessableContent)
            }
        }
    }

    @Test func aWeeklyOneNamesRulesToChangeOfItsProjects() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            var rule = try #require(try await api.store.alertRules(tenant.id).first { $0.name == "High risk" })
            for rule in try await api.store.alertRules(tenant.id) where rule.name != "High risk" {
                _ = try await api.store.deleteAlertRule(tenant.id, ruleID: rule.id, by: .system("test"))
            }
            for number in 1...12 {
                try await api.add(Fixture.listing(IssueKey("ENG-\(number)"), score: 50), to: tenant.id)
            }
            // All of them were due, and none had an alert.
            api.clock.now = testNow.adding(days: 5)
            func changes(_ query: String, _ tenant: TestTenant) async throws -> [JSONValue] {
                let answer = try await client.call(.get, "/api/digest?every=week\(query)", as: tenant.apiKey)
                #expect(answer.json["rules"]?["last_days"]?.number == 90, "\(answer.text)")
                #expect(answer.json["rules"]?["failure"] == nil)
                return answer.json["rules"]?["changes"]?.items ?? []
            }
            let named = try await changes("", tenant)
            #expect(named.count == 1)
            #expect(named.first?["suggestion"]?["kind"]?.text == "lower")
            #expect(named.first?["suggestion"]?["field"]?.text == "raise_at")
            #expect(named.first?["recall"] == .object(["count": .number(0), "total": .number(12)]))
            #expect(try await changes("", other).isEmpty)
            let daily = try await client.call(.get, "/api/digest?every=day", as: tenant.apiKey)
            #expect(daily.json["every"]?.text == "day" && daily.json["rules"] == nil)

            // A change of a rule is seen at once.
            rule.projectKeys = ["ENG"]
            try await api.store.saveAlertRule(tenant.id, rule, by: .system("test"))
            #expect(try await changes("&project=ENG", tenant).count == 1)
            #expect(try await changes("&project=OPS", tenant).isEmpty)
            rule.isEnabled = false
            try await api.store.saveAlertRule(tenant.id, rule, by: .system("test"))
            #expect(try await changes("", tenant).isEmpty)
        }
    }

    /// Of many channels that are due at the same time.
    @Test func digestsOfTheSameTimeShareTheScorecards() async throws {
        let api = try await APIHarness()
        let tenant = try await api.addTenant("acme")
        let turns = TenantTurns()
        let scorecards = Scorecards(store: api.store, analyst: api.analyst, turns: turns, executor: { _ in nil })
        let reviews = RuleReviews(store: api.store, scorecards: scorecards)
        func request(after seconds: Int64) -> DigestRequest {
            let now = testNow.adding(seconds: seconds)
            return DigestRequest(
                tenantID: tenant.id, siteURL: "https://acme.example", every: .week, timeZone: "UTC",
                from: now.adding(days: -7), to: now, asOf: now)
        }
        _ = try await reviews.changes(for: request(after: 0))
        try await turns.run(for: tenant.id) {
            // Nothing is computed: another computation is under way, and this one would wait for it.
            _ = try await reviews.changes(for: request(after: 599))
            let late = Task { try await reviews.changes(for: request(after: 600)) }
            late.cancel()
            await #expect(throws: CancellationError.self) { try await late.value }
        }
        _ = try await reviews.changes(for: request(after: 600))
    }
}
