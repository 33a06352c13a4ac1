import Domain

/// The analysis of a sprint as comma-separated values: one row with its figures. The columns are named as the fields of
/// `POST /api/analyze/sprint`; keys and categories are one cell each.
public enum SprintCSV {
    /// The one row.
    public static func records(of analysis: SprintAnalysis) -> CSVRecords {
        var row = CSVRecord()
        row.add("project_key", analysis.projectKey)
        row.add("sprint_id", analysis.sprint.id)
        row.add("sprint_name", analysis.sprint.name)
        row.add("sprint_state", analysis.sprint.state)
        row.add("sprint_start_date", analysis.sprint.startDate)
        row.add("sprint_end_date", analysis.sprint.endDate)
        row.add("sprint_complete_date", analysis.sprint.completeDate)
        row.add("coverage", analysis.coverage.rawValue)
        row.add("issue_count", analysis.rollup.counts.issues)
        row.add("open_issue_count", analysis.openIssueCount)
        row.add(analysis.rollup)
        row.add("committed", analysis.scope.committed)
        row.add("added", analysis.scope.added)
        row.add("removed", analysis.scope.removed)
        row.add("completed", analysis.scope.completed)
        row.add("not_completed", analysis.scope.notCompleted)
        row.add("outlook", analysis.outlook)
        row.add("timestamp", analysis.asOf)
        return CSVRecords([row])
    }
}

extension CSVRecord {
    fileprivate mutating func add(_ rollup: SprintRollup) {
        add("rollup_counts_issues", rollup.counts.issues)
        add("rollup_counts_blockers", rollup.counts.blockers)
        add("rollup_counts_high_risk", rollup.counts.highRisk)
        add("rollup_counts_medium_risk", rollup.counts.mediumRisk)
        add("rollup_counts_low_risk", rollup.counts.lowRisk)
        add("rollup_counts_stale_updates_gt_5d", rollup.counts.staleFor5Days)
        add("rollup_counts_stale_updates_gt_10d", rollup.counts.staleFor10Days)
        add("rollup_risk_avg", rollup.risk.avg)
        add("rollup_risk_max", rollup.risk.max)
        add("rollup_risk_high_risk_keys", rollup.risk.highRiskKeys.map(\.rawValue).joined(separator: "; "))
        add(rollup.capacity)
        add("rollup_blockers_by_category", rollup.blockersByCategory)
    }

    fileprivate mutating func add(_ name: String, _ part: SprintScope.Part) {
        add("scope_\(name)_count", part.count)
        add("scope_\(name)_story_points", part.storyPoints)
    }
}
