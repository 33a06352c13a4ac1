import Alerts
import Domain
import Foundation
import HTTPTypes
import Store
import StoreTestSupport
import Synchronization
import TestSupport
import Testing

@testable import Queries
@testable import QueryAPI

/// `POST /api/alert-rules/try` and `GET /api/alert-scorecards`.
@Suite struct RuleTrialAPITests {
    /// Writes a row of the history, as the rescorer does, `daysAgo` before now; and the alert of a rule, where one is given.
    private func score(
        _ key: IssueKey, _ score: Int, daysAgo: Int, of tenant: TestTenant, in api: APIHarness,
        raises rule: AlertRule? = nil
    ) async throws {
        let at = testNow.adding(days: -daysAgo)
        let listing = Fixture.listing(key, score: score)
        let claim = try await api.fixture.claim(listing.issue.id, of: tenant.id, at: at)
        let work = try await api.store.loadWork(for: claim)
        var analysis = listing.analysis
        analysis.asOf = at
        var issue = listing.issue
        issue.labels = ["billing"]
        var result = RescoreResult(
            previousState: work?.state, state: IssueState(of: issue, toldAt: at), issue: issue, analysis: analysis,
            history: [HistoryRow(analysis: analysis, isOver: false)], appliedEvents: work?.pending.map(\.id) ?? [],
            now: at)
        if let rule {
            result.decision = AlertPlanner().decide(
                tenantID: tenant.id, siteURL: "https://a.example", issue: issue, analysis: analysis,
                previous: work?.lastAnalysis, recentScores: work?.recentScores ?? [], rules: [rule],
                states: work?.alertStates ?? [], now: at)
        }
        try await api.store.commit(result, for: claim)
    }

    @Test func aRuleIsTriedOnWhatIsStoredAndNothingIsSaved() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.addChannel("Team", to: tenant.id)
            for (daysAgo, value) in [(80, 50), (40, 75), (30, 40), (12, 90), (5, 20)] {
                try await score("ENG-1", value, daysAgo: daysAgo, of: tenant, in: api)
            }
            try await score("OPS-1", 95, daysAgo: 20, of: tenant, in: api)
            let rules = try await api.store.alertRules(tenant.id)
            let answer = try await client.call(
                .post, "/api/alert-rules/try", as: tenant.apiKey,
                body: #"{"kind": "threshold", "raise_at": 70, "clear_below": 60, "notify_resolved": true}"#)
            #expect(answer.status == .ok, "\(answer.text)")
            let trial = answer.json
            #expect(trial["issues_looked_at"]?.number == 2 && trial["raised"]?.number == 3)
            #expect(trial["resolved"]?.number == 2 && trial["really_raised"]?.isNull == true)
            #expect(trial["issue_count"]?.number == 2)
            let first = try #require(trial["issues"]?.items.first)
            #expect(first["key"]?.text == "ENG-1" && first["raised"]?.number == 2)
            #expect(first["highest_score"]?.number == 90 && first["summary"]?.text == "Checkout of ENG-1 times out")
            #expect(first["first_at"]?.text == "\(testNow.adding(days: -40))")
            #expect(first["last_at"]?.text == "\(testNow.adding(days: -12))")
            let weeks = trial["per_week"]?.items ?? []
            #expect(weeks.compactMap { $0["raised"]?.number }.reduce(0, +) == 3)
            // 90 days are in 13 or 14 weeks that begin on Mondays.
            #expect((13...14).contains(weeks.count))
            #expect(weeks.allSatisfy { CalendarDay($0["start"]?.text ?? "")?.isoWeekday == 1 })
            let channel = try #require(trial["channels"]?.items.first)
            #expect(channel["name"]?.text == "Team" && channel["alerts"]?.number == 5)
            #expect(channel["notifications"]?.number == 5)

            let left = try await api.store.alertRules(tenant.id)
            #expect(left == rules)
            let listed = try await api.store.alerts(tenant.id, state: nil, issueKey: nil, after: nil, limit: 10)
            #expect(listed.items.isEmpty)
        }
    }

    @Test func projectsWindowAndRoutesNarrowATrial() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for name in ["Billing", "Rest"] { try await api.addChannel(name, to: tenant.id) }
            let channels = try await api.store.alertChannels(tenant.id)
            let billing = try #require(channels.first { $0.name == "Billing" })
            let rest = try #require(channels.first { $0.name == "Rest" })
            try await api.store.saveAlertRoute(
                tenant.id,
                AlertRoute(
                    channelIDs: [rest.id],
                    routes: [
                        AlertRoute(
                            matchers: [
                                AlertMatcher(name: .label, values: ["billing"]),
                                AlertMatcher(name: .project, values: ["ENG"]),
                            ], channelIDs: [billing.id])
                    ]), by: .system("test"))
            try await score("ENG-1", 75, daysAgo: 40, of: tenant, in: api)
            try await score("OPS-1", 95, daysAgo: 20, of: tenant, in: api)
            func tried(_ more: String) async throws -> JSONValue {
                try await client.call(
                    .post, "/api/alert-rules/try", as: tenant.apiKey,
                    body: #"{"kind": "threshold", "raise_at": 70\#(more)}"#
                ).json
            }
            let all = try await tried("")
            #expect(all["channels"]?.items.compactMap { $0["name"]?.text } == ["Billing", "Rest"])
            let ops = try await tried(#", "project_keys": ["ops"]"#)
            #expect(ops["raised"]?.number == 1 && ops["issues"]?.items.first?["key"]?.text == "OPS-1")
            let month = try await tried(#", "last_days": 30"#)
            #expect(month["raised"]?.number == 1 && month["issues_looked_at"]?.number == 1)
        }
    }

    @Test func aStoredRuleIsToldHowOftenItReallyRang() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            let rule = try #require(try await api.store.alertRules(tenant.id).first { $0.name == "High risk" })
            for (daysAgo, value) in [(80, 50), (40, 75), (30, 40), (12, 90), (5, 20)] {
                try await score("ENG-1", value, daysAgo: daysAgo, of: tenant, in: api, raises: rule)
            }
            let body = #"{"rule_id": "\#(rule.id)"}"#
            let own = try await client.call(.post, "/api/alert-rules/try", as: tenant.apiKey, body: body)
            #expect(own.json["raised"]?.number == 2 && own.json["really_raised"]?.number == 2, "\(own.text)")
            let foreign = try await client.call(.post, "/api/alert-rules/try", as: other.apiKey, body: body)
            #expect(foreign.code == "alert_rule_not_found")
        }
    }

    @Test func aRuleOnTheForecastAndWrongFieldsAreRefused() async throws {
        try await APIHarness().run { client in
            let tenant = try await client.createTenant("acme")
            let late = try await client.call(
                .post, "/api/alert-rules/try", as: tenant.apiKey,
                body: #"{"kind": "forecast", "question": "due", "raise_at": 70}"#)
            #expect(late.status == .unprocessableContent && late.code == "alert_rule_not_triable")
            for (body, fields) in [
                (#"{}"#, ["kind"]), (#"{"kind": "threshold", "raise_at": 70, "last_days": 366}"#, ["last_days"]),
                (#"{"rule_id": "\#(UUID())", "kind": "threshold"}"#, ["kind"]),
                (
                    #"{"kind": "spike", "points": 5, "window_seconds": 60, "channel_ids": ["\#(UUID())"]}"#,
                    ["channel_ids"]
                ),
            ] {
                let answer = try await client.call(.post, "/api/alert-rules/try", as: tenant.apiKey, body: body)
                #expect(answer.status == .unprocessableContent && answer.invalidFields == fields, "\(body)")
            }
            let days = try await client.call(.get, "/api/alert-scorecards?last_days=0", as: tenant.apiKey)
            #expect(days.invalidFields == ["last_days"])
        }
    }

    @Test func oneAtATimeIsComputedForATenant() async throws {
        let turns = TenantTurns()
        let (busy, other) = (TenantID(UUID()), TenantID(UUID()))
        try await turns.run(for: busy) {
            await #expect(throws: QueryError.computationUnderWay) { try await turns.run(for: busy) {} }
            try await turns.run(for: other) {}
        }
        try await turns.run(for: busy) {}
        await #expect(throws: QueryError.unknownIssue) {
            try await turns.run(for: busy) { throw QueryError.unknownIssue }
        }
        try await turns.run(for: busy) {}
        let error = APIError(QueryError.computationUnderWay)
        #expect(error.code.status == .conflict && error.headers[.retryAfter] != nil)
    }

    @Test func scorecardsJudgeWhatIsStored() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let (tenant, other) = (try await client.createTenant("acme"), try await client.createTenant("other"))
            let rule = try #require(try await api.store.alertRules(tenant.id).first { $0.name == "High risk" })
            try await score("ENG-1", 75, daysAgo: 10, of: tenant, in: api, raises: rule)
            // The issue was due in two days, counted from the day of the tests.
            api.clock.now = testNow.adding(days: 5)
            let answer = try await client.call(.get, "/api/alert-scorecards?last_days=30", as: tenant.apiKey)
            #expect(answer.status == .ok, "\(answer.text)")
            let card = try #require(
                answer.json["rules"]?.items.first { $0["name"]?.text == "High risk" }?["scorecard"])
            #expect(answer.json["missed_issues"]?.number == 1)
            #expect(card["raised"]?.number == 1 && card["late"]?.number == 1, "\(answer.text)")
            #expect(card["precision"]?["share"]?.number == 1 && card["recall"]?["count"]?.number == 1)
            // From ten days before to the end of the second day after.
            #expect((card["lead_days"]?.number).map { (12...13).contains($0) } == true)
            #expect(card["acknowledged"]?.number == 0)
            let suggestion = answer.json["rules"]?.items.first?["suggestion"]
            #expect(suggestion?["kind"]?.text == "too_few" && suggestion?["value"]?.isNull == true)

            let foreign = try await client.call(.get, "/api/alert-scorecards", as: other.apiKey)
            #expect(foreign.json["missed_issues"]?.number == 0)
            #expect(foreign.json["rules"]?.items.allSatisfy { $0["scorecard"]?["raised"]?.number == 0 } == true)
        }
    }
}
