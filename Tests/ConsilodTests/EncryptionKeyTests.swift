import Domain
import Foundation
import NIOHTTP1
import Store
import TestSupport
import Testing
import Vault

@testable import DaemonTestSupport
@testable import consilod

/// What is sealed and cannot be opened is unavailable, not absent; and a key can be replaced to the end.
@Suite struct EncryptionKeyTests {
    private func newKey(_ daemon: DaemonProcess) async throws -> String {
        try await daemon.run(["keygen", "encryption-key"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private func restart(_ daemon: DaemonProcess, keys: String) async throws {
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", keys)
        try await daemon.restart()
    }

    private func webhook(_ number: Int) -> String {
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(number)
        return stream.bodies[0]
    }

    @Test func aStoreIsNotOpenedWithTheWrongKey() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let other = try await newKey(daemon)
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", other)
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        #expect(daemon.log.contains("no configured encryption key opens this store"), "\(daemon.log)")
        #expect(!daemon.log.contains(other))
        // An older store has no canary: its values tell.
        try daemon.execute("UPDATE store_state SET sealed_canary = NULL")
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", DaemonProcess.encryptionKey)
        try await daemon.restart()
        #expect(try await daemon.post(webhook(1), to: tenant).status == 202)
        // Lost for good: whoever says so may go on.
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", other)
        let lost = try await daemon.run(
            ["store", "reseal", "--lost-key", "--config", daemon.folder.appendingPathComponent("consilod.yaml").path],
            asTheDaemon: true)
        #expect(lost.status == 1 && lost.output.contains("1 Jira token, 1 webhook secret"), "\(lost.output)")
        try await daemon.restart()
        #expect(try await daemon.post(webhook(2), to: tenant).status == 503)
    }

    @Test func aWebhookWhoseSecretCannotBeOpenedIsPutOffAndNotRefused() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let sealed = try daemon.query("SELECT secret_encrypted FROM webhook_secrets")[0][0]
        try daemon.execute("UPDATE webhook_secrets SET secret_encrypted = 'of another key'")
        let answer = try await daemon.post(webhook(1), to: tenant)
        #expect(answer.status == 503 && answer.text.contains("unavailable"), "\(answer.text)")
        #expect(answer.headers.first(name: "retry-after") != nil)
        // With another one beside it, too: nobody knows which of them signed.
        let added = try await daemon.request(
            .post, "/api/tenants/\(tenant.id)/webhook-secrets", token: tenant.api_key, body: "{}")
        #expect(added.status == 201, "\(added.text)")
        #expect(try await daemon.post(webhook(1), to: tenant).status == 503)
        struct Secret: Decodable { var secret: String }
        var signedByTheOther = tenant
        signedByTheOther.webhook_secret = try added.json(Secret.self).secret
        #expect(try await daemon.post(webhook(1), to: signedByTheOther).status == 202)
        try daemon.execute(
            "UPDATE webhook_secrets SET secret_encrypted = '\(sealed)' WHERE secret_encrypted = 'of another key'")
        daemon.signal(SIGHUP)
        try await eventually("the secrets are read again") {
            try await daemon.post(webhook(2), to: tenant).status == 202
        }
        var stranger = tenant
        stranger.webhook_secret = "of a stranger"
        #expect(try await daemon.post(webhook(3), to: stranger).status == 401)
    }

    @Test func aDeliveryWhoseChannelCannotBeOpenedWaitsAndHealthSaysSo() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        for (path, body) in [
            ("/api/alert-channels", #"{"kind": "slack", "name": "team", "target": "https://hooks.slack.example/x"}"#),
            ("/api/alert-rules", #"{"name": "Any risk", "kind": "threshold", "raise_at": 1}"#),
        ] {
            #expect(try await daemon.request(.post, path, token: tenant.api_key, body: body).status == 201)
        }
        try daemon.execute("UPDATE alert_channels SET target_encrypted = 'of another key'")
        let listed = try await daemon.request(.get, "/api/alert-channels", token: tenant.api_key)
        #expect(listed.status == 503 && listed.text.contains(#""code":"secret_unavailable""#), "\(listed.text)")
        var stream = WebhookStream(
            start: Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: -300))
        stream.addIssue(1, comments: ["This is terrible, we are blocked again."])
        for body in stream.bodies { #expect(try await daemon.post(body, to: tenant).status == 202) }
        try await eventually("the delivery was put off") {
            let rows = try daemon.query("SELECT state, attempts, last_error FROM notifications")
            return !rows.isEmpty
                && rows.allSatisfy { $0[0] == "queued" && $0[1] == "0" && $0[2].contains("cannot be decrypted") }
        }
        try await restart(daemon, keys: DaemonProcess.encryptionKey)
        try await eventually("/health says so") {
            let health = try await daemon.health()
            return health.status == "degraded"
                && health.components["encryption"]?.detail.contains("1 channel address") == true
        }
        let report = try await daemon.doctor([])
        #expect(report.output.contains("no configured key opens 1 channel address"), "\(report.output)")
    }

    @Test(.enabled(if: PostgresSchema.server == nil, "opens the store's file beside the daemon"))
    func anInterruptedReplacementOfTheKeyContinues() async throws {
        struct Interruption: Error {}
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let channel = #"{"kind": "slack", "name": "team", "target": "https://hooks.slack.example/x"}"#
        let made = try await daemon.request(.post, "/api/alert-channels", token: tenant.api_key, body: channel)
        #expect(made.status == 201)
        try daemon.execute(
            """
            WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1200)
            INSERT INTO alert_channels (id, tenant_id, kind, name, target_encrypted, is_enabled, shows_restricted)
            SELECT printf('00000000-0000-4000-8000-%012x', n), tenant_id, kind, 'copy ' || n, target_encrypted, 1, 0
            FROM alert_channels, numbers
            """)
        let (old, new) = (DaemonProcess.encryptionKey, try await newKey(daemon))
        try await restart(daemon, keys: "\(new),\(old)")
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)

        let vault = try Vault(keys: [new, old])
        let store = try await RiskStore.beside(.sqlite(path: daemon.storePath))
        var pages = 0
        await #expect(throws: Interruption.self) {
            try await SealedSurvey.run(of: store, with: vault) { older in
                pages += 1
                if pages == 3 { throw Interruption() }
                try await StoreResealCommand.replace(older, in: store, with: vault)
            }
        }
        let between = try await SealedSurvey.run(of: store, with: vault)
        #expect(between.current > 0 && between.older > 0 && between.unreadableCount == 0)
        try store.close()

        let file = daemon.folder.appendingPathComponent("consilod.yaml").path
        let rest = try await daemon.run(["store", "reseal", "--config", file], asTheDaemon: true)
        #expect(rest.output.contains("\(between.older) of \(between.total) values"), "\(rest.output)")
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", new)
        try await daemon.restart()
        #expect(try await daemon.post(webhook(1), to: tenant).status == 202)
        #expect(try await daemon.request(.get, "/api/alert-channels", token: tenant.api_key).status == 200)
    }

    @Test func aKeyIsReplacedToTheEnd() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let old = DaemonProcess.encryptionKey
        let new = try await newKey(daemon)
        let file = daemon.folder.appendingPathComponent("consilod.yaml").path
        let reseal = ["store", "reseal", "--config", file]
        // The daemon does not know the new key yet, and could not read what it seals.
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", "\(new),\(old)")
        let early = try await daemon.run(reseal, asTheDaemon: true)
        #expect(early.status == 1 && early.output.contains("has not been started with this key"), "\(early.output)")
        try await restart(daemon, keys: "\(new),\(old)")
        let second = try await daemon.createTenant("second")
        let before = try await daemon.doctor([])
        #expect(before.output.contains("2 of 4 sealed values still need an older key"), "\(before.output)")
        let first = try await daemon.run(reseal, asTheDaemon: true)
        #expect(first.status == 0 && first.output.contains("2 of 4 values"), "\(first.output)")
        let again = try await daemon.run(reseal, asTheDaemon: true)
        #expect(again.status == 0 && again.output.contains("0 of 4 values"), "\(again.output)")
        try await restart(daemon, keys: new)
        for tenant in [tenant, second] { #expect(try await daemon.post(webhook(1), to: tenant).status == 202) }
        let after = try await daemon.doctor([])
        #expect(after.output.contains("the first key opens all of the 4 sealed values"), "\(after.output)")
    }
}
