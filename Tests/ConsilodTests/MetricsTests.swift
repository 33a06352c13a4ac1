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

/// `/metrics` of the real program, and the rules, the dashboard and the page of operations that live on it.
@Suite struct MetricsTests {
    // MARK: Counting

    @Test func countersMoveByExactlyWhatWasPosted() async throws {
        let daemon = try MetricsProbe.makeDaemon(["CONSILOD_HTTP_MAX_WEBHOOK_BYTES": "65536"])
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let before = try await MetricsProbe.metrics(of: daemon)
        #expect(before.values(of: "consilod_webhooks_total", by: "outcome").values.allSatisfy { $0 == 0 })
        #expect(before["consilod_webhook_commit_duration_seconds_count"] == 0)

        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        for number in 1...3 { stream.addIssue(number, comments: ["We are blocked.", "Comment \(number)"]) }
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        for body in stream.bodies.prefix(4) { #expect(try await daemon.post(body, to: tenant).status == 202) }
        #expect(try await daemon.post("{", to: tenant).status == 400)
        #expect(try await daemon.post(String(repeating: " ", count: 70_000), to: tenant).status == 413)
        let door = "/webhooks/jira/\(tenant.id)"
        for _ in 1...2 { #expect(try await daemon.request(.post, door, body: "{}").status == 401) }
        #expect(try await daemon.request(.post, "/webhooks/jira/\(UUID())", body: "{}").status == 404)
        try await daemon.waitUntilSettled(tenant, issues: 3)

        let empty = [
            "consilod_inbox_pending_events", "consilod_inbox_oldest_pending_age_seconds", "consilod_queue_due_issues",
            "consilod_queue_oldest_due_age_seconds", "consilod_queue_parked_issues", "consilod_inbox_rejected_events",
            "consilod_alert_dead_letters", "consilod_jira_stopped_tenants", "consilod_store_commit_failures_total",
        ]
        let after = try await MetricsProbe.metrics(of: daemon, once: "nothing waits") { metrics in
            empty.allSatisfy { metrics[$0] == 0 } && metrics["consilod_inbox_last_event_timestamp_seconds"] != nil
        }
        let counted = after.values(of: "consilod_webhooks_total", by: "outcome").filter { $0.value > 0 }
        #expect(
            counted == [
                "stored": Double(stream.bodies.count), "duplicate": 4, "malformed_json": 1, "body_too_large": 1,
                "invalid_signature": 2, "tenant_not_found": 1,
            ])
        #expect(after["consilod_webhook_commit_duration_seconds_count"] == Double(stream.bodies.count + 4))
        #expect(try #require(after["consilod_webhook_commit_duration_seconds_sum"]) > 0)
        #expect(after["consilod_webhook_bytes_in_hand"] == 0)
        #expect(try #require(after["consilod_http_connections"]) >= 1)
        #expect(after["consilod_http_connections_max"] == 2048)

        let scored = try #require(after["consilod_issues_scored_total"])
        #expect(scored >= 3 && after["consilod_issue_scoring_duration_seconds_count"] == scored)
        #expect(after["consilod_issue_scoring_failures_total"] == 0)
        // Four texts there are; each was read once, whatever came later found it in the cache.
        #expect(after["consilod_sentiment_texts_read_total"] == 4)
        #expect(
            try daemon.query("SELECT COUNT(*) FROM sentiment_cache")
                == [["\(Int(try #require(after["consilod_sentiment_texts_read_total"])))"]])

        let last = try #require(after["consilod_inbox_last_event_timestamp_seconds"])
        #expect(abs(last - Date().timeIntervalSince1970) < 300)
        #expect(
            try #require(after["consilod_store_commits_total"]) > #require(before["consilod_store_commits_total"]))
        #expect(after["consilod_store_nodes"] == 1)
        #expect(after["consilod_component_state", ["component": "store", "state": "healthy"]] == 1)
        #expect(after["consilod_component_state", ["component": "store", "state": "unhealthy"]] == 0)
        #expect(after["consilod_build_info", ["version": Version.current]] == 1)
    }

    @Test func whatWaitsAndWhatWasSetAsideShowsInTheGauges() async throws {
        let daemon = try MetricsProbe.makeDaemon()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        // What cannot be read is kept, and told.
        #expect(try await daemon.post(#"{"webhookEvent":"jira:issue_updated"}"#, to: tenant).status == 202)
        _ = try await MetricsProbe.metrics(of: daemon, once: "it is counted as rejected") {
            $0["consilod_inbox_rejected_events"] == 1
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)

        // An hour ago a webhook came, and its issue was due; another issue is set aside.
        let hourAgo = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -3600)
        try await daemon.restart()
        let (far, gone) = (hourAgo.adding(days: 1), hourAgo.adding(seconds: -60))
        try daemon.execute(
            """
            INSERT INTO webhook_events (tenant_id, delivery_id, part, event, issue_id, received_at, retry_count, state, body)
                VALUES ('\(tenant.id)', 'late', 0, 'jira:issue_updated', '77', '\(hourAgo)', 0, 'pending', '{}');
            INSERT INTO issue_queue (tenant_id, issue_id, due_at, attempts, parked_at, stale_rank)
                VALUES ('\(tenant.id)', '78', '\(gone)', 8, '\(gone)', 0);
            INSERT INTO issue_queue (tenant_id, issue_id, due_at, attempts, stale_rank)
                VALUES ('\(tenant.id)', '79', '\(far)', 0, 0);
            """)
        let metrics = try await MetricsProbe.metrics(of: daemon, once: "what waits is told") {
            $0["consilod_inbox_pending_events"] == 1 && $0["consilod_queue_parked_issues"] == 1
        }
        let age = try #require(metrics["consilod_inbox_oldest_pending_age_seconds"])
        #expect(age >= 3600 && age < 3900)
        #expect(metrics["consilod_queue_oldest_due_age_seconds"] == 0)
        #expect(metrics["consilod_component_state", ["component": "rescorer", "state": "degraded"]] == 1)
    }

    @Test func deliveriesAreCountedByChannelAndOutcome() async throws {
        let daemon = try MetricsProbe.makeDaemon(
            configuration: "scoring: {profile: classic}\nalerts: {allow_plain_http: true, allowed_hosts: [127.0.0.1]}")
        let sinks = try await Sinks(in: daemon.folder)
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let slackURL = "http://127.0.0.1:\(sinks.slackPort)/services/T0/B0/path"
        for body in [
            #"{"kind": "slack", "name": "team", "target": "\#(slackURL)"}"#,
            // There is no mail relay here.
            #"{"kind": "email", "name": "leads", "target": "lead@example.com"}"#,
        ] {
            #expect(
                try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body).status == 201)
        }
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 50, "clear_below": 40}"#
        #expect(try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        let bad = "This is terrible, we are blocked again and the deadline is at risk. Very disappointed."
        stream.addIssue(1, comments: [bad, bad + " Still failing.", bad + " No progress."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 1)
        // As many as the rules there are from the start, and the one above, ask for.
        var ended: [String: Double] = [:]
        try await eventually("all deliveries have ended") {
            let rows = try daemon.query(
                "SELECT channel_kind, state, COUNT(*) FROM notifications GROUP BY channel_kind, state")
            ended = Dictionary(uniqueKeysWithValues: rows.map { ("\($0[0]) \($0[1])", Double($0[2]) ?? 0) })
            return Set(ended.keys) == ["slack delivered", "email dead"]
        }
        let metrics = try await MetricsProbe.metrics(of: daemon, once: "the dead letters are told") {
            $0["consilod_alert_dead_letters"] == ended["email dead"] && $0["consilod_alert_deliveries_queued"] == 0
        }
        func count(_ channel: String, _ outcome: String) -> Double? {
            metrics["consilod_alert_deliveries_total", ["channel": channel, "outcome": outcome]]
        }
        #expect(count("slack", "delivered") == ended["slack delivered"])
        #expect(count("slack", "dead") == 0 && count("slack", "retry") == 0)
        #expect(count("email", "delivered") == 0 && count("email", "dead") == ended["email dead"])
        #expect(metrics["consilod_component_state", ["component": "alerts", "state": "degraded"]] == 1)
    }

    @Test func callsToJiraAndWhatTheyHealedAreCounted() async throws {
        let hourAgo = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -3600)
        let issue = SimulatedJira.issue("10001", key: "PAY-1", updated: hourAgo, fields: [])
        try await SimulatedJira.run(issues: [String(decoding: issue.bytes, as: UTF8.self)]) { jira in
            let daemon = try MetricsProbe.makeDaemon([
                "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_JIRA_GRACE_SECONDS": "0", "CONSILOD_JIRA_GATEWAY_URL": jira.url,
                "CONSILOD_JIRA_SWEEP_MINUTES": "1440",
            ])
            try await daemon.start()
            let tenant = try await daemon.createTenant(
                jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
            try await eventually("the account is let in") {
                try daemon.query("SELECT 1 FROM jira_access WHERE swept_at IS NOT NULL") == [["1"]]
            }
            func sweep(until condition: @escaping (ExpositionText) -> Bool) async throws {
                #expect(
                    try await daemon.request(
                        .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: "{}"
                    ).status == 202)
                _ = try await MetricsProbe.metrics(of: daemon, once: "the sweep shows", condition)
            }
            // Known of from its webhook, then changed without one.
            let told = jira.comment(on: "10001", "Said.")
            let webhook = try #require(SimulatedWebhook.comment(told, on: "10001", of: jira))
            #expect(try await daemon.post(webhook, to: tenant).status == 202)
            try await eventually("the issue is whole") {
                try daemon.query("SELECT 1 FROM issue_snapshots WHERE whole_at IS NOT NULL") == [["1"]]
            }
            jira.comment(on: "10001", "Said while nobody listened.")
            try await sweep {
                $0["consilod_jira_missed_issues_total"] == 1 && $0["consilod_jira_healed_issues_total"] == 1
            }

            let metrics = try await MetricsProbe.metrics(of: daemon)
            let calls = metrics.values(of: "consilod_jira_calls_total", by: "outcome")
            #expect(calls.values.reduce(0, +) == Double(jira.requestCount))
            #expect(try #require(calls["success"]) > 0 && calls["unreachable"] == 0)
            #expect(metrics["consilod_jira_call_duration_seconds_count"] == Double(jira.requestCount))
            #expect(metrics["consilod_jira_stopped_tenants"] == 0 && metrics["consilod_jira_fetches_waiting"] == 0)

            let revoked = try await daemon.request(
                .put, "/api/tenants/\(tenant.id)", token: tenant.api_key,
                body: #"{"jira_token": "a-token-that-was-revoked"}"#)
            #expect(revoked.status == 200)
            let asked = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/jira/sweep", token: tenant.api_key, body: "{}")
            #expect(asked.status == 202)
            _ = try await MetricsProbe.metrics(of: daemon, once: "Jira's refusal shows") {
                $0["consilod_jira_stopped_tenants"] == 1
                    && $0["consilod_jira_calls_total", ["outcome": "unauthorized"]] ?? 0 > 0
            }
        }
    }

    @Test(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
    func whatTheModelReadsIsCounted() async throws {
        let daemon = try MetricsProbe.makeDaemon(
            configuration: "model: {path: \(TestModel.folder.path), precision: fp32, threads: 1}")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        stream.addIssue(1, comments: ["we are blocked again", "great, fixed"])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 1)
        let metrics = try await MetricsProbe.metrics(of: daemon)
        #expect(metrics["consilod_model_loaded"] == 1 && metrics["consilod_model_enabled"] == 1)
        #expect(metrics["consilod_model_windows_read_total"] == 2)
        #expect(metrics["consilod_sentiment_texts_read_total"] == 2)
        #expect((1...2).contains(try #require(metrics["consilod_model_batches_total"])))
        #expect(metrics.values(of: "consilod_engine_info", by: "model").keys.first?.hasPrefix("tiny-") == true)
    }

    @Test func aRemovedTenantDoesNotMakeAllThatWasMissedNew() {
        var sums = JiraTallies()
        sums.missed = 40
        var tallies = GrowingTallies(last: sums)
        #expect(tallies.grow(to: sums).missed == 0)
        sums.missed = 42
        #expect(tallies.grow(to: sums).missed == 2)
        // 30 of them were a tenant's that is gone.
        sums.missed = 12
        #expect(tallies.grow(to: sums).missed == 2)
        sums.missed = 15
        #expect(tallies.grow(to: sums).missed == 5)
    }

    @Test func countsFromManyThreadsAreAllCounted() async throws {
        let registry = PrometheusRegistry { _ in [0.1, 1] }
        let (counter, timer) = (
            registry.makeCounter(label: "hits_total", dimensions: [("kind", "a \"b\"\\\n")]),
            registry.makeTimer(label: "wait_seconds", dimensions: [])
        )
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1000 {
                        registry.makeCounter(label: "hits_total", dimensions: [("kind", "a \"b\"\\\n")]).increment(
                            by: 1)
                        timer.recordNanoseconds(100_000_000)
                        timer.recordNanoseconds(5_000_000_000)
                    }
                }
            }
        }
        counter.increment(by: 2)
        var exposition = Exposition()
        for (name, labels, series) in registry.series { exposition.add(name, labels, series) }
        exposition.add("odd", [], .infinity)
        let text = exposition.text(described: [:])
        #expect(
            text == """
                hits_total{kind="a \\"b\\"\\\\\\n"} 8002
                odd +Inf
                wait_seconds_bucket{le="0.1"} 8000
                wait_seconds_bucket{le="1"} 8000
                wait_seconds_bucket{le="+Inf"} 16000
                wait_seconds_sum \(text.firstMatch(of: /wait_seconds_sum (\S+)/)?.output.1 ?? "")
                wait_seconds_count 16000

                """)
        let sum = try #require(text.firstMatch(of: /wait_seconds_sum (\S+)/).flatMap { Double($0.output.1) })
        #expect(abs(sum - 8000 * 5.1) < 0.01)
    }

    // MARK: Who may read it, and while what fails

    @Test func metricsNeedATokenAndNameNoTenant() async throws {
        let daemon = try MetricsProbe.makeDaemon()
        try await daemon.start()
        let tenant = try await daemon.createTenant("very-private-company")
        let body = #"{"webhookEvent":"user_updated"}"#
        #expect(try await daemon.post(body, to: tenant).status == 202)
        // Also over the loopback interface, from where a reverse proxy calls for the whole world.
        #expect(try await daemon.request(.get, "/metrics").status == 401)
        #expect(try await daemon.request(.get, "/metrics", token: tenant.api_key).status == 403)
        #expect(try await daemon.request(.get, "/metrics", token: DaemonProcess.adminToken).status == 200)
        let text = try await MetricsProbe.text(of: daemon)
        for secret in [tenant.id, tenant.id.lowercased(), "very-private-company", tenant.api_key, MetricsProbe.token] {
            #expect(!text.contains(secret))
        }
        // The token of Prometheus opens nothing else.
        #expect(try await daemon.request(.get, "/api/tenants", token: MetricsProbe.token).status == 401)
    }
}
