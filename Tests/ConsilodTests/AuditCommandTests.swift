import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The audit log from the requests of people to `consilod audit`, by the real program.
@Suite(.enabled(if: PostgresSchema.server == nil, "it changes the SQLite file"))
struct AuditCommandTests {
    private func audit(_ arguments: String..., of daemon: DaemonProcess) async throws -> (status: Int32, output: String)
    {
        try await daemon.run(["audit"] + arguments + ["--store", daemon.storePath])
    }

    private func lines(_ output: String) throws -> [[String: Any]] {
        try output.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
    }

    @Test func whatPeopleDoIsExportedAndARowThatWasChangedIsNamed() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let rule = #"{"name": "High", "kind": "threshold", "raise_at": 70}"#
        for address in ["198.51.100.1", "198.51.100.2"] {
            let made = try await daemon.request(
                .post, "/api/alert-rules", token: tenant.api_key, headers: ["x-forwarded-for": address], body: rule)
            #expect(made.status == 201)
        }
        let exported = try await audit("export", "--tenant", tenant.id, of: daemon)
        #expect(exported.status == 0, "\(exported.output)")
        let rows = try lines(exported.output)
        #expect(rows.compactMap { $0["action"] as? String } == ["alert_rule.save", "alert_rule.save"])
        // The proxy is on this host.
        #expect(rows.compactMap { $0["address"] as? String } == ["198.51.100.1", "198.51.100.2"])
        #expect(Set(rows.compactMap { $0["request_id"] as? String }).count == 2)
        let all = try lines(try await audit("export", of: daemon).output)
        #expect(all.compactMap { $0["chain"] as? String } == ["host", tenant.id, tenant.id])

        let sound = try await audit("verify", of: daemon)
        #expect(sound.status == 0 && sound.output.contains("chain      \(tenant.id): ok, 2 rows"), "\(sound.output)")
        let match = try #require(sound.output.firstMatch(of: /2 rows from 1 to 2\nhead +(2:[0-9a-f]{64})/))
        let head = String(match.output.1)
        #expect(try await audit("verify", "--tenant", tenant.id, "--since", head, of: daemon).status == 0)

        try daemon.execute("UPDATE audit_log SET actor = 'operator' WHERE sequence = 1 AND tenant_id IS NOT NULL")
        let changed = try await audit("verify", of: daemon)
        #expect(changed.status == 1 && changed.output.contains("fault      row 1 was changed"), "\(changed.output)")
        try daemon.execute("DELETE FROM audit_log WHERE sequence = 1 AND tenant_id IS NOT NULL")
        let missing = try await audit("verify", "--tenant", tenant.id, of: daemon)
        #expect(missing.status == 1 && missing.output.contains("fault      row 1 is missing"), "\(missing.output)")
        let other = head.replacingOccurrences(of: "2:", with: "1:")
        let unknown = try await audit("verify", "--tenant", tenant.id, "--since", other, of: daemon)
        #expect(unknown.output.contains("fault      row 1 does not have the known hash"), "\(unknown.output)")
        #expect(try await audit("verify", "--tenant", "host", of: daemon).status == 0)
    }

    @Test func commandsOfTheHostsOwnerAreInTheHostsChain() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        #expect(try await daemon.run(["store", "confirm-clock", "--store", daemon.storePath]).status == 0)
        let rows = try lines(try await audit("export", "--tenant", "host", of: daemon).output)
        #expect(rows.compactMap { $0["action"] as? String } == ["clock.confirm"])
        #expect(rows.first?["actor"] as? String == "operator" && rows.first?["address"] is NSNull)
    }

    @Test(arguments: [["--tenant", "nobody"], ["--since", "17:abc", "--tenant", "host"], ["--since", "17"]])
    func whatIsNoChainOrHeadIsRefused(_ arguments: [String]) async throws {
        let daemon = try DaemonProcess()
        let refused = try await daemon.run(["audit", "verify"] + arguments)
        #expect(refused.status == 64, "\(refused.output)")
    }
}

/// The pages of the audit log.
@Suite struct AuditPagesTests {
    @Test func aTenantSeesWhatWasDoneFromTheDashboardAndTheOwnerTheHosts() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let token = try await visitor.get("/dashboard/rules").formToken
        let saved = try await visitor.post(
            "/dashboard/rules/new",
            [
                "form_token": token, "do": "save", "name": "<b>High</b>", "kind": "threshold", "raise_at": "70",
                "clear_below": "60", "enabled": "true", "last_days": "30", "points": "20", "window_seconds": "86400",
                "question": "due",
            ])
        #expect(saved.status == 303, "\(saved.text)")
        let page = try await visitor.get("/dashboard/audit")
        #expect(page.status == 200 && !page.text.contains("{{") && !page.text.contains("<b>"), "\(page.text)")
        #expect(page.text.contains("alert_rule.save") && page.text.contains("name: &lt;b&gt;High&lt;/b&gt;"))
        #expect(page.text.contains("session.begin") && page.text.contains("127.0.0.1"))
        let filtered = try await visitor.get("/dashboard/audit?action=session.begin&since=2020-01-01&until=2999-12-31")
        #expect(filtered.text.contains("<td>session.begin</td>") && !filtered.text.contains("name: &lt;b&gt;"))
        let wrong = try await visitor.get("/dashboard/audit?since=soon")
        #expect(wrong.status == 200 && wrong.text.contains("The first day must be a date"))
        #expect(try await visitor.get("/dashboard/audit?actor=nobody").text.contains("There is no row like this."))

        #expect(try await Visitor(daemon).post("/dashboard/sign-in", ["api_key": "guess"]).status == 403)
        let owner = try await Visitor(daemon).signed(
            in: "/dashboard/sign-in", ["api_key": DaemonProcess.adminToken])
        let host = try await owner.get("/dashboard/operator/audit")
        for action in ["tenant.create", "session.begin", "credentials.refuse"] {
            #expect(host.text.contains("<td>\(action)</td>"), "\(action)")
        }
        #expect(host.text.contains("sign_in_unknown") && !host.text.contains("guess"))
        #expect(try await owner.get("/dashboard/audit").status == 404)
        #expect(try await visitor.get("/dashboard/operator/audit").status == 404)
    }

    /// Every form of the dashboard that changes something goes through the same use cases as the API; what is its own is
    /// here.
    @Test func signingInAndOutLeavesARowEach() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let visitor = try await Visitor.signedIn(at: daemon, key: tenant.api_key)
        let token = try await visitor.get("/dashboard").formToken
        #expect(try await visitor.post("/dashboard/sign-out", ["form_token": token]).status == 303)
        let answer = try await daemon.request(.get, "/api/audit", token: tenant.api_key)
        struct Row: Decodable { var action: String }
        #expect(try answer.json([Row].self).map(\.action) == ["session.end", "session.begin"])
    }
}
