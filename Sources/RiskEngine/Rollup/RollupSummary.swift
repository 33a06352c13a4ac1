public import Domain

/// The executive summaries of sprints and portfolios: lines of plain text, without a trailing newline. `currency` stands
/// before amounts of money.
public enum RollupSummary {
    /// `open` is how many issues of the sprint are not done; `rollup` may cover fewer, the riskiest. `outlook` is what
    /// their forecasts say together.
    public static func of(
        _ sprint: Sprint, projectKey: String, rollup: SprintRollup, scope: SprintScope, open: Int,
        outlook: String? = nil, currency: String
    ) -> String {
        let counts = rollup.counts
        var lines = [
            "SPRINT SUMMARY",
            "\(Wording.mark(RiskBand(score: rollup.risk.max))) \(sprint.name) (\(projectKey), \(sprint.state))",
            "Risk: \(Wording.number(rollup.risk.avg)) on average, \(rollup.risk.max) at most",
            "Open issues: \(open)" + (open > counts.issues ? ", the \(counts.issues) riskiest looked at" : "")
                + "; \(counts.highRisk) high, \(counts.mediumRisk) medium, \(counts.lowRisk) low",
        ]
        if !rollup.risk.highRiskKeys.isEmpty {
            lines.append("High risk: \(keys(rollup.risk.highRiskKeys))")
        }
        lines.append(blockers(counts.blockers, rollup.blockersByCategory))
        lines.append(
            "Without a sign of life for more than 5 days: \(counts.staleFor5Days); more than 10: "
                + "\(counts.staleFor10Days)")
        lines.append(cost(rollup.capacity, in: currency))
        lines.append(
            "Scope: \(part(scope.committed)) at the start, \(part(scope.added)) added, \(part(scope.removed)) removed; "
                + "\(part(scope.completed)) done, \(part(scope.notCompleted)) not done")
        if let outlook { lines.append("Forecast: \(outlook)") }
        return lines.joined(separator: "\n")
    }

    /// The summary of a portfolio: `overall` counts each issue once, `slices` may share issues. Five issues at most are
    /// named.
    public static func of(
        slices: [(name: String, rollup: PortfolioRollup)], overall: PortfolioRollup, currency: String
    ) -> String {
        let counts = overall.counts
        var lines = [
            "PORTFOLIO SUMMARY",
            "\(Wording.mark(RiskBand(score: overall.risk.max))) \(Wording.count(counts.issues, "issue")) in "
                + "\(Wording.count(counts.projects, "project")), each counted once",
            "Risk: \(Wording.number(overall.risk.avg)) on average, \(overall.risk.max) at most, "
                + "\(counts.highRisk) high",
            blockers(counts.blockers, overall.blockersByCategory), cost(overall.capacity, in: currency), "Slices:",
        ]
        lines += slices.map { name, rollup in
            "  - \(name): \(Wording.count(rollup.counts.issues, "issue")), risk "
                + "\(Wording.number(rollup.risk.avg)) on average, \(rollup.counts.highRisk) high, "
                + "\(Wording.count(rollup.counts.blockers, "blocker"))"
        }
        if !overall.topHighRisk.isEmpty {
            lines.append("Riskiest:")
            lines += overall.topHighRisk.prefix(5).map { "  - \($0.key) (\($0.risk)) \($0.summary)" }
        }
        return lines.joined(separator: "\n")
    }

    private static func keys(_ keys: [IssueKey]) -> String {
        let named = keys.prefix(10).map(\.rawValue).joined(separator: ", ")
        return keys.count > 10 ? "\(named) and \(keys.count - 10) more" : named
    }

    private static func blockers(_ count: Int, _ byCategory: [String: Int]) -> String {
        let parts = byCategory.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key.replacing("_", with: " ")) \($0.value)" }
        return "Blockers: \(count)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
    }

    private static func cost(_ capacity: RollupCapacity, in currency: String) -> String {
        "Daily cost: \(Wording.money(capacity.totalDailyCost, in: currency)); person-days lost per day: "
            + Wording.number(capacity.totalPersonDaysLostPerDay)
    }

    /// `3 issues (8 points)`.
    private static func part(_ part: SprintScope.Part) -> String {
        let points = part.storyPoints == 0 ? "" : " (\(Wording.number(part.storyPoints)) points)"
        return Wording.count(part.count, "issue") + points
    }
}
