import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// `consilod doctor` on healthy and broken set-ups, each a real daemon with what it depends on.
@Suite struct DoctorTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            var tenant_id: String?
            var name: String
            var outcome: String
            var detail: String
            var remedy: String?
        }
        var outcome: String
        var checks: [Check]

        func check(_ name: String) -> Check? { checks.first { $0.name == name } }
        /// The names of the checks that are not `ok`.
        var complaints: Set<String> { Set(checks.filter { $0.outcome != "ok" }.map(\.name)) }
    }

    private static let environment = [
        "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1", "CONSILOD_MODEL_ENABLED": "false",
        "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true", "CONSILOD_ALERTS_ALLOWED_HOSTS": "127.0.0.1",
    ]

    private static func makeTenant(_ daemon: DaemonProcess, on jira: SimulatedJira) async throws -> DaemonProcess.Tenant
    {
        try await daemon.createTenant(
            jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
    }

    private static func doctor(
        _ daemon: DaemonProcess, key: String = DaemonProcess.adminToken, _ arguments: [String] = []
    ) async throws -> (status: Int32, report: Report) {
        let file = daemon.folder.appendingPathComponent("doctor-key")
        try key.write(to: file, atomically: true, encoding: .utf8)
        let answer = try await daemon.doctor(
            ["--json", "--url", "http://127.0.0.1:\(daemon.port)", "--key-file", file.path] + arguments)
        expectNoSecret(in: answer.output)
        return (answer.status, try JSONDecoder().decode(Report.self, from: Data(answer.output.utf8)))
    }

    private static func expectNoSecret(in output: String, _ more: [String] = []) {
        for secret in [SimulatedJira.token, DaemonProcess.adminToken, DaemonProcess.encryptionKey] + more {
            #expect(!output.contains(secret))
        }
    }

    private static func addChannel(_ daemon: DaemonProcess, _ tenant: DaemonProcess.Tenant, _ body: String) async throws
    {
        let answer = try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: body)
        #expect(answer.status == 201, "\(answer.text)")
    }

    // MARK: Files

    @Test(.enabled(if: PostgresSchema.server == nil, "it is about the SQLite file"))
    func storeFilesThatOthersMayReadAreNamed() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        #expect(try await Self.doctor(daemon).report.check("store files") == nil)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: daemon.storePath)
        let check = try #require(try await Self.doctor(daemon).report.check("store files"))
        #expect(check.outcome == "warning" && check.detail.contains(daemon.storePath))
        #expect(check.remedy == "chmod 600 \(daemon.storePath)")
    }

    // MARK: Healthy

    @Test func allIsWellWhereAllIsSetUp() async throws {
        try await SimulatedJira.run { jira in
            let sinks = try await Sinks(in: FileManager.default.makeTemporaryFolder())
            let daemon = try DaemonProcess(
                environment: Self.environment.merging([
                    "CONSILOD_SMTP_HOST": "127.0.0.1", "CONSILOD_SMTP_PORT": "\(sinks.smtpPort)",
                    "CONSILOD_SMTP_SECURITY": "none", "CONSILOD_SMTP_FROM": "risk@example.com",
                    // Its owner is not asked: whatever mail there is would be the doctor's.
                    "CONSILOD_SMTP_CONFIRMED_DOMAINS": "example.com",
                ]) { _, new in new })
            try await daemon.startWithPublicURL()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            let slack = "http://127.0.0.1:\(sinks.slackPort)/services/T0/B0/hush"
            try await Self.addChannel(daemon, tenant, #"{"kind": "slack", "name": "team", "target": "\#(slack)"}"#)
            try await Self.addChannel(
                daemon, tenant, #"{"kind": "email", "name": "leads", "target": "lead@example.com"}"#)
            let registered = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/jira/webhooks", token: tenant.api_key)
            #expect(registered.status == 201, "\(registered.text)")
            #expect(
                try await daemon.post(#"{"webhookEvent": "user_created", "timestamp": 1}"#, to: tenant).status == 202)
            let calls = jira.count(of: .webhooks)

            let (status, report) = try await Self.doctor(daemon)
            // On a test's host only https is missing, and perhaps room on the disk.
            #expect(report.complaints.subtracting(["disk"]) == ["http.public_url"], "\(report.checks)")
            #expect(report.check("http.public_url")?.detail.contains("is not https") == true)
            #expect(status == (report.outcome == "failed" ? 1 : 0))
            for name in [
                "configuration", "encryption.key", "admin.token", "daemon", "store", "rescorer", "alerts", "jira",
                "model", "mail", "clock", "jira.browse", "jira.administer", "jira.webhook", "webhook.last",
                "channel.slack", "channel.email",
            ] {
                #expect(report.check(name)?.outcome == "ok", "\(name): \(report.checks)")
            }
            #expect(report.checks.filter { $0.tenant_id == tenant.id }.count == 8)
            // It looks, and changes and sends nothing.
            #expect(jira.count(of: .webhooks) == calls + 1 && jira.webhooks.count == 1)
            #expect(try sinks.slackMessages().isEmpty && sinks.mails().isEmpty)

            let own = try await Self.doctor(daemon, key: tenant.api_key, ["--tenant", tenant.id])
            #expect(own.report.check("jira.webhook")?.outcome == "ok")
            let lines = try await daemon.doctor([
                "--url", "http://127.0.0.1:\(daemon.port)",
            ])
            #expect(lines.output.contains("ok       jira.webhook"), "\(lines.output)")
            #expect(lines.output.contains("tenant \(tenant.id) (acme)"))
            Self.expectNoSecret(in: lines.output, ["hush", tenant.webhook_secret, tenant.api_key])
        }
    }

    // MARK: Broken

    @Test func whatIsWrongWithJiraIsSaidWithWhatToDo() async throws {
        try await SimulatedJira.run { jira in
            let daemon = try DaemonProcess(
                environment: Self.environment.merging(["CONSILOD_JIRA_GATEWAY_URL": jira.url]) { _, new in new })
            try await daemon.startWithPublicURL()
            let tenant = try await Self.makeTenant(daemon, on: jira)
            let door = "http://127.0.0.1:\(daemon.port)/webhooks/jira/\(tenant.id)"

            let (status, missing) = try await Self.doctor(daemon)
            #expect(status == 1 && missing.outcome == "failed")
            #expect(missing.check("jira.webhook")?.remedy?.hasPrefix("consilod webhook register") == true)
            #expect(missing.check("webhook.last")?.outcome == "warning")
            #expect(missing.check("channels")?.outcome == "warning")

            jira.addWebhook(name: "by hand", to: door, events: ["jira:issue_created"])
            let (_, incomplete) = try await Self.doctor(daemon)
            #expect(incomplete.check("jira.webhook")?.outcome == "failed")
            #expect(incomplete.check("jira.webhook")?.detail.contains("it lacks the events") == true)

            jira.setAdministrator(false)
            let (_, powerless) = try await Self.doctor(daemon)
            #expect(powerless.check("jira.administer")?.outcome == "warning")
            #expect(powerless.check("jira.webhook") == nil)

            jira.now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -900)
            let (_, late) = try await Self.doctor(daemon)
            #expect(late.check("clock")?.outcome == "failed")
            #expect(late.check("clock")?.detail.contains("seconds ahead of Jira's") == true)

            jira.setToken("ATATT-made-anew-by-somebody")
            let (_, refused) = try await Self.doctor(daemon)
            #expect(refused.checks.first { $0.tenant_id != nil }?.detail.contains("401") == true, "\(refused.checks)")
            // Once the calls have stopped, the doctor makes none either.
            _ = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/backfills", token: tenant.api_key, body: #"{"project_key": "PAY"}"#)
            try await eventually("the calls have stopped") {
                try daemon.query("SELECT COUNT(*) FROM jira_access WHERE stopped_at IS NOT NULL") == [["1"]]
            }
            let calls = jira.requestCount
            let (_, stopped) = try await Self.doctor(daemon)
            let check = stopped.checks.first { $0.tenant_id != nil }
            #expect(check?.outcome == "failed" && check?.detail.contains("no calls are made") == true)
            #expect(check?.remedy?.contains("new API token") == true)
            #expect(jira.requestCount == calls)
        }
    }

    @Test func whatIsWrongWithTheHostIsSaidWithWhatToDo() async throws {
        try await SimulatedJira.run { elsewhere in
            // Nobody listens on port 9 of a test's host.
            let daemon = try DaemonProcess(
                environment: Self.environment.merging([
                    "CONSILOD_HTTP_PUBLIC_URL": elsewhere.url, "CONSILOD_SMTP_HOST": "127.0.0.1",
                    "CONSILOD_SMTP_PORT": "9", "CONSILOD_SMTP_SECURITY": "none",
                    "CONSILOD_SMTP_FROM": "risk@example.com", "CONSILOD_JIRA_ENABLED": "false",
                ]) { _, new in new })
            try await daemon.start()
            let tenant = try await Self.makeTenant(daemon, on: elsewhere)
            try await Self.addChannel(
                daemon, tenant, #"{"kind": "slack", "name": "team", "target": "http://127.0.0.1:9/services/hush"}"#)
            let (status, report) = try await Self.doctor(daemon)
            #expect(status == 1)
            for name in ["http.public_url", "mail", "channel.slack"] {
                #expect(report.check(name)?.outcome == "failed" && report.check(name)?.remedy != nil, "\(name)")
            }
            #expect(report.checks.first { $0.tenant_id == tenant.id }?.outcome == "warning")
            #expect(!report.checks.contains { $0.detail.contains("hush") || $0.remedy?.contains("hush") == true })
        }
    }

    @Test func aKeyThatIsNotTheOwnersIsSaidToBeNone() async throws {
        let daemon = try DaemonProcess(environment: Self.environment)
        try await daemon.start()
        let (status, report) = try await Self.doctor(daemon, key: "not-the-admin-token")
        #expect(status == 1 && report.check("api")?.outcome == "failed")
        #expect(report.check("daemon")?.outcome == "ok")
    }

    // MARK: Without a daemon

    @Test func withoutADaemonTheStoreIsLookedAtAndLeftAsItIs() async throws {
        // A file, wherever the other tests have their stores.
        let daemon = try DaemonProcess(
            environment: Self.environment.merging(["CONSILOD_STORE_PATH": "/nowhere"]) { old, _ in old })
        let file = daemon.folder.appendingPathComponent("c.sqlite")
        daemon.setEnvironment("CONSILOD_STORE_PATH", file.path)
        try await daemon.start()
        let inUse = try await daemon.doctor(["--json", "--url", "http://127.0.0.1:9"])
        let busy = try JSONDecoder().decode(Report.self, from: Data(inUse.output.utf8))
        #expect(inUse.status == 1 && busy.check("daemon")?.outcome == "failed")
        #expect(busy.check("store")?.outcome == "warning", "\(inUse.output)")
        #expect(busy.check("store")?.detail.contains("another consilod") == true)
        #expect(try await daemon.health().status != "unhealthy")

        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        let before = try TestSupport.run(["sqlite3", "-readonly", file.path, ".dump"])
        let idle = try await daemon.doctor(["--json", "--url", "http://127.0.0.1:9"])
        let sound = try JSONDecoder().decode(Report.self, from: Data(idle.output.utf8))
        #expect(sound.check("store")?.outcome == "ok", "\(idle.output)")
        #expect(sound.check("configuration")?.outcome == "ok")
        #expect(try TestSupport.run(["sqlite3", "-readonly", file.path, ".dump"]) == before)

        daemon.setEnvironment("CONSILOD_STORE_PATH", "/nowhere/at/all/c.sqlite")
        let nowhere = try await daemon.doctor(["--json", "--url", "http://127.0.0.1:9"])
        let lost = try JSONDecoder().decode(Report.self, from: Data(nowhere.output.utf8))
        #expect(lost.check("store")?.outcome == "failed")
    }

    @Test func aConfigurationThatCannotBeReadIsTheFirstThingSaid() async throws {
        let daemon = try DaemonProcess(environment: Self.environment)
        try daemon.rewriteConfiguration("http:\n  prot: 8080\n")
        let answer = try await daemon.doctor([])
        #expect(answer.status == 1)
        #expect(answer.output.hasPrefix("FAILED   configuration  unknown key http.prot"), "\(answer.output)")
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", "not-a-fernet-key")
        try daemon.rewriteConfiguration("")
        let keyless = try await daemon.doctor(["--url", "http://127.0.0.1:9"])
        #expect(keyless.status == 1 && keyless.output.contains("FAILED   encryption.key"), "\(keyless.output)")
        #expect(!keyless.output.contains("not-a-fernet-key"))
    }

    // MARK: Beside the daemon

    /// Runs it as a person does, who has none of the secrets that systemd gives to the daemon.
    private static func doctorOfAPerson(
        _ daemon: DaemonProcess, _ configuration: String, key: String = DaemonProcess.adminToken
    ) async throws -> (status: Int32, report: Report) {
        let (file, keyFile) = (
            daemon.folder.appendingPathComponent("person.yaml"), daemon.folder.appendingPathComponent("person-key")
        )
        try configuration.write(to: file, atomically: true, encoding: .utf8)
        try key.write(to: keyFile, atomically: true, encoding: .utf8)
        let answer = try await daemon.run(["doctor", "--json", "--config", file.path, "--key-file", keyFile.path])
        expectNoSecret(in: answer.output)
        return (answer.status, try JSONDecoder().decode(Report.self, from: Data(answer.output.utf8)))
    }

    @Test func secretsThatOnlyTheDaemonHasAreNoFault() async throws {
        let daemon = try DaemonProcess(environment: Self.environment)
        try await daemon.start()
        // Its port is known from the file, though its secrets are not.
        let (status, report) = try await Self.doctorOfAPerson(
            daemon,
            """
            http: {port: \(daemon.port)}
            smtp: {host: mail.example.com, from: risk@example.com, username: risk}
            """)
        #expect(report.check("configuration")?.outcome == "ok", "\(report.checks)")
        for name in ["encryption.key", "smtp.password", "admin.token"] {
            #expect(report.check(name)?.outcome == "warning", "\(name): \(report.checks)")
            #expect(report.check(name)?.detail.hasPrefix("not readable here") == true, "\(name): \(report.checks)")
        }
        #expect(report.check("encryption.key")?.remedy?.contains("keygen") == false)
        #expect(report.check("daemon")?.outcome == "ok" && report.check("store")?.outcome == "ok")
        #expect(!report.checks.contains { $0.outcome == "failed" && $0.name != "disk" }, "\(report.checks)")
        #expect(status == (report.outcome == "failed" ? 1 : 0))
    }

    @Test(arguments: [
        ("http: {prot: 8080}", "unknown key http.prot"),
        ("encryption: {key: [x]}", "encryption.key must be a single value"),
        ("smtp: {host: mail.example.com, from: risk@example.com, password: x}", "smtp.username and smtp.password must"),
        ("smtp: {host: mail.example.com, from: risk@example.com, username: x, security: none}", "smtp.password needs"),
    ])
    func whatIsWrongInTheFileIsSaidWithoutTheSecretsToo(configuration: String, message: String) async throws {
        let (status, report) = try await Self.doctorOfAPerson(
            try DaemonProcess(environment: Self.environment), configuration)
        #expect(status == 1 && report.check("configuration")?.outcome == "failed")
        #expect(report.check("configuration")?.detail.hasPrefix(message) == true, "\(report.checks)")
    }
}

extension DaemonProcess {
    /// Runs `consilod doctor` in the daemon's own environment, with its configuration file.
    func doctor(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        try await run(
            ["doctor", "--config", folder.appendingPathComponent("consilod.yaml").path] + arguments,
            asTheDaemon: true)
    }
}

extension FileManager {
    func makeTemporaryFolder() throws -> URL {
        let folder = temporaryDirectory.appendingPathComponent("consilod-\(UUID().uuidString)")
        try createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
