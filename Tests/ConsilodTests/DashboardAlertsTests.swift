import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

extension Visitor {
    /// Signed in by an API key.
    static func signedIn(_ daemon: DaemonProcess, _ key: String) async throws -> Visitor {
        let answer = try await Visitor(daemon).post("/dashboard/sign-in", ["api_key": key])
        let header = try #require(answer.headers.first(name: "set-cookie"))
        return Visitor(daemon, cookie: String(header.prefix { $0 != ";" }))
    }

    /// Sends a form of the session's.
    func submit(_ path: String, _ form: [String: String] = [:]) async throws -> Page {
        let token = try await get("/dashboard").formToken
        return try await post(path, form.merging(["form_token": token]) { old, _ in old })
    }
}

/// The section of alerts, by the real program.
@Suite struct DashboardAlertsTests {
    private struct Setup {
        var daemon: DaemonProcess
        var tenant: DaemonProcess.Tenant
        var visitor: Visitor
        var stranger: Visitor

        /// What the API has.
        func api<Value: Decodable>(_ path: String, _ type: Value.Type) async throws -> Value {
            try await daemon.request(.get, path, token: tenant.api_key).json(type)
        }
    }

    /// A daemon whose tenant has two issues, a rule and an alert of each.
    private func populated() async throws -> Setup {
        let daemon = try DaemonProcess(environment: [
            "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
        ])
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        #expect(
            try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: ["We are blocked and wait for the other team."])
        stream.addIssue(2, comments: ["Still blocked, this is bad."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 2)
        let other = try await daemon.createTenant("other")
        return Setup(
            daemon: daemon, tenant: tenant, visitor: try await .signedIn(daemon, tenant.api_key),
            stranger: try await .signedIn(daemon, other.api_key))
    }

    private struct Rule: Decodable {
        var id: String
        var name: String
        var enabled: Bool
        var raise_at: Int?
        var clear_below: Int?
    }

    @Test func everyPageIsThereAndSaysAllOfItsTexts() async throws {
        let setup = try await populated()
        let pages = [
            "alerts", "alerts?state=dead", "alerts?issue=none-1", "notifications", "silences", "silences?issue=PAY-1",
            "rules", "rules/new", "scorecards", "scorecards?last_days=30", "routes", "routes/new", "routes/edit",
            "channels", "channels?check=1", "channels/new?kind=email", "channels/new?kind=webhook", "setup",
        ]
        for path in pages {
            let page = try await setup.visitor.get("/dashboard/\(path)")
            #expect(page.status == 200, "\(path): \(page.text)")
            // A text that does not exist shows its name.
            let missing = page.text.firstMatch(of: /[>"](alerts|rules|channels|setup|fields|routes|silences)\.[a-z_]+/)
            #expect(missing == nil && !page.text.contains("{{") && !page.text.contains(" style="), "\(path)")
            #expect(page.text.utf8.count < 100_000, "\(path)")
        }
        #expect(try await setup.visitor.get("/dashboard/scorecards?last_days=0").status == 422)
    }

    @Test func alertsAndScorecardsAreThereAsFiles() async throws {
        struct Alert: Decodable {
            var id: String
            var headline: String
        }
        struct Cards: Decodable {
            struct Rule: Decodable {
                struct Card: Decodable { var raised: Int }
                var name: String
                var scorecard: Card
            }
            var rules: [Rule]
        }
        let setup = try await populated()
        let alerts = try await setup.api("/api/alerts", [Alert].self)
        #expect(alerts.count >= 2)
        #expect(try await setup.visitor.get("/dashboard/alerts").text.contains("href=\"/dashboard/alerts.csv\""))
        let file = try await setup.visitor.get("/dashboard/alerts.csv")
        #expect(file.headers.first(name: "content-disposition") == "attachment; filename=\"alerts.csv\"")
        let rows = try file.rows
        let (id, headline) = (
            try #require(rows.first?.firstIndex(of: "id")), try #require(rows.first?.firstIndex(of: "headline"))
        )
        #expect(rows.dropFirst().map { $0[id] } == alerts.map(\.id))
        #expect(rows.dropFirst().map { $0[headline] } == alerts.map(\.headline))
        let ofOne = try await setup.api("/api/alerts?issue=PAY-2", [Alert].self)
        #expect(try await setup.visitor.get("/dashboard/alerts.csv?issue=PAY-2").rows.count == 1 + ofOne.count)
        #expect(!ofOne.isEmpty && ofOne.count < alerts.count)
        #expect(try await setup.visitor.get("/dashboard/alerts.csv?state=dead").rows.count == 1)
        #expect(try await setup.stranger.get("/dashboard/alerts.csv").rows.count == 1)

        let cards = try await setup.api("/api/alert-scorecards?last_days=30", Cards.self)
        let page = try await setup.visitor.get("/dashboard/scorecards?last_days=30")
        #expect(page.text.contains("href=\"/dashboard/scorecards.csv?last_days=30\""))
        let judged = try await setup.visitor.get("/dashboard/scorecards.csv?last_days=30").rows
        let (name, raised) = (
            try #require(judged.first?.firstIndex(of: "name")),
            try #require(judged.first?.firstIndex(of: "scorecard_raised"))
        )
        #expect(cards.rules.contains { $0.scorecard.raised > 0 })
        #expect(
            judged.filter { $0[0] == "rule" }.map { [$0[name], $0[raised]] }
                == cards.rules.map { [$0.name, "\($0.scorecard.raised)"] })
        #expect(try await setup.visitor.get("/dashboard/scorecards.csv?last_days=0").status == 422)
    }

    @Test func aRuleIsTriedOnHistoryAndSavedAsItWasTried() async throws {
        let setup = try await populated()
        let before = try await setup.api("/api/alert-rules", [Rule].self).count
        var form = [
            "name": "Tried & kept", "kind": "threshold", "raise_at": "2", "clear_below": "2", "enabled": "true",
            "last_days": "30", "points": "20", "window_seconds": "86400", "question": "due", "do": "try",
        ]
        let tried = try await setup.visitor.submit("/dashboard/rules/new", form)
        #expect(
            tried.status == 200
                && tried.text.contains(/would have raised in the last 30 days: [1-9][0-9]*, about [12] of 2 issues/))
        #expect(tried.text.contains("/dashboard/issues/PAY-1") && tried.text.contains("value=\"Tried &amp; kept\""))
        #expect(try await setup.api("/api/alert-rules", [Rule].self).count == before)

        for wrong in [["raise_at": "0"], ["name": ""], ["kind": "none"], ["clear_below": "50"]] {
            for action in ["try", "save"] where !(action == "try" && wrong["name"] != nil) {
                let refused = try await setup.visitor.submit(
                    "/dashboard/rules/new",
                    form.merging(wrong.merging(["do": action]) { _, new in new }) { _, new in new })
                #expect(refused.status == 422 && refused.text.contains("role=\"alert\""), "\(wrong) \(action)")
                #expect(refused.text.contains("name=\"last_days\" type=\"number\" min=\"1\" max=\"365\" value=\"30\""))
            }
        }
        #expect(
            try await setup.visitor.post(
                "/dashboard/rules/new", form.merging(["do": "save"]) { _, new in new }
            ).status == 400)
        form["do"] = "save"
        #expect(try await setup.visitor.submit("/dashboard/rules/new", form).location == "/dashboard/rules")
        let saved = try #require(
            try await setup.api("/api/alert-rules", [Rule].self).first { $0.name == "Tried & kept" })
        #expect(saved.enabled && saved.raise_at == 2 && saved.clear_below == 2)

        let path = "/dashboard/rules/\(saved.id)"
        let advised = try await setup.visitor.get("\(path)?raise_at=85")
        #expect(advised.text.contains("name=\"raise_at\" type=\"number\" min=\"1\" max=\"100\" value=\"85\""))
        let stored = try await setup.visitor.submit(path, form.merging(["do": "try"]) { _, new in new })
        #expect(stored.text.contains("Alerts that the saved rule raised"))
        for foreign in [
            try await setup.stranger.get(path), try await setup.stranger.submit(path, form),
            try await setup.stranger.submit("\(path)/enable", ["enabled": "false"]),
            try await setup.stranger.submit("\(path)/delete"),
        ] { #expect(foreign.status == 404) }
        #expect(try await setup.visitor.submit("\(path)/enable", ["enabled": "false"]).status == 303)
        #expect(try await setup.api("/api/alert-rules", [Rule].self).first { $0.id == saved.id }?.enabled == false)
        #expect(try await setup.visitor.submit("\(path)/delete").status == 303)
        #expect(try await setup.api("/api/alert-rules", [Rule].self).count == before)
    }

    private struct Matcher: Decodable, Equatable { var values: [String] }
    private struct Route: Decodable {
        var matchers: [Matcher]
        var routes: [Route]
    }

    /// The tree as the page that was just loaded has it.
    private func seen(_ setup: Setup) async throws -> String {
        let page = try await setup.visitor.get("/dashboard/routes/new")
        return String(try #require(page.text.firstMatch(of: /name="seen" value="([0-9a-f]+)"/)).output.1)
    }

    private func addRoutes(_ projects: [String], _ setup: Setup) async throws {
        for project in projects {
            let added = try await setup.visitor.submit(
                "/dashboard/routes/new",
                [
                    "at": "", "seen": try await seen(setup), "matcher_name": "project", "matcher_sign": "is",
                    "matcher_values": "\(project), X", "group_by": "project", "group_wait_seconds": "60",
                ])
            #expect(added.status == 303, "\(added.text)")
        }
    }

    @Test func routesKeepTheirOrderAndWhatOthersChangedMeanwhile() async throws {
        let setup = try await populated()
        func order() async throws -> [[String]] {
            try await setup.api("/api/alert-routes", Route.self).routes.map { $0.matchers.flatMap(\.values) }
        }
        try await addRoutes(["ENG", "OPS", "PAY"], setup)
        #expect(try await order() == [["ENG", "X"], ["OPS", "X"], ["PAY", "X"]])
        let old = try await seen(setup)
        let move = { (at: String, to: String, seen: String) in
            try await setup.visitor.submit("/dashboard/routes/move", ["at": at, "to": to, "seen": seen])
        }
        #expect(try await move("2", "up", old).status == 303)
        #expect(try await order() == [["ENG", "X"], ["PAY", "X"], ["OPS", "X"]])
        // The page from which this one comes shows another order.
        let late = try await move("0", "down", old)
        #expect(late.status == 422 && late.text.contains("have changed since"))
        #expect(try await order().first == ["ENG", "X"])
        #expect(try await move("0", "down", try await seen(setup)).status == 303)
        #expect(try await order() == [["PAY", "X"], ["ENG", "X"], ["OPS", "X"]])
    }

    @Test func aRouteIsCheckedAsTheWholeTreeIsAndMayHaveRoutesBelow() async throws {
        let setup = try await populated()
        try await addRoutes(["ENG", "PAY"], setup)
        let list = try await setup.visitor.get("/dashboard/routes").text
        #expect(list.contains("project is PAY or X") && list.contains("one message for a project; waits 1 minute"))
        for (wrong, words) in [
            (["matcher_values": ""], "at least one matcher"),
            (["repeat_interval_seconds": "5"], "at least 300"),
            (["channel_ids": UUID().uuidString], "existing alert channels"),
        ] {
            let form = [
                "at": "0", "seen": try await seen(setup), "matcher_name": "project", "matcher_sign": "is",
                "matcher_values": "PAY", "group_by": "rule",
            ].merging(wrong) { _, new in new }
            let refused = try await setup.visitor.submit("/dashboard/routes/edit", form)
            #expect(refused.status == 422 && refused.text.contains(words), "\(wrong)")
        }
        let below = try await setup.visitor.submit(
            "/dashboard/routes/new",
            [
                "at": "1", "seen": try await seen(setup), "matcher_name": "band", "matcher_sign": "is_not",
                "matcher_values": "low",
            ])
        #expect(below.status == 303)
        #expect(try await setup.api("/api/alert-routes", Route.self).routes[1].routes.count == 1)
        #expect(try await setup.visitor.get("/dashboard/routes/edit?at=7").status == 404)
        #expect(
            try await setup.visitor.submit("/dashboard/routes/delete", ["at": "0", "seen": try await seen(setup)])
                .status
                == 303)
        #expect(
            try await setup.api("/api/alert-routes", Route.self).routes.map(\.matchers) == [
                [Matcher(values: ["PAY", "X"])]
            ])
        #expect(try await setup.stranger.get("/dashboard/routes/edit?at=0").status == 404)
    }

    @Test func alertsAreAcknowledgedSnoozedAndSilenced() async throws {
        struct Alert: Decodable {
            var id: String
            var issue_key: String
            var acknowledged_by: String?
        }
        struct Silence: Decodable {
            var id: String
            var state: String
        }
        let setup = try await populated()
        let alert = try #require(
            try await setup.api("/api/alerts?issue=PAY-1", [Alert].self).first)
        let foreign = try await setup.stranger.submit("/dashboard/alerts/acknowledge", ["alert": alert.id])
        #expect(foreign.status == 404)
        let done = try await setup.visitor.submit(
            "/dashboard/alerts/acknowledge", ["alert": alert.id, "back": "/dashboard/alerts?issue=PAY-1"])
        #expect(done.status == 303 && done.location == "/dashboard/alerts?issue=PAY-1")
        #expect(try await setup.api("/api/alerts?issue=PAY-1", [Alert].self).first?.acknowledged_by != nil)
        let list = try await setup.visitor.get("/dashboard/alerts?issue=pay-1").text
        #expect(list.contains("Acknowledged by API key ") && !list.contains("PAY-2"))

        for _ in 0..<2 {
            let snoozed = try await setup.visitor.submit(
                "/dashboard/alerts/snooze", ["issue": "PAY-2", "choice": "1d", "back": "https://evil.example"])
            #expect(snoozed.location == "/dashboard/alerts")
        }
        #expect(try await setup.api("/api/alert-silences", [Silence].self).count == 1)
        #expect(
            try await setup.visitor.submit("/dashboard/alerts/snooze", ["issue": "PAY-2", "choice": "x"]).status == 400)

        var form = [
            "matcher_name": "project", "matcher_sign": "is", "matcher_values": "pay", "ends_at": "2099-01-01T00:00",
            "reason": "Release <day>", "do": "preview",
        ]
        let tooLong = try await setup.visitor.submit("/dashboard/silences", form)
        #expect(tooLong.status == 422 && tooLong.text.contains("at most 366 days"))
        #expect(
            tooLong.text.contains("value=\"Release &lt;day&gt;\"")
                && tooLong.text.contains("value=\"2099-01-01T00:00\""))
        let tomorrow = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(days: 1)
        form["ends_at"] = String(tomorrow.description.prefix(16))
        let preview = try await setup.visitor.submit("/dashboard/silences", form)
        #expect(
            preview.status == 200 && preview.text.contains("Matching alerts among the newest")
                && preview.text.contains("PAY-1"))
        #expect(try await setup.api("/api/alert-silences", [Silence].self).count == 1)
        form["do"] = "save"
        #expect(try await setup.visitor.submit("/dashboard/silences", form).status == 303)
        let active = try await setup.api("/api/alert-silences", [Silence].self).filter { $0.state == "active" }
        #expect(active.count == 2)
        for silence in active {
            let path = "/dashboard/silences/\(silence.id)/end"
            #expect(try await setup.stranger.submit(path).status == 404)
            #expect(try await setup.visitor.submit(path).status == 303)
        }
        #expect(try await setup.api("/api/alert-silences", [Silence].self).allSatisfy { $0.state == "expired" })
    }

    @Test func aTestArrivesAtTheChannelAndItsSecretIsShownOnce() async throws {
        struct Channel: Decodable {
            var id: String
            var name: String
            var enabled: Bool
        }
        let setup = try await populated()
        try await RecordingListener.run { listener in
            let url = "http://127.0.0.1:\(listener.port)/hidden-path"
            let form = ["kind": "webhook", "name": "hook", "target": url, "enabled": "true", "alerts": "all"]
            let made = try await setup.visitor.submit("/dashboard/channels/new", form)
            #expect(made.status == 200)
            let secret = String(try #require(made.text.firstMatch(of: /<code>(whsec_[^<]+)<\/code>/)).output.1)
            let channel = try #require(try await setup.api("/api/alert-channels", [Channel].self).first)
            let path = "/dashboard/channels/\(channel.id)"
            for page in [try await setup.visitor.get(path), try await setup.visitor.get("/dashboard/channels")] {
                #expect(page.status == 200 && page.text.contains("hook"))
                #expect(!page.text.contains(secret) && !page.text.contains("hidden-path"))
            }
            let tested = try await setup.visitor.submit("\(path)/test")
            #expect(tested.status == 200 && tested.text.contains("What became of the test"))
            #expect(!tested.text.contains("not delivered"))
            try await eventually("the test arrives") { listener.text.contains("/hidden-path") }
            #expect(listener.text.contains("This is a test of the alert channel"))
            let again = try await setup.visitor.submit("\(path)/test")
            #expect(again.status == 422 && again.text.contains("a moment ago"))

            let checked = try await setup.visitor.get("/dashboard/channels?check=1")
            #expect(checked.text.contains("hook: 127.0.0.1 can be reached"), "\(checked.text)")
            // What is not entered again stays.
            let changed = try await setup.visitor.submit(
                path,
                [
                    "kind": "webhook", "name": "renamed", "alerts": "all", "quiet_zone": "Europe/Warsaw",
                    "span_from_1": "18:00", "span_to_1": "08:00", "every": "week", "weekday": "monday",
                    "digest_at": "08:00", "digest_zone": "UTC", "breakthrough": "high",
                ])
            #expect(changed.location == path, "\(changed.text)")
            let page = try await setup.visitor.get(path).text
            #expect(page.contains("value=\"18:00\"") && page.contains("<option value=\"monday\" selected>"))
            #expect(try await setup.api("/api/alert-channels", [Channel].self).first?.enabled == false)
            for wrong in [["target": "ftp://x"], ["name": ""], ["span_from_1": "25:00", "span_to_1": "08:00"]] {
                let refused = try await setup.visitor.submit(path, form.merging(wrong) { _, new in new })
                #expect(refused.status == 422 && !refused.text.contains("hidden-path"), "\(wrong)")
            }
            for foreign in [
                try await setup.stranger.get(path), try await setup.stranger.submit(path, form),
                try await setup.stranger.submit("\(path)/test"), try await setup.stranger.submit("\(path)/confirm"),
                try await setup.stranger.submit("\(path)/delete"),
            ] { #expect(foreign.status == 404) }
            #expect(try await setup.visitor.submit("\(path)/delete").status == 303)
            #expect(try await setup.api("/api/alert-channels", [Channel].self).isEmpty)
            #expect(!setup.daemon.log.contains(secret) && !setup.daemon.log.contains("hidden-path"))
        }
    }
}
