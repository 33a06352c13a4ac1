import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// Mail through the servers that people run, as it arrives in a mailbox.
@Suite(.enabled(if: MailServer.isUsable, Comment(rawValue: MailServer.isMissing))) struct MailServerTests {
    private func message(_ event: Alert.Event, issue: IssueID) -> AlertMessage {
        var alert = Alert.sample(event: event, summary: "Überweisung von \(issue)")
        alert.changeIssue { $0.issueID = issue }
        var message = AlertMessage(alert)
        message.links = MessageLinks(
            acknowledge: "https://risk.example/links/" + String(repeating: "a", count: 78),
            snooze: "https://risk.example/links/" + String(repeating: "s", count: 78),
            unsubscribe: "https://risk.example/links/" + String(repeating: "u", count: 78))
        return message
    }

    @Test(arguments: MailServer.Kind.allCases) func mailsOfOneIssueArriveWholeAndAsOneThread(
        _ kind: MailServer.Kind
    ) async throws {
        let server = try await MailServer(kind)
        let sink = EmailSink(
            MailSettings(
                host: "127.0.0.1", port: server.port, security: .none, username: nil, password: nil,
                from: "Risk alerts <alerts@example.com>"))
        let channel = AlertChannel(id: UUID(), kind: .email, name: "leads", target: "ana@example.com")
        for message in [
            message(.raised, issue: "10012"), message(.resolved, issue: "10012"), message(.raised, issue: "10013"),
        ] {
            let attempt = await sink.deliver(message, to: channel, now: .sampleNow)
            #expect(attempt == .accepted)
        }
        await sink.shutdown()
        try await eventually("three mails have arrived", within: .seconds(120)) { server.arrived().count == 3 }
        for file in server.arrived() {
            let mail = try PythonMail(file)
            #expect(mail.defects.isEmpty, "\(mail.defects)")
            #expect(mail.header("to") == "ana@example.com")
            #expect(mail.header("subject")?.hasPrefix("[consilod] ENG-12 Überweisung von 1001") == true)
            #expect(
                mail.header("list-unsubscribe")
                    == "<https://risk.example/links/\(String(repeating: "u", count: 78))>")
            #expect(mail.header("list-unsubscribe-post") == "List-Unsubscribe=One-Click")
            #expect(
                mail.text.contains("\nAcknowledge: https://risk.example/links/\(String(repeating: "a", count: 78))"))
        }
        let threads = try server.threads().map(\.count)
        #expect(threads.sorted() == [1, 2])
    }
}
