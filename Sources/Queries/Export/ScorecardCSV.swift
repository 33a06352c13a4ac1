import Domain

/// Scorecards as comma-separated values: a row for each rule and each channel, and which of both in the column `of`. The columns
/// are named as the fields of `GET /api/alert-scorecards`; a share has its count, and of how many.
public enum ScorecardCSV {
    /// The rules, then the channels, each by name.
    public static func records(of cards: AlertScorecards) -> CSVRecords {
        let rules = cards.rules.map { scored in
            let rule = scored.rule
            return row(
                "rule", id: rule.id.canonicalText, name: rule.name, isEnabled: rule.isEnabled,
                kind: rule.condition.kind.rawValue, scored.card, scored.advice)
        }
        let channels = cards.channels.map {
            row(
                "channel", id: $0.id.canonicalText, name: $0.name, isEnabled: nil, kind: $0.kind.rawValue, $0.card,
                nil)
        }
        // The names of the columns also where a tenant has neither.
        let example = row("", id: "", name: "", isEnabled: nil, kind: "", AlertScorecard(), nil)
        var records = CSVRecords([example] + rules + channels)
        records.rows.removeFirst()
        return records
    }

    private static func row(
        _ of: String, id: String, name: String, isEnabled: Bool?, kind: String, _ card: AlertScorecard,
        _ advice: RuleAdvice?
    ) -> CSVRecord {
        var row = CSVRecord()
        row.add("of", of)
        row.add("id", id)
        row.add("name", name)
        row.add("enabled", isEnabled.map { String($0) })
        row.add("kind", kind)
        row.add("scorecard_raised", card.raised)
        row.add("scorecard_acknowledged", card.acknowledged)
        row.add("scorecard_silenced", card.silenced)
        row.add("scorecard_late", card.late)
        row.add("scorecard_slipped", card.slipped)
        row.add("scorecard_reopened", card.reopened)
        for (name, share) in [("precision", card.precision), ("noise", card.noise), ("recall", card.recall)] {
            row.add("scorecard_\(name)_count", share.count)
            row.add("scorecard_\(name)_total", share.total)
        }
        row.add("scorecard_pending", card.pending)
        row.add("scorecard_without_deadline", card.withoutDeadline)
        row.add("scorecard_lead_days", card.leadDays)
        row.add("suggestion_kind", advice?.kind.rawValue)
        row.add("suggestion_field", advice?.field)
        row.add("suggestion_value", advice?.value)
        row.add("suggestion_sentence", advice?.sentence)
        return row
    }
}
