import Domain
import Foundation
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The program as systemd and people start and stop it.
@Suite struct LifecycleTests {
    @Test func servesAndExitsZeroOnSIGTERM() async throws {
        let daemon = try DaemonProcess()
        try await daemon.start()
        #expect(try await daemon.request(.get, "/ready").status == 200)
        #expect(try await daemon.health().status == "healthy")
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
    }

    @Test(arguments: [
        ("http:\n  port: eighty\n", "http.port must be a whole number from 0 to 65535"),
        ("htp:\n  port: 80\n", "unknown key htp.port in the configuration file"),
        ("scoring:\n  caps:\n    sentiment: 190\n", "scoring"),
        ("scoring:\n  profil: classic\n", "unknown key scoring.profil in the configuration file"),
        ("smtp:\n  host: mail.example\n", "smtp.from must be the address"),
        ("http: [1, 2\n", "consilod.yaml"),
        ("log:\n  level: loud\n", "log.level must be one of"),
    ])
    func endsWithOneReadableLineOnAMalformedConfiguration(text: String, message: String) async throws {
        let daemon = try DaemonProcess(configuration: text, environment: ["CONSILOD_HTTP_PORT": ""])
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        #expect(daemon.log.contains(message), "\(daemon.log)")
        #expect(!daemon.log.contains("Fatal error"))
    }

    @Test func namesAMissingOrMalformedEncryptionKeyAndNeverShowsIt() async throws {
        for (key, message) in [("", "encryption.key is not set"), ("c2hvcnQ=", "key")] {
            let daemon = try DaemonProcess(environment: ["CONSILOD_ENCRYPTION_KEY": key])
            try daemon.launch()
            #expect(try await daemon.waitForExit() == 1)
            #expect(daemon.log.contains(message), "\(daemon.log)")
            if !key.isEmpty { #expect(!daemon.log.contains(key)) }
        }
    }

    @Test func theCheckOfAConfigurationAsksForAllThatTheDaemonNeeds() async throws {
        let daemon = try DaemonProcess()
        let file = daemon.folder.appendingPathComponent("checked.yaml")
        try "http: {port: 8080}".write(to: file, atomically: true, encoding: .utf8)
        let command = ["serve", "--check", "--config", file.path]
        let sound = try await daemon.run(command, asTheDaemon: true)
        #expect(sound.status == 0 && sound.output == "the configuration is valid: \(file.path)\n", "\(sound.output)")
        daemon.setEnvironment("CONSILOD_ENCRYPTION_KEY", "")
        // No service is installed here that could have it.
        let keyless = try await daemon.run(command, asTheDaemon: true)
        #expect(keyless.status == 1 && keyless.output.contains("encryption.key is not set"), "\(keyless.output)")
        #expect(keyless.output.contains("the key it was created with"), "\(keyless.output)")
    }

    @Test func readsSecretsFromTheCredentialsDirectory() async throws {
        let daemon = try DaemonProcess(environment: ["CONSILOD_ENCRYPTION_KEY": "", "CONSILOD_ADMIN_TOKEN": ""])
        let credentials = daemon.folder.appendingPathComponent("credentials")
        try FileManager.default.createDirectory(at: credentials, withIntermediateDirectories: true)
        try DaemonProcess.encryptionKey.write(
            to: credentials.appendingPathComponent("encryption-key"), atomically: true, encoding: .utf8)
        try "\(DaemonProcess.adminToken)\n".write(
            to: credentials.appendingPathComponent("admin-token"), atomically: true, encoding: .utf8)
        daemon.setEnvironment("CREDENTIALS_DIRECTORY", credentials.path)
        try await daemon.start()
        _ = try await daemon.createTenant()
    }

    @Test func endsWithOneLineWhenTheStoreCannotBeOpened() async throws {
        let daemon = try DaemonProcess(environment: ["CONSILOD_STORE_PATH": "/nonexistent/folder/consilod.sqlite"])
        try daemon.launch()
        #expect(try await daemon.waitForExit() == 1)
        #expect(daemon.log.contains("SQLite"), "\(daemon.log)")
    }

    @Test func takesOverTheLogLevelOnSIGHUPAndKeepsRunningOnABadFile() async throws {
        let daemon = try DaemonProcess(configuration: "log:\n  level: info\n")
        try await daemon.start()
        try daemon.rewriteConfiguration("log:\n  level: loud\n")
        daemon.signal(SIGHUP)
        try await eventually("the bad file is reported") {
            daemon.log.contains("cannot reload the configuration; nothing changed")
        }
        try daemon.rewriteConfiguration("log:\n  level: debug\n")
        daemon.signal(SIGHUP)
        try await eventually("the good file is taken") { daemon.log.contains("configuration reloaded") }
        #expect(try await daemon.request(.get, "/ready").status == 200)
        // Only now do entries of the debug level appear.
        let tenant = try await daemon.createTenant()
        var stream = WebhookStream(start: Timestamp(seconds: 1_790_000_000))
        stream.addIssue(1)
        let file = daemon.folder.appendingPathComponent("stream.ndjson")
        try stream.write(to: file)
        #expect(try await daemon.replay(file, tenant: tenant).status == 0)
        try await eventually("a debug entry is logged") { daemon.log.contains(" debug rescorer: scored") }
    }

    @Test func tellsSystemdWhenItIsReadyAliveAndStopping() async throws {
        let daemon = try DaemonProcess()
        let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
        daemon.setEnvironment("NOTIFY_SOCKET", socket.path)
        daemon.setEnvironment("WATCHDOG_USEC", "1000000")
        try await daemon.start()
        try await eventually("READY, STATUS and WATCHDOG arrive") {
            socket.receive()
            return socket.messages.contains { $0.contains("READY=1") }
                && socket.messages.contains { $0.hasPrefix("STATUS=healthy; 0 webhooks") }
                && socket.messages.filter { $0 == "WATCHDOG=1" }.count >= 2
        }
        let ready = try #require(socket.messages.firstIndex { $0.contains("READY=1") })
        #expect(!socket.messages[..<ready].contains("WATCHDOG=1"))
        async let _ = socket.keepReceiving()
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        try await eventually("STOPPING arrives", within: .seconds(60)) {
            socket.messages.contains { $0.hasPrefix("STOPPING=1") }
        }
    }

    @Test func tellsSystemdWhyItCannotStart() async throws {
        let other = try DaemonProcess()
        try await other.start()
        for (configuration, port, words, code) in [
            ("http: [1, 2\nstore: {path: [\n", "0", "consilod.yaml", EINVAL),
            ("", "\(other.port)", "bind", EADDRINUSE),
        ] {
            let daemon = try DaemonProcess(configuration: configuration, environment: ["CONSILOD_HTTP_PORT": port])
            let socket = try NotifySocket(path: daemon.folder.appendingPathComponent("notify").path)
            daemon.setEnvironment("NOTIFY_SOCKET", socket.path)
            try daemon.launch()
            #expect(try await daemon.waitForExit() == 1)
            socket.receive()
            let last = try #require(socket.messages.last)
            // Two assignments, whatever the error's words: a line of its own would be a third.
            let lines = last.split(separator: "\n")
            #expect(lines.count == 2 && lines[0].hasPrefix("STATUS=") && lines[0].contains(words), "\(last)")
            #expect(lines.last == "ERRNO=\(code)")
            #expect(!socket.messages.contains { $0.contains("READY=1") })
        }
    }
}
