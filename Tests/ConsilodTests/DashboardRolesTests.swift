import Domain
import Foundation
import HTTPServer
import HTTPTypes
import NIOHTTP1
import TestSupport
import Testing

@testable import Dashboard
@testable import DaemonTestSupport

/// What the pages show and do for each role. That every route stands in the table, and every line is a route, is what the
/// daemon checks at its start.
@Suite struct DashboardRolesTests {
    private struct Setup {
        var daemon: DaemonProcess
        var tenant: DaemonProcess.Tenant
        var visitors: [Role: Visitor]
        var owner: Visitor
    }

    private func setup() async throws -> Setup {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        var visitors: [Role: Visitor] = [:]
        for role in Role.ofTenants {
            let made = try await daemon.request(
                .post, "/api/api-keys", token: tenant.api_key,
                body: #"{"name": "\#(role.rawValue)", "role": "\#(role.rawValue)"}"#)
            struct Key: Decodable { var api_key: String }
            visitors[role] = try await Visitor.signedIn(at: daemon, key: try made.json(Key.self).api_key)
        }
        let channel = try await daemon.request(
            .post, "/api/alert-channels", token: tenant.api_key,
            body: #"{"kind": "slack", "name": "team", "target": "https://hooks.slack.example/x"}"#)
        #expect(channel.status == 201)
        return Setup(
            daemon: daemon, tenant: tenant, visitors: visitors,
            owner: try await Visitor.signedIn(at: daemon, key: tenant.api_key))
    }

    /// Of the tables that forms change.
    private func counts(_ setup: Setup) throws -> [[String]] {
        try ["alert_rules", "alert_channels", "alert_silences", "alert_routes", "api_keys", "webhook_secrets"].flatMap {
            try setup.daemon.query("SELECT COUNT(*) FROM \($0)")
        }
    }

    @Test func aRoleIsRefusedWhatTheTableSaysAndNothingElse() async throws {
        let setup = try await setup()
        let before = try counts(setup)
        var refused = 0
        for line in DashboardAccess.table.lines {
            guard let permission = line.permission, permission != .operate, !line.template.hasSuffix("/events") else {
                continue
            }
            let path = line.template.replacingOccurrences(of: "{id}", with: UUID().uuidString)
                .replacingOccurrences(of: "{key}", with: "PAY-1")
            for (role, visitor) in setup.visitors {
                // Without the session's token no form is accepted from who may send it.
                let answer = line.method == .get ? try await visitor.get(path) : try await visitor.post(path, [:])
                #expect((answer.status == 403) == !role.permissions.contains(permission), "\(role) \(line)")
                #expect(answer.status != 303 && answer.status < 500, "\(role) \(line): \(answer.status)")
                if answer.status == 403 {
                    refused += 1
                    #expect(answer.text.contains("Your role does not permit it"))
                }
            }
        }
        #expect(refused >= 40)
        #expect(try counts(setup) == before)
    }

    @Test func formsThatARoleMayNotUseAreNotThere() async throws {
        let setup = try await setup()
        let (viewer, manager) = (try #require(setup.visitors[.viewer]), try #require(setup.visitors[.manager]))
        for page in ["alerts", "silences", "rules", "routes", "channels", "setup", "forecast", "projects"] {
            let (seen, owners) = (
                try await viewer.get("/dashboard/\(page)"), try await setup.owner.get("/dashboard/\(page)")
            )
            #expect(seen.status == 200)
            // That to sign out is there for all.
            #expect(seen.text.split(separator: "method=\"post\"").count == 2, "\(page)")
            #expect(!seen.text.contains("/new\"") && !seen.text.contains("/new?") && !seen.text.contains("{{"))
            // Without alerts and routes there is nothing to send there.
            if page != "alerts", page != "routes" {
                #expect(owners.text.split(separator: "method=\"post\"").count > 2, "\(page)")
            }
            #expect(!seen.text.contains("/dashboard/keys") && owners.text.contains("href=\"/dashboard/keys\""))
        }
        let set = try await manager.get("/dashboard/setup")
        #expect(set.text.contains("/dashboard/setup/backfill\"") && !set.text.contains("/dashboard/setup/jira\""))
        let rules = try await viewer.get("/dashboard/rules")
        let rule = try #require(rules.text.firstMatch(of: /href="(\/dashboard\/rules\/[0-9A-Fa-f-]{36})"/)).output.1
        let shown = try await viewer.get(String(rule))
        #expect(shown.status == 200 && shown.text.contains("<fieldset class=\"plain\" disabled>"))
        #expect(!shown.text.contains("/delete\""))
        #expect(try await manager.get(String(rule)).text.contains("<fieldset class=\"plain\">"))
    }

    @Test func anOwnerMakesRotatesAndRevokesKeysOnAPage() async throws {
        let setup = try await setup()
        let owner = setup.owner
        let token = try await owner.get("/dashboard/keys").formToken
        let wrong = try await owner.post("/dashboard/keys", ["form_token": token, "name": "", "role": "viewer"])
        #expect(wrong.status == 422 && wrong.text.contains("Name: is required."))
        let made = try await owner.post(
            "/dashboard/keys", ["form_token": token, "name": "<b>CI</b>", "role": "viewer", "expires_at": "2099-01-31"])
        #expect(made.status == 200 && made.text.contains("&lt;b&gt;CI") && !made.text.contains("<b>CI"))
        let key = String(try #require(made.text.firstMatch(of: /<code>(cslk_[A-Za-z0-9_-]{43})<\/code>/)).output.1)
        #expect(try await setup.daemon.request(.get, "/api/issues", token: key).status == 200)
        let visitor = try await Visitor.signedIn(at: setup.daemon, key: key)
        #expect(try await visitor.get("/dashboard").status == 200)

        let list = try await owner.get("/dashboard/keys")
        #expect(!list.text.contains(key) && list.text.contains("\(key.prefix(11))…"))
        #expect(list.text.contains("works until 2099-01-31"))
        let row = try #require(list.text.split(separator: "<tr>").first { $0.contains("\(key.prefix(11))…") })
        let path = String(try #require(row.firstMatch(of: /action="([^"]+)\/rotate"/)).output.1)
        let rotated = try await owner.post("\(path)/rotate", ["form_token": token, "overlap_seconds": "3600"])
        #expect(rotated.status == 200 && rotated.text.contains("The new key"))
        let again = try await owner.post("\(path)/rotate", ["form_token": token, "overlap_seconds": "3600"])
        #expect(again.status == 422 && again.text.contains("was rotated before"))
        #expect(try await visitor.get("/dashboard").status == 200)
        #expect(try await owner.post("\(path)/revoke", ["form_token": token]).status == 303)
        #expect(try await visitor.get("/dashboard").status == 303)
        #expect(try await setup.daemon.request(.get, "/api/issues", token: key).status == 401)
        #expect(!setup.daemon.log.contains(key))
    }
}
