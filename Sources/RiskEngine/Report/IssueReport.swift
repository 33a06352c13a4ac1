public import Domain

/// Plain-text reports on one issue, for different readers.
public enum IssueReport {
    /// Whom a report is for. The names are the original product's.
    public enum Template: String, Sendable, CaseIterable {
        /// Score, people, cost, blockers and what to do.
        case executive
        /// Comments, age, status changes and dependencies.
        case technical
        /// `executive` and `technical` after each other.
        case pm
        /// All three after each other.
        case all
    }

    /// The report as lines of text, without a trailing newline. Money has no currency.
    public static func render(template: Template, issue: Issue, analysis: Analysis) -> String {
        switch template {
        case .executive: executive(issue, analysis)
        case .technical: technical(analysis)
        case .pm: pm(issue, analysis)
        case .all:
            [executive(issue, analysis), technical(analysis), pm(issue, analysis)].joined(separator: "\n\n")
        }
    }

    private static func pm(_ issue: Issue, _ analysis: Analysis) -> String {
        "PROJECT MANAGER REPORT\n\n" + executive(issue, analysis) + "\n\n" + technical(analysis)
    }

    private static func executive(_ issue: Issue, _ analysis: Analysis) -> String {
        let capacity = analysis.capacity
        var lines = [
            "EXECUTIVE SUMMARY",
            "\(Wording.mark(analysis.band)) Risk score: \(analysis.riskScore)/100 (\(analysis.band.rawValue))",
            "Issue: \(analysis.issueKey) \(analysis.summary)",
            "Status: \(analysis.timeline.currentStatus)",
            "Priority: \(issue.priority ?? "None")",
            "Assignee: \(assignee(capacity))",
            "Daily cost: \(Wording.money(capacity.dailyCost))\(multipliers(capacity))",
            "Estimated effort: \(Wording.number(capacity.estimatedDays)) days",
            "Total estimated cost: \(Wording.money(capacity.totalEstimatedCost))",
        ]
        if capacity.overtimeDetected { lines.append("⚠️ Work outside working hours detected") }
        if capacity.weekendDetected { lines.append("⚠️ Weekend work detected") }
        lines.append("Blockers: \(analysis.blockerCount)")
        lines += analysis.blockers.prefix(3).map { "  - \(Snippet.of($0.snippet, limit: 80))" }
        let reasons = analysis.factors.filter { $0.points > 0 }
        if !reasons.isEmpty {
            lines.append("Why:")
            lines += reasons.map { "  - \($0.explanation) (+\($0.points))" }
        }
        lines.append("Recommendation: \(analysis.predictions.recommendedAction)")
        lines.append("Escalation needed: \(analysis.predictions.escalationNeeded ? "yes" : "no")")
        return lines.joined(separator: "\n")
    }

    private static func technical(_ analysis: Analysis) -> String {
        let (sentiment, timeline) = (analysis.sentiment, analysis.timeline)
        let dependencies = analysis.dependencies
        return [
            "TECHNICAL DETAILS",
            "Comments: \(sentiment.total) (\(sentiment.positive) positive, \(sentiment.negative) negative, "
                + "\(sentiment.neutral) neutral\(notJudged(sentiment)); read by \(analysis.engine.model))",
            "Age: \(Wording.count(timeline.ageDays, "day"))",
            "Last update: \(Wording.count(timeline.lastUpdateDays, "day")) ago",
            "In status \(timeline.currentStatus) for \(Wording.count(timeline.timeInCurrentStatus, "day"))",
            "Status changes: \(timeline.statusChanges.count)",
            "Dependencies: blocks \(dependencies.blocks.count), blocked by \(dependencies.blockedBy.count), "
                + "relates to \(dependencies.relatesTo.count)",
        ].joined(separator: "\n")
    }

    /// `, 2 not judged`; empty where all were.
    private static func notJudged(_ sentiment: SentimentSummary) -> String {
        guard let languages = sentiment.notJudged else { return "" }
        return ", \(languages.values.reduce(0, +)) not judged"
    }

    private static func assignee(_ capacity: Capacity) -> String {
        if capacity.assigneeRole == capacity.assignee { return capacity.assignee }
        return "\(capacity.assignee) (\(capacity.assigneeRole), \(capacity.assigneeLocation))"
    }

    /// ` (3000 × location 0.5 × overtime 1.5)`; empty without multipliers.
    private static func multipliers(_ capacity: Capacity) -> String {
        if capacity.costMultipliers.isEmpty { return "" }
        let parts = capacity.costMultipliers.sorted { $0.key < $1.key }.map { "\($0.key) \(Wording.number($0.value))" }
        return " (\(([Wording.money(capacity.baseDailyCost)] + parts).joined(separator: " × ")))"
    }
}
