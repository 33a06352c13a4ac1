public import Domain
public import Foundation

/// What a rule would have raised within a window.
public struct RuleTrialAnswer: Sendable, Hashable {
    /// A week of the window.
    public struct Week: Sendable, Hashable {
        /// Its Monday, in UTC; of the first week it may be before the window.
        public var start: CalendarDay
        /// How often the rule would have fired.
        public var raised: Int
    }

    /// An issue that the rule would have fired for.
    public struct RungIssue: Sendable, Hashable {
        /// The issue.
        public var id: IssueID
        /// Its key when it last rang.
        public var key: IssueKey
        /// As it is now; nil where it is not known any more.
        public var summary: String?
        /// How often.
        public var raised: Int
        /// The first time.
        public var firstAt: Timestamp
        /// The last time.
        public var lastAt: Timestamp
        /// The highest score while it rang, 0–100.
        public var highestScore: Int
    }

    /// What a channel would have got.
    public struct ChannelShare: Sendable, Hashable {
        /// The channel.
        public var id: UUID
        /// Its name, for people.
        public var name: String
        /// Its kind; nil for one that was deleted, and that the rule or a route still names.
        public var kind: AlertChannel.Kind?
        /// Alerts that would have gone there, those that are resolved included.
        public var alerts: Int
        /// Messages that would have carried them; fewer where several share one. None to a channel that is disabled.
        public var notifications: Int
    }

    /// The window's first instant.
    public var from: Timestamp
    /// The window's last instant.
    public var to: Timestamp
    /// Issues with an analysis of the window.
    public var issues = 0
    /// How often the rule would have fired.
    public var raised = 0
    /// How often the condition ended; 0 for a spike, which has no end.
    public var resolved = 0
    /// Every week of the window, oldest first.
    public var weeks: [Week] = []
    /// How many issues the rule would have fired for.
    public var rungIssueCount = 0
    /// The ones that it would have fired for most often, at most ``RuleTrials/listedIssues``.
    public var rungIssues: [RungIssue] = []
    /// By channel, in the order of their names; nil where there are more alerts than ``RuleTrials/groupedAlerts``.
    public var channels: [ChannelShare]?
    /// How many alerts the stored rule raised within the window; nil for a rule that is not stored.
    public var reallyRaised: Int?
}
