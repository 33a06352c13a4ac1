import Alerts
import Domain
import Foundation
import StoreTestSupport
import TestSupport
import Testing

@testable import Store

/// The model of the outbox sends what the outbox of the store sends.
@Suite struct OutboxModelTests {
    private static let start = StoreFixture.start

    private struct Sent: Hashable, CustomStringConvertible {
        var channelID: UUID
        var at: Timestamp
        var alertIDs: Set<UUID>
        var description: String { "\(at): \(alertIDs.count)" }
    }

    /// Two channels, of which one has quiet hours; routes with groups and times of their own.
    private static func routing(_ random: inout SeededGenerator) -> (channels: [AlertChannel], root: AlertRoute) {
        var channels = ["a", "b"].map {
            AlertChannel(id: UUID(), kind: .slack, name: $0, target: "sealed")
        }
        channels[1].quietHours = QuietHours(
            timeZone: "Etc/UTC", spans: [.init(weekdays: Set(1...7), from: 0, to: 720)], breakthrough: .high)
        func route(_ channelIDs: [UUID] = []) -> AlertRoute {
            AlertRoute(
                channelIDs: channelIDs, groupBy: AlertGrouping.allCases.randomElement(using: &random),
                groupWait: [0, 30, 120].randomElement(using: &random),
                groupInterval: [0, 300, 1200].randomElement(using: &random))
        }
        var (root, child) = (route(), route([channels[0].id]))
        child.matchers = [AlertMatcher(name: .project, values: ["OPS"])]
        child.continues = Bool.random(using: &random)
        root.routes = [child]
        return (channels, root)
    }

    private static func alert(_ tenant: TenantID, _ rule: AlertRule, at now: Timestamp, _ issue: Int) -> Alert {
        var alert = AlertFixture.alert(tenant: tenant, rule: rule, score: 80, at: now, issue: IssueID("\(issue)"))
        if case .issue(var subject) = alert.subject {
            subject.issueKey = IssueKey("\(issue % 3 == 0 ? "OPS" : "PAY")-\(issue)")
            subject.projectKey = subject.issueKey.projectKey
            alert.subject = .issue(subject)
        }
        alert.band = issue % 4 == 0 ? .medium : .high
        return alert
    }

    /// Sends all that is due, each at this instant.
    private func deliver(at now: Timestamp, _ fixture: StoreFixture) async throws -> [Sent] {
        var sent: [Sent] = []
        while true {
            let items = try await fixture.store.claimDeliveries(
                limit: 100, now: now, leaseUntil: now.adding(seconds: 30))
            guard !items.isEmpty else { return sent }
            for item in items {
                try await fixture.store.record(.delivered, for: item, now: now)
                sent.append(Sent(channelID: item.channel.id, at: now, alertIDs: Set(item.alerts.map(\.id))))
            }
        }
    }

    /// Every second stream is of bursts, with groups so small that many wait at once.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func theModelSendsWhatTheStoreSends(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let fixture = try await StoreFixture()
        let rule = AlertRule(id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60))
        let tenant = try await fixture.makeTenant(rules: [rule])
        var (channels, root) = Self.routing(&random)
        let isStormy = seed % 2 == 0
        if isStormy {
            (root.groupBy, root.groupWait, channels[1].quietHours) = (.issue, 120, nil)
        }
        for channel in channels { try await fixture.store.saveAlertChannel(tenant, channel, by: .system("test")) }
        try await fixture.store.saveAlertRoute(tenant, root, by: .system("test"))
        let routing = try await fixture.store.alertRouting(tenant, now: Self.start)
        let router = AlertRouter(timing: AlertGroupTiming(wait: 30, interval: 300))

        var (model, sent, now, last) = (OutboxModel(), [Sent](), Self.start, Self.start)
        for _ in 0..<60 {
            // In tens of seconds, as all times of the routes are: nothing is due between two steps.
            let pauses = isStormy ? [0, 0, 0, 1, 1, 60] : [0, 1, 1, 2, 5, 60, 120]
            let steps = pauses.randomElement(using: &random) ?? 1
            for _ in 0..<steps {
                now = now.adding(seconds: 10)
                sent += try await deliver(at: now, fixture)
            }
            let alert = Self.alert(tenant, rule, at: now, Int.random(in: 1...9, using: &random))
            var decision = AlertDecision(alerts: [alert])
            router.route(&decision, by: routing, now: now)
            model.queue(decision.notifications, at: now)
            let id = try #require(alert.issue).issueID
            let claim = try await fixture.claim(id, of: tenant, at: now)
            let work = try await fixture.store.loadWork(for: claim)
            try await fixture.store.commit(
                StoreFixture.result(
                    work, id: id, key: try #require(alert.issue).issueKey, score: 80, now: now, decision: decision),
                for: claim)
            last = now
            // Where there is no wait, it is due at once.
            sent += try await deliver(at: now, fixture)
        }
        for _ in 0..<130 {
            now = now.adding(seconds: 10)
            sent += try await deliver(at: now, fixture)
        }
        // What quiet hours hold back is due at noon.
        for day in 0..<2 {
            let noon = last.utcDay.startUTC.adding(days: day).adding(seconds: 43_200)
            if noon > now { sent += try await deliver(at: noon, fixture) }
        }
        model.send(until: now.adding(days: 3))
        let modelled = model.messages.map {
            Sent(channelID: $0.channelID, at: $0.at, alertIDs: Set($0.alertIDs))
        }
        #expect(sent.count > 10 && sent.contains { $0.alertIDs.count > 1 })
        if isStormy { #expect(sent.contains { $0.alertIDs.count >= AlertNotification.stormSize }) }
        // Only what differs is told.
        #expect(Set(modelled).subtracting(sent) == [], "seed \(seed)")
        #expect(Set(sent).subtracting(modelled) == [], "seed \(seed)")
        #expect(modelled.count == sent.count)
    }
}
