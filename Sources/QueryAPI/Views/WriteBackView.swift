import Domain
import Queries

/// What is written into a tenant's Jira, and how that stands.
struct WriteBackView: Encodable, Sendable {
    /// Where values go, and when again.
    struct Settings: Encodable, Sendable {
        var target: WriteBackSettings.Target
        var propertyKey: String
        var scoreField: Nullable<String>
        var bandField: Nullable<String>
        var forecastDateField: Nullable<String>
        var causeField: Nullable<String>
        var stepPoints: Int
        var stepDays: Int
        var intervalMinutes: Int

        init(_ settings: WriteBackSettings) {
            target = settings.target
            propertyKey = settings.propertyKey
            scoreField = Nullable(settings.fields.score)
            bandField = Nullable(settings.fields.band)
            forecastDateField = Nullable(settings.fields.forecastDate)
            causeField = Nullable(settings.fields.cause)
            stepPoints = settings.stepPoints
            stepDays = settings.stepDays
            intervalMinutes = Int(settings.intervalSeconds / 60)
        }
    }

    var enabled: Bool
    var settings: Nullable<Settings>
    var changedBy: Nullable<String>
    var changedAt: Nullable<Timestamp>
    var stoppedUntil: Nullable<Timestamp>
    var stoppedReason: Nullable<String>
    var writtenIssues: Int
    var refusedIssues: Int
    var lastRefusal: Nullable<String>
    var lastWrittenAt: Nullable<Timestamp>

    init(_ status: WriteBackStatus) {
        enabled = status.settings != nil
        settings = Nullable(status.settings.map { Settings($0) })
        changedBy = Nullable(status.changedBy)
        changedAt = Nullable(status.changedAt)
        stoppedUntil = Nullable(status.stoppedUntil)
        stoppedReason = Nullable(status.stoppedReason)
        writtenIssues = status.written
        refusedIssues = status.refused
        lastRefusal = Nullable(status.refusal)
        lastWrittenAt = Nullable(status.lastWrittenAt)
    }
}

/// A comment that was posted on request.
struct PostedCommentView: Encodable, Sendable {
    var id: String
    var url: String

    init(_ posted: RiskComments.Posted) {
        id = posted.id.rawValue
        url = posted.url
    }
}
