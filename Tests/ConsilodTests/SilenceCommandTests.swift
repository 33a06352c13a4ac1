import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod silence`, and what the daemon does with it.
@Suite struct SilenceCommandTests {
    private func silence(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        try await daemon.run(["silence"] + arguments, as: tenant)
    }

    @Test func whatIsSilencedIsSentWhenTheSilenceIsEnded() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        for (path, body) in [
            ("/api/alert-channels", #"{"kind": "slack", "name": "team", "target": "https://hooks.slack.example/x"}"#),
            ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
        ] {
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: body).status == 201)
        }
        let wrong = try await silence(daemon, tenant, ["add", "mood=bad", "--hours", "2", "--reason", "Release"])
        #expect(wrong.status != 0 && wrong.output.contains("matchers[0].name"), "\(wrong.output)")
        let added = try await silence(
            daemon, tenant, ["add", "kind=threshold,spike", "--hours", "2", "--reason", "Release"])
        #expect(added.status == 0 && added.output.contains("kind=threshold,spike"), "\(added.output)")
        let id = String(added.output.prefix { $0 != " " })
        let list = try await silence(daemon, tenant, ["list"])
        #expect(list.output == added.output)

        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await eventually("an alert is listed as silenced") {
            try await daemon.request(.get, "/api/alerts", token: tenant.api_key).text.contains(id.lowercased())
        }
        #expect(try daemon.query("SELECT COUNT(*) FROM notifications") == [["0"]])
        let ended = try await silence(daemon, tenant, ["expire", id])
        #expect(ended.status == 0 && ended.output.contains("expired"), "\(ended.output)")
        try await eventually("it is sent") { try daemon.query("SELECT COUNT(*) FROM notifications") != [["0"]] }
        #expect(try await silence(daemon, tenant, ["list"]).output == "")
    }
}
