public import Domain
import Foundation

/// Decides which alerts a new analysis raises or clears. Pure: the same arguments give the same decision, ids included
/// (P4), so a decision made twice is the same alert.
public struct AlertPlanner: Sendable {
    public init() {}

    /// The alerts to raise and the rule states to keep, to be committed with the analysis; ``route(_:to:)`` says where the
    /// alerts go.
    ///
    /// - Parameters:
    ///   - previous: the analysis before this one; nil for a first look, which is never a spike.
    ///   - forecast: as of now; nil without one, and then rules on it stay as they are.
    ///   - recentScores: the history, in any order; a spike is measured from its lowest value within the window.
    public func decide(
        tenantID: TenantID, siteURL: String, issue: Issue, analysis: Analysis, previous: Analysis?,
        forecast: IssueForecast? = nil, recentScores: [ScorePoint], rules: [AlertRule], states: [AlertState],
        now: Timestamp
    ) -> AlertDecision {
        var decision = AlertDecision()
        let composer = AlertComposer(
            tenantID: tenantID, siteURL: siteURL, issue: issue, analysis: analysis, previous: previous,
            forecast: forecast, now: now)
        for rule in rules where rule.isEnabled {
            guard rule.projectKeys.isEmpty || rule.projectKeys.contains(issue.projectKey) else { continue }
            let wasFiring = states.first { $0.ruleID == rule.id }?.isFiring ?? false
            let verdict = verdict(
                of: rule.condition, wasFiring: wasFiring, isOver: issue.isOver, analysis: analysis, previous: previous,
                forecast: forecast, recentScores: recentScores, now: now)
            guard verdict.isFiring != wasFiring || (verdict.isFiring && !verdict.wasHeld) else { continue }
            decision.states.append(
                AlertState(ruleID: rule.id, isFiring: verdict.isFiring, since: now, score: analysis.riskScore))
            if verdict.isFiring {
                decision.alerts.append(composer.alert(for: rule, event: .raised, comparedWith: verdict.comparedWith))
            } else if rule.condition.kind != .spike, rule.notifiesResolved {
                decision.alerts.append(composer.alert(for: rule, event: .resolved, comparedWith: previous?.riskScore))
            }
        }
        return decision
    }

    private func verdict(
        of condition: AlertRule.Condition, wasFiring: Bool, isOver: Bool, analysis: Analysis, previous: Analysis?,
        forecast: IssueForecast?, recentScores: [ScorePoint], now: Timestamp
    ) -> RuleVerdict {
        let look = RuleVerdict.Look(
            at: now, score: analysis.riskScore, isOver: isOver,
            previous: previous.map {
                RuleVerdict.Previous(at: $0.asOf, score: $0.riskScore, nextChangeAt: $0.nextChangeAt)
            })
        return switch condition {
        case .threshold(let raiseAt, let clearBelow):
            .threshold(raiseAt: raiseAt, clearBelow: clearBelow, wasFiring: wasFiring, look)
        case .spike(let points, let windowSeconds):
            .spike(points: points, windowSeconds: windowSeconds, look, recent: recentScores)
        case .forecast:
            RuleVerdict(isFiring: !isOver && condition.isFiring(by: forecast, wasFiring: wasFiring))
        }
    }
}

/// Puts an alert together so that rendering it needs nothing else.
private struct AlertComposer {
    let tenantID: TenantID
    let siteURL: String
    let issue: Issue
    let analysis: Analysis
    let previous: Analysis?
    let forecast: IssueForecast?
    let now: Timestamp

    func alert(for rule: AlertRule, event: Alert.Event, comparedWith before: Int?) -> Alert {
        let factors = analysis.factors.filter { $0.points > 0 }
            .sorted { ($1.points, $0.name.rawValue) < ($0.points, $1.name.rawValue) }
        let previousScore = before ?? previous?.riskScore
        return Alert(
            id: UUID(
                named: "\(tenantID)|\(rule.id.uuidString)|\(issue.id)|\(event.rawValue)|\(now.milliseconds)"),
            tenantID: tenantID, event: event, band: analysis.band, headline: headline(rule, event, previousScore),
            createdAt: now, channelIDs: rule.channelIDs,
            subject: .issue(
                IssueAlert(
                    ruleID: rule.id, ruleName: rule.name, ruleKind: rule.condition.kind, issueID: issue.id,
                    issueKey: issue.key, projectKey: issue.projectKey, summary: issue.summary,
                    status: issue.status?.name ?? "Unknown", assignee: issue.assignee?.displayName ?? "Unassigned",
                    url: "\(siteURL)/browse/\(issue.key)", score: analysis.riskScore, previousScore: previousScore,
                    changes: changes(), factors: factors,
                    remedies: event == .raised
                        ? target(rule, previousScore).map { remedies(factors, target: $0) } ?? [] : [],
                    model: analysis.engine.model, isRestricted: issue.securityLevel != nil,
                    issueType: issue.issueType, labels: issue.labels, components: issue.components,
                    sprints: issue.sprints.filter { $0.state == "active" }.map(\.name),
                    forecast: event == .raised ? answer(for: rule) : nil)))
    }

    private func headline(_ rule: AlertRule, _ event: Alert.Event, _ before: Int?) -> String {
        let score = analysis.riskScore
        if event == .resolved, let end = end() { return end }
        switch (rule.condition, event) {
        case (.threshold(let raiseAt, _), .raised):
            let rise = before.flatMap { $0 < raiseAt ? "rose from \($0) to \(score)" : nil } ?? "is at \(score)"
            return "\(issue.key) \(rise), at or above the threshold of \(raiseAt)"
        case (.threshold(_, let clearBelow), .resolved):
            return "\(issue.key) fell to \(score), below the clearing value of \(clearBelow)"
        case (.spike(_, let windowSeconds), _):
            return
                "\(issue.key) gained \(score - (before ?? 0)) points within \(Self.span(windowSeconds)), now at \(score)"
        case (.forecast(_, let raiseAt, _), .raised):
            return "\(issue.key) is \(answer(for: rule)?.sentence ?? ""), at or above \(raiseAt) %"
        case (.forecast(_, _, let clearBelow), .resolved):
            guard let answer = answer(for: rule) else { return "\(issue.key) no longer has this deadline" }
            return "\(issue.key) is \(answer.sentence), below the clearing value of \(clearBelow) %"
        }
    }

    /// How the issue's work ended; nil while it goes on.
    private func end() -> String? {
        if issue.isDeleted { return "\(issue.key) \(issue.isHidden ? "can no longer be seen" : "was deleted")" }
        return issue.isDone ? "\(issue.key) is done" : nil
    }

    /// The answer that a rule on the forecast is about; nil for another rule.
    private func answer(for rule: AlertRule) -> IssueForecast.Answer? {
        guard case .forecast(let question, _, _) = rule.condition else { return nil }
        return forecast?[question]
    }

    private static func span(_ seconds: Int) -> String {
        switch seconds {
        case let seconds where seconds % 86_400 == 0 && seconds > 86_400: "\(seconds / 86_400) days"
        case let seconds where seconds % 3600 == 0 && seconds > 3600: "\(seconds / 3600) hours"
        default: "\(seconds / 60) minutes"
        }
    }

    /// How every factor that moved has moved since the analysis before.
    private func changes() -> [IssueAlert.FactorChange] {
        analysis.factors.compactMap { factor in
            let before = previous?.factors.first { $0.name == factor.name }?.points ?? 0
            guard before != factor.points else { return nil }
            return IssueAlert.FactorChange(
                factor: factor.name, before: before, after: factor.points, explanation: factor.explanation)
        }
    }

    /// The score to get below; nil where it is not about the score.
    private func target(_ rule: AlertRule, _ before: Int?) -> Int? {
        switch rule.condition {
        case .threshold(_, let clearBelow): clearBelow
        case .spike: (before ?? 0) + 1
        case .forecast: nil
        }
    }

    /// Taking the largest factors first needs the fewest steps.
    private func remedies(_ factors: [Factor], target: Int) -> [IssueAlert.Remedy] {
        var left = analysis.riskScore
        var steps: [IssueAlert.Remedy] = []
        for factor in factors where left >= target {
            guard let remedy = factor.remedy else { continue }
            steps.append(IssueAlert.Remedy(action: remedy, points: factor.points))
            left -= factor.points
        }
        return steps
    }
}
