import Alerts
import Domain
import Foundation
import RiskEngine
import Store

/// What the rules would have raised, by the verdicts of the planner on the stored scores (decision 0041), put into the real
/// outbox in the order of time; each notification is taken out at the instant at which it is due.
struct AlertReplay {
    struct Message {
        var at: Timestamp
        var alerts: [Alert]

        var issues: Set<IssueID> { Set(alerts.compactMap(\.issue?.issueID)) }
    }

    struct Sent {
        /// In the order of time.
        var alerts: [Alert]
        /// In the order of time.
        var messages: [Message]
    }

    private let team: ScoredTeam
    private let router = AlertRouter(timing: AlertGroupTiming(wait: 30, interval: 300))

    init(_ team: ScoredTeam) { self.team = team }

    func run() async throws -> Sent {
        var sent = Sent(alerts: try await alerts(), messages: [])
        let routing = try await team.store.alertRouting(team.tenant.id, now: team.end)
        for alert in sent.alerts {
            sent.messages += try await messages(until: alert.createdAt)
            var decision = AlertDecision(alerts: [alert])
            router.route(&decision, by: routing, now: alert.createdAt)
            try await team.store.queueAlerts(team.tenant.id, decision, by: .system("benchmark"))
        }
        sent.messages += try await messages(until: team.end.adding(days: 1))
        return sent
    }

    /// Takes what is due by an instant.
    private func messages(until now: Timestamp) async throws -> [Message] {
        let turn = DeliveryTurn(channelID: team.channel.id, limit: 1000, nextAt: nil)
        let items = try await team.store.claimDeliveries([turn], now: now, leaseUntil: now.adding(seconds: 60))
        try await team.store.record(items.map { DeliveryRecord($0, .delivered, endedAt: $0.notifyAt ?? now) })
        return items.map { Message(at: $0.notifyAt ?? now, alerts: $0.alerts) }
    }

    private func alerts() async throws -> [Alert] {
        let rules = try await team.store.alertRules(team.tenant.id)
        let statuses = try await team.store.statusCatalog(team.tenant.id)
        var (alerts, after) = ([Alert](), IssueID?.none)
        while true {
            let pasts = try await team.store.scoredPasts(
                team.tenant.id, from: team.from, to: team.end, after: after, limit: 100)
            let issues = try await team.store.issueHistories(of: team.tenant.id, ids: pasts.map(\.issueID))
                .reduce(into: [IssueID: Issue]()) { issues, stored in
                    issues[stored.state.id] = team.analyst.past(of: stored, statuses: statuses)?.issue
                }
            for past in pasts {
                for rule in rules { alerts += self.alerts(of: rule, past, issues[past.issueID]) }
            }
            guard pasts.count == 100, let last = pasts.last else { break }
            after = last.issueID
        }
        return alerts.sorted { ($0.createdAt, $0.id.uuidString) < ($1.createdAt, $1.id.uuidString) }
    }

    private func alerts(of rule: AlertRule, _ past: ScoredPast, _ issue: Issue?) -> [Alert] {
        guard let trial = RuleTrial(rule) else { return [] }
        return trial.rings(in: past).filter { $0.at <= team.end }.flatMap { ring in
            trial.alerts(of: ring, issueID: past.issueID, issue: issue, tenantID: team.tenant.id).map { alert in
                guard case .spike(_, let windowSeconds) = rule.condition, case .issue(var subject) = alert.subject
                else {
                    return alert
                }
                // What the planner notes of a spike, by which its scorecard says what another value would have done.
                subject.previousScore = lowest(of: past, within: windowSeconds, until: ring.at)
                var alert = alert
                alert.subject = .issue(subject)
                return alert
            }
        }
    }

    /// The lowest score that held within the window.
    private func lowest(of past: ScoredPast, within windowSeconds: Int, until now: Timestamp) -> Int? {
        let start = now.adding(seconds: -Int64(windowSeconds))
        let held = past.looks.last { $0.at < start }.map { [$0.score] } ?? []
        return (held + past.looks.filter { $0.at >= start && $0.at <= now }.map(\.score)).min()
    }
}
