extension Migrations {
    /// When Jira said what is known of a status: the start of that day in UTC, so that the order in which issues came decides
    /// nothing (decision 0066). NULL is older than any day.
    static let statusDays = Step(
        name: "0048-status-days", statements: ["ALTER TABLE statuses ADD COLUMN told_at {timestamp}"])
}
