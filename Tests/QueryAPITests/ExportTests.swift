import Domain
import Foundation
import HTTPTypes
import StoreTestSupport
import TestSupport
import Testing

@testable import QueryAPI
@testable import Store

/// Answers as CSV: the same as in JSON, all of a list, safe in a spreadsheet.
@Suite struct ExportTests {
    static let lists = ["/api/issues", "/api/alerts", "/api/analyze/history", "/api/analyze/history/ENG-1"]

    /// Five issues, analyses of some of them, and alerts with and without deliveries.
    private func populated(
        _ api: APIHarness, _ client: APIClient
    ) async throws -> TestTenant {
        let tenant = try await client.createTenant("acme")
        try await api.addAlert("ENG-3", .delivered, to: tenant.id)
        try await api.addChannel("Team", to: tenant.id)
        try await api.addChannel("Leads", to: tenant.id)
        try await api.addAlert("ENG-1", .delivered, to: tenant.id)
        try await api.addAlert("ENG-2", .dead(reason: "gone, \"for good\""), to: tenant.id)
        for (number, key) in ["ENG-1", "ENG-2", "OPS-1", "OPS-2"].enumerated() {
            var listing = Fixture.listing(IssueKey(key), score: 20 * number + 15)
            if number == 0 { (listing.issue.assignee, listing.issue.dueDate) = (nil, nil) }
            try await api.add(listing, to: tenant.id)
        }
        for (key, days) in [("ENG-1", 4), ("ENG-10", 3), ("ENG-1", 2), ("OPS-1", 9), ("ENG-1", 1)] {
            try await api.addHistory(IssueKey(key), score: 10 * days, daysAgo: days, to: tenant.id)
        }
        let forecast = IssueForecast(
            modelID: "m", asOf: testNow, finished: 40,
            answers: [
                .init(question: .usual, deadline: testNow.adding(days: -2), rung: .own, probability: 1, lateByDays: 3),
                .init(question: .due, deadline: testNow.adding(days: 3), rung: .own, probability: 0.41),
                .init(question: .sprint, deadline: testNow.adding(days: 4), rung: .prior, probability: 0.41),
            ], p50At: testNow.adding(days: 5), p85At: testNow.adding(days: 9))
        try await api.store.saveForecasts([try ForecastRecord(forecast, of: "id-ENG-1")], of: tenant.id)
        return tenant
    }

    // MARK: Lists

    @Test func issuesAreThoseOfTheListWithTheNamesOfItsFields() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await populated(api, client)
            let json = try await client.items(of: "/api/issues?sort=key", as: tenant.apiKey)
            #expect(json.count == 5)
            let file = try ExportedFile(
                try await client.call(.get, "/api/issues?sort=key&format=csv", as: tenant.apiKey), name: "issues")
            let questions = ["usual", "due", "sprint"].flatMap { question in
                ["percent", "level", "late_by_days"].map { "forecast_\(question)_\($0)" }
            }
            file.expect(json.map { ExportedFile.flat($0) }, without: Set(questions + ["reasons"]))
            let answers = try #require(json.first?["forecast"]?["answers"]?.items)
            let row = try #require(file.rows.first)
            #expect(row["forecast_usual_late_by_days"] == "3" && row["forecast_usual_percent"] == "")
            #expect(answers[1]["percent"]?.number.map { "\(Int($0))" } == row["forecast_due_percent"])
            #expect(answers[2]["level"]?.text == row["forecast_sprint_level"] && row["forecast_sprint_level"] != "")
            #expect(row["reasons"] == "blockers 8; age 7" && row["due_date"] == "" && row["assignee"] == "")
        }
    }

    @Test func alertsHaveARowForEachDelivery() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await populated(api, client)
            for query in ["", "issue=ENG-2", "state=dead"] {
                let json = try await client.items(of: "/api/alerts?\(query)", as: tenant.apiKey)
                #expect(json.count == (query.isEmpty ? 3 : 1))
                let file = try ExportedFile(
                    try await client.call(.get, "/api/alerts?\(query)&format=csv", as: tenant.apiKey), name: "alerts")
                file.expect(
                    json.flatMap { alert -> [[String: JSONValue]] in
                        let fields = ExportedFile.flat(alert)
                        let deliveries = alert["deliveries"]?.items ?? []
                        guard !deliveries.isEmpty else { return [fields] }
                        return deliveries.map { delivery in
                            fields.merging(ExportedFile.flat(delivery, "delivery")) { $1 }
                        }
                    })
                #expect(file.rows.count { $0["delivery_id"] == "" } == (query.isEmpty ? 1 : 0))
            }
        }
    }

    @Test func historiesAreThoseOfTheListsWithinTheirFilters() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await populated(api, client)
            let threeDaysAgo = "\(testNow.adding(days: -3))"
            for (path, keys) in [
                ("/api/analyze/history?", ["ENG-1", "ENG-1", "ENG-1", "ENG-10", "OPS-1"]),
                ("/api/analyze/history?project=eng", ["ENG-1", "ENG-1", "ENG-1", "ENG-10"]),
                ("/api/analyze/history?from=\(threeDaysAgo)", ["ENG-1", "ENG-1", "ENG-10"]),
                ("/api/analyze/history?project=ENG&to=\(threeDaysAgo)", ["ENG-1"]),
                ("/api/analyze/history/eng-1?", ["ENG-1", "ENG-1", "ENG-1"]),
            ] {
                let json = try await client.items(of: path, as: tenant.apiKey)
                #expect(json.compactMap { $0["issue_key"]?.text } == keys, "\(path)")
                let file = try ExportedFile(
                    try await client.call(.get, path + "&format=csv", as: tenant.apiKey), name: "history")
                file.expect(json.map { ExportedFile.flat($0) })
            }
        }
    }

    @Test func aFileHasAllPagesOfALongList() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let rows = (0..<4100).map { number -> [SQLValue] in
                [
                    .uuid(UUID()), .tenant(tenant.id), .text("\(number % 900)"), .text("ENG-\(number % 900)"),
                    .text("ENG"), .integer(number % 101), .timestamp(testNow.adding(seconds: Int64(-number))),
                    .timestamp(testNow),
                ]
            }
            try await api.store.driver.write { connection in
                try connection.runAll(
                    """
                    INSERT INTO analysis_history (id, tenant_id, issue_id, issue_key, project_key, risk_score,
                        daily_cost, blocker_count, sentiment_negative_pct, age_days, assignee, assignee_role,
                        total_estimated_cost, analysis_json, analyzed_at, recorded_at, scorer_id, model_id)
                    VALUES (?, ?, ?, ?, ?, ?, 2500.5, 1, 0, 1, '', '', 0, '{}', ?, ?, 's', 'm')
                    """, rows)
            }
            let whole = try ExportedFile(
                try await client.call(.get, "/api/analyze/history?format=csv", as: tenant.apiKey), name: "history")
            #expect(whole.rows.count == 4100 && Set(whole.rows.map { $0["id"] ?? "" }).count == 4100)
            let order = whole.rows.map { "\($0["issue_key"] ?? "") \($0["analyzed_at"] ?? "")" }
            #expect(order == order.sorted() && whole.rows.allSatisfy { $0["daily_cost"] == "2500.5" })

            // From where a page of the JSON ends.
            let page = try await client.call(.get, "/api/analyze/history?limit=150", as: tenant.apiKey)
            let next = try #require(page.nextPage).replacingOccurrences(of: "limit=150&", with: "")
            let rest = try ExportedFile(
                try await client.call(.get, "\(next)&format=csv", as: tenant.apiKey), name: "history")
            #expect(rest.rows == Array(whole.rows.dropFirst(150)))
        }
    }

    @Test func anEmptyListIsAFileWithTheNamesOfTheColumns() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for path in Self.lists {
                let answer = try await client.call(.get, path, as: tenant.apiKey, headers: [.accept: "text/csv"])
                let read = try #require(CSVReader.rows(of: answer.text))
                #expect(read.count == 1 && read[0].count > 5 && answer.nextPage == nil, "\(path)")
            }
        }
    }

    @Test func textsOfPeopleAreNeitherFormulasNorEndACell() async throws {
        let api = try await APIHarness()
        let texts = [
            "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "＝1", "a \"quoted\", and a comma; a semicolon",
            "two\r\nlines\nor three", "\ttab", "'apostrophe", "ünï¢ode 👩‍👩‍👧", "\"\u{301}",
        ]
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for (number, text) in texts.enumerated() {
                var listing = Fixture.listing(IssueKey("ENG-\(100 + number)"), score: 50)
                listing.issue.summary = text
                try await api.add(listing, to: tenant.id)
            }
            let answer = try await client.call(.get, "/api/issues?sort=key&format=csv", as: tenant.apiKey)
            let read = try ExportedFile(answer, name: "issues").rows.map { Array(($0["summary"] ?? "").utf8) }
            let expected = texts.enumerated().map { Array((($0 < 5 || $0 == 7 ? "'" : "") + $1).utf8) }
            #expect(read == expected)
        }
    }

    // MARK: Single answers

    @Test func usageAndScorecardsAreThoseOfTheJSON() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await populated(api, client)
            let path = "/api/tenants/\(tenant.id)/usage"
            let usage = try await client.call(.get, path, as: tenant.apiKey)
            #expect(usage.headers[values: .vary].contains("Accept"))
            let file = try ExportedFile(
                try await client.call(.get, path, as: tenant.apiKey, headers: [.accept: "text/csv"]), name: "usage")
            file.expect([ExportedFile.flat(usage.json)])

            let cards = try await client.call(.get, "/api/alert-scorecards", as: tenant.apiKey).json
            let judged = try ExportedFile(
                try await client.call(.get, "/api/alert-scorecards?format=csv", as: tenant.apiKey), name: "scorecards")
            let (rules, channels) = (cards["rules"]?.items ?? [], cards["channels"]?.items ?? [])
            #expect(!rules.isEmpty && channels.count == 2)
            judged.expect((rules + channels).map { ExportedFile.flat($0) }, without: ["of"])
            let kinds = rules.map { _ in "rule" } + channels.map { _ in "channel" }
            #expect(judged.rows.map { $0["of"] ?? "" } == kinds)
        }
    }

    @Test func aSprintIsOneRowAndAPortfolioOneForEachSliceAndAll() async throws {
        var api = try await APIHarness()
        // Without a limit of analyses.
        api.defaultPlan = .enterprise
        try await api.run { [api] client in
            let tenant = try await client.createTenant("acme")
            var listing = Fixture.listing("ENG-1", score: 72)
            listing.issue.storyPoints = 2.5
            listing.issue.sprints = [
                Sprint(
                    id: "7", name: "Sprint 7", state: "active", startDate: testNow.adding(days: -3),
                    endDate: testNow.adding(days: 4))
            ]
            try await api.add(listing, Fixture.listing("OPS-1", score: 41), to: tenant.id)
            for project in ["ENG", "OPS"] { try await api.fixture.markWhole(project, of: tenant.id, at: testNow) }
            @Sendable func both(_ what: String, _ body: String) async throws -> (JSONValue, ExportedFile) {
                let path = "/api/analyze/\(what)"
                let json = try await client.call(.post, path, as: tenant.apiKey, body: body)
                let file = try await client.call(.post, "\(path)?format=csv", as: tenant.apiKey, body: body)
                return (json.json, try ExportedFile(file, name: what))
            }
            let numbers = ["expected", "deviation", "low", "high"]
            let (sprint, row) = try await both("sprint", #"{"project_key": "ENG"}"#)
            row.expect(
                [ExportedFile.flat(sprint)],
                without: Set(
                    numbers.map { "outlook_\($0)" } + ["rollup_risk_high_risk_keys", "rollup_blockers_by_category"]))
            #expect(row.rows.first?["rollup_risk_high_risk_keys"] == "ENG-1")
            #expect(row.rows.first?["scope_committed_story_points"] == "2.5")

            let (portfolio, rows) = try await both("portfolio", #"{"project_keys": ["OPS", "ENG"]}"#)
            func fields(_ part: [String: JSONValue], _ outlooks: JSONValue?) -> [String: JSONValue] {
                let named = (outlooks?.items ?? []).map {
                    ExportedFile.flat($0, "outlook_\($0["question"]?.text ?? "")")
                }
                let all = named.reduce(part) { $0.merging($1) { $1 } }
                return all.merging(["timestamp": portfolio["timestamp"] ?? .null]) { $1 }
            }
            let parts =
                (portfolio["slices"]?.items ?? []).map { fields(ExportedFile.flat($0), $0["outlooks"]) }
                + [fields(ExportedFile.flat(portfolio["overall"] ?? .null, "rollup"), portfolio["outlooks"])]
            rows.expect(
                parts,
                without: Set(
                    ["due", "usual"].flatMap { question in numbers.map { "outlook_\(question)_\($0)" } }
                        + ["of", "rollup_blockers_by_category", "rollup_issues_by_project"]))
            #expect(rows.rows.map { $0["of"] } == ["slice", "slice", "overall"])
            #expect(rows.rows.map { $0["rollup_issues_by_project"] } == ["OPS 1", "ENG 1", "ENG 1; OPS 1"])
            #expect(try await api.uses(of: tenant.id) == UsageCount(issue: 0, sprint: 2, portfolio: 2))
        }
    }
}
