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

    /// The report as lines of text, without a trailing newline.
    ///
    /// - Parameters:
    ///   - siteURL: the address of the Jira site; without one comments are quoted without their addresses.
    ///   - currency: stands before amounts of money.
    public static func render(
        template: Template, issue: Issue, analysis: Analysis, siteURL: String? = nil, currency: String
    ) -> String {
        let url = siteURL.map { "\($0)/browse/\(issue.key)" }
        let (executive, technical) = (executive(issue, analysis, url: url, currency: currency), technical(analysis))
        let pm = "PROJECT MANAGER REPORT\n\n" + executive + "\n\n" + technical
        return switch template {
        case .executive: executive
        case .technical: technical
        case .pm: pm
        case .all: [executive, technical, pm].joined(separator: "\n\n")
        }
    }

    private static func executive(
        _ issue: Issue, _ analysis: Analysis, url: String?, currency: String
    ) -> String {
        let capacity = analysis.capacity
        var lines = [
            "EXECUTIVE SUMMARY",
            "\(Wording.mark(analysis.band)) Risk score: \(analysis.riskScore)/100 (\(analysis.band.rawValue))",
            "Issue: \(analysis.issueKey) \(analysis.summary)",
            "Status: \(analysis.timeline.currentStatus)",
            "Priority: \(issue.priority ?? "None")",
            "Assignee: \(assignee(capacity))",
        ]
        lines += restrictions(of: analysis)
        lines += [
            "Daily cost: \(Wording.money(capacity.dailyCost, in: currency))\(multipliers(capacity, currency: currency))",
            "Estimated effort: \(Wording.number(capacity.estimatedDays)) days",
            "Total estimated cost: \(Wording.money(capacity.totalEstimatedCost, in: currency))",
        ]
        if capacity.overtimeDetected { lines.append("⚠️ Work outside working hours detected") }
        if capacity.weekendDetected { lines.append("⚠️ Weekend work detected") }
        lines += blockers(of: analysis, url: url, currency: currency)
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
        let neutralPercent = sentiment.total == 0 ? 0 : 100 * Double(sentiment.neutral) / Double(sentiment.total)
        let dependencies = analysis.dependencies
        return [
            "TECHNICAL DETAILS",
            "Comments: \(sentiment.total) (\(sentiment.positive) positive, \(sentiment.negative) negative, "
                + "\(sentiment.neutral) neutral\(notJudged(sentiment)); read by \(analysis.engine.model))",
            "Sentiment: \(Wording.number(sentiment.positivePct))% positive, "
                + "\(Wording.number(sentiment.negativePct))% negative, \(Wording.number(neutralPercent))% neutral",
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

    /// How many there are, and the first three with their categories, author and date; while there are any, also what they
    /// cost.
    private static func blockers(of analysis: Analysis, url: String?, currency: String) -> [String] {
        var lines = ["Blockers: \(analysis.blockerCount)"]
        for blocker in analysis.blockers.prefix(3) {
            let categories = blocker.categories.map { $0.replacing("_", with: " ") }.joined(separator: ", ")
            let source = "\(Snippet.of(blocker.author, limit: 80)), \(blocker.date.utcDay)"
            lines.append("  - [\(categories)] \(Snippet.of(blocker.snippet, limit: 80)) (\(source))")
            if let address = url.flatMap({ blocker.evidence.address(inIssueAt: $0) }) { lines.append("    \(address)") }
        }
        let capacity = analysis.capacity
        if capacity.daysLostPerDayBlocked > 0 {
            lines.append("Days lost per day blocked: \(Wording.number(capacity.daysLostPerDayBlocked))")
            lines.append("Total cost if blocked: \(Wording.money(capacity.totalCostIfBlocked, in: currency))")
        }
        return lines
    }

    /// Who may not read all of it, and what the report withholds for that.
    private static func restrictions(of analysis: Analysis) -> [String] {
        guard let restrictions = analysis.restrictions else { return [] }
        var lines: [String] = []
        if let level = restrictions.securityLevel {
            lines.append("Security level: \(Snippet.of(level, limit: 80)) (not everybody in Jira may read this issue)")
        }
        if restrictions.withheldComments > 0 {
            let count = Wording.count(restrictions.withheldComments, "restricted comment")
            lines.append("Withheld: the text of \(count)")
        }
        return lines
    }

    private static func assignee(_ capacity: Capacity) -> String {
        guard let location = capacity.assigneeLocation else { return capacity.assignee }
        return "\(capacity.assignee) (\(capacity.assigneeRole), \(location))"
    }

    /// ` ($3,000 × location 0.5 × overtime 1.5)`; empty without multipliers that change the cost.
    private static func multipliers(_ capacity: Capacity, currency: String) -> String {
        let effective = capacity.costMultipliers.filter { $0.value != 1 }
        if effective.isEmpty { return "" }
        let parts = effective.sorted { $0.key < $1.key }.map { "\($0.key) \(Wording.number($0.value))" }
        return " (\(([Wording.money(capacity.baseDailyCost, in: currency)] + parts).joined(separator: " × ")))"
    }
}
