import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// P1 and P2, through the real door of the real program.
@Suite struct DurabilityTests {
    private static let start = Timestamp(seconds: 1_790_000_000)

    /// A daemon's stop and start take longer than Jira's five retries where every core is busy.
    private let persistent = ["--retries", "30"]

    private struct Event: Decodable, Hashable {
        var delivery_id: String
        var state: String
    }

    private func events(_ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) async throws -> [Event] {
        var all: [Event] = []
        var path: String? = "/api/webhook-events?limit=200"
        while let next = path {
            let answer = try await daemon.request(.get, next, token: tenant.api_key)
            all += try answer.json([Event].self)
            path = answer.nextPage
        }
        return all
    }

    @Test func keepsEveryAnsweredWebhookAcrossKill() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Self.start)
        for number in 1...60 {
            stream.addIssue(
                number, comments: ["This is stuck again, we are blocked by the vendor.", "Still no answer."])
        }
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)

        for _ in 0..<3 {
            // Killed somewhere in the middle: the replay meets a dead port and, as Jira would, tries again.
            async let replayed = daemon.replay(file, tenant: tenant, arguments: ["--rate", "400"] + persistent)
            let before = try await events(daemon, tenant).count
            try await eventually("some more webhooks are stored") {
                let count = try await self.events(daemon, tenant).count
                return count > before + 20 || count == stream.bodies.count
            }
            let stored = Set(try await events(daemon, tenant).map(\.delivery_id))
            daemon.signal(SIGKILL)
            #expect(try await daemon.waitForExit() == -SIGKILL)
            try await daemon.restart()
            let afterwards = Set(try await events(daemon, tenant).map(\.delivery_id))
            #expect(stored.isSubset(of: afterwards))
            let result = try await replayed
            #expect(result.status == 0, "\(result.output)")
        }
        try await daemon.waitUntilApplied()

        let all = try await events(daemon, tenant)
        #expect(all.count == stream.bodies.count)
        #expect(Set(all.map(\.delivery_id)).count == all.count)
        #expect(all.allSatisfy { $0.state == "applied" })
        // Applied once: each issue has its two comments, not four.
        let raw = try await daemon.request(.get, "/api/analyze/issue/PAY-7/raw", token: tenant.api_key)
        #expect(try raw.json(RawAnalysis.self).sentiment.total == 2)
    }

    private struct RawAnalysis: Decodable {
        struct Sentiment: Decodable { var total: Int }
        var sentiment: Sentiment
    }

    @Test func anotherReplayOfTheSameFileChangesNothing() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Self.start)
        for number in 1...5 { stream.addIssue(number, comments: ["Blocked by the payment vendor."]) }
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        try await daemon.waitUntilSettled(tenant, issues: 5)
        let before = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
        let history = try await daemon.request(.get, "/api/analyze/history/PAY-3", token: tenant.api_key)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        #expect(try await daemon.health().figures.pending_events == 0)
        let after = try await daemon.request(.get, "/api/issues", token: tenant.api_key)
        #expect(after.text == before.text)
        #expect(
            try await daemon.request(.get, "/api/analyze/history/PAY-3", token: tenant.api_key).text == history.text)
    }

    @Test func finishesWhatIsInHandOnSIGTERMUnderLoad() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Self.start)
        for number in 1...100 { stream.addIssue(number) }
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        async let replayed = daemon.replay(file, tenant: tenant, arguments: persistent)
        try await eventually("webhooks arrive") { try await self.events(daemon, tenant).count > 10 }
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        try await daemon.restart()
        #expect(try await replayed.status == 0)
        try await daemon.waitUntilApplied()
        #expect(try await events(daemon, tenant).count == stream.bodies.count)
    }

    @Test(.disabled(if: PostgresSchema.server != nil, "locks SQLite's file"))
    func asksJiraToComeBackWhileTheStoreCannotCommitAndRecoversByItself() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        // Another process holds the database's write lock.
        let locker = Process()
        locker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        locker.arguments = ["sqlite3", daemon.folder.appendingPathComponent("c.sqlite").path]
        let (orders, answers) = (Pipe(), Pipe())
        locker.standardInput = orders
        locker.standardOutput = answers
        try locker.run()
        orders.fileHandleForWriting.write(Data("BEGIN IMMEDIATE;\n.print locked\n".utf8))
        #expect(String(decoding: answers.fileHandleForReading.availableData, as: UTF8.self) == "locked\n")

        var stream = WebhookStream(start: Self.start)
        stream.addIssue(1, status: "To Do")
        let answer = try await daemon.post(stream.bodies[0], to: tenant)
        #expect(answer.status == 503)
        #expect(answer.headers.first(name: "retry-after") != nil)
        #expect(try await daemon.request(.get, "/health").status == 503)

        orders.fileHandleForWriting.write(Data("ROLLBACK;\n.quit\n".utf8))
        try await eventually("the lock is gone") { !locker.isRunning }
        #expect(try await daemon.post(stream.bodies[0], to: tenant).status == 202)
        // What was found before may be told for another second.
        try await eventually("the daemon is healthy") {
            try await daemon.request(.get, "/health").status == 200
        }
        try await daemon.waitUntilApplied()
        #expect(try await events(daemon, tenant).map(\.state) == ["applied"])
    }
}
