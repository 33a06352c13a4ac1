import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// From SQLite to PostgreSQL by the real command, and on with the real daemon.
@Suite(.alone, .enabled(if: PostgresServer.isInstalled, .init(rawValue: PostgresServer.isMissing)))
struct StoreMigrateTests {
    private static var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// A daemon on a SQLite file of its own, and a server to move to.
    private final class Move {
        let schema: PostgresSchema
        private let server: PostgresServer
        let path: String
        let daemon: DaemonProcess
        private let folder: URL

        init() throws {
            server = try PostgresServer()
            schema = try PostgresSchema(server: server.url)
            folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            path = folder.appendingPathComponent("c.sqlite").path
            daemon = try DaemonProcess(environment: ["CONSILOD_STORE_PATH": path])
        }

        // A leftover in the temporary folder is not the test's concern.
        deinit { try? FileManager.default.removeItem(at: folder) }

        var arguments: [String] { ["store", "migrate-to", schema.url, "--store", path] }

        /// The rows that a copy has written by its own account; 0 before it began.
        func copiedRows() throws -> Int {
            guard try schema.query("SELECT to_regclass('store_transfers') IS NOT NULL") == [["t"]] else { return 0 }
            return try Int(schema.query("SELECT SUM(row_count) FROM store_transfers")[0][0]) ?? 0
        }

        /// Runs the command and sends it a signal once it has copied so many rows.
        func interrupted(
            by signal: Int32, afterRows rows: Int
        ) async throws -> (reason: Process.TerminationReason, status: Int32, output: String) {
            let process = Process()
            process.executableURL = DaemonProcess.program
            process.arguments = arguments
            let file = folder.appendingPathComponent("output-\(UUID().uuidString)")
            try Data().write(to: file)
            let handle = try FileHandle(forWritingTo: file)
            (process.standardOutput, process.standardError) = (handle, handle)
            process.standardInput = FileHandle.nullDevice
            try process.run()
            try await eventually("\(rows) rows are copied") {
                try #require(process.isRunning, "it came to its end before")
                return try self.copiedRows() > rows
            }
            kill(process.processIdentifier, signal)
            try await eventually("the command ends") { !process.isRunning }
            return (process.terminationReason, process.terminationStatus, try String(contentsOf: file, encoding: .utf8))
        }

        /// The answers of a daemon to what a team asks.
        func answers(_ tenant: DaemonProcess.Tenant) async throws -> [String] {
            var answers: [String] = []
            for call in ["/api/issues?include_done=true", "/api/analyze/history/PAY-1", "/api/alert-rules"] {
                let answer = try await daemon.request(.get, call, token: tenant.api_key)
                guard answer.status == 200 else { throw Unexpected("\(call): \(answer.status) \(answer.text)") }
                answers.append(answer.text)
            }
            return answers
        }
    }

    @Test func aDaemonGoesOnInPostgreSQLWhereItWasInSQLite() async throws {
        let move = try Move()
        let daemon = move.daemon
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Self.now.adding(seconds: -600))
        for number in 1...3 { stream.addIssue(number, comments: ["Blocked by the vendor again. Grüße 🙁"]) }
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        try await daemon.waitUntilSettled(tenant, issues: 3)
        try await daemon.waitUntilApplied()

        // Not while the daemon works on it.
        let early = try await daemon.run(move.arguments)
        #expect(early.status == 1)
        #expect(early.output.contains("another consilod"), "\(early.output)")

        let before = try await move.answers(tenant)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        // Enough to be interrupted in the middle of it.
        _ = try run([
            "sqlite3", move.path,
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
            INSERT INTO sentiment_cache (tenant_id, model_id, content_hash, label, score)
            SELECT '\(tenant.id)', 'retired-model', printf('%08d', i), 'neutral', 0.5 FROM n
            """,
        ])

        let killed = try await move.interrupted(by: SIGKILL, afterRows: 2000)
        #expect(killed.reason == .uncaughtSignal, "\(killed.output)")
        let part = try move.copiedRows()
        #expect((2001..<60_000).contains(part))

        // Half a store opens to nobody.
        daemon.setEnvironment("CONSILOD_STORE_URL", move.schema.url)
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        #expect(daemon.log.contains("not finished"), "\(daemon.log)")

        let stopped = try await move.interrupted(by: SIGINT, afterRows: part + 2000)
        #expect(stopped.reason == .exit && stopped.status == 1)
        #expect(stopped.output.contains("Run the same command again"), "\(stopped.output)")
        #expect(try (part..<60_000).contains(move.copiedRows()))

        let moved = try await daemon.run(move.arguments)
        #expect(moved.status == 0, "\(moved.output)")
        #expect(moved.output.contains("url: \"\(move.schema.url)\""), "\(moved.output)")
        #expect(!moved.output.contains("DIFFER"))
        #expect(moved.output.contains("webhook_events"))
        let again = try await daemon.run(move.arguments)
        #expect(again.status == 1)
        #expect(again.output.contains("holds a store already"), "\(again.output)")

        try await daemon.start()
        #expect(try await move.answers(tenant) == before)
        // A second delivery of what is known changes nothing; a new one is scored.
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        stream.addIssue(4)
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        try await daemon.waitUntilSettled(tenant, issues: 4)
        #expect(
            try move.schema.query("SELECT COUNT(*), COUNT(DISTINCT delivery_id) FROM webhook_events")
                == [["\(stream.bodies.count)", "\(stream.bodies.count)"]])
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test func aPasswordInTheArgumentsIsRefusedAndNotShown() async throws {
        let daemon = try DaemonProcess()
        for url in ["postgresql://consilod:hunter2@db/consilod", "host=db user=consilod password=hunter2"] {
            let answer = try await daemon.run(["store", "migrate-to", url])
            #expect(answer.status != 0)
            #expect(answer.output.contains("PGPASSFILE"), "\(answer.output)")
            #expect(!answer.output.contains("hunter2"), "\(answer.output)")
        }
    }

    @Test func theDatabaseMayStandInTheConfiguration() async throws {
        let move = try Move()
        try await move.daemon.start()
        move.daemon.signal(SIGTERM)
        #expect(try await move.daemon.waitForExit() == 0)
        let file = move.daemon.folder.appendingPathComponent("move.yaml")
        try "store:\n  path: \(move.path)\n  url: \"\(move.schema.url)\"\n"
            .write(to: file, atomically: true, encoding: .utf8)
        let moved = try await move.daemon.run(["store", "migrate-to", "--config", file.path])
        #expect(moved.status == 0, "\(moved.output)")
        #expect(moved.output.contains("start consilod"))
        #expect(!moved.output.contains(move.schema.url))
    }
}
