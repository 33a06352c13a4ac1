import Crypto
import Domain
import FinBERT
import Foundation
import Metrics
import TestSupport
import Testing
import Yams

@testable import DaemonTestSupport
@testable import consilod

/// The text of `/metrics`, and the rules, the dashboard and the page of operations that live on it.
@Suite struct MetricsFilesTests {
    private static let rulesPath = "config/consilod.alerts.yaml"
    private static let dashboardPath = "config/consilod.dashboard.json"

    @Test func theTextIsWellFormedAndTellsEveryMetricThereIs() async throws {
        let daemon = try MetricsProbe.makeDaemon()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        #expect(try await daemon.post(#"{"webhookEvent":"user_updated"}"#, to: tenant).status == 202)
        _ = try await MetricsProbe.metrics(of: daemon, once: "the event is told") {
            $0["consilod_inbox_last_event_timestamp_seconds"] != nil
        }
        let text = try await MetricsProbe.text(of: daemon)
        let metrics = try ExpositionText(text)
        if let said = try MetricsProbe.promtool(["check", "metrics"], input: text) { #expect(said == "") }

        let isSQLite = PostgresSchema.server == nil
        let described = MetricDescription.all.keys.filter { isSQLite || !$0.hasPrefix("consilod_store_disk_") }
        #expect(Set(metrics.types.keys) == Set(described))
        #expect(try #require(metrics["process_resident_memory_bytes"]) > 1e6)
        #expect(try #require(metrics["process_cpu_seconds_total"]) > 0)
        #expect(try #require(metrics["process_open_fds"]) > 3)
        #expect(abs(try #require(metrics["process_start_time_seconds"]) - Date().timeIntervalSince1970) < 300)

        let rules = try String(contentsOfFile: Self.rulesPath, encoding: .utf8)
        let dashboard = try String(contentsOfFile: Self.dashboardPath, encoding: .utf8)
        let labels = Dictionary(grouping: metrics.values.keys.flatMap(\.labels), by: \.key)
            .mapValues { Set($0.map(\.value)) }
        for (path, text) in [(Self.rulesPath, rules), (Self.dashboardPath, dashboard)] {
            let named = Set(text.matches(of: /\b(?:consilod|process)_[a-z_]+/).map { String($0.output) })
            #expect(named.count > 10)
            for name in named {
                let base = name.replacing(/_(bucket|sum|count)$/, with: "")
                let isTold = metrics.types[name] != nil || metrics.types[base] == "histogram"
                #expect(isTold || (!isSQLite && name.hasPrefix("consilod_store_disk_")), "\(name) of \(path)")
            }
            // Also the values that are asked for.
            let plain = text.replacing("\\\"", with: "\"")
            for match in plain.matches(of: /\b(outcome|component|state|channel)(?:=|=~|!=)"([a-z_|]+)"/) {
                for value in match.output.2.split(separator: "|") {
                    #expect(
                        labels[String(match.output.1)]?.contains(String(value)) == true, "\(match.output.0) of \(path)")
                }
            }
        }
    }

    private struct Rules: Decodable {
        struct Group: Decodable { var rules: [Rule] }
        struct Rule: Decodable {
            var alert: String
            var expr: String
            var labels: [String: String]
            var annotations: [String: String]
        }
        var groups: [Group]
    }

    @Test func everyAlertAndEveryMetricIsExplained() throws {
        let text = try String(contentsOfFile: Self.rulesPath, encoding: .utf8)
        let rules = try YAMLDecoder().decode(Rules.self, from: text).groups.flatMap(\.rules)
        let operations = try String(contentsOfFile: "docs/operations.md", encoding: .utf8)
        #expect(rules.count > 15 && Set(rules.map(\.alert)).count == rules.count)
        for rule in rules {
            #expect(["page", "ticket"].contains(rule.labels["severity"]))
            #expect(rule.annotations["summary"]?.isEmpty == false)
            #expect(operations.contains("`\(rule.alert)`"), "docs/operations.md does not say what to do")
        }
        for alert in Set(operations.matches(of: /`(Consilod[A-Za-z]+)`/).map { String($0.output.1) }) {
            #expect(rules.contains { $0.alert == alert }, "there is no \(alert)")
        }
        for name in MetricDescription.all.keys {
            #expect(operations.contains("`\(name)`"), "docs/operations.md does not tell what \(name) means")
        }
        for name in Set(operations.matches(of: /`(consilod_[a-z_]+)`/).map { String($0.output.1) }) {
            #expect(MetricDescription.all[name] != nil, "there is no \(name)")
        }
        if let said = try MetricsProbe.promtool(["check", "rules", Self.rulesPath]) { #expect(said == "") }
        if let said = try MetricsProbe.promtool(["check", "config", "--syntax-only", "config/prometheus.example.yaml"])
        {
            #expect(said == "")
        }
    }

    @Test(.enabled(if: Prometheus.isUsable, .init(rawValue: Prometheus.isMissing)))
    func alertsFireOnWhatTheyAreAboutAndNotBefore() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("rules-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(
            atPath: Self.rulesPath, toPath: folder.appendingPathComponent("rules.yaml").path)
        /// An hour of a healthy daemon with one thing that is not; which alerts fire after it.
        func fired(_ series: [String], after minutes: Int = 60) throws -> Set<String> {
            let file = folder.appendingPathComponent("test.yaml")
            let alerts = try YAMLDecoder().decode(
                Rules.self, from: String(contentsOfFile: Self.rulesPath, encoding: .utf8)
            ).groups.flatMap(\.rules).map(\.alert)
            let expected = alerts.map { "      - {eval_time: \(minutes)m, alertname: \($0), exp_alerts: []}" }
            try """
            rule_files: [rules.yaml]
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
            \(series.map { "      - \($0)" }.joined(separator: "\n"))
                alert_rule_test:
            \(expected.joined(separator: "\n"))
            """.write(to: file, atomically: true, encoding: .utf8)
            let said = try MetricsProbe.promtool(["test", "rules", file.path]) ?? ""
            return Set(said.matches(of: /alertname: ([A-Za-z]+)/).map { String($0.output.1) })
        }
        func series(_ name: String, _ values: String) -> String { "{series: '\(name)', values: '\(values)'}" }
        let stored = series(#"consilod_webhooks_total{instance="a",outcome="stored"}"#, "0+60x1500")
        let healthy = [
            series(#"up{job="consilod",instance="a"}"#, "1x1500"),
            series(#"process_start_time_seconds{job="consilod",instance="a"}"#, "0x1500"), stored,
            series(#"consilod_webhooks_total{instance="a",outcome="invalid_signature"}"#, "0x1500"),
            series(#"consilod_queue_oldest_due_age_seconds{instance="a"}"#, "0 3 1 0x1500"),
            series(#"consilod_inbox_oldest_pending_age_seconds{instance="a"}"#, "0 3 1 0x1500"),
            series(#"consilod_jira_missed_issues_total{instance="a"}"#, "0+1x3 3x1500"),
            series(#"consilod_store_disk_available_bytes{instance="a"}"#, "5e10-1e6x1500"),
            series(#"consilod_store_disk_size_bytes{instance="a"}"#, "1e11x1500"),
            series(#"consilod_model_enabled{instance="a"}"#, "1x1500"),
            series(#"consilod_model_loaded{instance="a"}"#, "1x1500"),
        ]
        func ill(_ name: String, _ values: String) -> [String] {
            let key = "{series: '\(name)'"
            return healthy.filter { !$0.hasPrefix(key) } + [series(name, values)]
        }
        #expect(try fired(healthy) == [])
        for (name, values, alert) in [
            (#"up{job="consilod",instance="a"}"#, "1x50 0x10", "ConsilodDown"),
            (
                #"process_start_time_seconds{job="consilod",instance="a"}"#, "0x50 3060 3120 3180 3180x10",
                "ConsilodRestarts"
            ),
            (
                #"consilod_webhooks_total{instance="a",outcome="invalid_signature"}"#, "0x50 0+2x10",
                "ConsilodSignatureFailures"
            ),
            (#"consilod_webhooks_total{instance="a",outcome="unavailable"}"#, "0x30 0+3x40", "ConsilodWebhooksPutOff"),
            (
                #"consilod_webhooks_total{instance="a",outcome="body_too_large"}"#, "0x55 1x40",
                "ConsilodWebhooksRefused"
            ),
            (#"consilod_queue_oldest_due_age_seconds{instance="a"}"#, "0x30 0+60x40", "ConsilodInboxNotDraining"),
            (#"consilod_queue_parked_issues{instance="a"}"#, "0x30 2x40", "ConsilodParkedIssues"),
            (#"consilod_alert_dead_letters{instance="a"}"#, "0x30 1x40", "ConsilodDeadLetters"),
            (#"consilod_jira_stopped_tenants{instance="a"}"#, "0x30 1x40", "ConsilodJiraAccessStopped"),
            (#"consilod_jira_missed_issues_total{instance="a"}"#, "0x30 0+10x40", "ConsilodMissedRateHigh"),
            (#"consilod_model_loaded{instance="a"}"#, "1x10 0x60", "ConsilodModelMissing"),
            (#"consilod_store_disk_available_bytes{instance="a"}"#, "9e9x60", "ConsilodDiskFillsUp"),
            (
                #"consilod_component_state{instance="a",component="store",state="unhealthy"}"#, "0x50 1x10",
                "ConsilodStoreUnavailable"
            ),
            (
                #"consilod_component_state{instance="a",component="rescorer",state="unhealthy"}"#, "0x50 1x10",
                "ConsilodWorkerStalled"
            ),
            (
                #"consilod_component_state{instance="a",component="host_clock",state="degraded"}"#, "0x50 1x10",
                "ConsilodClockDoubted"
            ),
            (
                #"consilod_component_state{instance="a",component="encryption",state="degraded"}"#, "0x50 1x10",
                "ConsilodSecretsUnreadable"
            ),
        ] { #expect(try fired(ill(name, values)) == [alert], "\(name)") }
        let silent =
            ill(#"consilod_webhooks_total{instance="a",outcome="stored"}"#, "100x1500").filter {
                !$0.contains("process_start") && !$0.contains("missed")
            } + [series(#"process_start_time_seconds{job="consilod",instance="a"}"#, "0x1500")]
        #expect(try fired(silent, after: 600) == [])
        #expect(try fired(silent, after: 1480) == ["ConsilodNoWebhooks"])
    }
}
