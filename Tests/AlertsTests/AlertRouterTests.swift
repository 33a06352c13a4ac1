import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

@Suite struct AlertRouterTests {
    private let alert = Alert.sample()

    private func channel(_ name: String, enabled: Bool = true, kind: AlertChannel.Kind = .slack) -> AlertChannel {
        AlertChannel(id: UUID(named: name), kind: kind, name: name, target: "sealed", isEnabled: enabled)
    }

    private func route(_ named: [UUID] = [], _ channels: [AlertChannel]) -> [AlertNotification] {
        var alert = alert
        alert.channelIDs = named
        var decision = AlertDecision(alerts: [alert])
        AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0))
            .route(&decision, by: AlertRouting(channels: channels), now: alert.createdAt)
        return decision.notifications
    }

    @Test func anAlertThatNamesNoChannelGoesToEveryEnabledOne() {
        let routed = route([], [channel("a"), channel("off", enabled: false), channel("b", kind: .email)])
        #expect(Set(routed.map(\.channelName)) == ["a", "b"])
        #expect(routed.allSatisfy { $0.obstacle == nil && $0.alertIDs == [alert.id] && $0.notifyAt == alert.createdAt })
        #expect(routed.first { $0.channelName == "b" }?.channelKind == .email)
        #expect(Set(routed.map(\.groupKey)) == ["issue:\(alert.issue?.issueID ?? "")"])
    }

    @Test func whereAllAreDisabledItIsADeadLetterForEach() {
        let routed = route([], [channel("a", enabled: false), channel("b", enabled: false)])
        #expect(routed.map(\.obstacle) == ["the channel is disabled", "the channel is disabled"])
    }

    @Test func withoutChannelsThereIsTheListAlone() { #expect(route([], []).isEmpty) }

    @Test func aNamedChannelThatIsDeletedOrDisabledIsADeadLetterWithTheReason() {
        let (a, off, gone) = (channel("a"), channel("off", enabled: false), UUID(named: "gone"))
        let routed = route([gone, off.id, a.id], [channel("other"), a, off])
        #expect(routed.map(\.channelID) == [gone, off.id, a.id])
        #expect(routed.map(\.obstacle) == ["the channel was deleted", "the channel is disabled", nil])
        #expect(routed.map(\.channelName) == ["deleted channel", "off", "a"])
        #expect(routed[0].channelKind == nil)
    }

    @Test func aChannelForDigestsAloneGetsNoAlert() {
        var reports = channel("reports")
        reports.takesAlerts = false
        let team = channel("team")
        #expect(route([], [reports, team]).map(\.channelName) == ["team"])
        #expect(route([], [reports]).isEmpty)
        #expect(
            route([reports.id, team.id], [reports, team]).map(\.channelName) == ["team"], "also where it is named")
        var off = team
        off.isEnabled = false
        #expect(route([], [reports, off]).map(\.obstacle) == ["the channel is disabled"])
    }

    /// P7, for any channels and names: nothing is dropped, no channel gets an alert twice, and what is queued can be sent.
    @Test func noAlertIsDroppedAndNoChannelGetsItTwice() {
        var random = SeededGenerator(seed: 18)
        for _ in 0..<2000 {
            let channels = (0..<Int.random(in: 0...5, using: &random)).map {
                channel("\($0)", enabled: Bool.random(using: &random))
            }
            let named = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                UUID(named: "\(Int.random(in: 0...7, using: &random))")
            }
            let routed = route(named, channels)
            #expect(routed.isEmpty == (named.isEmpty && channels.isEmpty))
            #expect(Set(routed.map(\.channelID)).count == routed.count)
            #expect(Set(routed.map(\.id)).count == routed.count)
            if !named.isEmpty { #expect(Set(routed.map(\.channelID)) == Set(named)) }
            for notification in routed {
                let channel = channels.first { $0.id == notification.channelID }
                #expect((notification.obstacle == nil) == (channel?.isEnabled ?? false))
                #expect(notification.channelKind == channel?.kind)
            }
            if named.isEmpty, channels.contains(where: \.isEnabled) {
                #expect(Set(routed.map(\.channelID)) == Set(channels.filter(\.isEnabled).map(\.id)))
            }
            // Whatever order the channels come in.
            #expect(Set(route(named, channels.shuffled(using: &random))) == Set(routed))
        }
    }
}

@Suite struct AccessAlertTests {
    private static let planner = AccessAlertPlanner(
        router: AlertRouter(timing: AlertGroupTiming(wait: 0, interval: 0)))
    private let now = Timestamp.sampleNow
    private let tenant = Tenant(
        id: TenantID(UUID(named: "tenant")), companyName: "acme", jiraURL: "https://acme.atlassian.net",
        jiraEmail: "it@acme.example", plan: .starter, status: .trial, limits: Plan.starter.limits,
        dailyRatePerPerson: 2500, createdAt: .sampleNow, updatedAt: .sampleNow, trialEndsAt: nil)

    @Test func goesToAllChannelsAndSaysWhatToDo() throws {
        let channels = [AlertChannel.slack("sealed"), .email("sealed")]
        let decision = Self.planner.decide(
            tenant: tenant, routing: AlertRouting(channels: channels), reason: "401", now: now)
        let alert = try #require(decision.alerts.first)
        #expect(decision.alerts.count == 1 && decision.states.isEmpty)
        #expect(Set(decision.notifications.map(\.channelID)) == Set(channels.map(\.id)))
        #expect(alert.kind == .access)
        #expect(alert.issue == nil)
        #expect(alert.url == tenant.jiraURL)
        let text = AlertText(alert)
        #expect(text.subject == "https://acme.atlassian.net")
        #expect(text.facts == [.init(label: "Jira says", value: "401")])
        #expect(text.sections.map(\.title) == ["What to do"])
        #expect(text.sections[0].items[0].text.contains("it@acme.example"))
        #expect(text.sections[0].items[1].text.contains("/api/tenants/\(tenant.id)/jira/sweep"))
        #expect(text.origin == "consilod · 2026-11-24 13:18 UTC")
    }

    @Test func theSameStopIsTheSameAlert() {
        let twice = (0..<2).map { _ in
            Self.planner.decide(
                tenant: tenant, routing: AlertRouting(channels: []), reason: "401", now: now)
        }
        #expect(twice[0] == twice[1])
    }
}
