public import Domain

/// The list of alerts as comma-separated values: a row for each delivery of an alert, and one for an alert that has none. The
/// columns are named as the fields of `GET /api/alerts`; those of a delivery begin with `delivery_`. What is sealed, as the
/// address of a recipient, is left out.
public enum AlertCSV {
    /// The list.
    public static let table = CSVTable("alerts", columns: columns + deliveryColumns, pageSize: 200, rows: rows)

    private static let columns = [
        "id", "created_at", "event", "kind", "band", "headline", "issue_key", "project_key", "summary", "status",
        "assignee", "issue_url", "rule_id", "rule_name", "score", "previous_score", "model", "silence_id",
        "acknowledged_at", "acknowledged_by",
    ]
    private static let deliveryColumns = [
        "delivery_id", "delivery_channel_id", "delivery_channel_name", "delivery_channel_kind", "delivery_state",
        "delivery_attempts", "delivery_last_error", "delivery_next_attempt_at", "delivery_delivered_at",
    ]

    private static func rows(_ record: AlertRecord) -> [[String?]] {
        let (alert, issue) = (record.alert, record.alert.issue)
        let cells: [String?] = [
            alert.id.canonicalText, alert.createdAt.description, alert.event.rawValue, alert.kind.rawValue,
            alert.band.rawValue, alert.headline, issue?.issueKey.rawValue, issue?.projectKey, issue?.summary,
            issue?.status, issue?.assignee, alert.url, issue?.ruleID.canonicalText, issue?.ruleName,
            issue.map { String($0.score) }, issue?.previousScore.map { String($0) }, issue?.model,
            record.silenceID?.canonicalText, record.acknowledgedAt?.description, record.acknowledgedBy,
        ]
        guard !record.deliveries.isEmpty else {
            return [cells + Array(repeating: nil, count: deliveryColumns.count)]
        }
        return record.deliveries.map {
            cells + [
                $0.id.canonicalText, $0.channelID.canonicalText, $0.channelName, $0.channelKind?.rawValue,
                $0.state.rawValue, String($0.attempts), $0.lastError, $0.nextAttemptAt?.description,
                $0.deliveredAt?.description,
            ]
        }
    }
}
