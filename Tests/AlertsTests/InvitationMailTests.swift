import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct InvitationMailTests {
    private let invitation = MailInvitation(
        siteURL: "https://acme.atlassian.net", url: "https://risk.example/dashboard/invitations/csli_x", id: UUID(),
        days: 7)

    @Test func anInvitationArrivesWithItsLinkAndNoWordsOfTheTenants() async throws {
        try await SMTPServer.running(.plain) { server in
            let isTaken = await sink(server).invite(invitation, at: "ana@example.com", now: .sampleNow)
            #expect(isTaken)
            let mail = try onlyMail(server)
            #expect(mail.recipients == ["ana@example.com"])
            #expect(mail.header("subject") == "[consilod] An invitation to see delivery risk")
            #expect(mail.header("auto-submitted") == "auto-generated")
            #expect(mail.text.contains(invitation.url) && mail.html.contains(invitation.url))
            #expect(mail.text.contains("https://acme.atlassian.net"))
            #expect(mail.defects.isEmpty)
        }
    }

    @Test func whatNoServerTakesIsSaidToBeSo() async throws {
        try await ChildServer.refusingConnections { server in
            let isTaken = await sink(server).invite(invitation, at: "ana@example.com", now: .sampleNow)
            #expect(!isTaken)
        }
        try await SMTPServer.running(.plain) { server in
            #expect(await sink(server).invite(invitation, at: "no address", now: .sampleNow) == false)
        }
    }

    private func sink(_ server: ChildServer) -> EmailSink {
        EmailSink(
            MailSettings(
                host: "127.0.0.1", port: server.port, security: .none, username: nil, password: nil,
                from: "Risk alerts <alerts@example.com>"))
    }

    private func onlyMail(_ server: ChildServer) throws -> SMTPServer.Mail {
        let mails = try server.mails()
        try #require(mails.count == 1)
        return mails[0]
    }
}
