import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// Mails about accounts by the real program and a real mail server.
@Suite struct AccountMailDaemonTests {
    private func environment(_ sinks: Sinks) -> [String: String] {
        [
            "CONSILOD_BILLING_ENABLED": "true", "CONSILOD_BILLING_MAILS_CHECK_SECONDS": "1",
            "CONSILOD_HTTP_PUBLIC_URL": "https://risk.example", "CONSILOD_SMTP_HOST": "127.0.0.1",
            "CONSILOD_SMTP_PORT": "\(sinks.smtpPort)", "CONSILOD_SMTP_SECURITY": "none",
            "CONSILOD_SMTP_FROM": "consilod@example.com",
        ]
    }

    private func running(_ body: (DaemonProcess, Sinks, DaemonProcess.Tenant) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sinks = try await Sinks(in: folder)
        let daemon = try DaemonProcess(environment: environment(sinks))
        try await daemon.start()
        try await body(daemon, sinks, try await daemon.createTenant())
    }

    /// The mails with this subject, each as its text.
    private func mails(_ subject: String, _ sinks: Sinks) throws -> [String] {
        try sinks.mails().filter { $0.contains("Subject: [consilod] \(subject)") }.map {
            // Quoted-printable breaks lines.
            $0.replacing("=\r\n", with: "").replacing("=\n", with: "").replacing("=3D", with: "=")
        }
    }

    private func put(_ body: String, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws {
        let answer = try await daemon.request(
            .put, "/api/tenants/\(tenant.id)", token: DaemonProcess.adminToken, body: body)
        #expect(answer.status == 200, "\(answer.text)")
    }

    private var now: Timestamp { Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)) }

    /// Makes the tenant so many hours old, with so many hours left of its trial.
    private func age(_ tenant: DaemonProcess.Tenant, hours: Int64, left: Int64, _ daemon: DaemonProcess) throws {
        let (created, end) = (now.adding(seconds: -hours * 3600), now.adding(seconds: left * 3600))
        try daemon.execute(
            "UPDATE tenants SET created_at = '\(created)', trial_ends_at = '\(end)' WHERE id = '\(tenant.id)'")
    }

    @Test func everyMailOfATrialIsSentOnceAlsoOverAKill() async throws {
        try await running { daemon, sinks, tenant in
            try await eventually("the first mail arrives") { try mails("Your trial has begun", sinks).count == 1 }
            let first = try #require(try mails("Your trial has begun", sinks).first)
            #expect(first.contains("To: it@acme.example") && first.contains("https://acme.atlassian.net"))
            #expect(first.contains("https://risk.example/dashboard") && !first.contains("List-Unsubscribe"))
            daemon.signal(SIGKILL)
            _ = try await daemon.waitForExit()
            try age(tenant, hours: 24 * 14 + 1, left: -1, daemon)
            try await daemon.restart()
            try await eventually("the end is reported") { try mails("Your trial has ended", sinks).count == 1 }
            try await put(#"{"status": "suspended"}"#, to: tenant, daemon)
            try await eventually("the suspension is reported") {
                try mails("Your account is suspended", sinks).count == 1
            }
            try await put(#"{"status": "active"}"#, to: tenant, daemon)
            try await eventually("the restoration is reported") {
                try mails("Your account works again", sinks).count == 1
            }
            #expect(try sinks.mails().count == 4)
            #expect(!daemon.log.contains("it@acme.example"))
        }
    }

    @Test func oneClickEndsTheRemindersAndNothingElse() async throws {
        try await running { daemon, sinks, tenant in
            try age(tenant, hours: 2, left: 24 * 12, daemon)
            try await eventually("the first reminder arrives") {
                try mails("The set-up is not finished", sinks).count == 1
            }
            let mail = try #require(try mails("The set-up is not finished", sinks).first)
            #expect(mail.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
            let start = try #require(mail.range(of: "List-Unsubscribe: <https://risk.example"))
            let link = String(mail[start.upperBound...].prefix { $0 != ">" })
            let answer = try await daemon.request(
                .post, link, headers: ["content-type": "application/x-www-form-urlencoded"],
                body: "List-Unsubscribe=One-Click")
            #expect(answer.status == 200, "\(answer.text)")
            // The reminder of the first day and the end of the trial are decided by the same look.
            try age(tenant, hours: 49, left: 48, daemon)
            try await eventually("the end is announced") { try mails("Your trial ends soon", sinks).count == 1 }
            #expect(
                try daemon.query("SELECT occasion FROM account_mails WHERE kind = 'onboarding'") == [["day-0"]])
            #expect(try mails("The set-up is not finished", sinks).count == 1)
        }
    }

    @Test func theOperatorSeesAMailThatWasGivenUpAndRetriesIt() async throws {
        try await running { daemon, sinks, tenant in
            try await eventually("the first mail arrives") { try mails("Your trial has begun", sinks).count == 1 }
            try daemon.execute("UPDATE account_mails SET state = 'dead', last_error = 'it <b>broke</b>'")
            let file = daemon.folder.appendingPathComponent("admin-token")
            try DaemonProcess.adminToken.write(to: file, atomically: true, encoding: .utf8)
            let host = ["--url", "http://127.0.0.1:\(daemon.port)", "--key-file", file.path]
            let listed = try await daemon.run(["mails", "list", "--state", "dead"] + host)
            #expect(listed.status == 0 && listed.output.contains("trial_started  sign-up  acme  it@acme.example"))
            let visitor = try await Visitor(daemon).signed(
                in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken])
            let page = try await visitor.get("/dashboard/operator/mails?state=dead")
            #expect(page.status == 200 && page.text.contains("it &lt;b&gt;broke&lt;/b&gt;"))
            #expect(page.text.contains("trial began") && !page.text.contains("{{"))
            let id = try #require(try daemon.query("SELECT id FROM account_mails").first?.first)
            let retried = try await visitor.post(
                "/dashboard/operator/retry-mail", ["form_token": try page.formToken, "mail": id])
            #expect(retried.status == 303 && retried.location == "/dashboard/operator/mails")
            try await eventually("it is sent again") { try mails("Your trial has begun", sinks).count == 2 }
            let actions = try daemon.query("SELECT action FROM audit_log WHERE tenant_id = '\(tenant.id)'")
            #expect(actions.contains(["account_mail.retry"]))
            let gone = try await daemon.run(["mails", "retry", id] + host)
            #expect(gone.status != 0 && gone.output.contains("not given up"), "\(gone.output)")
        }
    }

    @Test func aHostThatDoesNotBillOrHasNoPublicURLSendsNone() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sinks = try await Sinks(in: folder)
        for (name, value) in [("CONSILOD_BILLING_ENABLED", "false"), ("CONSILOD_HTTP_PUBLIC_URL", "")] {
            let daemon = try DaemonProcess(environment: environment(sinks).merging([name: value]) { $1 })
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            try await put(#"{"status": "suspended"}"#, to: tenant, daemon)
            #expect(try daemon.query("SELECT COUNT(*) FROM account_mails") == [["0"]])
            #expect(daemon.log.contains("no account mails are sent") == value.isEmpty)
            daemon.signal(SIGTERM)
            #expect(try await daemon.waitForExit() == 0)
        }
        #expect(try sinks.mails().isEmpty)
    }
}
