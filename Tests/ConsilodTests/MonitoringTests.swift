import Domain
import Foundation
import TestSupport
import Testing
import Yams

@testable import DaemonTestSupport

/// The whole chain of monitoring on real parts: Prometheus with the files of `config/` scrapes a running daemon, evaluates
/// each rule and each panel of the dashboard, and its alert reaches Alertmanager.
@Suite(
    .enabled(if: Prometheus.isUsable, .init(rawValue: Prometheus.isMissing)),
    .enabled(if: Alertmanager.isUsable, .init(rawValue: Alertmanager.isMissing)))
struct MonitoringTests {
    private static func file(_ name: String) throws -> String {
        try String(contentsOfFile: "config/\(name)", encoding: .utf8)
    }

    /// Prometheus as the example sets it up, only faster.
    private func prometheus(scraping daemon: DaemonProcess, alerting alertmanager: Alertmanager) async throws
        -> Prometheus
    {
        var configuration = try Self.file("prometheus.example.yaml")
        for (given, here) in [
            ("scrape_interval: 15s", "scrape_interval: 1s"),
            ("/etc/prometheus/consilod-metrics-token", "token"), ("127.0.0.1:8080", "127.0.0.1:\(daemon.port)"),
        ] {
            #expect(configuration.contains(given))
            configuration = configuration.replacing(given, with: here)
        }
        return try await Prometheus(
            configuration: """
                \(configuration)
                global: {evaluation_interval: 1s}
                alerting: {alertmanagers: [{static_configs: [{targets: ["127.0.0.1:\(alertmanager.port)"]}]}]}
                """,
            files: ["consilod.alerts.yaml": try Self.file("consilod.alerts.yaml"), "token": MetricsProbe.token])
    }

    private struct Targets: Decodable {
        struct Target: Decodable { var health: String }
        var activeTargets: [Target]
    }
    private struct Rules: Decodable {
        struct Group: Decodable { var rules: [Rule] }
        struct Rule: Decodable {
            var name: String
            var health: String
            var lastError: String?
        }
        var groups: [Group]
    }
    private struct Series: Decodable {
        struct Line: Decodable {
            struct Sample: Decodable {
                var at: Double
                var value: String
                init(from decoder: any Decoder) throws {
                    var pair = try decoder.unkeyedContainer()
                    (at, value) = (try pair.decode(Double.self), try pair.decode(String.self))
                }
            }
            var metric: [String: String]
            var values: [Sample]?
        }
        var result: [Line]
    }

    @Test func aDaemonIsScrapedAndItsAlertReachesAlertmanager() async throws {
        let daemon = try MetricsProbe.makeDaemon()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let alertmanager = try await Alertmanager()
        let prometheus = try await prometheus(scraping: daemon, alerting: alertmanager)
        try await eventually("the daemon is scraped") {
            let found = try prometheus.api(
                "query", ["query": "consilod_webhooks_total{job=\"consilod\"}"], as: Series.self)
            return !found.result.isEmpty
        }
        #expect(try prometheus.api("targets", as: Targets.self).activeTargets.map(\.health) == ["up"])

        for _ in 1...20 {
            #expect(try await daemon.request(.post, "/webhooks/jira/\(tenant.id)", body: "{}").status == 401)
        }
        try await eventually("the alert is there") {
            try await alertmanager.alerts().contains { $0.labels["alertname"] == "ConsilodSignatureFailures" }
        }
        let alerts = try await alertmanager.alerts()
        #expect(Set(alerts.compactMap { $0.labels["alertname"] }) == ["ConsilodSignatureFailures"])
        #expect(alerts.first?.labels["severity"] == "ticket")
        #expect(alerts.first?.annotations["summary"]?.contains("wrong signature") == true)

        try await eventually("each rule is evaluated") {
            let rules = try prometheus.api("rules", as: Rules.self).groups.flatMap(\.rules)
            return rules.count > 15 && !rules.contains { $0.health == "unknown" }
        }
        for rule in try prometheus.api("rules", as: Rules.self).groups.flatMap(\.rules) {
            #expect(rule.health == "ok", "\(rule.name): \(rule.lastError ?? "")")
        }
        try evaluatePanels(in: prometheus)
        try replay(of: prometheus, firing: "ConsilodSignatureFailures")
    }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { var expr: String }
            var title: String
            var targets: [Target]?
        }
        var panels: [Panel]
    }

    /// Prometheus takes each query of the dashboard, with its variables as Grafana fills them in.
    private func evaluatePanels(in prometheus: Prometheus) throws {
        let dashboard = try JSONDecoder().decode(
            Dashboard.self, from: Data(try Self.file("consilod.dashboard.json").utf8))
        var (queries, answered) = (0, 0)
        for panel in dashboard.panels {
            for target in panel.targets ?? [] {
                let query = target.expr.replacing("$__rate_interval", with: "1m").replacing("$__interval", with: "1m")
                    .replacing("$__range", with: "1h").replacing("$instance", with: ".*")
                #expect(!query.contains("$"), "\(panel.title) has a variable that nothing fills: \(query)")
                queries += 1
                if try !prometheus.api("query", ["query": query], as: Series.self).result.isEmpty { answered += 1 }
            }
        }
        #expect(queries > 20)
        // Of what has happened to this daemon there are figures.
        #expect(answered > queries / 2, "\(answered) of \(queries)")
    }

    /// The series that were recorded of the daemon, given to `promtool test rules`: the same alert fires, and no other.
    private func replay(of prometheus: Prometheus, firing alert: String) throws {
        let recorded = try prometheus.api(
            "query_range",
            [
                // Without what Prometheus itself says of alerts, as promtool does.
                "query": "{job=\"consilod\",__name__!~\"ALERTS.*\"}", "start": "\(Date().timeIntervalSince1970 - 600)",
                "end": "\(Date().timeIntervalSince1970)", "step": "1",
            ], as: Series.self
        ).result
        let instants = recorded.flatMap { ($0.values ?? []).map(\.at) }
        let (first, last) = (try #require(instants.min()), try #require(instants.max()))
        let series = recorded.map { line in
            let labels = line.metric.filter { $0.key != "__name__" }.sorted { $0.key < $1.key }
                .map { "\($0.key)=\"\($0.value)\"" }.joined(separator: ",")
            let samples = Dictionary(
                (line.values ?? []).map { (Int(($0.at - first).rounded()), $0.value) }, uniquingKeysWith: { $1 })
            let values = (0...Int((last - first).rounded())).map { samples[$0] ?? "_" }.joined(separator: " ")
            return "{series: '\(line.metric["__name__"] ?? ""){\(labels)}', values: '\(values)'}"
        }
        #expect(series.count > 100)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Self.file("consilod.alerts.yaml").write(
            to: folder.appendingPathComponent("rules.yaml"), atomically: true, encoding: .utf8)
        let names = try Self.file("consilod.alerts.yaml").matches(of: /alert: ([A-Za-z]+)/).map { String($0.output.1) }
        let end = Int((last - first).rounded())
        let expected = names.sorted().map { "      - {eval_time: \(end)s, alertname: \($0), exp_alerts: []}" }
        try """
        rule_files: [rules.yaml]
        evaluation_interval: 1s
        tests:
          - interval: 1s
            input_series:
        \(series.map { "      - \($0)" }.joined(separator: "\n"))
            alert_rule_test:
        \(expected.joined(separator: "\n"))
        """.write(to: folder.appendingPathComponent("test.yaml"), atomically: true, encoding: .utf8)
        let said = try #require(
            try MetricsProbe.promtool(["test", "rules", folder.appendingPathComponent("test.yaml").path]))
        #expect(Set(said.matches(of: /alertname: ([A-Za-z]+)/).map { String($0.output.1) }) == [alert], "\(said)")
    }
}
