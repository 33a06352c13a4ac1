public import Domain
public import Foundation

/// What became of the alerts of a rule or a channel.
public struct AlertScorecard: Sendable, Hashable {
    /// Alerts that were raised within the window.
    public var raised = 0
    /// Those of them that somebody acknowledged.
    public var acknowledged = 0
    /// Those of them that a silence kept back.
    public var silenced = 0
    /// Those of them whose issue had a due day to come, and was not done by its end.
    public var late = 0
    /// Those of them whose issue was in a sprint, and was not done by its planned end.
    public var slipped = 0
    /// Those of them whose issue was done afterwards, and reopened.
    public var reopened = 0
    /// Of the alerts that can be judged, those that came true: late, slipped or reopened.
    public var precision = Proportion(0, of: 0)
    /// Those that cannot be judged yet: a deadline that the issue had is still to come.
    public var pending = 0
    /// Those that never can: the issue had no deadline to come, or was deleted before it.
    public var withoutDeadline = 0
    /// The median time from an alert to the deadline that was missed, in days; nil where none was.
    public var leadDays: Double?
    /// Of the alerts that are a day old or have cleared, those that cleared within a day with nothing done: no person changed
    /// the issue or commented on it meanwhile.
    public var noise = Proportion(0, of: 0)
    /// Of the issues that missed a deadline within the window, those that had such an alert before.
    public var recall = Proportion(0, of: 0)
}

/// The scorecard of a rule.
public struct RuleScorecard: Sendable, Hashable {
    /// As it is now.
    public var rule: AlertRule
    /// What became of its alerts.
    public var card: AlertScorecard
    /// What to change about it.
    public var advice: RuleAdvice
}

/// The scorecard of a channel.
public struct ChannelScorecard: Sendable, Hashable {
    /// The channel.
    public var id: UUID
    /// Its name, for people.
    public var name: String
    /// Its kind.
    public var kind: AlertChannel.Kind
    /// What became of the alerts that were sent there.
    public var card: AlertScorecard
}

/// What a tenant's alerts were worth within a window.
public struct AlertScorecards: Sendable, Hashable {
    /// The window's first instant.
    public var from: Timestamp
    /// The window's last instant.
    public var to: Timestamp
    /// Issues that missed a deadline within the window.
    public var missedIssues: Int
    /// By name.
    public var rules: [RuleScorecard]
    /// By name.
    public var channels: [ChannelScorecard]
}
