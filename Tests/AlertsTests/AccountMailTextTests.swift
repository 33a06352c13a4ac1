import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// The words of mails about accounts, and the mails as a server takes them.
@Suite struct AccountMailTextTests {
    private let end = Timestamp.sampleNow.adding(days: 14)

    private func mail(_ claim: AccountMailClaim, unsubscribe: String? = nil) -> AccountMail {
        let words = AccountMailWords(claim)
        return AccountMail(
            id: claim.id, words: words, actionURL: "https://risk.example\(words.page.rawValue)",
            unsubscribeURL: unsubscribe)
    }

    @Test func aMailThatCannotBeSwitchedOffSaysWhatToDoAndWhyItCame() {
        let mail = mail(AccountMailFacts.sample().claim(.trialEnding, end.description))
        #expect(mail.subject == "[consilod] Your trial ends soon")
        #expect(
            mail.text == """
                The trial of consilod for https://acme.atlassian.net ends on 2026-12-08 13:18 UTC.

                After that, the API and analyses on request are locked until the account has a plan. Nothing is deleted: issues \
                are still scored, alerts are still sent, and the dashboard still shows both.

                To continue, ask the operator of this host for a plan.

                Open the dashboard: https://risk.example/dashboard

                -- \("")
                You get this mail because you are an owner of the consilod account of https://acme.atlassian.net. It cannot be \
                switched off, because it says whether the account works.

                """)
    }

    @Test func aReminderNamesWhatIsLeftAndItsEnd() {
        var facts = AccountMailFacts.sample()
        facts.stepsLeft = [.channel, .webhook]
        let mail = mail(facts.claim(.onboarding, "day-1"), unsubscribe: "https://risk.example/links/x")
        #expect(
            mail.text == """
                These steps are left of the set-up of consilod for https://acme.atlassian.net:

                  * Register the webhook, so that Jira reports changes to consilod.
                  * Add a channel, so that alerts are sent.

                Continue the set-up: https://risk.example/dashboard/setup

                -- \("")
                You get this mail because you are an owner of the consilod account of https://acme.atlassian.net.
                No more reminders to this address: https://risk.example/links/x

                """)
        #expect(
            mail.html == """
                <!DOCTYPE html>
                <html lang="en"><head><meta charset="utf-8"><title>[consilod] The set-up is not finished</title></head>
                <body style="margin:0;padding:16px;font:14px/1.5 sans-serif;color:#1d2733;background:#ffffff">
                <div style="max-width:640px">
                <p>These steps are left of the set-up of consilod for https://acme.atlassian.net:</p>
                <ul style="margin:0;padding-left:20px">
                <li style="margin:4px 0">Register the webhook, so that Jira reports changes to consilod.</li>
                <li style="margin:4px 0">Add a channel, so that alerts are sent.</li>
                </ul>
                <p><a href="https://risk.example/dashboard/setup" style="color:#0b57d0">Continue the set-up</a></p>
                <p style="font-size:12px;color:#5f6b7a">You get this mail because you are an owner of the consilod account of \
                https://acme.atlassian.net.<br><a href="https://risk.example/links/x" style="color:#0b57d0">No more reminders to \
                this address</a></p>
                </div>
                </body></html>

                """)
    }

    @Test func usageSaysHowMuchOfWhichLimit() {
        var facts = AccountMailFacts.sample()
        facts.used = UsageCount(issue: 163, sprint: 5, portfolio: 0)
        let near = mail(facts.claim(.usageNear, "2026-11/issue/200"))
        #expect(near.subject == "[consilod] Most issue analyses of this month are used")
        #expect(near.text.contains("163 of the 200 issue analyses of 2026-11 are used."))
        let reached = mail(facts.claim(.usageReached, "2026-11/sprint/5"))
        #expect(reached.subject == "[consilod] All sprint analyses of this month are used")
        #expect(reached.text.contains("all 5 sprint analyses of 2026-11 are used. Further ones are refused."))
    }

    @Test(arguments: AccountMailKind.allCases)
    func everyKindHasWordsALinkAndAReason(kind: AccountMailKind) {
        let facts = AccountMailFacts.sample()
        let occasion = kind == .usageNear || kind == .usageReached ? "2026-11/issue/200" : end.description
        let mail = mail(facts.claim(kind, occasion, refersTo: end))
        #expect(!mail.words.subject.isEmpty && mail.text.contains("https://acme.atlassian.net"))
        #expect(mail.text.contains("https://risk.example/dashboard") && mail.html.contains("href="))
        #expect(mail.text.contains("You get this mail because"))
        #expect(mail.text.contains("cannot be switched off") == !kind.isOptional)
        // Nothing is loaded from anywhere.
        #expect(!mail.html.contains("src=") && !mail.html.contains("<img"))
        let contact = self.mail(facts.claim(kind, occasion, to: facts.tenantID.uuid, refersTo: end))
        #expect(contact.text.contains("the account with which consilod signs in to https://acme.atlassian.net"))
    }

    @Test func anUnpaidAccountIsOpenedByAPaymentAndASuspendedOneByTheOperator() {
        let suspended = mail(AccountMailFacts.sample(status: .suspended).claim(.suspended, "x"))
        #expect(suspended.text.contains("ask the operator of this host") && !suspended.text.contains("paid"))
        let unpaid = mail(AccountMailFacts.sample(status: .cancelled).claim(.suspended, "x"))
        #expect(unpaid.subject == "[consilod] Your account is suspended until it is paid")
        #expect(unpaid.text.contains("closed until it is paid") && unpaid.text.contains("payment method"))
    }

    @Test func onAHostThatSellsPlansAMailLeadsToWhereTheyArePaidFor() {
        for (kind, status) in [
            (AccountMailKind.trialEnding, Tenant.Status.trial), (.trialEnded, .trial), (.trialOver, .trial),
            (.usageNear, .trial), (.usageReached, .trial), (.paymentFailed, .active), (.graceEnding, .active),
            (.suspended, .cancelled),
        ] {
            let claim = AccountMailFacts.sample(status: status).claim(kind, "x", refersTo: end)
            let words = AccountMailWords(claim, sells: true)
            #expect(words.page == .plan && words.action == "Open the page of the plan", "\(kind)")
            #expect(!words.paragraphs.contains { $0.contains("operator") }, "\(kind)")
            // On a host that sells nothing the page says how the payment stands, and the operator gives plans.
            let isOfTrial = [AccountMailKind.trialEnding, .trialEnded, .trialOver].contains(kind)
            #expect((AccountMailWords(claim).page == .plan) == !isOfTrial, "\(kind)")
        }
        let suspended = AccountMailFacts.sample(status: .suspended).claim(.suspended, "x")
        #expect(AccountMailWords(suspended, sells: true).page == .dashboard)
        // Owners see there what is used, whether or not the host sells plans.
        let usage = AccountMailFacts.sample().claim(.usageReached, "2026-11/issue")
        #expect(AccountMailWords(usage).page == .plan && AccountMailWords(usage, sells: true).page == .plan)
    }

    @Test func theSiteIsEscapedAndAddsNoLine() {
        var facts = AccountMailFacts.sample()
        facts.siteURL = "https://x.example/\"><script>alert(1)</script>\r\nBcc: a@b.example"
        let mail = mail(facts.claim(.suspended, "x"))
        #expect(!mail.html.contains("<script") && !mail.text.contains("\nBcc:"))
    }

    @Test func aMailArrivesWithOneClickOnlyWhereItCanBeSwitchedOff() async throws {
        try await SMTPServer.running(.plain) { server in
            let sink = EmailSink(
                MailSettings(
                    host: "127.0.0.1", port: server.port, security: .none, username: nil, password: nil,
                    from: "consilod <risk@example.com>"))
            let facts = AccountMailFacts.sample()
            let needed = mail(facts.claim(.trialEnded, end.description))
            #expect(await sink.send(needed, to: "ana@example.com", now: .sampleNow) == .accepted)
            let reminder = mail(facts.claim(.onboarding, "day-0"), unsubscribe: "https://risk.example/links/x")
            #expect(await sink.send(reminder, to: "ana@example.com", now: .sampleNow) == .accepted)
            let mails = try server.mails()
            try #require(mails.count == 2)
            #expect(mails[0].header("subject") == "[consilod] Your trial has ended")
            #expect(mails[0].header("list-unsubscribe") == nil && mails[0].header("auto-submitted") == "auto-generated")
            #expect(mails[0].header("message-id") == "<account.09090909-0909-0909-0909-090909090909@example.com>")
            #expect(mails[1].header("list-unsubscribe") == "<https://risk.example/links/x>")
            #expect(mails[1].header("list-unsubscribe-post") == "List-Unsubscribe=One-Click")
            #expect(mails.allSatisfy { $0.defects.isEmpty && $0.recipients == ["ana@example.com"] })
            await sink.shutdown()
        }
    }
}
