import Domain
import FinBERT
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The daemon with a model (the tiny one of the fixtures), without, and with one that cannot be used.
@Suite(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
struct ModelTests {
    private struct Health: Decodable {
        struct Component: Decodable {
            var status: String
            var detail: String
        }
        var status: String
        var model: String
        var components: [String: Component]
    }

    private struct Raw: Decodable {
        struct Engine: Decodable { var model: String }
        struct Sentiment: Decodable {
            var total: Int
            var negative: Int
        }
        var engine: Engine
        var sentiment: Sentiment
    }

    private let complaint = "we are blocked again, the customer is angry!"

    private func health(of daemon: DaemonProcess) async throws -> Health {
        try await daemon.request(.get, "/health").json(Health.self)
    }

    private func model(of daemon: DaemonProcess) async throws -> Health.Component {
        try #require(try await health(of: daemon).components["model"])
    }

    private func raw(_ key: String, _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant) async throws -> Raw {
        try await daemon.request(.get, "/api/analyze/issue/\(key)/raw", token: tenant.api_key).json(Raw.self)
    }

    /// Comments of a small project from the last quarter of an hour, so that they are scored as of now.
    private func stream() -> WebhookStream {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -780))
        stream.addIssue(1, comments: [complaint, "{code}broken late failed{code}\nsee the attached file"])
        stream.addIssue(2, comments: [complaint, "great, fixed and merged. thanks!"])
        return stream
    }

    private func replay(
        _ stream: WebhookStream, into daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant
    ) async throws {
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
    }

    @Test func readsCommentsSaysSoEverywhereAndNeverReadsTheSameTwice() async throws {
        let daemon = try DaemonProcess(
            configuration: "model: {path: \(TestModel.folder.path), precision: fp32, threads: 1}")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await replay(stream(), into: daemon, tenant)
        try await daemon.waitUntilSettled(tenant, issues: 2)
        try await daemon.waitUntilApplied()

        let health = try await health(of: daemon)
        #expect(health.status == "healthy")
        #expect(health.model.hasPrefix("tiny-"))
        #expect(try await model(of: daemon).detail.hasPrefix("\(health.model) reads comments: model.safetensors of "))
        #expect(try await raw("PAY-1", daemon, tenant).engine.model == health.model)
        // The code block was not read: two comments, one complaint.
        #expect(try await raw("PAY-1", daemon, tenant).sentiment.negative == 1)
        #expect(try await raw("PAY-2", daemon, tenant).sentiment.negative == 1)
        let models = try daemon.query("SELECT DISTINCT model_id FROM analysis_history")
        #expect(models == [[health.model]])

        try await daemon.waitUntilApplied()
        let cached = try daemon.query("SELECT COUNT(*) FROM sentiment_cache")
        #expect(cached == [["3"]])
        // The report is kept for a second, and may be of before the last text.
        try await eventually("the report has all three texts") {
            try await self.model(of: daemon).detail.contains("; 3 texts read in ")
        }
        let read = try await model(of: daemon).detail
        // All of it as new deliveries of another file, with one text more.
        var again = stream()
        again.addComment(to: 1, id: 900, text: complaint + "\n{noformat}9 lines of log{noformat}")
        try await replay(again, into: daemon, tenant)
        // What was sent before is known by its signature and answered at once, so the one new webhook is waited for by name.
        try await eventually("the new comment counts") {
            try await self.raw("PAY-1", daemon, tenant).sentiment.total == 3
        }
        try await daemon.waitUntilApplied()
        #expect(try await model(of: daemon).detail == read)
    }

    @Test func aModelThatArrivesTakesOverAndWhatWasReadWithoutItIsRedone() async throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("arriving-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: copy) }
        let daemon = try DaemonProcess(configuration: "model: {path: \(copy.path), precision: fp32, threads: 1}")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        try await replay(stream(), into: daemon, tenant)
        try await daemon.waitUntilSettled(tenant, issues: 2)
        let before = try await health(of: daemon)
        #expect(before.status == "healthy")
        #expect(before.model == "wordlist-3")
        #expect(try await model(of: daemon).detail.contains("FinBERT is not installed in \(copy.path)"))

        try FileManager.default.copyItem(at: TestModel.folder, to: copy)
        daemon.signal(SIGHUP)
        try await eventually("both issues are scored by the model") {
            try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE model_id LIKE 'arriving-%+wordlist-3'") == [
                ["2"]
            ]
        }
        #expect(try await health(of: daemon).model.hasPrefix("arriving-"))
        // The history tells both.
        let rows = try daemon.query(
            "SELECT issue_key, COUNT(DISTINCT model_id) FROM analysis_history GROUP BY issue_key ORDER BY issue_key")
        #expect(rows == [["PAY-1", "2"], ["PAY-2", "2"]])

        // Nothing is stale now: the next start redoes nothing.
        let count = try daemon.query("SELECT COUNT(*) FROM analysis_history")
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        try await daemon.restart()
        try await daemon.waitUntilApplied()
        #expect(try daemon.query("SELECT COUNT(*) FROM analysis_history") == count)
        #expect(!daemon.log.contains("rules or model changed"))
    }

    @Test(arguments: ["model.safetensors", "config.json", "vocab.txt"])
    func aSpoiledModelLeavesTheWordListAtWorkAndTheReasonInSight(name: String) async throws {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("spoiled-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: TestModel.folder, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        let spoiled = copy.appendingPathComponent(name)
        try Data(contentsOf: spoiled).prefix(100).write(to: spoiled)
        let daemon = try DaemonProcess(configuration: "model: {path: \(copy.path)}")
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        for body in stream().bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
        let health = try await health(of: daemon)
        #expect(health.status == "degraded")
        #expect(health.model == "wordlist-3")
        let detail = try await model(of: daemon).detail
        #expect(detail.contains("the model cannot be used: \(name)"), "\(detail)")
        #expect(try await daemon.request(.get, "/ready").status == 200)
    }

    @Test func theCommandsTellWhatAModelIsAndSays() async throws {
        let daemon = try DaemonProcess()
        let options = ["--folder", TestModel.folder.path, "--precision", "fp32", "--threads", "1"]
        let info = try await daemon.run(["model", "info"] + options)
        #expect(info.status == 0)
        #expect(info.output.contains("model.safetensors, safetensors, 2 layers of 16"), "\(info.output)")
        #expect(info.output.contains("installed by hand"))
        let classified = try await daemon.run(["model", "classify", complaint] + options)
        #expect(classified.status == 0)
        #expect(classified.output.hasPrefix("negative"), "\(classified.output)")
        let german = try await daemon.run(
            ["model", "classify", "Das ist wirklich furchtbar und nervt uns."] + options)
        #expect(german.output.hasPrefix("negative"), "\(german.output)")
        #expect(german.output.contains("wordlist-3"), "\(german.output)")
        let french = try await daemon.run(["model", "classify", "Ce n'est pas encore prêt pour nous."] + options)
        #expect(french.output.hasPrefix("not judged"), "\(french.output)")
        let verified = try await daemon.run(["model", "verify"] + options)
        #expect(verified.status == 0, "\(verified.output)")

        // Without a model the word list answers; many texts come one a line.
        let file = daemon.folder.appendingPathComponent("texts")
        try Data(
            #"""
            "The build fails."
            "Fixed.\n\nThis is so annoying!"
            "Thanks"
            """#.utf8
        ).write(to: file)
        let listed = try await daemon.run(["model", "classify", "--json", "--file", file.path])
        #expect(listed.status == 0, "\(listed.output)")
        #expect(listed.output.contains("wordlist-3, the built-in word list, answers"), "\(listed.output)")
        let labels = listed.output.split(separator: "\n").compactMap { line in
            line.split(separator: " ").first.flatMap { SentimentLabel(rawValue: String($0)) }
        }
        #expect(labels == [.neutral, .negative, .positive], "\(listed.output)")

        let missing = try await daemon.run([
            "model", "verify", "--folder", daemon.folder.appendingPathComponent("none").path,
        ])
        #expect(missing.status == 1)
        #expect(missing.output.contains("there is no model folder"), "\(missing.output)")
    }
}
