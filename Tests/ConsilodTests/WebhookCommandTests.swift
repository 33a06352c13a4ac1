import Crypto
import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The webhook of a Jira site, from the command line through the real daemon to a simulated Jira and back.
@Suite struct WebhookCommandTests {
    /// A daemon that knows the address under which it is reached, with a tenant on a simulated Jira.
    struct Setup {
        let jira: SimulatedJira
        let daemon: DaemonProcess
        let tenant: DaemonProcess.Tenant

        static func run(_ body: (Setup) async throws -> Void) async throws {
            try await SimulatedJira.run { jira in
                let daemon = try DaemonProcess(environment: [
                    "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                    "CONSILOD_MODEL_ENABLED": "false", "CONSILOD_ALERTS_ALLOW_PLAIN_HTTP": "true",
                ])
                try await daemon.startWithPublicURL()
                let tenant = try await daemon.createTenant(
                    jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
                let setup = Setup(jira: jira, daemon: daemon, tenant: tenant)
                try await body(setup)
                #expect(jira.violations == [])
                // Whatever happened, nobody was told a secret.
                for secret in setup.secrets { #expect(!daemon.log.contains(secret)) }
            }
        }

        var door: String { "http://127.0.0.1:\(daemon.port)/webhooks/jira/\(tenant.id)" }

        /// All that must never be shown.
        var secrets: [String] {
            [SimulatedJira.token, tenant.webhook_secret, tenant.api_key, DaemonProcess.encryptionKey]
                + jira.webhooks.compactMap { webhook in
                    webhook["self"]?.text?.split(separator: "/").last.flatMap { jira.webhookSecret(String($0)) }
                }
        }

        func webhook(_ arguments: String...) async throws -> (status: Int32, output: String) {
            let answer = try await daemon.run(["webhook"] + arguments, as: tenant)
            for secret in secrets { #expect(!answer.output.contains(secret)) }
            return answer
        }

        /// Sends a webhook as Jira does that has this secret; the status of the answer.
        func send(signedWith secret: String?) async throws -> UInt {
            let body = #"{"webhookEvent": "comment_created", "n": "\#(UUID())"}"#
            let key = SymmetricKey(data: Data(try #require(secret).utf8))
            let signature = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key).hexadecimal
            return try await daemon.request(
                .post, "/webhooks/jira/\(tenant.id)", headers: ["x-hub-signature": "sha256=\(signature)"], body: body
            ).status
        }
    }

    // MARK: Register

    @Test func registeringTwiceMakesOneWebhookThatConsilodUnderstands() async throws {
        try await Setup.run { setup in
            let (status, output) = try await setup.webhook("register")
            #expect(status == 0 && output.contains("registered \(setup.door)"), "\(output)")
            let made = try #require(setup.jira.webhooks.first)
            let number = try #require(made["self"]?.text?.split(separator: "/").last.map(String.init))
            #expect(setup.jira.webhookSecret(number) == setup.tenant.webhook_secret)
            #expect(try await setup.send(signedWith: setup.jira.webhookSecret(number)) == 202)

            let (again, words) = try await setup.webhook("register", "--jql", "project = PAY")
            #expect(again == 0 && words.contains("updated"), "\(words)")
            #expect(words.contains("issues of the filter project = PAY"))
            #expect(setup.jira.webhooks.count == 1)
            // Without the option the filter stays as it is; an empty one is none.
            #expect(try await setup.webhook("register").output.contains("project = PAY"))
            #expect(try await setup.webhook("register", "--jql", "").output.contains("all issues"))
            #expect(setup.jira.webhooks.count == 1)
        }
    }

    @Test func aWebhookMadeByHandIsMendedAndNoOtherIsTouched() async throws {
        try await Setup.run { setup in
            let door = "https://old.example.com/webhooks/jira/\(setup.tenant.id)"
            let mine = setup.jira.addWebhook(
                name: "by hand", to: door, events: ["jira:issue_created"], jqlFilter: "project = OPS", isEnabled: false,
                excludesBody: true)
            setup.jira.addWebhook(name: "CI", to: "https://ci.example.com/jira", events: ["jira:issue_updated"])
            let other = setup.jira.webhooks[1]

            let listed = try await setup.webhook("list")
            #expect(listed.status == 0)
            for words in [
                "address    \(setup.door)", "webhook    \(mine) \"by hand\", off", "it points to \(door)",
                "it is switched off", "it leaves the body out", "it lacks the events jira:issue_updated, ",
                "others     \"CI\"",
            ] {
                #expect(listed.output.contains(words), "\(words) in \(listed.output)")
            }

            let (status, output) = try await setup.webhook("register")
            #expect(status == 0 && !output.contains("fault"), "\(output)")
            #expect(setup.jira.webhooks.count == 2 && setup.jira.webhooks[1] == other)
            let mended = setup.jira.webhooks[0]
            #expect(mended["url"]?.text == setup.door && mended["name"]?.text == "by hand")
            #expect(mended["filters"]?["issue-related-events-section"]?.text == "project = OPS")
            #expect(setup.jira.webhookSecret(mine) == setup.tenant.webhook_secret)
            #expect(!(try await setup.webhook("list").output.contains("fault")))

            setup.jira.addWebhook(name: "double", to: setup.door, events: ["comment_created"])
            #expect(try await setup.webhook("register").output.contains("double     "))
            #expect(try await setup.webhook("list").output.contains("several webhooks point here"))
            #expect(setup.jira.webhooks.count == 3)
        }
    }

    @Test func whoDoesNotAdministerTheSiteIsToldWhichPermissionIsMissing() async throws {
        try await Setup.run { setup in
            setup.jira.setAdministrator(false)
            for command in ["register", "list", "rotate-secret"] {
                let (status, output) = try await setup.webhook(command)
                #expect(status == 1 && output.contains("Administer Jira (ADMINISTER)"), "\(output)")
                #expect(output.contains(SimulatedJira.email))
            }
            let answer = try await setup.daemon.request(
                .get, "/api/tenants/\(setup.tenant.id)/jira/webhooks", token: setup.tenant.api_key)
            #expect(answer.status == 403 && answer.text.contains("jira_permission_missing"))
            // No new secret was left behind, and the tenant's other calls go on.
            #expect(try setup.daemon.query("SELECT COUNT(*) FROM webhook_secrets") == [["1"]])
            let swept = try await setup.daemon.request(
                .get, "/api/tenants/\(setup.tenant.id)/jira", token: setup.tenant.api_key)
            #expect(swept.text.contains(#""stopped_reason":null"#), "\(swept.text)")
        }
    }

    @Test func withoutAPublicAddressNothingIsRegistered() async throws {
        try await SimulatedJira.run { jira in
            let daemon = try DaemonProcess(environment: [
                "CONSILOD_JIRA_ENABLED": "true", "CONSILOD_JIRA_ALLOWED_HOSTS": "127.0.0.1",
                "CONSILOD_MODEL_ENABLED": "false",
            ])
            try await daemon.start()
            let tenant = try await daemon.createTenant(
                jiraURL: jira.url, jiraEmail: SimulatedJira.email, jiraToken: SimulatedJira.token)
            for path in ["", "/rotate-secret", "/test"] {
                let answer = try await daemon.request(
                    .post, "/api/tenants/\(tenant.id)/jira/webhooks\(path)", token: tenant.api_key)
                #expect(answer.status == 409 && answer.text.contains("Set http.public_url"), "\(answer.text)")
            }
            #expect(jira.count(of: .webhooks) == 0)
        }
    }

    // MARK: Rotate

    @Test func whileASecretIsRotatedBothVerifyAndThenOnlyTheNewOne() async throws {
        try await Setup.run { setup in
            _ = try await setup.webhook("register")
            let number = try #require(setup.jira.webhooks[0]["self"]?.text?.split(separator: "/").last.map(String.init))
            let (status, output) = try await setup.webhook("rotate-secret")
            #expect(status == 0 && output.contains("webhook \(number)"), "\(output)")
            let rotated = try #require(setup.jira.webhookSecret(number))
            #expect(rotated != setup.tenant.webhook_secret)
            #expect(try await setup.send(signedWith: rotated) == 202)
            #expect(try await setup.send(signedWith: setup.tenant.webhook_secret) == 202)

            // The grace is over at once for all that were there before.
            let second = try await setup.webhook("rotate-secret", "--grace-minutes", "0")
            #expect(second.status == 0, "\(second.output)")
            let newest = setup.jira.webhookSecret(number)
            #expect(try await setup.send(signedWith: newest) == 202)
            #expect(try await setup.send(signedWith: rotated) == 401)
            #expect(try await setup.send(signedWith: setup.tenant.webhook_secret) == 401)
            // What Jira is given from now on is the newest one.
            _ = try await setup.webhook("register")
            #expect(setup.jira.webhookSecret(number) == newest)
            // A rotation is two changes, and each leaves its row.
            let rotation = [["webhook_secret.create"], ["webhook_secret.retire"]]
            #expect(
                try setup.daemon.query(
                    "SELECT action FROM audit_log WHERE tenant_id IS NOT NULL ORDER BY sequence")
                    == [["jira_webhook.register"]] + rotation + rotation + [["jira_webhook.register"]])
        }
    }

    @Test func aRotationThatJiraRefusesChangesNothing() async throws {
        try await Setup.run { setup in
            let none = try await setup.webhook("rotate-secret")
            #expect(none.status == 1 && none.output.contains("consilod webhook register"), "\(none.output)")
            _ = try await setup.webhook("register")
            let number = try #require(setup.jira.webhooks[0]["self"]?.text?.split(separator: "/").last.map(String.init))

            // The list comes, the change is refused.
            setup.jira.script(.change { $0.script(.status(400), on: .webhooks) }, on: .webhooks)
            let refused = try await setup.webhook("rotate-secret")
            #expect(refused.status == 1, "\(refused.output)")
            #expect(try setup.daemon.query("SELECT COUNT(*) FROM webhook_secrets WHERE expires_at IS NULL") == [["1"]])
            #expect(setup.jira.webhookSecret(number) == setup.tenant.webhook_secret)
            #expect(try await setup.send(signedWith: setup.tenant.webhook_secret) == 202)
        }
    }

    @Test func aRotationThatWasOvertakenEndsNoSecretAndSaysSo() async throws {
        try await Setup.run { setup in
            _ = try await setup.webhook("register")
            let asked = setup.jira.count(of: .webhooks)
            // The list comes at once; Jira takes its time with the change.
            setup.jira.script(.change { $0.script(.latency(.seconds(5)), on: .webhooks) }, on: .webhooks)
            async let rotation = setup.daemon.request(
                .post, "/api/tenants/\(setup.tenant.id)/jira/webhooks/rotate-secret", token: setup.tenant.api_key,
                body: #"{"grace_minutes": 0}"#)
            try await eventually("Jira is asked for the change") { setup.jira.count(of: .webhooks) == asked + 2 }
            let added = try await setup.daemon.request(
                .post, "/api/tenants/\(setup.tenant.id)/webhook-secrets", token: setup.tenant.api_key)
            #expect(added.status == 201)
            let answer = try await rotation
            #expect(answer.status == 409 && answer.text.contains("Try again"), "\(answer.text)")
            #expect(try setup.daemon.query("SELECT COUNT(*) FROM webhook_secrets WHERE expires_at IS NULL") == [["3"]])
            #expect(try await setup.send(signedWith: setup.tenant.webhook_secret) == 202)
        }
    }

    // MARK: Test

    @Test func aSignedWebhookOfItsOwnGoesThroughThePublicAddress() async throws {
        try await Setup.run { setup in
            let (status, output) = try await setup.webhook("test")
            #expect(status == 0 && output.contains("arrived"), "\(output)")
            #expect(
                try setup.daemon.query("SELECT event, state FROM webhook_events") == [["consilod:test", "ignored"]])
            // Neither is Jira asked for it nor is any issue made of it.
            #expect(setup.jira.count(of: .webhooks) == 0)
            #expect(try setup.daemon.query("SELECT COUNT(*) FROM issue_snapshots") == [["0"]])
        }
    }

    @Test func whereTheAddressLeadsElsewhereTheTestSaysSo() async throws {
        try await SimulatedJira.run { elsewhere in
            let daemon = try DaemonProcess(environment: [
                "CONSILOD_HTTP_PUBLIC_URL": elsewhere.url, "CONSILOD_MODEL_ENABLED": "false",
            ])
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            let path = "/api/tenants/\(tenant.id)/jira/webhooks/test"
            let wrong = try await daemon.request(.post, path, token: tenant.api_key)
            #expect(wrong.status == 200 && wrong.text.contains(#""arrived":false"#), "\(wrong.text)")
            #expect(wrong.text.contains("asks for credentials (401)"), "\(wrong.text)")
            elsewhere.script(.redirect(to: "https://risk.example/"))
            let redirected = try await daemon.request(.post, path, token: tenant.api_key)
            #expect(redirected.text.contains("a redirect (302)"), "\(redirected.text)")
            elsewhere.script(.drop)
            let dropped = try await daemon.request(.post, path, token: tenant.api_key)
            #expect(dropped.text.contains("closed the connection"), "\(dropped.text)")
        }
    }

    @Test(arguments: [
        ("https://127.0.0.1:PORT", "failed the TLS handshake (wrong version number)"),
        ("http://127.0.0.1:9", "refused the connection"), ("https://risk.invalid", "does not resolve"),
    ])
    func whyTheAddressCannotBeReachedIsSaid(_ address: String, words: String) async throws {
        try await SimulatedJira.run { plain in
            let daemon = try DaemonProcess(environment: [
                "CONSILOD_HTTP_PUBLIC_URL": address.replacing("PORT", with: "\(plain.port)"),
                "CONSILOD_MODEL_ENABLED": "false",
            ])
            try await daemon.start()
            let tenant = try await daemon.createTenant()
            let answer = try await daemon.request(
                .post, "/api/tenants/\(tenant.id)/jira/webhooks/test", token: tenant.api_key)
            #expect(answer.text.contains(words), "\(answer.text)")
        }
    }
}

extension DaemonProcess {
    /// Starts the program, and once more when its port is known, so that its public address is its own.
    func startWithPublicURL() async throws {
        try await start()
        signal(SIGTERM)
        guard try await waitForExit() == 0 else { throw Unexpected("the daemon did not end well: \(log)") }
        setEnvironment("CONSILOD_HTTP_PUBLIC_URL", "http://127.0.0.1:\(port)")
        try await restart()
    }
}
