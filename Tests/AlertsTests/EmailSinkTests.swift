import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct EmailSinkTests {
    private static let password = "open sesame"

    @Test func mailArrivesWithTextBeforeHTML() async throws {
        try await SMTPServer.running(.plain) { server in
            let attempt = await sink(server).deliver(
                .sample(), to: .email(" ana@example.com "), now: .sampleNow)
            #expect(attempt == .accepted)
            let mail = try onlyMail(server)
            #expect(mail.sender == "alerts@example.com")
            #expect(mail.recipients == ["ana@example.com"])
            #expect(mail.contentTypes == ["multipart/alternative", "text/plain", "text/html"])
            #expect(mail.header("date") == "Tue, 24 Nov 2026 13:18:00 +0000")
            #expect(mail.header("from") == "Risk alerts <alerts@example.com>")
            #expect(mail.header("to") == "ana@example.com")
            #expect(mail.header("subject") == "[consilod] ENG-12 Checkout fails for saved cards")
            #expect(mail.header("auto-submitted") == "auto-generated")
            #expect(mail.header("mime-version") == "1.0")
            #expect(mail.raw.contains("Content-Transfer-Encoding: quoted-printable"))
            #expect(mail.text.contains("  * Due date 20 of 20: Due 3 days ago.\n"))
            #expect(mail.html.contains("<h2"))
            #expect(mail.defects.isEmpty)
        }
    }

    @Test func otherScriptsSurvive() async throws {
        try await SMTPServer.running(.plain) { server in
            let summary = "Überweisung schlägt fehl – 決済 😀 " + String(repeating: "ñandú ", count: 15) + "end"
            let alert = Alert.sample(summary: summary, assignee: "Łukasz Żółć", explanation: "Fällig = seit “3” Tagen.")
            var settings = settings(server)
            settings.from = "Müller & Söhne <alerts@example.com>"
            let sink = EmailSink(settings)
            #expect(await sink.deliver(alert, to: .email("ana@example.com"), now: .sampleNow) == .accepted)
            let mail = try onlyMail(server)
            #expect(mail.header("subject") == "[consilod] ENG-12 \(summary)")
            #expect(mail.header("from") == "Müller & Söhne <alerts@example.com>")
            #expect(mail.text.contains("Łukasz Żółć") && mail.text.contains("Fällig = seit “3” Tagen."))
            #expect(mail.html.contains("Łukasz Żółć") && mail.html.contains("決済 😀"))
            #expect(mail.raw.utf16.allSatisfy { $0 < 128 })
            // RFC 2047 and RFC 2045 allow 76 columns; these two headers have nothing to encode and no place to fold.
            let longLines = mail.raw.components(separatedBy: "\r\n").filter { $0.count > 76 }
            #expect(longLines.allSatisfy { $0.hasPrefix("Message-ID:") || $0.hasPrefix("Content-Type:") })
            #expect(mail.defects.isEmpty)
        }
    }

    @Test func linesBeginningWithDotsSurvive() async throws {
        try await SMTPServer.running(.plain) { server in
            var alert = Alert.sample()
            alert.headline = ".hidden at the beginning"
            // Quoted-printable breaks long lines: somewhere, a dot begins one.
            alert.changeIssue { $0.factors[0].explanation = String(repeating: ".", count: 290) }
            #expect(await sink(server).deliver(alert, to: .email("ana@example.com"), now: .sampleNow) == .accepted)
            let mail = try onlyMail(server)
            #expect(mail.raw.contains("\r\n."))
            #expect(mail.text.hasPrefix(".hidden at the beginning\n"))
            #expect(mail.text.contains(": " + String(repeating: ".", count: 290) + "\n"))
            #expect(mail.text.hasSuffix(" UTC\n"))
        }
    }

    @Test func alertsOfOneIssueAreOneThread() async throws {
        try await SMTPServer.running(.plain) { server in
            let sink = sink(server)
            let channel = AlertChannel.email("ana@example.com")
            let raised = Alert.sample()
            var other = Alert.sample()
            other.changeIssue { $0.issueID = "10013" }
            for alert in [raised, .sample(event: .resolved), raised, other] {
                #expect(await sink.deliver(alert, to: channel, now: .sampleNow) == .accepted)
            }
            let mails = try server.mails()
            try #require(mails.count == 4)
            #expect(
                mails[0].header("references")
                    == "<issue.01020304-0506-0708-090a-0b0c0d0e0f10.10012@example.com>")
            for name in ["references", "in-reply-to"] {
                #expect(mails[0].header(name) == mails[1].header(name))
                #expect(mails[0].header(name) != mails[3].header(name))
            }
            #expect(mails[0].header("in-reply-to") == mails[0].header("references"))
            #expect(mails[0].header("subject") == mails[1].header("subject"))
            let ids = mails.compactMap { $0.header("message-id") }
            #expect(Set(ids).count == 3)
            #expect(ids[0] == ids[2], "a mail sent twice is the same mail")
        }
    }

    @Test(arguments: [
        "x\r\nBcc: victim@example.com", "x\nBcc: victim@example.com", "x\rBcc: victim@example.com",
        "x\r\n\r\n<b>body</b>", "ü\r\nBcc: victim@example.com", "x\u{0}\r\n Bcc: victim@example.com",
        "=?UTF-8?Q?=0D=0ABcc:_victim@example.com?=",
    ])
    func summaryAddsNoHeader(_ summary: String) async throws {
        try await SMTPServer.running(.plain) { server in
            let alert = Alert.sample(summary: summary, ruleName: summary)
            #expect(await sink(server).deliver(alert, to: .email("ana@example.com"), now: .sampleNow) == .accepted)
            let mail = try onlyMail(server)
            #expect(mail.recipients == ["ana@example.com"])
            #expect(mail.headers["bcc"] == nil)
            #expect(
                Set(mail.headers.keys) == [
                    "date", "message-id", "from", "to", "subject", "references", "in-reply-to", "auto-submitted",
                    "mime-version", "content-type",
                ])
            #expect(mail.header("subject")?.hasPrefix("[consilod] ENG-12 ") == true)
            #expect(mail.text.contains("What changed"))
        }
    }

    @Test func startTLSAndSignInWork() async throws {
        try await SMTPServer.running(.starttls) { server in
            let sink = sink(server, .starttls, password: Self.password, trusting: server)
            for _ in 0..<3 {
                #expect(await sink.deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow) == .accepted)
            }
            let mails = try server.mails()
            #expect(mails.count == 3)
            await sink.shutdown()
        }
    }

    @Test func recipientsAreTheAddressesOfTheListOnce() {
        let settings = MailSettings(
            host: "127.0.0.1", port: 1, security: .none, username: nil, password: nil, from: "a@b.example")
        #expect(
            EmailSink(settings).recipients(of: .email(" ana@example.com , nobody, Ana@Example.com,ben@example.com,"))
                == ["ana@example.com", "ben@example.com"])
    }

    @Test func implicitTLSWorks() async throws {
        try await SMTPServer.running(.tls) { server in
            let sink = sink(server, .tls, trusting: server)
            #expect(await sink.deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow) == .accepted)
            let mails = try server.mails()
            #expect(mails.count == 1)
        }
    }

    @Test func serverWithoutTLSGetsNothingWhereTLSIsRequired() async throws {
        try await SMTPServer.running(.plain) { server in
            let attempt = await sink(server, .starttls, password: Self.password).deliver(
                .sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(attempt == .transient(reason: "the mail server offers no TLS", retryAfterSeconds: nil))
            let mails = try server.mails()
            #expect(mails.isEmpty)
        }
    }

    @Test(arguments: [(SMTPServer.Mode.starttls, MailSettings.Security.starttls), (.tls, .tls)])
    func unknownCertificateIsRefused(_ mode: SMTPServer.Mode, _ security: MailSettings.Security) async throws {
        try await SMTPServer.running(mode) { server in
            let attempt = await sink(server, security, password: Self.password).deliver(
                .sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(
                attempt
                    == .transient(
                        reason: "mail server: SSL peer certificate or SSH remote key was not OK", retryAfterSeconds: nil
                    ))
            let mails = try server.mails()
            #expect(mails.isEmpty)
        }
    }

    @Test func wrongPasswordIsTransientAndNotRepeated() async throws {
        try await SMTPServer.running(.starttls) { server in
            let attempt = await sink(server, .starttls, password: "s3cret", trusting: server).deliver(
                .sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(
                attempt
                    == .transient(
                        reason: "the mail server did not accept the sign-in (535)", retryAfterSeconds: nil))
        }
    }

    @Test func aRelayThatOffersWhatItCannotCheckIsSignedInToByTheMechanismThatIsNamed() async throws {
        try await SMTPServer.running(.hashedPasswords) { server in
            #expect(
                await sink(server, .starttls, password: Self.password, trusting: server).checkServer()
                    == .transient(reason: "the mail server did not accept the sign-in (535)", retryAfterSeconds: nil))
            for mechanism in [MailSettings.Authentication.plain, .login] {
                var settings = settings(server, .starttls, password: Self.password)
                settings.authentication = mechanism
                let sink = EmailSink(
                    settings, MailLimits(),
                    certificateAuthorities: server.folder.appendingPathComponent("certificate.pem").path)
                #expect(await sink.checkServer() == .accepted, "\(mechanism)")
            }
        }
    }

    /// The check says what a delivery would meet, and sends nothing.
    @Test func aCheckOfTheServerSignsInAndSendsNoMail() async throws {
        try await SMTPServer.running(.starttls) { server in
            #expect(await sink(server, .starttls, password: Self.password, trusting: server).checkServer() == .accepted)
            #expect(
                await sink(server, .starttls, password: "s3cret", trusting: server).checkServer()
                    == .transient(reason: "the mail server did not accept the sign-in (535)", retryAfterSeconds: nil))
            let untrusted = await sink(server, .starttls, password: Self.password).checkServer()
            #expect(untrusted != .accepted)
            let mails = try server.mails()
            #expect(mails.isEmpty)
        }
        try await SMTPServer.running(.plain) { server in
            #expect(await sink(server).checkServer() == .accepted)
            let mails = try server.mails()
            #expect(mails.isEmpty)
        }
    }

    @Test func missingSignInIsTransient() async throws {
        try await SMTPServer.running(.signInRequired) { server in
            let attempt = await sink(server).deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(
                attempt
                    == .transient(
                        reason: "the mail server did not accept the sign-in (530)", retryAfterSeconds: nil))
        }
    }

    @Test func refusedRecipientIsPermanentAndNotNamed() async throws {
        try await SMTPServer.running(.refusing) { server in
            let attempt = await sink(server).deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(attempt == .permanent(reason: "the mail server refused the mail or its recipient (550)"))
        }
    }

    @Test func busyServerIsTransient() async throws {
        try await SMTPServer.running(.busy) { server in
            let attempt = await sink(server).deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(
                attempt
                    == .transient(
                        reason: "the mail server cannot take the mail now (451)", retryAfterSeconds: nil))
        }
    }

    @Test func silentServerIsGivenUp() async throws {
        try await SMTPServer.running(.silent) { server in
            let sink = EmailSink(
                settings(server), MailLimits(exchange: .seconds(1)), certificateAuthorities: nil)
            #expect(
                await sink.deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow)
                    == .transient(reason: "the mail server did not greet within 1 s", retryAfterSeconds: nil))
        }
    }

    @Test func unreachableServerIsTransient() async throws {
        try await ChildServer.refusingConnections { server in
            let attempt = await sink(server).deliver(.sample(), to: .email("ana@example.com"), now: .sampleNow)
            #expect(
                attempt == .transient(reason: "mail server: Couldn't connect to server", retryAfterSeconds: nil))
        }
    }

    @Test(arguments: ["", " , ", "nobody", "a@b.example\r\nRCPT TO:<x@y.example>"])
    func channelWithoutAnAddressIsPermanent(_ target: String) async {
        let settings = MailSettings(
            host: "127.0.0.1", port: 1, security: .none, username: nil, password: nil, from: "a@b.example")
        let attempt = await EmailSink(settings).deliver(.sample(), to: .email(target), now: .sampleNow)
        #expect(attempt == .permanent(reason: "the channel has no mail address"))
    }

    private func settings(
        _ server: ChildServer, _ security: MailSettings.Security = .none, password: String? = nil
    ) -> MailSettings {
        MailSettings(
            host: "127.0.0.1", port: server.port, security: security, username: password.map { _ in "relay" },
            password: password.map { Secret($0) }, from: "Risk alerts <alerts@example.com>")
    }

    private func sink(
        _ server: ChildServer, _ security: MailSettings.Security = .none, password: String? = nil,
        trusting authority: ChildServer? = nil
    ) -> EmailSink {
        EmailSink(
            settings(server, security, password: password), MailLimits(),
            certificateAuthorities: authority?.folder.appendingPathComponent("certificate.pem").path)
    }

    private func onlyMail(_ server: ChildServer) throws -> SMTPServer.Mail {
        let mails = try server.mails()
        try #require(mails.count == 1)
        return mails[0]
    }
}
