import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// A host that bills, by the real program: commands, pages, deliveries, and two nodes.
@Suite struct BillingTests {
    private static let billing = [
        "CONSILOD_BILLING_ENABLED": "true", "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true",
        "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
    ]

    private func started(_ environment: [String: String] = Self.billing) async throws -> DaemonProcess {
        let daemon = try DaemonProcess(environment: environment)
        try await daemon.start()
        return daemon
    }

    /// A command with the admin token.
    private func run(
        _ arguments: [String], _ daemon: DaemonProcess, for tenant: DaemonProcess.Tenant? = nil
    ) async throws -> (status: Int32, output: String) {
        let file = daemon.folder.appendingPathComponent("admin-token")
        try DaemonProcess.adminToken.write(to: file, atomically: true, encoding: .utf8)
        return try await daemon.run(
            arguments + ["--url", "http://127.0.0.1:\(daemon.port)", "--key-file", file.path]
                + (tenant.map { ["--tenant", $0.id] } ?? []))
    }

    private func put(_ body: String, to tenant: DaemonProcess.Tenant, _ daemon: DaemonProcess) async throws {
        let answer = try await daemon.request(
            .put, "/api/tenants/\(tenant.id)", token: DaemonProcess.adminToken, body: body)
        #expect(answer.status == 200, "\(answer.text)")
    }

    private func sendIssue(to tenant: DaemonProcess.Tenant, of daemon: DaemonProcess) async throws {
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(7, comments: ["We are blocked and wait for the other team."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
    }

    @Test func aTrialBeginsWithItsDaysAndIsSpokenOfOnThePages() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        struct Shown: Decodable {
            var created_at: Timestamp
            var trial_ends_at: Timestamp?
        }
        let shown = try await daemon.request(.get, "/api/tenants/\(tenant.id)", token: tenant.api_key).json(Shown.self)
        #expect(shown.trial_ends_at == shown.created_at.adding(days: 14))
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        #expect(try await !visitor.get("/dashboard").text.contains("The trial end"))
        try await put(#"{"trial_ends_at": "2020-01-01T00:00:00Z"}"#, to: tenant, daemon)
        let page = try await visitor.get("/dashboard")
        #expect(page.status == 200 && page.text.contains("The trial ended on 2020-01-01"))
        #expect(try await daemon.request(.get, "/api/issues", token: tenant.api_key).status == 402)
    }

    @Test func thePagesWorkInEveryPlanAndFilesAreThoseOfThePlan() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        try await sendIssue(to: tenant, of: daemon)
        try await eventually("the issue is scored") {
            try daemon.query("SELECT COUNT(*) FROM issue_snapshots WHERE risk_score IS NOT NULL") == [["1"]]
        }
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        for (plan, hasFiles) in [("free", false), ("starter", false), ("growth", true), ("enterprise", true)] {
            try await put(#"{"plan": "\#(plan)"}"#, to: tenant, daemon)
            let page = try await visitor.get("/dashboard/issues")
            #expect(page.status == 200 && page.text.contains("Download as CSV") == hasFiles, "\(plan)")
            let file = try await visitor.get("/dashboard/issues.csv")
            #expect(file.status == (hasFiles ? 200 : 403), "\(plan)")
            if !hasFiles { #expect(file.text.contains("has no CSV files")) }
        }
    }

    @Test func commandsChangePlansAndWhoHasWhich() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let plan = try await run(
            ["tenant", "plan", "--plan", "growth", "--status", "active", "--trial-ends-at", "never"], daemon,
            for: tenant)
        #expect(plan.status == 0 && plan.output.contains("status     active, plan growth"), "\(plan.output)")
        #expect(plan.output.contains("issues unlimited, sprints 20, portfolios 5\n"))
        let own = try await run(["tenant", "plan", "--issues", "7", "--sprints", "unlimited"], daemon, for: tenant)
        #expect(own.output.contains("issues 7, sprints unlimited, portfolios 5 (limits of its own)"), "\(own.output)")
        let set = try await run(
            ["plan", "set", "growth", "--price", "199", "--portfolios", "9", "--without", "csv_export"], daemon)
        #expect(
            set.output == "growth  199  issues unlimited  sprints 20  portfolios 9  slack_integration\n",
            "\(set.output)")
        let cleared = try await run(["tenant", "plan", "--plan-limits"], daemon, for: tenant)
        #expect(cleared.output.contains("issues unlimited, sprints 20, portfolios 9\n"), "\(cleared.output)")
        let listed = try await run(["plan", "list"], daemon)
        #expect(
            listed.output.split(separator: "\n").map { $0.prefix { $0 != " " } } == [
                "free", "starter", "growth", "enterprise",
            ])
        let actions = try daemon.query(
            "SELECT action FROM audit_log WHERE actor = 'operator' AND action LIKE '%.update' ORDER BY action")
        #expect(actions.compactMap(\.first) == ["plan.update", "tenant.update", "tenant.update", "tenant.update"])
    }

    @Test func theOperatorsPageOfATenantChangesItsSubscription() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let owner = try await Visitor(daemon).signed(
            in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken])
        let path = "/dashboard/operator/tenants/\(tenant.id)"
        #expect(try await owner.get("/dashboard/operator/tenants").text.contains(path))
        let page = try await owner.get(path)
        #expect(page.status == 200 && page.text.contains("acme") && !page.text.contains("{{"))
        var form = [
            "form_token": try page.formToken, "plan": "growth", "status": "active", "trial_ends_at": "",
            "own_limits": "true", "monthly_issue_limit": "12", "monthly_sprint_limit": "",
            "monthly_portfolio_limit": "3",
        ]
        #expect(try await owner.post(path, form).location == path)
        let columns = """
            SELECT plan, status, monthly_issue_limit, monthly_sprint_limit, monthly_portfolio_limit FROM tenants
            """
        #expect(try daemon.query(columns) == [["growth", "active", "12", "", "3"]])
        form["monthly_issue_limit"] = "many"
        let refused = try await owner.post(path, form)
        #expect(refused.status == 422 && refused.text.contains("Analyses of issues a month"), "\(refused.text)")
        form.removeValue(forKey: "own_limits")
        #expect(try await owner.post(path, form).status == 303)
        #expect(try daemon.query(columns) == [["growth", "active", "", "20", "5"]])
        for file in ["\(path)/usage.csv", "/dashboard/operator/usage.csv"] {
            let answer = try await owner.get(file)
            #expect(answer.status == 200 && answer.text.contains("action_type"), "\(file)")
        }
        #expect(try await owner.get("/dashboard/operator/tenants/\(UUID())").status == 404)
        let own = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        #expect(try await own.get(path).status == 404)
    }

    /// As where a subscription has ended while the operator looked at the page.
    @Test func whatWasNotChangedOnTheOperatorsPageIsNotPutBack() async throws {
        let daemon = try await started()
        let tenant = try await daemon.createTenant()
        let owner = try await Visitor(daemon).signed(
            in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken])
        let path = "/dashboard/operator/tenants/\(tenant.id)"
        let page = try await owner.get(path)
        var form = ["form_token": try page.formToken]
        for match in page.text.matches(of: /name="shown_([a-z_]+)" value="([^"]*)"/) {
            let (name, value) = (String(match.output.1), String(match.output.2))
            form["shown_\(name)"] = value
            form[name] = value
        }
        #expect(form["plan"] == "starter" && form["status"] == "trial" && form["trial_ends_at"]?.isEmpty == false)
        try daemon.execute("UPDATE tenants SET plan = 'free', status = 'active', trial_ends_at = NULL")
        form["own_limits"] = "true"
        form["monthly_issue_limit"] = "12"
        #expect(try await owner.post(path, form).status == 303)
        let columns = "SELECT plan, status, COALESCE(CAST(trial_ends_at AS TEXT), ''), monthly_issue_limit FROM tenants"
        #expect(try daemon.query(columns) == [["free", "active", "", "12"]])
        form["plan"] = "growth"
        form["own_limits"] = ""
        form["shown_own_limits"] = "true"
        #expect(try await owner.post(path, form).status == 303)
        #expect(try daemon.query(columns) == [["growth", "active", "", ""]])
    }

    @Test func whatALoweredPlanDoesNotDeliverIsADeadLetterThatCanBeRetried() async throws {
        let daemon = try await started()
        let sinks = try await Sinks(in: daemon.folder)
        let tenant = try await daemon.createTenant()
        try await put(#"{"plan": "enterprise"}"#, to: tenant, daemon)
        for (path, body) in [
            (
                "/api/alert-channels",
                #"{"kind": "slack", "name": "team", "target": "http://127.0.0.1:\#(sinks.slackPort)/services/T0/B0/hush"}"#
            ),
            ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
        ] {
            let answer = try await daemon.request(.post, path, token: tenant.api_key, body: body)
            #expect(answer.status == 201, "\(answer.text)")
        }
        try await put(#"{"plan": "starter"}"#, to: tenant, daemon)
        try await sendIssue(to: tenant, of: daemon)
        let dead = "SELECT id FROM notifications WHERE state = 'dead' AND last_error LIKE '%plan has no Slack%'"
        try await eventually("the delivery is a dead letter") { try !daemon.query(dead).isEmpty }
        #expect(try sinks.slackMessages().isEmpty)
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        #expect(try await visitor.get("/dashboard/channels").text.contains("the plan has no such channels"))
        try await put(#"{"plan": "enterprise"}"#, to: tenant, daemon)
        let id = try #require(try daemon.query(dead).first?.first)
        let retried = try await daemon.request(
            .post, "/api/alerts/deliveries/\(id)/retry", token: tenant.api_key, body: "{}")
        #expect(retried.status < 300, "\(retried.text)")
        try await eventually("it is delivered") { try !sinks.slackMessages().isEmpty }
    }

    @Test(.enabled(if: PostgresSchema.server != nil, "CONSILOD_TEST_POSTGRES names no server"))
    func aChangeOnOneNodeHoldsForTheNextRequestOnAnother() async throws {
        let schema = try PostgresSchema(server: try #require(PostgresSchema.server))
        let environment = Self.billing.merging(["CONSILOD_STORE_URL": schema.url]) { $1 }
        let (one, two) = (try await started(environment), try await started(environment))
        let tenant = try await one.createTenant()
        func answer() async throws -> UInt {
            try await two.request(.get, "/api/issues", token: tenant.api_key).status
        }
        #expect(try await answer() == 403)
        for (body, status) in [
            (#"{"plan": "enterprise"}"#, UInt(200)), (#"{"status": "suspended"}"#, 403),
            (#"{"status": "cancelled"}"#, 402),
            (#"{"status": "active"}"#, 200), (#"{"plan": "growth"}"#, 403),
        ] {
            try await put(body, to: tenant, one)
            #expect(try await answer() == status, "\(body)")
        }
        let set = try await one.request(
            .put, "/api/plans/growth", token: DaemonProcess.adminToken, body: #"{"api_access": true}"#)
        #expect(set.status == 200)
        #expect(try await answer() == 200)
    }
}
