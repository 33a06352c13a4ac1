import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The pages of the host's owner, by the real program.
@Suite struct OperatorPagesTests {
    private static let pages = ["", "/tenants", "/work", "/usage", "/mails", "/audit"].map {
        "/dashboard/operator\($0)"
    }

    private func started() async throws -> DaemonProcess {
        let daemon = try DaemonProcess()
        try await daemon.start()
        return daemon
    }

    private func owner(of daemon: DaemonProcess) async throws -> Visitor {
        try await Visitor(daemon).signed(in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken])
    }

    /// A webhook that is signed and says nothing that could be understood.
    private func reject(_ tenant: DaemonProcess.Tenant, of daemon: DaemonProcess) async throws {
        let body = #"{"timestamp": 1, "webhookEvent": "jira:issue_updated", "issue": {"fields": {}}}"#
        #expect(try await daemon.post(body, to: tenant).status == 202)
        try await eventually("it is rejected") {
            try daemon.query("SELECT COUNT(*) FROM webhook_events WHERE state = 'rejected'") == [["1"]]
        }
    }

    @Test func theOwnerSeesTheHostAndItsTenants() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let answer = try await Visitor(daemon).post(
            "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken, "next": "/dashboard/operator/usage"])
        #expect(answer.status == 303 && answer.location == "/dashboard/operator/usage")
        let visitor = try await owner(of: daemon)
        for path in Self.pages {
            let page = try await visitor.get(path)
            #expect(page.status == 200 && page.text.contains(" UTC") && !page.text.contains("{{"), "\(path)")
            #expect(page.headers.first(name: "content-security-policy")?.contains("script-src") == false)
            #expect(page.text.contains("aria-current=\"page\"") && !page.text.contains("cslk_"))
        }
        let host = try await visitor.get("/dashboard/operator").text
        #expect(host.contains("accepts commits") && host.contains(">model<") && host.contains("Nodes of the last day"))
        let tenants = try await visitor.get("/dashboard/operator/tenants").text
        #expect(tenants.contains("acme") && tenants.contains(tenant.id))
        #expect(!daemon.log.contains(DaemonProcess.adminToken))
    }

    @Test func noSessionOpensTheOthersPages() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let tenants = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let owners = try await owner(of: daemon)
        for path in Self.pages {
            #expect(try await tenants.get(path).status == 404, "\(path)")
            #expect(try await Visitor(daemon).get(path).status == 303, "\(path)")
        }
        for path in ["/dashboard", "/dashboard/issues", "/dashboard/alerts", "/dashboard/events"] {
            #expect(try await owners.get(path).status == 404, "\(path)")
        }
        let token = try await tenants.get("/dashboard").formToken
        for action in ["retry-issue", "retry-webhooks"] {
            let answer = try await tenants.post(
                "/dashboard/operator/\(action)", ["form_token": token, "tenant": tenant.id, "issue": "1"])
            #expect(answer.status == 404)
        }
        // A tenant who is sent to the owner's pages lands on its own.
        let answer = try await Visitor(daemon).post(
            "/dashboard/sign-in", ["api_key": tenant.api_key, "next": "/dashboard/operator"])
        #expect(answer.location == "/dashboard")
    }

    @Test func theOwnersSessionEndsWithSigningOutAndWithTheAdminToken() async throws {
        let daemon = try await started()
        let (leaving, staying) = (try await owner(of: daemon), try await owner(of: daemon))
        let token = try await leaving.get("/dashboard/operator").formToken
        #expect(try await leaving.post("/dashboard/sign-out", ["form_token": token]).status == 303)
        #expect(try await leaving.get("/dashboard/operator").status == 303)
        #expect(try await staying.get("/dashboard/operator").status == 200)
        let stored = try daemon.query("SELECT admin_mark FROM operator_sign_ins")
        #expect(stored.count == 1 && stored[0][0].count == 64)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        daemon.setEnvironment("CONSILOD_ADMIN_TOKEN", "another-admin-token-for-tests")
        try await daemon.restart()
        #expect(try await staying.get("/dashboard/operator").status == 303)
    }

    @Test func aLinkSignsTheOwnerInOnce() async throws {
        let daemon = try await started()
        let file = daemon.folder.appendingPathComponent("admin-token")
        try DaemonProcess.adminToken.write(to: file, atomically: true, encoding: .utf8)
        let made = try await daemon.run([
            "login-link", "--operator", "--url", "http://127.0.0.1:\(daemon.port)", "--key-file", file.path,
        ])
        #expect(made.status == 0, "\(made.output)")
        let link = made.output.trimmingCharacters(in: .whitespacesAndNewlines)
        let path = try #require(URLComponents(string: link)?.path)
        let visitor = try await Visitor(daemon).signed(in: path)
        #expect(try await visitor.get("/dashboard/operator").status == 200)
        #expect(try await visitor.get("/dashboard").status == 404)
        #expect(try await Visitor(daemon).post(path, [:]).status == 403)
        // A tenant's key makes no such link.
        let tenant = try await daemon.createTenant()
        let refused = try await daemon.request(.post, "/api/operator/login-links", token: tenant.api_key, body: "{}")
        #expect(refused.status == 403)
    }

    @Test func parkedIssuesAndRejectedWebhooksAreRetriedByAForm() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1)
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 1)
        try await reject(tenant, of: daemon)
        try daemon.execute(
            """
            UPDATE issue_queue SET parked_at = '2026-11-30T09:00:00.000Z', attempts = 8, last_error = 'it <b>broke</b>',
                lease_token = NULL, leased_until = NULL
            """)
        let visitor = try await owner(of: daemon)
        let page = try await visitor.get("/dashboard/operator/work")
        #expect(page.text.contains("PAY-1") && page.text.contains("it &lt;b&gt;broke&lt;/b&gt;"))
        #expect(page.text.contains("jira:issue_updated"))
        let token = try page.formToken
        let parked = { try daemon.query("SELECT COUNT(*) FROM issue_queue WHERE parked_at IS NOT NULL") }
        let form = ["tenant": tenant.id, "issue": "10001"]
        #expect(try await visitor.post("/dashboard/operator/retry-issue", form).status == 400)
        #expect(try parked() == [["1"]])
        let retried = try await visitor.post(
            "/dashboard/operator/retry-issue", form.merging(["form_token": token]) { $1 })
        #expect(retried.status == 303 && retried.location == "/dashboard/operator/work")
        #expect(try parked() == [["0"]])
        let again = try await visitor.post(
            "/dashboard/operator/retry-issue", form.merging(["form_token": token]) { $1 })
        #expect(again.status == 400)
        // What is still not understood is rejected again; it is read, and that is what the form asks for.
        let webhooks = try await visitor.post(
            "/dashboard/operator/retry-webhooks", ["tenant": tenant.id, "form_token": token])
        #expect(webhooks.status == 303)
        let foreign = try await visitor.post(
            "/dashboard/operator/retry-webhooks", ["tenant": "\(UUID())", "form_token": token])
        #expect(foreign.status == 404)
    }

    @Test func usageIsCountedByDayKindAndPlan() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        _ = try await daemon.createTenant("idle")
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1)
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await daemon.waitUntilSettled(tenant, issues: 1)
        for _ in 0..<3 {
            let answer = try await daemon.request(
                .post, "/api/analyze/issue", token: tenant.api_key, body: #"{"issue_key": "PAY-1"}"#)
            #expect(answer.status == 200)
        }
        let page = try await owner(of: daemon).get("/dashboard/operator/usage").text
        #expect(page.contains("<b>3</b> analyses of issues") && page.contains("<b>0</b> analyses of sprints"))
        let plan =
            #"<th scope="row">starter</th><td class="number">2</td><td class="number">1</td><td class="number">3</td>"#
        #expect(page.contains(plan))
        #expect(page.firstMatch(of: /<li>20[0-9-]{8}: 2<\/li>/) != nil)
    }
}
