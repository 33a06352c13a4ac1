import FinBERT
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The real units under a real systemd.
@Suite(.alone, .serialized, .enabled(if: SystemdBox.canBeMade, .init(rawValue: SystemdBox.cannotBeMade)))
struct SupervisionTests {
    @Test func isActiveOnlyOnceItIsReadyAndTellsHowItIs() async throws {
        let box = try SystemdBox(settings: [
            "WatchdogSec=2", "ExecStart=",
            "ExecStart=/bin/sh -c 'while [ ! -e /etc/consilod/go ]; do sleep 0.05; done; "
                + "exec /usr/bin/consilod serve --config /etc/consilod/consilod.yaml'",
        ])
        try box.systemctl("start", "--no-block", "consilod")
        try await eventually("the program runs") { try box.property("MainPID") != "0" }
        #expect(try box.property("ActiveState") == "activating")
        try box.write("", to: "/etc/consilod/go")
        try await eventually("it is active") { try box.property("ActiveState") == "active" }
        try await eventually("it tells its state") {
            try box.property("StatusText").hasPrefix(
                "healthy; 0 webhooks and 0 issues waiting; 0 alerts queued, 0 dead; no webhook yet; model wordlist")
        }
        let tenant = try box.createTenant()
        let load = try box.load(tenant, clients: 1)
        try await eventually("a webhook is answered") { try load.answered() > 0 }
        #expect(try load.finish().failures.isEmpty)
        try await eventually("it tells of the last webhook") {
            try box.property("StatusText").contains("last webhook 20")
        }
        try box.systemctl("stop", "consilod")
        #expect(try box.property("Result") == "success")
        #expect(try box.property("ExecMainStatus") == "0")
    }

    @Test func isStartedAgainAfterAKillAndAfterAStall() async throws {
        let box = try SystemdBox(settings: ["WatchdogSec=2", "RestartSec=0"])
        try box.systemctl("start", "consilod")
        _ = try box.createTenant()
        for (number, signal, result) in [("1", "KILL", "signal"), ("2", "STOP", "watchdog")] {
            let before = try box.property("MainPID")
            try box.systemctl("kill", "--kill-whom=main", "--signal=\(signal)", "consilod")
            try await eventually("another one is active") {
                try box.property("NRestarts") == number && box.property("ActiveState") == "active"
            }
            #expect(try box.property("MainPID") != before)
            #expect(
                try box.run(["journalctl", "-q", "-u", "consilod"]).contains("Failed with result '\(result)'"))
        }
        // What it knew is there.
        #expect(try box.request("/api/tenants", token: DaemonProcess.adminToken).contains("acme"))
    }

    @Test func everyRequestIsAnsweredAcrossRestarts() async throws {
        let box = try SystemdBox()
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        let load = try box.load(tenant)
        for restart in 1...3 {
            let before = try load.answered()
            try await eventually("requests are answered") { try load.answered() >= before + 100 }
            let process = try box.property("MainPID")
            try box.systemctl("restart", "consilod")
            #expect(try box.property("MainPID") != process, "restart \(restart)")
        }
        let last = try load.answered()
        try await eventually("requests are answered after the last restart") { try load.answered() >= last + 100 }
        let outcome = try load.finish()
        #expect(outcome.failures.isEmpty, "\(outcome.failures)")
        #expect(outcome.statuses.keys.sorted() == ["202"])
        #expect(outcome.answered >= 400)
        #expect(try box.query("SELECT count(*) FROM webhook_events") == "\(outcome.answered)")
        #expect(try box.property("NRestarts") == "0")
    }

    @Test func endsInTimeUnderLoadAndLosesNothing() async throws {
        let box = try SystemdBox(settings: ["TimeoutStopSec=5"])
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        let load = try box.load(tenant, clients: 32)
        try await eventually("requests are answered") { try load.answered() >= 200 }
        // With nobody in its place, those who come are refused, or wait for ever for the next one.
        try box.systemctl("stop", "consilod.socket", "consilod.service")
        #expect(try box.property("Result") == "success")
        #expect(try box.property("ExecMainStatus") == "0")
        let outcome = try load.finish()
        // A client that keeps its connection may send on it just as it is closed: what it learns of that depends on whether
        // it is writing or reading at the moment.
        let allowed = ["ConnectionRefusedError", "ConnectionResetError", "BrokenPipeError", "RemoteDisconnected"]
        let others = outcome.failures.filter { failure in !allowed.contains { failure.hasPrefix($0) } }
        #expect(others == [])
        #expect(outcome.statuses.keys.sorted() == ["202"])
        let kept = try #require(Int(try box.query("SELECT count(*) FROM webhook_events")))
        #expect(kept >= outcome.answered)
    }

    @Test func aReloadKeepsConnections() async throws {
        let box = try SystemdBox()
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        let process = try box.property("MainPID")
        let load = try box.load(tenant, clients: 4)
        for _ in 0..<3 {
            let before = try load.answered()
            try box.systemctl("reload", "consilod")
            try await eventually("requests are answered") { try load.answered() >= before + 20 }
        }
        let outcome = try load.finish()
        #expect(outcome.failures.isEmpty, "\(outcome.failures)")
        #expect(outcome.statuses.keys.sorted() == ["202"])
        try await eventually("the reloads are done") {
            try box.journal().contains { $0["MESSAGE"]?.hasPrefix("configuration reloaded") == true }
        }
        #expect(try box.property("ActiveState") == "active")
        #expect(try box.property("MainPID") == process)
    }

    @Test(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
    func aReloadMayTakeLongerThanAStart() async throws {
        let allowed = 7
        let box = try SystemdBox(settings: ["TimeoutStartSec=\(allowed)s"])
        try box.systemctl("start", "consilod")
        // A model whose files come late, as from a network: its configuration is a pipe that nothing writes yet.
        let folder = "/var/lib/consilod/finbert"
        try box.run(["install", "-d", "-o", "consilod", folder])
        try box.run(["mkfifo", "-m", "666", "\(folder)/config.json"])
        let begin = ContinuousClock.now
        try box.systemctl("reload", "--no-block", "consilod")
        try await eventually("the reload goes on beyond the time allowed for a start") {
            ContinuousClock.now - begin > .seconds(allowed + 2)
        }
        #expect(try box.property("ActiveState") == "reloading")
        try box.run(["sh", "-c", "echo '{}' > \(folder)/config.json"])
        try await eventually("the reload is done") { try box.property("ActiveState") == "active" }
        #expect(try box.property("ReloadResult") == "success")
        #expect(try box.journal().contains { $0["MESSAGE"]?.hasPrefix("configuration reloaded") == true })
    }

    @Test func secretsAreForTheServiceAloneAndNotInTheJournal() async throws {
        let box = try SystemdBox()
        let password = "password-of-the-relay-4711"
        try box.write(password, to: "/root/password", mode: "0600")
        try box.run([
            "systemd-creds", "encrypt", "--with-key=host", "--name=smtp-password", "/root/password",
            "/etc/consilod/smtp-password.cred",
        ])
        #expect(!(try box.run(["cat", "/etc/consilod/smtp-password.cred"]).contains(password)))
        try box.configure(["LoadCredentialEncrypted=smtp-password:/etc/consilod/smtp-password.cred"])
        try box.write(
            """
            rescorer: {settle_seconds: 1}
            smtp: {host: 127.0.0.1, port: 1, username: relay, from: risk@example.com}
            log: {level: debug}

            """, to: "/etc/consilod/consilod.yaml")
        // It would not start without the password, nor know the admin without the token.
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        let folder = "/run/credentials/consilod.service"
        for name in ["encryption-key", "admin-token", "smtp-password"] {
            #expect(box.succeeds(["test", "-r", "\(folder)/\(name)"]))
            #expect(!box.succeeds(["setpriv", "--reuid=nobody", "--clear-groups", "cat", "\(folder)/\(name)"]))
        }
        let process = try box.property("MainPID")
        #expect(try box.run(["stat", "-c", "%U", "/proc/\(process)"]).hasPrefix("consilod"))
        // Neither where every user may look.
        let visible = try box.run(["cat", "/proc/\(process)/cmdline", "/proc/\(process)/environ"])
        try box.systemctl("stop", "consilod")
        #expect(!box.succeeds(["test", "-e", folder]))
        let journal = try box.run(["journalctl", "-q", "-o", "json", "--all"])
        #expect(journal.contains("listening"))
        let secrets = [
            DaemonProcess.encryptionKey, DaemonProcess.adminToken, password, tenant.api_key, tenant.webhook_secret,
            "jira-token-of-acme",
        ]
        for secret in secrets {
            #expect(!journal.contains(secret))
            #expect(!visible.contains(secret))
        }
    }

    @Test func aMissingCredentialKeepsItFromStarting() throws {
        let box = try SystemdBox()
        try box.run(["rm", "/etc/consilod/credentials/admin-token"])
        try box.configure(["Restart=no"])
        #expect(!box.succeeds(["systemctl", "start", "consilod"]))
        #expect(try box.property("ExecMainStatus") == "243")
    }

    @Test(.enabled(if: SentimentModel.hasEngine, "consilod was built without OpenVINO: run script/setup"))
    func readsByFinBERTUnderItsRestrictions() async throws {
        let box = try SystemdBox()
        try box.putFiles(of: TestModel.folder, in: "/var/lib/consilod/finbert")
        try box.systemctl("start", "consilod")
        try await eventually("FinBERT reads") { try box.property("StatusText").contains("+wordlist-3") }
        let process = try box.property("MainPID")
        // 19th field of proc_pid_stat(5), after a name that may hold anything.
        let niceness = try box.run(["sh", "-c", "sed 's/.*) //' /proc/\(process)/task/*/stat | cut -d' ' -f17"])
        let threads = niceness.split(separator: "\n")
        #expect(threads.contains("10"), "the model's threads leave the processor to webhooks")
        #expect(threads.contains("0"), "the others do not wait for it")

        // The engine generates code; where that is forbidden, the daemon says so and serves.
        try box.configure(["MemoryDenyWriteExecute=yes"])
        try box.systemctl("restart", "consilod")
        try await eventually("the word list reads") { try box.property("StatusText").contains("model wordlist") }
        try await eventually("it says why") {
            try box.journal().contains { $0["PRIORITY"] == "3" && $0["CONSILO_ERROR"]?.contains("protect") == true }
        }
        #expect(try box.request("/health").contains("protect"))
    }

    @Test func theJournalHasFields() async throws {
        let box = try SystemdBox()
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        #expect(
            !box.succeeds([
                "curl", "-sS", "-f", "-X", "POST", "-H", "X-Hub-Signature: sha256=00", "-d", "{}",
                "http://127.0.0.1:8080/webhooks/jira/\(tenant.id)",
            ]))
        try await eventually("the refusal is logged") {
            try box.journal().contains { $0["CONSILO_TENANT"]?.uppercased() == tenant.id.uppercased() }
        }
        let entries = try box.journal()
        let refusal = try #require(entries.first { $0["CONSILO_TENANT"] != nil })
        #expect(refusal["PRIORITY"] == "4")
        #expect(refusal["CONSILO_COMPONENT"] == "ingest")
        #expect(refusal["CONSILO_CODE"] != nil)
        let start = try #require(entries.first { $0["MESSAGE"]?.hasPrefix("listening") == true })
        #expect(start["PRIORITY"] == "5")
        #expect(start["SYSLOG_IDENTIFIER"] == "consilod")
        #expect(start["CONSILO_PORT"] == "8080")
        #expect(start["CONSILO_FROM"] == "systemd")
        #expect(start["_SYSTEMD_UNIT"] == "consilod.service")
    }

    @Test func tellsWhyItCannotStart() async throws {
        let box = try SystemdBox(settings: ["Restart=no"])
        try box.write("http: {port: eighty}\n", to: "/etc/consilod/consilod.yaml")
        #expect(!box.succeeds(["systemctl", "start", "consilod"]))
        #expect(try box.property("StatusText") == "http.port must be a whole number from 0 to 65535")
        #expect(try box.property("StatusErrno") == "\(EINVAL)")
    }

    @Test func bindsItsAddressWhereTheSocketIsMasked() throws {
        let box = try SystemdBox()
        try box.systemctl("mask", "--now", "consilod.socket")
        try box.systemctl("start", "consilod")
        #expect(try box.request("/ready").contains("{"))
        #expect(try box.journal().contains { $0["CONSILO_FROM"] == "http.host" })
    }

    @Test func staysWithinItsMemory() async throws {
        // With its usual share the tenant could not fill it.
        let box = try SystemdBox(
            settings: [
                "MemoryMax=96M", "MemorySwapMax=0", "RestartSec=0",
                "Environment=CONSILOD_HTTP_TENANT_SHARE_PERCENT=100",
            ])
        try box.systemctl("start", "consilod")
        let tenant = try box.createTenant()
        #expect(try box.property("MemoryMax") == "\(96 << 20)")
        // Bodies that are being received are held in memory, more of them than the limit allows.
        try box.write(
            """
            import socket, sys, time
            connections = []
            for _ in range(8):
                connection = socket.create_connection(("127.0.0.1", 8080))
                connection.settimeout(5)
                connections.append(connection)
                head = f"POST {sys.argv[1]} HTTP/1.1\\r\\nHost: x\\r\\nX-Hub-Signature: sha256={'0' * 64}\\r\\n"
                try:
                    connection.sendall((head + f"Content-Length: {16 << 20}\\r\\n\\r\\n").encode() + b"x" * (15 << 20))
                except OSError: pass
            time.sleep(2)
            """, to: "/root/fill.py")
        try box.run(["python3", "/root/fill.py", "/webhooks/jira/\(tenant.id)"])
        try await eventually("it was killed and started again") {
            try Int(box.property("NRestarts")) ?? 0 > 0 && box.property("ActiveState") == "active"
        }
        #expect(try box.request("/api/tenants", token: DaemonProcess.adminToken).contains("acme"))
    }
}
