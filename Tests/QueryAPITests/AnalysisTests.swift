import Domain
import Foundation
import HTTPTypes
import Testing

@testable import QueryAPI

@Suite struct AnalysisTests {
    /// A harness with one tenant that has the issue ENG-1 with a score of 72.
    private func run(
        _ given: APIHarness? = nil, _ body: @Sendable (APIClient, TestTenant) async throws -> Void
    ) async throws {
        let api = if let given { given } else { try await APIHarness() }
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            try await api.add(
                Fixture.listing("ENG-1", score: 72), Fixture.listing("ENG-2", score: 10), to: tenant.id)
            try await body(client, tenant)
        }
    }

    private func analyze(
        _ client: APIClient, _ tenant: TestTenant, _ body: String = #"{"issue_key": "ENG-1"}"#
    ) async throws -> APIAnswer {
        try await client.call(.post, "/api/analyze/issue", as: tenant.apiKey, body: body)
    }

    @Test func reportsAnIssueAndChargesOneUse() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await analyze(client, tenant)
            // Analysed now, and not as it was stored with a score of 72.
            let report = [
                "EXECUTIVE SUMMARY", "🟢 Risk score: 32/100 (low)", "Issue: ENG-1 Checkout of ENG-1 times out",
                "Status: In Progress", "Priority: High", "Assignee: Dana Moreau (Mid Engineer, New York)",
                "Daily cost: $3,600 ($3,000 × location 1.2)", "Estimated effort: 3 days",
                "Total estimated cost: $10,800", "Blockers: 0", "Why:", "  - Open for 40 days, more than 30. (+1)",
                "  - Due 2026-11-26: 2.5 days left for about 3 days of work. (+22)",
                #"  - In status \"In Progress\" for 40 days. (+1)"#, "  - Priority High. (+8)",
                "Recommendation: Continue as planned", "Escalation needed: no",
            ]
            #expect(
                answer.text == """
                    {"blocker_count":0,"daily_cost":3600,\
                    "forecast":{"answers":[],"missing":[],"state":"pending"},"issue_key":"ENG-1","report":"\(report.joined(separator: "\\n"))",\
                    "risk_score":32,"template":"executive","timestamp":"2026-11-24T13:00:00.000Z"}
                    """)
            #expect(try await api.uses(of: tenant.id) == UsageCount(issue: 1, sprint: 0, portfolio: 0))
            #expect(try await api.timedUses(of: tenant.id) == 1)
            #expect(try await api.history(of: "ENG-1", tenant.id).count == 1)
        }
    }

    @Test func storesNoHistoryWhenToldSo() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await analyze(
                client, tenant, #"{"issue_key": "ENG-1", "template": "pm", "store_history": false}"#)
            let report = try #require(answer.json["report"]?.text)
            #expect(
                report.hasPrefix("PROJECT MANAGER REPORT\n\nEXECUTIVE SUMMARY\n") && report.contains("Issue: ENG-1 "))
            #expect(try await api.history(of: "ENG-1", tenant.id).isEmpty)
        }
    }

    @Test(arguments: [
        (#"{"issue_key": "ENG-1", "template": "poem"}"#, 422, "unknown_template"),
        (#"{"issue_key": "ENG-404"}"#, 404, "issue_not_found"),
        (#"{"issue_key": "ENG-500"}"#, 503, "unavailable"),
        (#"{}"#, 422, "validation_failed"),
        (#"{"issue_key": 5}"#, 422, "validation_failed"),
        (#"{"issue_key": "ENG-1", "store_history": "maybe"}"#, 422, "validation_failed"),
    ])
    func chargesNothingForAFailure(body: String, status: Int, code: String) async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            var unreadable = Fixture.listing("ENG-500", score: 30)
            unreadable.issue.comments = [
                Comment(
                    id: "1", author: nil, body: ObservedClassifier.unreadableText, created: testNow, updated: testNow)
            ]
            try await api.add(unreadable, to: tenant.id)
            let answer = try await analyze(client, tenant, body)
            #expect(answer.status.code == status)
            #expect(answer.code == code)
            #expect(try await api.uses(of: tenant.id).total == 0)
        }
    }

    @Test func simultaneousRequestsCannotPassTheQuotaTogether() async throws {
        var api = try await APIHarness()
        api.defaultPlan = .free
        try await run(api) { [api] client, tenant in
            let answers = try await withThrowingTaskGroup(of: APIAnswer.self) { group in
                for _ in 0..<100 { group.addTask { try await analyze(client, tenant) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.status == .ok } == 10)
            let refused = answers.filter { $0.status == .tooManyRequests }
            #expect(refused.count == 90)
            // From 24 November, 13:00 to 1 December, 00:00 UTC.
            #expect(refused.allSatisfy { $0.headers[.retryAfter] == "558000" && $0.code == "quota_exceeded" })
            #expect(try await api.uses(of: tenant.id) == UsageCount(issue: 10, sprint: 0, portfolio: 0))
        }
    }

    @Test(arguments: [Tenant.Status.suspended, .cancelled])
    func turnsInactiveTenantsAway(status: Tenant.Status) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await api.addTenant("acme", status: status)
            for path in ["/api/analyze/issue/ENG-1/raw", "/api/issues", "/api/alerts"] {
                let answer = try await client.call(.get, path, as: tenant.apiKey)
                #expect(answer.status == .forbidden)
                #expect(answer.code == "tenant_inactive")
            }
            #expect(try await client.call(.get, "/api/tenants/\(tenant.id)", as: tenant.apiKey).status == .ok)
        }
    }

    @Test func anExpiredTrialMakesNoAnalysesButStillReads() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await api.addTenant("acme", trialEndsAt: testNow)
            try await api.add(Fixture.listing("ENG-1", score: 72), to: tenant.id)
            let refused = try await analyze(client, tenant)
            #expect(refused.status.code == 402)
            #expect(refused.code == "trial_expired")
            #expect(try await client.call(.get, "/api/issues", as: tenant.apiKey).status == .ok)

            let customer = try await api.addTenant("customer", status: .active, trialEndsAt: testNow)
            try await api.add(Fixture.listing("ENG-1", score: 72), to: customer.id)
            #expect(try await analyze(client, customer).status == .ok)
        }
    }

    @Test func rawShowsTheOriginalFieldsAndChargesNothing() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            let answer = try await client.call(.get, "/api/analyze/issue/ENG-1/raw", as: tenant.apiKey)
            #expect(answer.status == .ok)
            #expect(
                answer.json.keys.isSuperset(of: [
                    "issue_key", "project_key", "risk_score", "sentiment", "blockers", "timeline", "capacity",
                    "predictions", "trends", "dependencies", "similar_issues", "team_baseline", "forecast", "factors",
                ]))
            #expect(answer.json["sentiment"]?.keys.isSuperset(of: ["positive_pct", "negative_pct", "trend"]) == true)
            #expect(answer.json["capacity"]?["cost_multipliers"]?.items.map(\.text) == ["Location: New York (1.2x)"])
            #expect(answer.json["capacity"]?["cost_multiplier_factors"]?["location"]?.number == 1.2)
            #expect(answer.json["capacity"]?["days_lost_per_day_blocked"]?.number == 0)
            #expect(answer.json["similar_issues"]?.items.map(\.text) == ["ENG-2"])
            #expect(answer.json["similar_issue_details"]?.items.compactMap { $0["key"]?.text } == ["ENG-2"])
            #expect(answer.json["team_baseline"]?.keys == ["avg_age_days", "avg_comments"])
            #expect(try await api.uses(of: tenant.id).total == 0)
            #expect(try await api.history(of: "ENG-1", tenant.id).isEmpty)

            let unknown = try await client.call(.get, "/api/analyze/issue/ENG-9/raw", as: tenant.apiKey)
            #expect(unknown.code == "issue_not_found")
        }
    }

    @Test func keysAreTakenInAnyCase() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            #expect(try await analyze(client, tenant, #"{"issue_key": "eng-1"}"#).json["issue_key"]?.text == "ENG-1")
            let raw = try await client.call(.get, "/api/analyze/issue/Eng-1/raw", as: tenant.apiKey)
            #expect(raw.json["issue_key"]?.text == "ENG-1")
            let history = try await client.call(.get, "/api/analyze/history/eng-1", as: tenant.apiKey)
            #expect(history.json.items.count == 1)
            let trends = try await client.call(.get, "/api/analyze/trends/eng-1", as: tenant.apiKey)
            #expect(trends.json["issue_key"]?.text == "ENG-1")
            let issues = try await client.call(.get, "/api/issues?project=eng", as: tenant.apiKey)
            #expect(issues.json.items.count == 2)
        }
    }

    @Test func unassignedWorkHasTheOriginalsRoleAndNoLocation() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            var listing = Fixture.listing("ENG-1", score: 72)
            listing.issue.assignee = nil
            try await api.add(listing, to: tenant.id)
            let answer = try await client.call(.get, "/api/analyze/issue/ENG-1/raw", as: tenant.apiKey)
            let capacity = try #require(answer.json["capacity"])
            #expect(capacity["assignee"]?.text == "Unassigned" && capacity["assignee_role"]?.text == "Unknown")
            #expect(capacity["assignee_location"]?.isNull == true)
            #expect(capacity["cost_multipliers"]?.items.isEmpty == true)
        }
    }

    @Test func historyIsABareArrayOfThirtyUnlessTold() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            for day in 1...70 { try await api.addHistory("ENG-1", score: day, daysAgo: day, to: tenant.id) }
            let path = "/api/analyze/history/ENG-1"
            let first = try await client.call(.get, path, as: tenant.apiKey)
            #expect(first.json.items.count == 30)
            #expect(
                first.json.items.first?.keys == [
                    "id", "issue_key", "project_key", "risk_score", "daily_cost", "blocker_count", "analyzed_at",
                ])
            #expect(first.nextPage?.hasPrefix("\(path)?cursor=") == true)

            var (scores, next): ([Double?], String?) = ([], "\(path)?limit=32")
            while let target = next {
                let page = try await client.call(.get, target, as: tenant.apiKey)
                scores += page.json.items.map { $0["risk_score"]?.number }
                next = page.nextPage
                if let next { #expect(next.split(separator: "cursor=").count == 2) }
            }
            #expect(scores == (1...70).map { Double($0) })
            #expect(try await client.call(.get, "/api/analyze/history/ENG-9", as: tenant.apiKey).text == "[]")
        }
    }

    @Test(arguments: [("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor")])
    func refusesAPageThatCannotBe(query: String, field: String) async throws {
        try await run { client, tenant in
            let answer = try await client.call(.get, "/api/analyze/history/ENG-1?\(query)", as: tenant.apiKey)
            #expect(answer.status == .unprocessableContent)
            #expect(answer.invalidFields == [field])
        }
    }

    @Test func trendsRunFromTheOldestToTheNewest() async throws {
        let api = try await APIHarness()
        try await run(api) { client, tenant in
            for day in 0..<1050 {
                try await api.addHistory("ENG-1", score: 50 + day / 50, daysAgo: day, to: tenant.id)
            }
            let answer = try await client.call(.get, "/api/analyze/trends/ENG-1", as: tenant.apiKey)
            let points = answer.json["data_points"]?.items ?? []
            #expect(answer.json.keys == ["issue_key", "project_key", "data_points", "trend_direction"])
            #expect(points.count == 1000)
            #expect(
                points.first?.keys == [
                    "timestamp", "risk_score", "daily_cost", "blocker_count", "sentiment_negative_pct",
                ])
            #expect(points.first?["risk_score"]?.number == 69)
            #expect(points.last?["risk_score"]?.number == 50)
            #expect(answer.json["trend_direction"]?.text == "improving")
            #expect(answer.json["project_key"]?.text == "ENG")

            let unknown = try await client.call(.get, "/api/analyze/trends/ENG-9", as: tenant.apiKey)
            #expect(unknown.status == .notFound)
        }
    }
}
