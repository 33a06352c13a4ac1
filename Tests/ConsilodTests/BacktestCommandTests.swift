import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod backtest` of the real program, on a past that came by webhook.
@Suite struct BacktestCommandTests {
    private func backtest(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        try await daemon.run(["backtest"] + arguments, as: tenant)
    }

    @Test func aTenantsForecastsAreJudgedOnItsOwnPast() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -3600)
        let past = TenantPast(issues: 260, days: 700, end: now)
        let file = daemon.folder.appendingPathComponent("past.ndjson")
        try past.webhooks.write(to: file, atomically: true, encoding: .utf8)
        let replayed = try await daemon.replay(file, tenant: tenant)
        #expect(replayed.status == 0, "\(replayed.output)")
        try await daemon.waitUntilApplied(within: .seconds(300))

        let text = try await backtest(daemon, tenant, ["--cuts", "2", "--horizon", "184d"])
        #expect(text.status == 0, "\(text.output)\n\(daemon.log.suffix(2000))")
        let lines = text.output.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.contains("\"usual\"") }, "\(text.output)")
        for name in ["model", "prior", "age", "kaplan meier", "base rate"] {
            #expect(lines.contains { $0.hasPrefix("  \(name) ") }, "\(name) in \(text.output)")
        }
        #expect(lines.contains { $0.hasPrefix("All folds: ") })
        #expect(lines.count { $0.hasPrefix("Cut 2") } == 2)

        let json = try await backtest(daemon, tenant, ["--cuts", "1", "--question", "30d", "--json"])
        #expect(json.status == 0, "\(json.output)")
        struct Shown: Decodable {
            struct Report: Decodable {
                struct Result: Decodable { var question: String }
                var issues: Int
                var results: [Result]
            }
            var state: String
            var report: Report
        }
        let body = json.output.drop { $0 != "{" }
        let shown = try JSONDecoder().decode(Shown.self, from: Data(body.utf8))
        #expect(shown.state == "done" && shown.report.issues == 260)
        #expect(shown.report.results.map(\.question) == ["30d"])

        let health = try await daemon.health()
        #expect(health.components["forecast"]?.status == "healthy")
        let metrics = try await daemon.request(.get, "/metrics", token: DaemonProcess.adminToken).text
        #expect(metrics.contains(#"consilod_forecast_backtests_total{outcome="done"} 2"#))
        #expect(metrics.contains("consilod_forecast_active_models 0"))

        let wrong = try await backtest(daemon, tenant, ["--horizon", "half-year"])
        #expect(wrong.status != 0)
    }
}
