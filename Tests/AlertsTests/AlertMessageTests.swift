import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// Several alerts as one message.
@Suite struct AlertMessageTests {
    private static func alert(
        _ issue: Int, score: Int, rule: String = "High risk", kind: AlertRule.Kind = .threshold,
        event: Alert.Event = .raised, headline: String? = nil
    ) -> Alert {
        var alert = Alert.sample(id: UUID(named: "\(issue) \(rule) \(event)"), event: event, ruleName: rule)
        alert.band = RiskBand(score: score)
        if let headline { alert.headline = headline }
        alert.changeIssue {
            ($0.issueID, $0.issueKey) = (IssueID("\(issue)"), IssueKey("ENG-\(issue)"))
            $0.url = "https://team.example.net/browse/ENG-\(issue)"
            ($0.ruleID, $0.ruleKind, $0.score) = (UUID(named: rule), kind, score)
        }
        return alert
    }

    @Test func severalRulesOfOneIssueAreSaidInOneMessage() throws {
        let spike = Self.alert(1, score: 84, rule: "Fast rise", kind: .spike, headline: "ENG-1 gained 40 points")
        let words = AlertText(AlertMessage([spike, Self.alert(1, score: 84, headline: "ENG-1 is at 84")]))
        #expect(words.headline == "ENG-1 is at 84")
        #expect(words.sections.first == .init(title: "Also", items: [.init(text: "ENG-1 gained 40 points")]))
        #expect(words.sections.filter { $0.title.hasPrefix("Why the score") }.count == 1)
    }

    @Test func aChangedGroupSaysWhatItsLastMessageSaid() throws {
        let before = Self.alert(1, score: 72)
        let words = AlertText(AlertMessage([Self.alert(1, score: 90)], previous: [before]))
        #expect(words.facts.last == .init(label: "Last message", value: "2026-11-24 13:18 UTC: 72, now 90"))
        #expect(AlertText(AlertMessage([before])).facts.allSatisfy { $0.label != "Last message" })
    }

    @Test func severalIssuesAreAListWithTheRiskiestFirst() throws {
        let alerts = [Self.alert(1, score: 71), Self.alert(2, score: 93), Self.alert(3, score: 20, event: .resolved)]
        let message = AlertMessage(alerts)
        let words = AlertText(message)
        #expect(words.headline == "2 issues at risk, 1 issue no longer in ENG")
        #expect(words.subject == "3 issues in ENG")
        #expect(words.url == "https://team.example.net/browse/ENG")
        #expect(words.sections.map(\.title) == ["At risk", "No longer"])
        #expect(words.sections[0].items[0].text.hasPrefix("ENG-2 Checkout fails for saved cards – 93 of 100"))
        #expect(words.sections[0].items[0].url == "https://team.example.net/browse/ENG-2")
        #expect(message.lead.issue?.issueKey == "ENG-2" && !message.isResolved)
        #expect(SlackMessage(message).text.contains("<https://team.example.net/browse/ENG-1|ENG-1"))
    }

    @Test func aStormIsAMessageThatFitsEveryChannel() throws {
        let alerts = (1...300).map { Self.alert($0, score: 50 + $0 % 50) }
        let message = AlertMessage(alerts)
        let slack = SlackMessage(message)
        #expect(slack.text.utf16.count < 4000)
        #expect(AlertText(message).sections[0].items.last?.text == "and 280 more")
        #expect(AlertText(message).facts == [.init(label: "Alerts", value: "300")])
        let mail = MailMessage(
            message, from: try #require(MailAddress("c@example.com")), to: try #require(MailAddress("a@example.com")),
            channelID: UUID(), now: .sampleNow)
        #expect(mail.headers.contains { $0.hasPrefix("Subject: [consilod] 300 issues in ENG") })
    }

    @Test func ofOneRuleAndIssueTheLastWordCounts() {
        let raised = Self.alert(1, score: 80)
        var resolved = Self.alert(1, score: 30, event: .resolved)
        resolved.changeIssue { $0.score = 30 }
        let message = AlertMessage([raised, resolved])
        #expect(message.alerts == [resolved] && message.count == 2 && message.isResolved)
    }

    @Test func aRepetitionIsAReminderThatSaysSinceWhenItHolds() {
        let first = Self.alert(1, score: 84)
        let one = AlertText(AlertMessage([first], previous: [first], isRepeat: true))
        #expect(one.headline == "Reminder: \(first.headline)")
        #expect(one.facts.last == .init(label: "Holds since", value: "2026-11-24 13:18 UTC"))
        // What the last message said is what this one says.
        #expect(!one.facts.contains { $0.label == "Last message" })
        let many = AlertText(AlertMessage([first, Self.alert(2, score: 90)], isRepeat: true))
        #expect(many.headline == "Reminder: 2 issues at risk in ENG")
    }
}
