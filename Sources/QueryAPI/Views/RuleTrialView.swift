import Domain
import Foundation
import Queries

/// What a rule would have raised.
struct RuleTrialView: Encodable, Sendable {
    struct Week: Encodable, Sendable {
        var start: CalendarDay
        var raised: Int
    }

    struct RungIssue: Encodable, Sendable {
        var key: IssueKey
        var summary: Nullable<String>
        var raised: Int
        var firstAt: Timestamp
        var lastAt: Timestamp
        var highestScore: Int
    }

    struct Channel: Encodable, Sendable {
        var id: String
        var name: String
        var kind: Nullable<AlertChannel.Kind>
        var alerts: Int
        var notifications: Int
    }

    var from: Timestamp
    var to: Timestamp
    var issuesLookedAt: Int
    var raised: Int
    var resolved: Int
    var perWeek: [Week]
    var issueCount: Int
    var issues: [RungIssue]
    var channels: Nullable<[Channel]>
    var reallyRaised: Nullable<Int>

    init(_ answer: RuleTrialAnswer) {
        from = answer.from
        to = answer.to
        issuesLookedAt = answer.issues
        raised = answer.raised
        resolved = answer.resolved
        perWeek = answer.weeks.map { Week(start: $0.start, raised: $0.raised) }
        issueCount = answer.rungIssueCount
        issues = answer.rungIssues.map {
            RungIssue(
                key: $0.key, summary: Nullable($0.summary), raised: $0.raised, firstAt: $0.firstAt, lastAt: $0.lastAt,
                highestScore: $0.highestScore)
        }
        channels = Nullable(
            answer.channels.map { shares in
                shares.map {
                    Channel(
                        id: $0.id.canonicalText, name: $0.name, kind: Nullable($0.kind), alerts: $0.alerts,
                        notifications: $0.notifications)
                }
            })
        reallyRaised = Nullable(answer.reallyRaised)
    }
}
