import Domain
import Foundation
import HTTPTypes
import Store
import Testing

@testable import QueryAPI

/// How forecasts are made and judged, by the API.
@Suite struct ForecastModelTests {
    @Test func aTenantWithoutATrainingSeesWhatIsMissing() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.get, "/api/forecast/model", as: tenant.apiKey)
            #expect(answer.status == .ok)
            let model = try JSONDecoder().decode(JSONValue.self, from: Data(answer.text.utf8))
            #expect(
                model["as_of"] == .null && model["active"] == .null && model["training"]?["reason"]?.text == "weekly")
            #expect(
                model["questions"]?.items.map { $0["rung"]?.text } == [
                    "percentile", "percentile", "percentile", "percentile",
                ])
            let missing = model["questions"]?.items.first?["missing"]?.items.first
            #expect(missing?["kind"]?.text == "finished_issues" && missing?["need"]?.number == 50)
        }
    }

    @Test func aBacktestIsAskedForOnceAndShownWhileItWaits() async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let path = "/api/forecast/backtest"
            #expect(try await client.call(.get, path, as: tenant.apiKey).code == "backtest_not_found")
            let body = #"{"cuts": 3, "horizon_days": 92, "questions": ["usual", "30d"]}"#
            let asked = try await client.call(.post, path, as: tenant.apiKey, body: body)
            #expect(asked.status == .accepted)
            let shown = try await client.call(.get, path, as: tenant.apiKey)
            #expect(shown.text == asked.text && shown.text.contains(#""state":"waiting""#), "\(shown.text)")
            #expect(shown.text.contains(#""horizon_days":92"#) && shown.text.contains(#"["usual","30d"]"#))
            let again = try await client.call(.post, path, as: tenant.apiKey, body: "{}")
            #expect(again.status == .conflict && again.code == "conflict")
        }
    }

    @Test(arguments: [
        #"{"cuts": 0}"#, #"{"cuts": 25}"#, #"{"horizon_days": 3}"#, #"{"questions": []}"#, #"{"questions": ["mood"]}"#,
        #"{"questions": ["1461d"]}"#, #"{"questions": "usual"}"#,
    ])
    func whatCannotBeJudgedIsRefused(_ body: String) async throws {
        let api = try await APIHarness()
        try await api.run { client in
            let tenant = try await client.createTenant("acme")
            let answer = try await client.call(.post, "/api/forecast/backtest", as: tenant.apiKey, body: body)
            #expect(answer.code == "validation_failed", "\(answer.text)")
            #expect(try await api.store.backtest(tenant.id) == nil)
        }
    }
}
