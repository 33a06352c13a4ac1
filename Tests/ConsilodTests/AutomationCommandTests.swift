import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// Requests of Jira Automation, from the command that makes their token through the real daemon.
@Suite struct AutomationCommandTests {
    private static let on = ["CONSILOD_WEBHOOK_AUTOMATION": "true"]
    private static let body = """
        {"issue": {"id": "10001", "key": "PAY-1", "fields": {"project": {"id": "1", "key": "PAY"},
         "summary": "Refund button",
         "status": {"id": "3", "name": "In Progress", "statusCategory": {"key": "indeterminate"}},
         "created": "2026-05-01T09:00:00.000+0000", "updated": "2026-05-02T09:00:00.000+0000"}}}
        """

    private static func makeToken(
        _ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ more: String...
    ) async throws -> String {
        let file = daemon.folder.appendingPathComponent("automation-token-\(UUID())")
        let (status, output) = try await daemon.run(
            ["webhook", "automation-token", "--output", file.path] + more, as: tenant)
        #expect(status == 0, "\(output)")
        for words in ["/webhooks/automation/\(tenant.id)\n", "X-Consilod-Token"] {
            #expect(output.contains(words), "\(output)")
        }
        let token = try String(contentsOf: file, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(token.hasPrefix("csla_") && !output.contains(token))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        return token
    }

    private static func send(
        _ body: String, _ token: String, to tenant: DaemonProcess.Tenant, of daemon: DaemonProcess
    ) async throws -> DaemonProcess.Answer {
        try await daemon.request(
            .post, "/webhooks/automation/\(tenant.id)", headers: ["x-consilod-token": token], body: body)
    }

    @Test func aTokenOpensUntilItIsReplacedOrDeleted() async throws {
        let daemon = try DaemonProcess(environment: Self.on)
        try await daemon.start()
        let (tenant, other) = (try await daemon.createTenant(), try await daemon.createTenant("other"))
        let first = try await Self.makeToken(daemon, tenant)
        #expect(try await Self.send(Self.body, first, to: tenant, of: daemon).text.contains("stored"))
        #expect(try await Self.send(Self.body, first, to: tenant, of: daemon).text.contains("duplicate"))
        #expect(try await Self.send(Self.body, first, to: other, of: daemon).status == 401)
        #expect(try await Self.send(Self.body, first + "x", to: tenant, of: daemon).status == 401)
        try await daemon.waitUntilApplied()
        #expect(try daemon.query("SELECT issue_key, summary FROM issue_snapshots") == [["PAY-1", "Refund button"]])

        // One beside it, then one in place of both: first with grace, then without.
        let second = try await Self.makeToken(daemon, tenant, "--keep-others")
        let third = try await Self.makeToken(daemon, tenant)
        for token in [first, second, third] {
            #expect(try await Self.send(Self.body, token, to: tenant, of: daemon).status == 202)
        }
        let fourth = try await Self.makeToken(daemon, tenant, "--grace-minutes", "0")
        for token in [first, second, third] {
            #expect(try await Self.send(Self.body, token, to: tenant, of: daemon).status == 401)
        }
        #expect(try await Self.send(Self.body, fourth, to: tenant, of: daemon).status == 202)

        struct Token: Decodable {
            var id: String
            var expires_at: String?
        }
        let path = "/api/tenants/\(tenant.id)/automation-tokens"
        let listed = try await daemon.request(.get, path, token: tenant.api_key)
        let valid = try #require(try listed.json([Token].self).first { $0.expires_at == nil })
        #expect(try await daemon.request(.delete, path + "/\(valid.id)", token: tenant.api_key).status == 204)
        #expect(try await Self.send(Self.body, fourth, to: tenant, of: daemon).status == 401)

        // Nobody is told a token, and none is stored.
        let stored = try daemon.storedBytes()
        for token in [first, second, third, fourth] {
            #expect(!daemon.log.contains(token) && !listed.text.contains(token))
            #expect(stored.allSatisfy { $0.range(of: Data(token.utf8)) == nil })
        }
    }

    @Test func whereItIsOffATokenOpensNothing() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let token = try await Self.makeToken(daemon, tenant)
        #expect(try await Self.send(Self.body, token, to: tenant, of: daemon).status == 404)
        #expect(try daemon.query("SELECT COUNT(*) FROM webhook_events") == [["0"]])
    }

    @Test func whatARequestCannotTellIsFetched() async throws {
        try await SimulatedJira.run(issues: JiraPicture.issues(1)) { jira in
            let daemon = try JiraPicture.makeDaemon(jira, Self.on)
            try await daemon.start()
            let tenant = try await JiraPicture.makeTenant(daemon, on: jira)
            let token = try await Self.makeToken(daemon, tenant)
            /// Sends the issue as "Issue data (Jira format)", which has neither change log nor comments here.
            func send() async throws {
                let issue = try #require(jira.document(of: "10001"))
                let fields = (issue["fields"]?.members ?? []).filter { $0.0 != "comment" }
                let body = JSON.object([
                    ("id", issue["id"] ?? .null), ("key", issue["key"] ?? .null), ("fields", .object(fields)),
                ])
                let answer = try await Self.send(
                    String(decoding: body.bytes, as: UTF8.self), token, to: tenant, of: daemon)
                #expect(answer.status == 202, "\(answer.text)")
            }
            jira.comment(on: "10001", "Blocked by the vendor.")
            try await send()
            try await eventually("the comment is there") {
                try daemon.query("SELECT comment_count FROM issue_snapshots") == [["1"]]
            }
            // Also an issue that is whole already is fetched again, for the request does not tell what changed.
            jira.change("10001", "duedate", to: "2027-01-31", toString: "2027-01-31")
            jira.comment(on: "10001", "Still blocked.")
            try await send()
            try await eventually("the second comment is there") {
                try daemon.query("SELECT comment_count, due_date FROM issue_snapshots") == [["2", "2027-01-31"]]
            }
            #expect(jira.violations == [])
        }
    }

    // MARK: Diagnosis

    private static let now = Timestamp(seconds: 1_780_000_000)

    private static func checks(
        _ standing: AutomationStanding, isOn: Bool = true, asksJira: Bool = true
    ) -> [DiagnosticCheck] {
        let tenant = Tenant(
            id: TenantID(UUID()), companyName: "Acme", jiraURL: "https://acme.atlassian.net",
            jiraEmail: "it@acme.example", plan: .starter, status: .active, limits: Plan.starter.limits,
            dailyRatePerPerson: 2500, createdAt: now, updatedAt: now, trialEndsAt: nil)
        return AutomationDiagnosis(isOn: isOn, asksJira: asksJira).checks(of: tenant, standing, now: now)
    }

    @Test func withoutTokensNothingIsSaid() {
        #expect(Self.checks(AutomationStanding(validTokens: 0), isOn: false).isEmpty)
        #expect(Self.checks(AutomationStanding(validTokens: 0, lastRequestAt: Self.now)).isEmpty)
    }

    @Test func tokensThatOpenNothingAreNamed() {
        let checks = Self.checks(AutomationStanding(validTokens: 1, lastRequestAt: Self.now), isOn: false)
        #expect(checks.map(\.name) == ["automation"] && checks.map(\.outcome) == [.warning])
        #expect(checks[0].remedy?.contains("webhook.automation") == true)
    }

    @Test func whoHasSignedWebhooksTooLacksNothing() {
        let checks = Self.checks(
            AutomationStanding(validTokens: 1, lastRequestAt: Self.now, lastWebhookAt: Self.now.adding(days: -6)))
        #expect(checks.map(\.name) == ["automation"] && checks.map(\.outcome) == [.ok])
    }

    @Test(arguments: [nil, -7])
    func whatATenantLacksWithoutSignedWebhooksIsSaid(_ days: Int?) {
        let standing = AutomationStanding(
            validTokens: 1, lastRequestAt: days.map { Self.now.adding(days: $0) },
            lastWebhookAt: days.map { Self.now.adding(days: $0) })
        for asksJira in [true, false] {
            let checks = Self.checks(standing, asksJira: asksJira)
            #expect(checks.map(\.name) == ["automation", "automation.gaps"])
            #expect(checks.allSatisfy { $0.outcome == .warning && $0.remedy != nil })
            #expect(checks[1].detail.contains("not signed") && checks[1].detail.contains("sprints"))
            #expect(checks[1].remedy?.contains("consilod webhook register") == true)
            #expect(checks[1].detail.contains("jira.enabled is false") == !asksJira)
        }
    }
}
