import Alerts
import Domain
import Foundation

/// Counts what a rule would have raised, issue by issue. Pure.
struct RuleTrialTally {
    /// What an alert's notifications wait for: to be queued in the order of time.
    private struct Routed {
        var at: Timestamp
        var notifications: [AlertNotification]
    }

    private let trial: RuleTrial
    private let tenantID: TenantID
    private let router: AlertRouter
    private let routing: AlertRouting
    private let alertLimit: Int
    private var answer: RuleTrialAnswer
    private var raisedByWeek: [Int: Int] = [:]
    private var issues: [RuleTrialAnswer.RungIssue] = []
    private var routed: [Routed] = []
    private var alerts = 0

    /// - Parameters:
    ///   - routing: where alerts go now; what silences would have kept back is not known, and none counts.
    ///   - alertLimit: most alerts that are grouped.
    init(
        _ trial: RuleTrial, of tenantID: TenantID, from: Timestamp, to: Timestamp, router: AlertRouter,
        routing: AlertRouting, alertLimit: Int
    ) {
        self.trial = trial
        self.tenantID = tenantID
        self.router = router
        self.routing = AlertRouting(channels: routing.channels, root: routing.root)
        self.alertLimit = alertLimit
        answer = RuleTrialAnswer(from: from, to: to)
    }

    /// The rings of an issue, of which the window has something.
    func rings(in past: ScoredPast) -> [RuleTrial.Ring] {
        trial.rings(in: past).filter { isInWindow($0.at) || $0.clearedAt.map(isInWindow) ?? false }
    }

    private func isInWindow(_ instant: Timestamp) -> Bool { instant >= answer.from && instant <= answer.to }

    /// Counts issues that were looked at.
    mutating func look(at count: Int) { answer.issues += count }

    /// Counts the rings of an issue.
    ///
    /// - Parameter issue: as it is now; nil where it is not known any more.
    mutating func add(_ rings: [RuleTrial.Ring], of issueID: IssueID, _ issue: Issue?) {
        let raised = rings.filter { isInWindow($0.at) }
        answer.raised += raised.count
        for ring in raised { raisedByWeek[Self.week(of: ring.at), default: 0] += 1 }
        if trial.hasEnds { answer.resolved += rings.count { $0.clearedAt.map(isInWindow) ?? false } }
        if let first = raised.first, let last = raised.last {
            issues.append(
                RuleTrialAnswer.RungIssue(
                    id: issueID, key: last.issueKey, summary: issue?.summary, raised: raised.count, firstAt: first.at,
                    lastAt: last.at, highestScore: raised.map(\.highestScore).max() ?? 0))
        }
        for ring in rings {
            for alert in trial.alerts(of: ring, issueID: issueID, issue: issue, tenantID: tenantID)
            where isInWindow(alert.createdAt) { route(alert) }
        }
    }

    private mutating func route(_ alert: Alert) {
        alerts += 1
        guard alerts <= alertLimit else { return }
        var decision = AlertDecision(alerts: [alert])
        router.route(&decision, by: routing, now: alert.createdAt)
        routed.append(Routed(at: alert.createdAt, notifications: decision.notifications))
    }

    /// The Monday of an instant's week, in days since 1970-01-01.
    private static func week(of instant: Timestamp) -> Int {
        let day = instant.utcDay
        return day.daysSinceEpoch - (day.isoWeekday - 1)
    }

    /// The answer, after all issues were counted.
    ///
    /// - Parameter listed: most issues that are listed.
    func result(listing listed: Int, reallyRaised: Int?) -> RuleTrialAnswer {
        var answer = answer
        answer.weeks = stride(from: Self.week(of: answer.from), through: Self.week(of: answer.to), by: 7).map {
            RuleTrialAnswer.Week(start: CalendarDay(daysSinceEpoch: $0), raised: raisedByWeek[$0] ?? 0)
        }
        answer.rungIssueCount = issues.count
        let sorted = issues.sorted {
            ($1.raised, $1.highestScore, $0.key.rawValue) < ($0.raised, $0.highestScore, $1.key.rawValue)
        }
        answer.rungIssues = Array(sorted.prefix(listed))
        answer.channels = alerts <= alertLimit ? channels() : nil
        answer.reallyRaised = reallyRaised
        return answer
    }

    private func channels() -> [RuleTrialAnswer.ChannelShare] {
        var (outbox, shares) = (OutboxModel(), [UUID: RuleTrialAnswer.ChannelShare]())
        for one in routed.sorted(by: { $0.at < $1.at }) {
            outbox.queue(one.notifications, at: one.at)
            for notification in one.notifications {
                let none = RuleTrialAnswer.ChannelShare(
                    id: notification.channelID, name: notification.channelName, kind: notification.channelKind,
                    alerts: 0, notifications: 0)
                shares[notification.channelID, default: none].alerts += notification.alertIDs.count
            }
        }
        outbox.send(until: Timestamp(milliseconds: .max))
        for message in outbox.messages { shares[message.channelID]?.notifications += 1 }
        return shares.values.sorted { ($0.name, $0.id.canonicalText) < ($1.name, $1.id.canonicalText) }
    }
}
