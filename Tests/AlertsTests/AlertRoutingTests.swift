import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// Routes, groups and silences: pure.
@Suite struct AlertRoutingTests {
    private static let now = Timestamp.sampleNow
    private let router = AlertRouter(timing: AlertGroupTiming(wait: 30, interval: 300))

    private static func channel(_ name: String) -> AlertChannel {
        AlertChannel(id: UUID(named: name), kind: .slack, name: name, target: "sealed")
    }

    private static func alert(
        _ issue: Int = 12, project: String = "ENG", rule: String = "High risk", kind: AlertRule.Kind = .threshold,
        labels: [String] = [], sprints: [String] = []
    ) -> Alert {
        var alert = Alert.sample(id: UUID(named: "\(issue) \(rule)"))
        alert.changeIssue {
            $0.issueID = IssueID("\(issue)")
            $0.issueKey = IssueKey("\(project)-\(issue)")
            $0.projectKey = project
            ($0.ruleName, $0.ruleID, $0.ruleKind) = (rule, UUID(named: rule), kind)
            ($0.labels, $0.sprints) = (labels, sprints)
        }
        return alert
    }

    private func route(_ alerts: [Alert], _ routing: AlertRouting, at now: Timestamp = now) -> AlertDecision {
        var decision = AlertDecision(alerts: alerts)
        router.route(&decision, by: routing, now: now)
        return decision
    }

    private static let team = channel("team")
    private static let legal = channel("legal")
    private static let both = AlertRouting(channels: [team, legal])

    @Test func aThresholdAndASpikeOfOneRiseAreOneNotification() {
        let alerts = [Self.alert(), Self.alert(rule: "Fast rise", kind: .spike)]
        let decision = route(alerts, AlertRouting(channels: [Self.team]))
        #expect(decision.notifications.count == 1)
        #expect(decision.notifications.first?.alertIDs == alerts.map(\.id))
        #expect(decision.notifications.first?.groupKey == "issue:12")
        #expect(decision.notifications.first?.notifyAt == Self.now.adding(seconds: 30))
        #expect(decision.notifications.first?.groupInterval == 300)
    }

    @Test(arguments: [
        (AlertGrouping.issue, 3, "issue:1"), (.project, 2, "project:ENG"), (.sprint, 2, "sprint:Sprint 7"),
        (.rule, 2, "rule:\(UUID(named: "High risk").canonicalText)"),
    ])
    func alertsAreGroupedByWhatTheRouteSays(_ grouping: AlertGrouping, _ groups: Int, _ first: String) {
        let alerts = [
            Self.alert(1, sprints: ["Sprint 7"]), Self.alert(2, sprints: ["Sprint 7"]),
            Self.alert(3, project: "OPS", rule: "Other"),
        ]
        let routing = AlertRouting(channels: [Self.team], root: AlertRoute(groupBy: grouping))
        let keys = route(alerts, routing).notifications.map(\.groupKey)
        #expect(keys.count == groups && keys.first == first)
    }

    @Test func theFirstRouteThatMatchesTakesTheAlert() {
        let legal = AlertRoute(
            matchers: [AlertMatcher(name: .label, values: ["legal"])], channelIDs: [Self.legal.id], groupWait: 0)
        let ops = AlertRoute(
            matchers: [AlertMatcher(name: .project, isEqual: false, values: ["eng"])], groupBy: .project)
        let root = AlertRoute(channelIDs: [Self.team.id], routes: [legal, ops])
        let routing = AlertRouting(channels: Self.both.channels, root: root)
        let labelled = route([Self.alert(labels: ["Urgent", "LEGAL"])], routing).notifications
        #expect(labelled.map(\.channelID) == [Self.legal.id])
        #expect(labelled.first?.notifyAt == Self.now && labelled.first?.stormKey == nil)
        let other = route([Self.alert(project: "OPS")], routing).notifications
        #expect(other.map(\.channelID) == [Self.team.id] && other.first?.groupKey == "project:OPS")
        let plain = route([Self.alert()], routing).notifications
        #expect(plain.map(\.channelID) == [Self.team.id] && plain.first?.groupKey == "issue:12")
    }

    @Test func aRouteThatContinuesLetsTheNextOneHaveItTooAndAChannelGetsItOnce() {
        let any = AlertMatcher(name: .project, values: ["ENG"])
        let first = AlertRoute(matchers: [any], channelIDs: [Self.legal.id, Self.team.id], continues: true)
        let second = AlertRoute(matchers: [any], channelIDs: [Self.team.id])
        let routing = AlertRouting(channels: Self.both.channels, root: AlertRoute(routes: [first, second]))
        let channels = route([Self.alert()], routing).notifications.map(\.channelID)
        #expect(channels == [Self.legal.id, Self.team.id])
    }

    @Test func aRuleWithChannelsOfItsOwnGoesThereWhateverTheTreeSays() {
        var alert = Self.alert()
        alert.channelIDs = [Self.legal.id]
        let root = AlertRoute(routes: [AlertRoute(channelIDs: [Self.team.id])])
        let routing = AlertRouting(channels: Self.both.channels, root: root)
        #expect(route([alert], routing).notifications.map(\.channelID) == [Self.legal.id])
    }

    @Test func whatIsSilencedIsInNoNotificationAndSaysByWhat() {
        let silence = AlertSilence(
            id: UUID(), matchers: [AlertMatcher(name: .project, values: ["ENG"])], startsAt: Self.now,
            endsAt: Self.now.adding(seconds: 60), createdBy: "operator", reason: "Release", createdAt: Self.now)
        let routing = AlertRouting(channels: [Self.team], silences: [silence])
        let alerts = [Self.alert(), Self.alert(3, project: "OPS")]
        let during = route(alerts, routing)
        #expect(during.silenced == [alerts[0].id: silence.id])
        #expect(during.notifications.flatMap(\.alertIDs) == [alerts[1].id])
        for outside in [Self.now.adding(milliseconds: -1), silence.endsAt] {
            #expect(route(alerts, routing, at: outside).silenced.isEmpty)
        }
    }

    @Test func duringQuietHoursEverythingIsOneNotificationAtTheirEnd() throws {
        var quiet = Self.team
        // The sample's now is 13:18 UTC, a Tuesday.
        quiet.quietHours = QuietHours(
            timeZone: "Europe/Berlin", spans: [.init(weekdays: [2], from: 14 * 60, to: 16 * 60)])
        let decision = route([Self.alert(1), Self.alert(2)], AlertRouting(channels: [quiet]))
        #expect(decision.notifications.count == 1)
        #expect(decision.notifications.first?.notifyAt == Timestamp("2026-11-24T15:00:00Z"))
        quiet.quietHours?.breakthrough = .medium
        #expect(route([Self.alert(1)], AlertRouting(channels: [quiet])).notifications.first?.groupKey == "issue:1")
    }

    /// P7, for any tree: an alert that no silence keeps back is in a notification for each channel that it goes to, once.
    @Test func groupingLosesAndDoublesNothing() {
        var random = SeededGenerator(seed: 24)
        let channels = (0..<4).map { Self.channel("\($0)") }
        func tree(_ depth: Int) -> AlertRoute {
            AlertRoute(
                matchers: depth == 0
                    ? []
                    : [
                        AlertMatcher(
                            name: [.project, .rule, .label].randomElement(using: &random) ?? .project,
                            isEqual: Bool.random(using: &random),
                            values: [["ENG", "a", "High risk"].randomElement(using: &random) ?? "ENG"])
                    ],
                channelIDs: channels.map(\.id).filter { _ in Int.random(in: 0..<3, using: &random) == 0 },
                groupBy: AlertGrouping.allCases.randomElement(using: &random),
                groupWait: [nil, 0, 60].randomElement(using: &random) ?? nil,
                continues: depth > 0 && Bool.random(using: &random),
                routes: depth == 2 ? [] : (0..<Int.random(in: 0...3, using: &random)).map { _ in tree(depth + 1) })
        }
        for _ in 0..<500 {
            let routing = AlertRouting(channels: channels, root: tree(0))
            let alerts = (0..<Int.random(in: 1...6, using: &random)).map { number in
                Self.alert(
                    number, project: ["ENG", "OPS"].randomElement(using: &random) ?? "ENG",
                    rule: ["High risk", "a"].randomElement(using: &random) ?? "a",
                    labels: Bool.random(using: &random) ? ["a"] : [])
            }
            let all = route(alerts, routing).notifications
            #expect(Set(all.map(\.id)).count == all.count)
            for alert in alerts {
                let alone = route([alert], routing).notifications
                #expect(!alone.isEmpty)
                let carrying = all.filter { $0.alertIDs.contains(alert.id) }
                let (expected, found) = (Set(alone.map(\.channelID)), Set(carrying.map(\.channelID)))
                #expect(found == expected)
                #expect(Set(carrying.map(\.channelID)).count == carrying.count)
            }
            // The order in which they were raised says only their order in the message.
            let shuffled = route(alerts.shuffled(using: &random), routing).notifications
            #expect(Set(shuffled.map { Set($0.alertIDs) }) == Set(all.map { Set($0.alertIDs) }))
        }
    }
}
