extension Analysis {
    /// The factors that add points, as they may be told to everybody who sees the issue in Jira, in the profile's order.
    ///
    /// Who sees the issue may not see the issues that block it: what one passes on is left out, and blockers that are links are
    /// told without the keys of the other issues.
    public var factorsForJira: [Factor] {
        factors.filter { $0.points > 0 && $0.name != .upstream }.map { factor in
            factor.name == .blockers ? withoutLinkedIssues(factor) : factor
        }
    }

    /// The first of ``factorsForJira`` with most points; nil where none has any.
    public var causeForJira: Factor? { factorsForJira.max { $0.points < $1.points } }

    private func withoutLinkedIssues(_ factor: Factor) -> Factor {
        let evidence = blockers.flatMap { [$0.evidence] + ($0.furtherEvidence ?? []) }
        let links = evidence.filter { $0.kind == .link }.count
        guard links > 0 else { return factor }
        let comments = evidence.filter { $0.kind == .comment }.count
        var parts: [String] = []
        if comments > 0 { parts.append(comments == 1 ? "a comment" : "\(comments) comments") }
        if evidence.contains(where: { $0.kind == .change || $0.kind == .field }) { parts.append("the status") }
        parts.append(links == 1 ? "an issue link" : "\(links) issue links")
        var told = factor
        told.explanation =
            "\(blockerCount) open blocker\(blockerCount == 1 ? "" : "s"): \(parts.joined(separator: ", "))."
        told.evidence = factor.evidence.filter { $0.kind != .link }
        return told
    }
}
