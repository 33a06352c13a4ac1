import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The main job on real input: 23,056 webhooks of a real project, replayed through the real door.
@Suite(
    .enabled(if: SharedData.isAvailable, "the folder of real data is not on this machine"),
    .enabled(if: PostgresSchema.server == nil, "takes minutes: runs once, on SQLite"))
struct DuraspaceTests {
    @Test(.timeLimit(.minutes(40)))
    func everyIssueEndsAsJiraHasItAndAgainAndShuffledTheSame() async throws {
        let folder = try #require(SharedData.folder)
        // With a small model where there is an engine, so that it can be told whether it reads anything twice.
        let daemon = try DaemonProcess(
            configuration: "model: {path: \(TestModel.folder.path), precision: fp32, threads: 1}",
            environment: ["CONSILOD_HTTP_WEBHOOK_RATE": "0"])
        try await daemon.start()
        func textsRead() async throws -> Double {
            let exposition = try await daemon.request(.get, "/metrics", token: DaemonProcess.adminToken).text
            let value = exposition.firstMatch(of: /consilod_sentiment_texts_read_total\S* (\d+)/)?.1
            return try #require(value.flatMap { Double($0) }, "\(exposition)")
        }
        let ordered = try await daemon.createTenant("ordered")
        let shuffled = try await daemon.createTenant("shuffled")

        let stream = folder.appendingPathComponent("jira/duraspace.webhooks.ndjson.gz")
        // Beside each other: neither keeps two cores busy by itself.
        async let inOrder = daemon.replay(stream, tenant: ordered, arguments: ["--connections", "32"])
        var lines = try SharedData.gzippedLines("jira/duraspace.webhooks.ndjson.gz")
        var random = SeededGenerator(seed: 23_056)
        lines.shuffle(using: &random)
        let other = daemon.folder.appendingPathComponent("shuffled.ndjson")
        try lines.joined(separator: "\n").write(to: other, atomically: true, encoding: .utf8)
        async let inAnyOrder = daemon.replay(other, tenant: shuffled, arguments: ["--connections", "32"])
        let (first, second) = try await (inOrder, inAnyOrder)
        #expect(first.status == 0, "\(first.output)")
        #expect(first.output.contains("23056 webhooks"))
        #expect(first.output.contains("answers: 202: 23056"), "\(first.output)")
        #expect(second.status == 0, "\(second.output)")
        try await daemon.waitUntilApplied(within: .seconds(1500))
        let read = try await textsRead()
        #expect(read > 8000, "both tenants' comments, each once")
        // The same file again: all answered, nothing new.
        let third = try await daemon.replay(stream, tenant: ordered, arguments: ["--connections", "32"])
        #expect(third.status == 0, "\(third.output)")
        try await daemon.waitUntilApplied(within: .seconds(1500))
        try await eventually("no issue waits for its look as of now", within: .seconds(900)) {
            try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE analyzed_at < '2026-01-01'") == [["0"]]
        }

        #expect(try await textsRead() == read)

        let jira = try SharedData.gzippedLines("jira/duraspace.issues.ndjson.gz").map { try IssueRow(document: $0) }
        #expect(jira.count == 2957)
        for tenant in [ordered, shuffled] {
            let difference = Set(try IssueRow.inStore(of: daemon, tenant)).symmetricDifference(jira)
            #expect(difference.isEmpty, "\(difference.sorted { $0.key < $1.key }.prefix(6))")
        }
        // The order of arrival leaves no trace in any score.
        let scores = try daemon.query(
            "SELECT tenant_id, issue_id, risk_score, own_score FROM issue_snapshots ORDER BY issue_id")
        let byTenant = Dictionary(grouping: scores, by: { $0[0] }).mapValues { $0.map { Array($0.dropFirst()) } }
        #expect(byTenant[ordered.id]?.count == 2957)
        #expect(byTenant[ordered.id] == byTenant[shuffled.id])

        // Nor in the history, but for the looks as of now at its end.
        let rows = try daemon.query(
            """
            SELECT tenant_id, COUNT(*), SUM(risk_score), COUNT(DISTINCT issue_id || ' ' || analyzed_at) FROM analysis_history
            WHERE analyzed_at < '2026-01-01' GROUP BY tenant_id
            """)
        #expect(rows.count == 2 && Set(rows.map { Array($0.dropFirst()) }).count == 1, "\(rows)")
        #expect(rows.allSatisfy { Int($0[1]) ?? 0 > 23_056 })
        let differing = try daemon.query(
            """
            SELECT COUNT(*) FROM analysis_history AS a
            WHERE a.tenant_id = '\(ordered.id)' AND a.analyzed_at < '2026-01-01' AND NOT EXISTS (
                SELECT 1 FROM analysis_history AS b
                WHERE b.tenant_id = '\(shuffled.id)' AND b.issue_id = a.issue_id AND b.analyzed_at = a.analyzed_at
                    AND b.risk_score = a.risk_score)
            """)
        #expect(differing == [["0"]])

        // Applied once each, in spite of the second replay; every comment read, none twice.
        let counts = try daemon.query(
            "SELECT tenant_id, state, COUNT(*) FROM webhook_events GROUP BY tenant_id, state ORDER BY tenant_id")
        #expect(counts.allSatisfy { $0[1] == "applied" && $0[2] == "23056" })
        #expect(counts.count == 2)
    }

    @Test func everyRealPayloadIsUnderstoodOrKeptWithItsReason() async throws {
        let folder = try #require(SharedData.folder)
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let files = try FileManager.default.contentsOfDirectory(
            at: folder.appendingPathComponent("webhooks"), includingPropertiesForKeys: nil)
        let lines = try files.map { try String(contentsOf: $0, encoding: .utf8).replacing("\n", with: " ") }
        let file = daemon.folder.appendingPathComponent("payloads.ndjson")
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        let replayed = try await daemon.replay(file, tenant: tenant)
        #expect(replayed.status == 0, "\(replayed.output)")
        try await daemon.waitUntilApplied()
        let rows = try daemon.query("SELECT state, COALESCE(error, ''), COUNT(*) FROM webhook_events GROUP BY 1, 2")
        #expect(rows.map { Int($0[2]) ?? 0 }.reduce(0, +) == files.count)
        #expect(rows.allSatisfy { $0[0] == "applied" || (["rejected", "ignored"].contains($0[0]) && !$0[1].isEmpty) })
    }
}
