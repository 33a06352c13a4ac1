import Domain
import RiskEngine
import Testing

@Suite struct AutomaticReplyTests {
    @Test(arguments: [
        "Automatic reply: Export times out\n\nI am on vacation.", "Out of Office: back on Monday",
        "Thank you for your email. I am out of the office until 3 May with limited access to email.",
        "Hi,\n\nI am currently on annual leave. For urgent matters please contact Ben.",
        "I'm away from my desk and will answer your message when I return. We are blocked until then.",
        "Automatische Antwort: Ich bin bis 3. Mai im Urlaub.",
        "Vielen Dank für Ihre Nachricht. Ich bin bis zum 3. Mai nicht im Büro. Ihre E-Mail wird nicht weitergeleitet.",
        "Guten Tag,\nich bin derzeit abwesend. In dringenden Fällen wenden Sie sich bitte an Herrn Becker.",
        "We have received your request and will get back to you within two days.",
    ])
    func isOne(text: String) { #expect(AutomaticReply.isOne(text)) }

    @Test(arguments: [
        "I am on vacation until Monday and will continue then.", "Peter is out of office, we wait for him.",
        "The automatic reply of the mail gateway is broken.", "Thank you for your email, here is the log.",
        "Ich bin nächste Woche im Urlaub, Ben macht weiter.", "ok", "", "Die Abwesenheitsnotiz wird nicht verschickt.",
        "We should send an auto reply to customers.",
    ])
    func isNone(text: String) { #expect(!AutomaticReply.isOne(text)) }

    /// It has no mood and opens no blocker; `classic` reads it as the original did.
    @Test func countsForNothing() throws {
        let reply = "Automatic reply: I am out of the office. We are blocked and waiting for the vendor."
        let issue = IssueFixture.issue(comments: [IssueFixture.comment(1, reply)])
        let analysis = try IssueFixture.standard(issue, negatives: 1)
        #expect(analysis.blockers.isEmpty)
        #expect(analysis.sentiment.total == 0)
        #expect(analysis.points(.sentiment) == 0)
        #expect(try IssueFixture.classic(issue, negatives: 1).sentiment.negative == 1)
    }
}
