import Domain
import Forecast
import Foundation

/// Counts what became of a tenant's alerts, issue by issue. Pure.
struct ScorecardTally {
    /// An issue that missed a deadline within the window.
    private struct MissedIssue {
        var projectKey: String
        /// The first deadline that it missed.
        var at: Timestamp
        /// The alerts that were raised of it before.
        var before: [RaisedAlert]
    }

    let from: Timestamp
    let to: Timestamp
    private let rules: [AlertRule]
    private let rulesByID: [UUID: AlertRule]
    /// The alerts that were raised of issues that were not counted yet, oldest first.
    private(set) var raised: [IssueID: [RaisedAlert]]
    private let resolved: [IssueID: [RaisedAlert]]
    private var judged: [JudgedAlert] = []
    private var missed: [MissedIssue] = []

    /// - Parameter alerts: of the window and of as long before it, oldest first.
    init(rules: [AlertRule], alerts: [RaisedAlert], from: Timestamp, to: Timestamp) {
        self.from = from
        self.to = to
        self.rules = rules
        rulesByID = Dictionary(rules.map { ($0.id, $0) }) { first, _ in first }
        raised = Dictionary(grouping: alerts.filter { $0.event == .raised }, by: \.issueID)
        resolved = Dictionary(grouping: alerts.filter { $0.event == .resolved }, by: \.issueID)
    }

    /// Whether an issue has alerts of the window, for which its scores are needed.
    func hasAlerts(_ id: IssueID) -> Bool { raised[id]?.contains { $0.at >= from } ?? false }

    /// Counts an issue.
    ///
    /// - Parameters:
    ///   - issue: with its changes and comments.
    ///   - history: what is known of it in the order of time.
    ///   - past: its stored scores of the window; nil without any.
    mutating func add(_ issue: Issue, _ history: IssueHistory, _ past: ScoredPast?) {
        let alerts = raised.removeValue(forKey: issue.id) ?? []
        if let first = history.missedDeadlines(upTo: to).first(where: { $0.at >= from }) {
            missed.append(
                MissedIssue(
                    projectKey: first.projectKey, at: first.at, before: alerts.filter { $0.at < first.at }))
        }
        for alert in alerts where alert.at >= from {
            let resolvedAt = resolved[issue.id]?.first { $0.ruleID == alert.ruleID && $0.at > alert.at }?.at
            judged.append(
                JudgedAlert(
                    alert: alert, fate: history.fate(at: alert.at, cut: to),
                    isNoise: AlertEnd.isNoise(
                        alert, rulesByID[alert.ruleID], resolvedAt: resolvedAt, past: past, issue: issue, now: to)))
        }
    }

    /// The scorecards, after all issues were counted.
    func result(channels: [AlertChannel]) -> AlertScorecards {
        // Of issues that are not known any more nothing can be said, but that there were alerts.
        let unknown = raised.values.joined().filter { $0.at >= from }.map { JudgedAlert(alert: $0) }
        let all = judged + unknown
        let byRule = Dictionary(grouping: all, by: \.alert.ruleID)
        let ruleCards = rules.map { rule in
            let alerts = byRule[rule.id] ?? []
            let concerned = missed.filter { rule.projectKeys.isEmpty || rule.projectKeys.contains($0.projectKey) }
            let card = Self.card(
                of: alerts,
                recall: Proportion(
                    concerned.count { $0.before.contains { $0.ruleID == rule.id } }, of: concerned.count))
            return RuleScorecard(rule: rule, card: card, advice: RuleAdvice(rule, card, alerts))
        }
        let channelCards = channels.map { channel in
            ChannelScorecard(
                id: channel.id, name: channel.name, kind: channel.kind,
                card: Self.card(
                    of: all.filter { $0.alert.channelIDs.contains(channel.id) },
                    recall: Proportion(
                        missed.count { $0.before.contains { $0.channelIDs.contains(channel.id) } },
                        of: missed.count)))
        }
        return AlertScorecards(
            from: from, to: to, missedIssues: missed.count, rules: ruleCards, channels: channelCards)
    }

    private static func card(of alerts: [JudgedAlert], recall: Proportion) -> AlertScorecard {
        func count(_ verdict: JudgedAlert.Verdict) -> Int { alerts.count { $0.verdict == verdict } }
        var card = AlertScorecard(raised: alerts.count)
        card.acknowledged = alerts.count { $0.alert.isAcknowledged }
        card.silenced = alerts.count { $0.alert.isSilenced }
        card.late = alerts.count { if case .missed = $0.fate?.due { true } else { false } }
        card.slipped = alerts.count { if case .missed = $0.fate?.sprint { true } else { false } }
        card.reopened = alerts.count { $0.fate?.reopenedAt != nil }
        card.precision = Proportion(count(.right), of: count(.right) + count(.wrong))
        card.pending = count(.pending)
        card.withoutDeadline = count(.none)
        card.leadDays = median(
            alerts.compactMap { alert in
                alert.fate?.missedAt.map { Double($0.milliseconds - alert.alert.at.milliseconds) / 86_400_000 }
            })
        card.noise = Proportion(alerts.count { $0.isNoise == true }, of: alerts.count { $0.isNoise != nil })
        card.recall = recall
        return card
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let (sorted, middle) = (values.sorted(), values.count / 2)
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
