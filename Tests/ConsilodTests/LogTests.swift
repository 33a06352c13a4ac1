import Domain
import Foundation
import Logging
import TestSupport
import Testing

@testable import DaemonTestSupport
@testable import consilod

/// What a log shows, and what it never shows.
@Suite struct LogTests {
    private func line(_ message: String, _ metadata: Logger.Metadata = [:]) -> String {
        LogEntry(.warning, label: "test", message: message, metadata: metadata).line
    }

    @Test func plainTextStaysAsItIs() {
        #expect(line("listening", ["port": "80", "host": "::"]) == "listening (host=::, port=80)")
        #expect(line("für 日本 😀", ["a": #"\ and ""#]) == #"für 日本 😀 (a=\ and ")"#)
    }

    @Test func whatEndsALineOrChangesWhatIsAroundItIsEscaped() {
        #expect(line("a\nb\r\tc") == #"a\nb\r\tc"#)
        #expect(line("x", ["issue": "\u{1B}[31mE\u{7}\u{85}"]) == #"x (issue=\u{1B}[31mE\u{7}\u{85})"#)
        #expect(
            line("a\u{2028}b\u{2029}c\u{202E}d\u{2066}e\u{200F}") == #"a\u{2028}b\u{2029}c\u{202E}d\u{2066}e\u{200F}"#)
        #expect(line("\0\u{E0041}\u{FEFF}") == #"\u{0}\u{E0041}\u{FEFF}"#)
        #expect(line("x", ["ke\ny": "v"]) == #"x (ke\ny=v)"#)
        #expect(line("x", ["list": ["a\nb"], "table": ["k": "\u{1B}"]]).allSatisfy { $0 != "\u{1B}" && $0 != "\n" })
    }

    @Test func noCharacterOfAnyKindCanForgeALine() {
        for value in UInt32(0)...0x2FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let safe = LogText.safe("a\(scalar)b", limit: 100)
            let isHidden = safe.unicodeScalars.contains {
                [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
            }
            #expect(!isHidden, "\(value)")
        }
    }

    @Test func valuesAreCut() {
        let long = String(repeating: "ä", count: 100_000)
        let text = line(long, ["a": "\(long)", "b": "c"])
        #expect(text.utf8.count < LogText.longestMessage + LogText.longestValue + 20)
        #expect(text.contains("…") && text.hasSuffix("b=c)"))
        #expect(LogText.safe("e" + String(repeating: "\u{301}", count: 1_000_000), limit: 100).utf8.count <= 100)
    }

    /// The journal gets the same line, and the fields as they stand in it.
    @Test func fieldsAreEscapedAsTheLineIs() {
        let entry = LogEntry(.error, label: "test", message: "m", metadata: ["issue": "E\u{1B}V"])
        #expect(entry.fields.map(\.value) == [#"E\u{1B}V"#])
    }

    /// Row 24 of what went wrong elsewhere: services are logged with all they hold.
    @Test(arguments: ["debug", "trace"])
    func atNoLevelIsASecretOfTheEnvironmentLogged(level: String) async throws {
        let secrets = [
            "CONSILOD_METRICS_TOKEN": "marker-of-the-metrics-token",
            "CONSILOD_SMTP_PASSWORD": "marker-of-the-mail-password", "PGPASSWORD": "marker-of-the-database-password",
            "HF_TOKEN": "marker-of-the-hub-token",
        ]
        let daemon = try DaemonProcess(
            environment: secrets.merging([
                "CONSILOD_LOG_LEVEL": level, "CONSILOD_SMTP_HOST": "127.0.0.1", "CONSILOD_SMTP_USERNAME": "relay",
                "CONSILOD_SMTP_FROM": "a@b.example", "CONSILOD_JIRA_ENABLED": "true",
                "HTTPS_PROXY": "http://user:marker-of-the-proxy-password@127.0.0.1:9",
            ]) { first, _ in first })
        try await daemon.start()
        let tenant = try await daemon.createTenant()
        let key = #"EV\u001b[31mIL\u2028\u202e-1"#
        let body = """
            {"webhookEvent":"jira:issue_updated","timestamp":1790000000000,"issue":{"id":"1","key":"\(key)","fields":{
             "summary":"x","created":"2026-09-21T13:33:19.000+0000","updated":"2026-09-21T13:33:19.000+0000"}}}
            """
        #expect(try await daemon.post(body, to: tenant).status == 202)
        try await eventually("the issue is scored") { daemon.log.contains("rescorer: scored") }
        daemon.signal(SIGHUP)
        try await eventually("the configuration is read again") { daemon.log.contains("configuration reloaded") }
        daemon.signal(SIGTERM)
        #expect(try await daemon.waitForExit() == 0)
        let log = daemon.log
        #expect(log.contains(" \(level) ") || level == "trace")
        for secret in Array(secrets.values) + [
            "marker-of-the-proxy-password", DaemonProcess.encryptionKey, DaemonProcess.adminToken,
            tenant.webhook_secret, tenant.api_key,
        ] {
            #expect(!log.contains(secret))
        }
        #expect(log.contains(#"EV\u{1B}[31mIL\u{2028}\u{202E}-1"#))
        #expect(!log.unicodeScalars.contains { ["\u{1B}", "\u{2028}", "\u{202E}"].contains($0) })
    }
}
