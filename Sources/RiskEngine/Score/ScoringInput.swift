import Domain

/// All that an analysis is made of, but the rules and the instant.
struct ScoringInput: Sendable {
    var issue: Issue
    /// Of the comments' bodies; a comment without one counts as neutral.
    var readings: [CommentID: SentimentReading]
    /// Comments whose language the model does not know.
    var unreadable: [CommentID: TextLanguage]
    /// Comments that were not read, because the issue was finished long ago.
    var unread: Set<CommentID>
    /// The id of the model that made the readings.
    var model: String
    /// What is known of the issues that block this one.
    var upstream: [UpstreamRisk]
    /// What is known of the site's statuses.
    var statuses: StatusCatalog
    /// Earlier scores, for the trend.
    var recentScores: [ScorePoint]
    /// Money per day for unassigned work.
    var tenantDailyRate: Double
}
