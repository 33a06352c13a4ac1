import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// `consilod rules` of the real program.
@Suite struct RulesCommandTests {
    private func rules(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ arguments: [String]
    ) async throws -> (status: Int32, output: String) {
        try await daemon.run(["rules"] + arguments, as: tenant)
    }

    @Test func aRuleIsTriedBeforeItRingsAndAfterItRang() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let body = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        #expect(
            try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: body).status == 201)
        let list = try await rules(daemon, tenant, ["list"])
        #expect(list.status == 0 && list.output.contains("at 70  clears below 60  High risk"), "\(list.output)")
        #expect(list.output.contains("20 points within 24h  Risk spike"), "\(list.output)")

        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilApplied()
        try await eventually("an alert is raised") {
            try await daemon.request(.get, "/api/alerts", token: tenant.api_key).text.contains("Any risk")
        }

        let stored = try await rules(daemon, tenant, ["try", "--last", "90d", "--rule", "any RISK"])
        #expect(stored.status == 0, "\(stored.output)")
        #expect(stored.output.contains("would have fired 1 time, for 1 issue;"), "\(stored.output)")
        #expect(stored.output.contains("really raised 1"), "\(stored.output)")
        let new = try await rules(daemon, tenant, ["try", "--threshold", "99", "--clear-below", "90"])
        #expect(new.status == 0 && new.output.contains("would have fired 0 times"), "\(new.output)")
        let all = try await rules(daemon, tenant, ["try", "--last", "7d"])
        #expect(all.status == 0 && all.output.contains("High risk (") && all.output.contains("Risk spike ("))

        let json = try await rules(daemon, tenant, ["try", "--spike", "5", "--within", "7d", "--json"])
        struct Shown: Decodable { var raised: Int }
        let text = json.output.drop { $0 != "{" }
        _ = try JSONDecoder().decode(Shown.self, from: Data(text.utf8))

        for wrong in [
            ["try", "--last", "90"], ["try", "--rule", "none such"], ["try", "--clear-below", "5"],
            ["try", "--threshold", "5", "--spike", "5"], ["try", "--threshold", "500"],
        ] {
            let refused = try await rules(daemon, tenant, wrong)
            #expect(refused.status != 0, "\(wrong): \(refused.output)")
        }
    }

    @Test func spansAreReadAsTheyAreWritten() {
        #expect(Span.seconds("90d") == 7_776_000 && Span.seconds("24h") == 86_400)
        for wrong in ["", "90", "0d", "-1d", "d", "1w", "1.5h", "999999d"] { #expect(Span.seconds(wrong) == nil) }
        #expect(Span.text(seconds: 86_400) == "24h" && Span.text(seconds: 604_800) == "7d")
        #expect(Span.text(seconds: 90) == "90s")
    }
}
