public import Domain

/// Stored analyses as comma-separated values. The columns are the fields of `GET /api/analyze/history`.
public enum HistoryCSV {
    /// The list. A page is large, so that a file of millions of rows takes few queries, and still less than two megabytes.
    public static let table = CSVTable<HistoryEntry>(
        "history",
        columns: [
            "id", "issue_key", "project_key", "risk_score", "daily_cost", "blocker_count", "analyzed_at",
        ], pageSize: 2000
    ) { entry in
        [
            [
                entry.id, entry.issueKey.rawValue, entry.projectKey, String(entry.riskScore),
                CSVText.number(entry.dailyCost), String(entry.blockerCount), entry.analyzedAt.description,
            ]
        ]
    }
}
