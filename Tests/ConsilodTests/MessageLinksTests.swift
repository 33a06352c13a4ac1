import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// From the message to the page and back: the real daemon, a mail server and a Slack-style receiver.
@Suite struct MessageLinksTests {
    private struct Delivery: Decodable {
        var recipient: String?
        var state: String
        var last_error: String?
    }
    private struct Alert: Decodable {
        var issue_key: String
        var acknowledged_by: String?
        var silence_id: String?
        var deliveries: [Delivery]
    }
    private struct Channel: Decodable {
        struct Recipient: Decodable {
            var address: String
            var state: String
        }
        var id: String
        var recipients: [Recipient]?
    }

    private func running(
        _ settings: [String: String] = [:], _ body: (DaemonProcess, Sinks, DaemonProcess.Tenant) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sinks = try await Sinks(in: folder)
        let daemon = try DaemonProcess(
            environment: [
                "CONSILOD_HTTP_PUBLIC_URL": "https://risk.example", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_SMTP_HOST": "127.0.0.1",
                "CONSILOD_SMTP_PORT": "\(sinks.smtpPort)", "CONSILOD_SMTP_SECURITY": "none",
                "CONSILOD_SMTP_FROM": "risk@example.com",
            ].merging(settings) { $1 })
        try await daemon.start()
        try await body(daemon, sinks, try await daemon.createTenant())
    }

    private func addChannel(
        _ kind: String, _ target: String, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess
    ) async throws -> Channel {
        let body = #"{"kind": "\#(kind)", "name": "Team \#(kind)", "target": "\#(target)"}"#
        let answer = try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body)
        #expect(answer.status == 201, "\(answer.text)")
        return try answer.json(Channel.self)
    }

    private func raiseAlert(of tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws {
        try daemon.execute("DELETE FROM alert_rules")
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        #expect(try await daemon.request(.post, "/api/alert-rules", token: tenant.api_key, body: rule).status == 201)
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var stream = WebhookStream(start: now.adding(seconds: -600))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
    }

    private func alerts(of tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws -> [Alert] {
        try await daemon.request(.get, "/api/alerts", token: tenant.api_key).json([Alert].self)
    }

    /// The mails with a header of this beginning, each as its text.
    private func mails(to address: String, _ sinks: Sinks) throws -> [String] {
        try sinks.mails().filter { $0.contains("To: \(address)") }.map {
            // Quoted-printable breaks lines.
            $0.replacing("=\r\n", with: "").replacing("=\n", with: "").replacing("=3D", with: "=")
        }
    }

    private func path(after words: String, in text: String) throws -> String {
        let start = try #require(text.range(of: "\(words)https://risk.example/"), "\(words) is not in \(text)")
        return "/" + String(text[start.upperBound...].prefix { $0.isLetter || $0.isNumber || "-_/".contains($0) })
    }

    @Test func alertsWaitForAConfirmationAndAreSentAfterIt() async throws {
        try await running { daemon, sinks, tenant in
            let channel = try await addChannel("email", "ana@example.com", to: tenant, daemon)
            #expect(channel.recipients?.map(\.state) == ["unconfirmed"])
            try await eventually("the owner of the address is asked") {
                try mails(to: "ana@example.com", sinks).count == 1
            }
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the alert waits") {
                try await alerts(of: tenant, daemon).flatMap(\.deliveries).map(\.last_error)
                    == ["waits for confirmation by the recipient"]
            }
            let question = try #require(try mails(to: "ana@example.com", sinks).first)
            #expect(question.contains("https://acme.atlassian.net"))
            let head = try #require(question.range(of: "\r\n\r\n"))
            let link = try path(after: "", in: String(question[head.upperBound...]))
            for method in [DaemonProcess.Method.get, .head] {
                #expect(try await daemon.request(method, link).status == 200)
            }
            #expect(try mails(to: "ana@example.com", sinks).count == 1)
            #expect(try await daemon.request(.post, link).status == 200)
            try await eventually("the alert is sent") {
                try await alerts(of: tenant, daemon).flatMap(\.deliveries).map(\.state) == ["delivered"]
            }
            let mail = try #require(try mails(to: "ana@example.com", sinks).last)
            #expect(mail.contains("List-Unsubscribe: <https://risk.example/links/"))
            #expect(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
            // No page is known by the log.
            #expect(!daemon.log.contains(link.suffix(30)))
        }
    }

    @Test func oneClickEndsTheMailToOneAddressAndNoOther() async throws {
        try await running(["CONSILOD_SMTP_CONFIRMED_DOMAINS": "example.com"]) { daemon, sinks, tenant in
            let channel = try await addChannel("email", "ana@example.com, ben@example.com", to: tenant, daemon)
            #expect(channel.recipients?.map(\.state) == ["confirmed", "confirmed"])
            try await raiseAlert(of: tenant, daemon)
            try await eventually("both have the first alert") {
                try await alerts(of: tenant, daemon).flatMap(\.deliveries).count { $0.state == "delivered" } == 2
            }
            let mail = try #require(try mails(to: "ana@example.com", sinks).first)
            let link = try path(after: "List-Unsubscribe: <", in: mail)
            let answer = try await daemon.request(
                .post, link, headers: ["content-type": "application/x-www-form-urlencoded"],
                body: "List-Unsubscribe=One-Click")
            #expect(answer.status == 200, "\(answer.text)")
            let listed = try await daemon.request(.get, "/api/alert-channels", token: tenant.api_key).json(
                [Channel].self)
            #expect(listed.first?.recipients?.map(\.state) == ["unsubscribed", "confirmed"])
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the second alert has its outcomes") {
                let deliveries = try await alerts(of: tenant, daemon).flatMap(\.deliveries)
                return deliveries.filter { $0.state != "queued" }.count == 4
            }
            let deliveries = try await alerts(of: tenant, daemon).flatMap(\.deliveries)
            #expect(
                deliveries.filter { $0.recipient == "ana@example.com" }.map(\.state).sorted() == [
                    "delivered", "unsubscribed",
                ])
            #expect(deliveries.filter { $0.recipient == "ben@example.com" }.allSatisfy { $0.state == "delivered" })
            #expect(try mails(to: "ana@example.com", sinks).count == 1)
            #expect(try mails(to: "ben@example.com", sinks).count == 2)
        }
    }

    @Test func aMessageInSlackIsAcknowledgedAndItsIssueSnoozed() async throws {
        try await running { daemon, sinks, tenant in
            _ = try await addChannel("slack", "http://127.0.0.1:\(sinks.slackPort)/hook", to: tenant, daemon)
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the message arrives") { try sinks.slackMessages().count == 1 }
            let message = try #require(try sinks.slackMessages().first).replacing("\\/", with: "/")
            let links = message.matches(of: #/https://risk\.example(/links/[A-Za-z0-9_-]+)\|(Acknowledge|Snooze)>/#)
            let byTitle = Dictionary(links.map { ($0.output.2, String($0.output.1)) }) { first, _ in first }
            let acknowledge = try #require(byTitle["Acknowledge"])
            let snooze = try #require(byTitle["Snooze"])
            #expect(try await daemon.request(.get, acknowledge).text.contains("<form"))
            #expect(try await alerts(of: tenant, daemon).map(\.acknowledged_by) == [nil])
            #expect(try await daemon.request(.post, acknowledge).status == 200)
            #expect(try await alerts(of: tenant, daemon).map(\.acknowledged_by) == ["link to Team slack"])
            let snoozed = try await daemon.request(
                .post, snooze, headers: ["content-type": "application/x-www-form-urlencoded"], body: "choice=1h")
            #expect(snoozed.status == 200, "\(snoozed.text)")
            // The next alert of the issue is kept back.
            try await raiseAlert(of: tenant, daemon)
            try await eventually("the second alert is raised") { try await alerts(of: tenant, daemon).count == 2 }
            #expect(try await alerts(of: tenant, daemon).count { $0.silence_id != nil && $0.deliveries.isEmpty } == 1)
            #expect(try sinks.slackMessages().count == 1)
        }
    }
}
