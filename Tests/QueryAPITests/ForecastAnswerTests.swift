import Domain
import Foundation
import HTTPTypes
import Store
import StoreTestSupport
import TestSupport
import Testing

@testable import Forecast
@testable import QueryAPI

/// Forecasts through the API: what is said at each stage of evidence, and of several issues together.
@Suite struct ForecastAnswerTests {
    /// ENG-1 to ENG-4 in the active sprint, all open; the first has everything that happened to it.
    private func run(_ body: @Sendable (APIHarness, APIClient, TestTenant) async throws -> Void) async throws {
        let api = try await APIHarness()
        let sprint = Sprint(
            id: "7", name: "Sprint 7", state: "active", startDate: testNow.adding(days: -10),
            endDate: testNow.adding(days: 4))
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            for number in 1...4 {
                var listing = Fixture.listing(IssueKey("ENG-\(number)"), score: 10 * number)
                listing.issue.sprints = [sprint]
                try await api.add(listing, to: tenant.id)
            }
            try await api.addWhole(Fixture.listing("OPS-1", score: 60), to: tenant.id)
            for project in ["ENG", "OPS"] { try await api.fixture.markWhole(project, of: tenant.id, at: testNow) }
            try await body(api, client, tenant)
        }
    }

    private func save(_ finished: Int, of tenant: TestTenant, in api: APIHarness) async throws {
        try await api.store.saveBasis(
            ForecastBasis(pace: try TenantPace().stored(), asOf: testNow.adding(seconds: -60), finished: finished),
            of: tenant.id, at: testNow)
    }

    private func raw(_ key: String, _ client: APIClient, _ tenant: TestTenant) async throws -> JSONValue {
        try await client.call(.get, "/api/analyze/issue/\(key)/raw", as: tenant.apiKey).json["forecast"] ?? .null
    }

    /// Stores numbers of the tenant's own model for the issues of the sprint.
    private func saveNumbers(_ probabilities: [Double], of tenant: TestTenant, in api: APIHarness) async throws {
        let records = try probabilities.enumerated().map { index, probability in
            let deadlines: [ForecastQuestion: Timestamp] = [
                .sprint: testNow.adding(days: 4), .due: testNow.adding(days: 3),
            ]
            return try ForecastRecord(
                IssueForecast(
                    modelID: "m1", asOf: testNow, finished: 300, agePercentile: 40,
                    answers: [ForecastQuestion.due, .sprint].map {
                        .init(
                            question: $0, deadline: deadlines[$0] ?? testNow, rung: .own, probability: probability,
                            tenth: .init(issues: 20, late: 7))
                    }), of: IssueID("id-ENG-\(index + 1)"))
        }
        try await api.store.saveForecasts(records, of: tenant.id)
    }

    // MARK: By the evidence

    @Test func withoutAModelTheAnswersSayWhatIsMissing() async throws {
        try await run { api, client, tenant in
            let listed = try await client.call(.get, "/api/issues", as: tenant.apiKey).json.items
            #expect(listed.allSatisfy { $0["forecast"]?["state"]?.text == "pending" })
            #expect(try await raw("OPS-1", client, tenant)["state"]?.text == "pending")

            try await save(12, of: tenant, in: api)
            let few = try await raw("OPS-1", client, tenant)
            #expect(few["state"]?.text == "insufficient_evidence" && few["finished_issues"]?.number == 12)
            #expect(few["missing"]?.items.first?["kind"]?.text == "finished_issues")
            #expect(few["missing"]?.items.first?["have"]?.number == 12)
            #expect(few["missing"]?.items.first?["need"]?.number == 50)
            #expect(few["answers"]?.items.allSatisfy { $0["percent"] == nil && $0["level"] == nil } == true)

            try await save(120, of: tenant, in: api)
            let answer = try #require(try await raw("OPS-1", client, tenant)["answers"]?.items.first)
            #expect(answer["question"]?.text == "due" && answer["rung"]?.text == "prior")
            #expect(["low", "medium", "high"].contains(answer["level"]?.text) && answer["percent"] == nil)
            #expect(answer["missing"]?.items.first?["need"]?.number == 200)

            #expect(try await raw("ENG-1", client, tenant)["state"]?.text == "history_unknown")
        }
    }

    @Test func anIssueThatIsDoneHasNone() async throws {
        try await run { api, client, tenant in
            try await save(120, of: tenant, in: api)
            try await api.addWhole(Fixture.listing("OPS-2", score: 0, isDone: true), to: tenant.id)
            #expect(try await raw("OPS-2", client, tenant).isNull)
            let listed = try await client.call(.get, "/api/issues?include_done=true&project=OPS", as: tenant.apiKey)
            #expect(listed.json.items.map { $0["forecast"] == nil } == [false, true])
        }
    }

    @Test func aReportHasTheForecastApartFromTheScore() async throws {
        try await run { api, client, tenant in
            try await save(120, of: tenant, in: api)
            let answer = try await client.call(
                .post, "/api/analyze/issue", as: tenant.apiKey, body: #"{"issue_key": "OPS-1"}"#)
            #expect(answer.json["forecast"]?["state"]?.text == "ready")
            #expect(answer.json["report"]?.text?.isEmpty == false)
        }
    }

    // MARK: Lists

    @Test func issuesAreSortedByTheirForecast() async throws {
        try await run { api, client, tenant in
            try await saveNumbers([0.91, 0.3, 0.6], of: tenant, in: api)
            let answer = try await client.call(
                .get, "/api/issues?sort=forecast_due&project=ENG&limit=2", as: tenant.apiKey)
            func keys(_ answer: APIAnswer) -> [String] { answer.json.items.compactMap { $0["issue_key"]?.text } }
            #expect(keys(answer) == ["ENG-1", "ENG-3"])
            let first = answer.json.items.first?["forecast"]
            #expect(first?["state"]?.text == "ready" && first?["model"]?.text == "m1")
            #expect(first?["age_sentence"]?.text == "It is older than 40 % of what this team finished")
            let due = first?["answers"]?.items.first
            #expect(due?["percent"]?.number == 90 && due?["similar"]?["late"]?.number == 7)
            #expect(due?["sentence"]?.text == "90 % likely to be done after its due date (2026-11-27)")
            let next = try await client.call(.get, try #require(answer.nextPage), as: tenant.apiKey)
            #expect(keys(next) == ["ENG-2", "ENG-4"])
            let wrong = try await client.call(.get, "/api/issues?sort=luck", as: tenant.apiKey)
            #expect(wrong.invalidFields == ["sort"])
        }
    }

    // MARK: Together

    @Test func aSprintSaysHowManyWillNotBeDone() async throws {
        try await run { api, client, tenant in
            let body = #"{"project_key": "ENG", "max_issues": 1}"#
            func ask() async throws -> JSONValue {
                try await client.call(.post, "/api/analyze/sprint", as: tenant.apiKey, body: body).json
            }
            let nothing = try await ask()["outlook"]
            #expect(nothing?["state"]?.text == "insufficient_evidence" && nothing?["sentence"] == nil)
            #expect(nothing?["open_issues"]?.number == 4 && nothing?["without_forecast"]?.number == 4)

            try await saveNumbers([0.9, 0.5, 0.5, 0.1], of: tenant, in: api)
            let answer = try await ask()
            let outlook = answer["outlook"]
            #expect(outlook?["expected"]?.number == 2 && outlook?["deviation"]?.number == 0.8)
            #expect(outlook?["low"]?.number == 1 && outlook?["high"]?.number == 3)
            let sentence = "Of 4 open issues about 2 ± 1 will not be done by the end"
            #expect(outlook?["sentence"]?.text == sentence, "of all open ones, not of the riskiest alone")
            #expect(answer["executive_summary"]?.text?.hasSuffix("Forecast: \(sentence)") == true)
        }
    }

    @Test func aPortfolioSaysHowManyWillMissTheirDueDates() async throws {
        try await run { api, client, tenant in
            try await saveNumbers([0.9, 0.5], of: tenant, in: api)
            let answer = try await client.call(
                .post, "/api/analyze/portfolio", as: tenant.apiKey, body: #"{"project_keys": ["ENG", "OPS"]}"#)
            let slice = answer.json["slices"]?.items.first?["outlooks"]?.items.first
            #expect(slice?["question"]?.text == "due" && slice?["expected"]?.number == 1.4)
            #expect(slice?["sentence"]?.text == "Of 2 open issues about 1 ± 1 will miss their due dates")
            let overall = answer.json["outlooks"]?.items
            #expect(overall?.compactMap { $0["question"]?.text } == ["due", "usual"])
            #expect(overall?.first?["open_issues"]?.number == 2 && overall?.last?["open_issues"]?.number == 0)
        }
    }

    // MARK: Rules

    @Test func rulesOnTheForecastAreCheckedAndKept() async throws {
        try await run { _, client, tenant in
            func create(_ fields: String) async throws -> APIAnswer {
                try await client.call(
                    .post, "/api/alert-rules", as: tenant.apiKey,
                    body: #"{"name": "R", "kind": "forecast", \#(fields)}"#)
            }
            let made = try await create(#""question": "sprint", "raise_at": 80, "clear_below": 60"#)
            #expect(made.status == .created && made.json["question"]?.text == "sprint")
            #expect(made.json["raise_at"]?.number == 80 && made.json["clear_below"]?.number == 60)
            let listed = try await client.call(.get, "/api/alert-rules", as: tenant.apiKey).json.items
            #expect(listed.contains { $0["kind"]?.text == "forecast" && $0["question"]?.text == "sprint" })
            #expect(try await create(#""question": "due", "raise_at": 80"#).json["clear_below"]?.number == 80)
            for (fields, invalid) in [
                (#""raise_at": 80"#, ["question"]), (#""question": "luck", "raise_at": 80"#, ["question"]),
                (#""question": "due", "raise_at": 99"#, ["raise_at"]),
                (#""question": "due", "raise_at": 50, "clear_below": 60"#, ["clear_below"]),
                (#""question": "due", "raise_at": 50, "points": 5"#, ["points"]),
            ] { #expect(try await create(fields).invalidFields == invalid, "\(fields)") }
            let score = try await client.call(
                .post, "/api/alert-rules", as: tenant.apiKey,
                body: #"{"name": "R", "kind": "threshold", "raise_at": 80, "question": "due"}"#)
            #expect(score.invalidFields == ["question"])
        }
    }
}
