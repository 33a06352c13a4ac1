import Domain

/// The analysis of a portfolio as comma-separated values: a row for each slice, in the order of the request, and one for all of
/// them together, and which of both in the column `of`. The columns are named as the fields of `POST /api/analyze/portfolio`; an
/// outlook has columns with the name of its question, and categories and projects are one cell each.
public enum PortfolioCSV {
    /// The slices, and the row `overall` last.
    public static func records(of analysis: PortfolioAnalysis) -> CSVRecords {
        let slices = analysis.slices.map { row("slice", of: $0, $0.rollup, $0.outlooks, at: analysis.asOf) }
        return CSVRecords(
            slices + [row("overall", of: nil, analysis.overall, analysis.outlooks, at: analysis.asOf)])
    }

    private static func row(
        _ of: String, of slice: PortfolioAnalysis.Slice?, _ rollup: PortfolioRollup, _ outlooks: [ForecastOutlook],
        at instant: Timestamp
    ) -> CSVRecord {
        var row = CSVRecord()
        row.add("of", of)
        row.add("name", slice?.name)
        row.add("jql", slice?.jql)
        row.add("coverage", slice?.coverage.rawValue)
        row.add("issue_count", rollup.counts.issues)
        row.add("rollup_counts_issues", rollup.counts.issues)
        row.add("rollup_counts_blockers", rollup.counts.blockers)
        row.add("rollup_counts_high_risk", rollup.counts.highRisk)
        row.add("rollup_counts_projects", rollup.counts.projects)
        row.add("rollup_risk_avg", rollup.risk.avg)
        row.add("rollup_risk_max", rollup.risk.max)
        row.add(rollup.capacity)
        row.add("rollup_blockers_by_category", rollup.blockersByCategory)
        row.add("rollup_issues_by_project", rollup.issuesByProject)
        for question in [ForecastQuestion.due, .usual] {
            row.add("outlook_\(question.rawValue)", outlooks.first { $0.question == question })
        }
        row.add("timestamp", instant)
        return row
    }
}
