import Domain
import Foundation
import HTTPServer
import HTTPTypes
import TestSupport
import Testing

@testable import Dashboard
@testable import DaemonTestSupport

/// Every form of the dashboard that changes something leaves exactly one row in the audit log.
@Suite struct DashboardAuditTests {
    /// Forms without exactly one row, with the reason.
    private static let exceptions: [String: String] = [
        "/dashboard/projects": "an analysis is recorded in usage_logs",
        "/dashboard/plan/checkout": "needs Stripe: DashboardPlanTests",
        "/dashboard/plan/portal": "needs Stripe: DashboardPlanTests",
    ]

    /// A form in the order in which they are sent: one may need what an earlier one has made.
    private struct Step {
        /// As it stands in the table of the dashboard's routes.
        var template: String
        /// For `{id}`: a path of the API that lists such things, and which of them; nil for none.
        var id: (path: String, field: String, value: String)?
        var form: [String: String] = [:]
        var action: String

        init(
            _ template: String, _ id: (path: String, field: String, value: String)? = nil,
            _ form: [String: String] = [:], action: String
        ) {
            self.template = "/dashboard\(template)"
            self.id = id
            self.form = form
            self.action = action
        }
    }

    /// What a channel refuses for good.
    private static let gone = """
        import http.server, sys
        class Gone(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_error(410)
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gone)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """

    private static let keys = ("/api/api-keys", "name", "Reports")
    private static let (team, leads) = (
        ("/api/alert-channels", "name", "team"), ("/api/alert-channels", "name", "leads")
    )
    private static let rule = ("/api/alert-rules", "name", "Made")
    private static let matcher = ["matcher_name": "project", "matcher_sign": "is", "matcher_values": "OPS"]

    private static func account(_ jira: SimulatedJira) -> [Step] {
        [
            Step(
                "/setup/jira", nil,
                ["jira_url": jira.url, "jira_email": SimulatedJira.email, "jira_token": SimulatedJira.token],
                action: "tenant.update"),
            Step("/setup/secret", action: "webhook_secret.create"),
            Step("/setup/webhook", action: "jira_webhook.register"),
            Step("/setup/webhook-test", action: "jira_webhook.test"),
            Step("/setup/backfill", nil, ["project_key": "pay"], action: "backfill.start"),
            Step("/forecast/backtest", action: "backtest.request"),
            Step("/keys", nil, ["name": "Reports", "role": "viewer"], action: "api_key.create"),
            Step("/keys/{id}/rotate", keys, ["overlap_seconds": "3600"], action: "api_key.rotate"),
            Step("/keys/{id}/revoke", keys, action: "api_key.revoke"),
        ]
    }

    private static func settings(_ channel: String) -> [Step] {
        let form = ["name": "Made", "kind": "threshold", "raise_at": "1", "clear_below": "1", "enabled": "true"]
        let team = ["kind": "slack", "name": "team", "enabled": "true", "alerts": "all"]
        return [
            Step("/channels/new", nil, team.merging(["target": channel]) { $1 }, action: "alert_channel.save"),
            Step(
                "/channels/{id}", Self.team, team.merging(["show_restricted": "true"]) { $1 },
                action: "alert_channel.save"),
            Step("/channels/{id}/test", Self.team, action: "alert_channel.test"),
            Step("/channels/{id}/confirm", leads, action: "recipients.ask"),
            Step(
                "/rules/new", nil, form.merging(["do": "save", "last_days": "30"]) { $1 }, action: "alert_rule.save"),
            Step(
                "/rules/{id}", rule, form.merging(["do": "save", "last_days": "30", "raise_at": "2"]) { $1 },
                action: "alert_rule.save"),
            Step("/rules/{id}/enable", rule, ["enabled": "false"], action: "alert_rule.save"),
            Step("/rules/{id}/delete", rule, action: "alert_rule.delete"),
            Step("/routes/new", nil, matcher.merging(["at": ""]) { $1 }, action: "alert_route.save"),
            Step("/routes/new", nil, matcher.merging(["at": ""]) { $1 }, action: "alert_route.save"),
            Step(
                "/routes/edit", nil, matcher.merging(["at": "0", "group_by": "project"]) { $1 },
                action: "alert_route.save"),
            Step("/routes/move", nil, ["at": "1", "to": "up"], action: "alert_route.save"),
            Step("/routes/delete", nil, ["at": "0"], action: "alert_route.save"),
        ]
    }

    private static func alerts(_ alert: Alert, until end: Timestamp) -> [Step] {
        [
            Step("/alerts/acknowledge", nil, ["alert": alert.id], action: "alert.acknowledge"),
            Step(
                "/alerts/retry", nil, ["delivery": alert.deliveries.first { $0.state == "dead" }?.id ?? ""],
                action: "delivery.retry"),
            Step(
                "/silences", nil,
                matcher.merging(["ends_at": String(end.description.prefix(16)), "reason": "Release", "do": "save"]) {
                    $1
                },
                action: "alert_silence.create"),
            Step("/silences/{id}/end", ("/api/alert-silences", "reason", "Release"), action: "alert_silence.end"),
            Step("/alerts/snooze", nil, ["issue": alert.issue_key, "choice": "1d"], action: "alert_silence.create"),
            Step("/alerts/end-silence", ("/api/alert-silences", "state", "active"), action: "alert_silence.end"),
            Step("/channels/{id}/delete", team, action: "alert_channel.delete"),
        ]
    }

    private static let member = ("/api/members", "role", "viewer")
    private static let people = [
        Step("/members/invite", nil, ["email": "ben@acme.example", "role": "viewer"], action: "invitation.create"),
        Step(
            "/members/withdraw", ("/api/invitations", "email", "ben@acme.example"), action: "invitation.withdraw"),
        Step("/members/role", member, ["role": "manager"], action: "membership.change"),
        Step("/members/remove", ("/api/members", "role", "manager"), action: "membership.end"),
    ]

    private struct Alert: Decodable {
        struct Delivery: Decodable {
            var id: String
            var state: String
        }
        var id: String
        var issue_key: String
        var deliveries: [Delivery]
    }

    private struct Scene {
        var daemon: DaemonProcess
        var tenant: DaemonProcess.Tenant
        var visitor: Visitor
        var done: Set<String> = []

        /// The actions of people, oldest first.
        func actions() throws -> [String] {
            try daemon.query(
                "SELECT action FROM audit_log WHERE tenant_id = '\(tenant.id)' AND actor LIKE 'api-key:%' ORDER BY sequence"
            ).compactMap(\.first)
        }

        func id(_ place: (path: String, field: String, value: String)) async throws -> String {
            let answer = try await daemon.request(.get, place.path, token: tenant.api_key)
            let list = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [[String: Any]])
            return try #require(list.first { $0[place.field] as? String == place.value }?["id"] as? String)
        }

        mutating func take(_ steps: [Step]) async throws {
            for step in steps {
                var (path, form) = (step.template, step.form)
                if let place = step.id {
                    let id = try await id(place)
                    path = path.replacingOccurrences(of: "{id}", with: id)
                    if path == step.template { form[path.hasSuffix("-silence") ? "silence" : "id"] = id }
                }
                if step.template.hasPrefix("/dashboard/routes/") {
                    let page = try await visitor.get("/dashboard/routes/new").text
                    form["seen"] = String(try #require(page.firstMatch(of: /name="seen" value="([0-9a-f]+)"/)).output.1)
                }
                let before = try actions()
                let answer = try await visitor.submit(path, form)
                #expect([200, 303].contains(answer.status), "\(step.template): \(answer.text)")
                let rows = try actions()
                #expect(Array(rows.prefix(before.count)) == before)
                #expect(Array(rows.dropFirst(before.count)) == [step.action], "\(step.template)")
                done.insert(step.template)
            }
        }
    }

    /// A daemon whose tenant has a channel for mail, and one issue.
    private func scene(_ jira: SimulatedJira) async throws -> Scene {
        let daemon = try JiraPicture.makeDaemon(
            jira,
            [
                "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_ALERTS_GROUP_WAIT_SECONDS": "0", "CONSILOD_SMTP_HOST": "127.0.0.1", "CONSILOD_SMTP_PORT": "9",
                "CONSILOD_SMTP_SECURITY": "none", "CONSILOD_SMTP_FROM": "consilod@acme.example",
            ])
        try await daemon.startWithPublicURL()
        let tenant = try await daemon.createTenant(
            jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
        let mail = #"{"kind": "email", "name": "leads", "target": "ana@acme.example"}"#
        #expect(
            try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: mail).status == 201)
        return Scene(
            daemon: daemon, tenant: tenant, visitor: try await Visitor.signedIn(daemon, tenant.api_key))
    }

    @Test func everyFormThatChangesSomethingLeavesExactlyOneRow() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(1)) { jira in
            try await ChildServer.running(Self.gone) { receiver in
                var scene = try await scene(jira)
                try await scene.take(Self.account(jira))
                try addMember(to: scene)
                try await scene.take(Self.people)
                // As if the owner of the address had been asked when the channel was made, long ago.
                try scene.daemon.execute(
                    """
                    UPDATE mail_recipients SET changed_at = '2026-01-01T08:00:00.000Z', confirmation_due_at = NULL,
                        confirmation_sent_at = '2026-01-01T08:00:00.000Z'
                    """)
                try await scene.take(Self.settings("http://127.0.0.1:\(receiver.port)/hook"))
                let alert = try await deadAlert(scene)
                let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                try await scene.take(Self.alerts(alert, until: now.adding(days: 1)))
                let forms = DashboardAccess.table.lines.filter {
                    $0.method == .post && $0.permission != nil && $0.permission != .operate
                }
                #expect(Set(forms.map(\.template)) == scene.done.union(Self.exceptions.keys))
            }
        }
    }

    /// Somebody who signed in at a provider once, and reads.
    private func addMember(to scene: Scene) throws {
        let (user, instant) = (UUID().uuidString.lowercased(), "2026-11-24T08:00:00.000Z")
        try scene.daemon.execute(
            """
            INSERT INTO users (id, issuer, subject, is_email_verified, created_at, updated_at, last_sign_in_at)
            VALUES ('\(user)', 'https://idp.example', 'cleo', TRUE, '\(instant)', '\(instant)', '\(instant)')
            """)
        try scene.daemon.execute(
            """
            INSERT INTO memberships (tenant_id, user_id, role, created_at, created_by, updated_at)
            VALUES ('\(scene.tenant.id)', '\(user)', 'viewer', '\(instant)', 'operator', '\(instant)')
            """)
    }

    /// An alert that its channel has refused for good.
    private func deadAlert(_ scene: Scene) async throws -> Alert {
        let rule = #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#
        let made = try await scene.daemon.request(.post, "/api/alert-rules", token: scene.tenant.api_key, body: rule)
        #expect(made.status == 201)
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(7, comments: ["We are blocked and wait for the other team."])
        for body in stream.bodies { #expect(try await scene.daemon.post(body, to: scene.tenant).status == 202) }
        func find() async throws -> Alert? {
            try await scene.daemon.request(.get, "/api/alerts", token: scene.tenant.api_key).json([Alert].self)
                .first { $0.deliveries.contains { $0.state == "dead" } }
        }
        try await eventually("a delivery is given up") { try await find() != nil }
        return try #require(try await find())
    }
}
