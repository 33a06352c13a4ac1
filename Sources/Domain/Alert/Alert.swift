public import Foundation

/// When to raise an alert for an issue.
public struct AlertRule: Sendable, Hashable, Codable {
    public enum Condition: Sendable, Hashable, Codable {
        /// Raised when the score reaches `raiseAt`; cleared when it falls below `clearBelow` (≤ `raiseAt`).
        case threshold(raiseAt: Int, clearBelow: Int)
        /// Raised when the score has gained at least `points` over its lowest value within `windowSeconds`.
        case spike(points: Int, windowSeconds: Int)
    }

    public var id: UUID
    public var name: String
    public var isEnabled: Bool
    public var condition: Condition
    /// Only issues of these projects; empty means all.
    public var projectKeys: [String]
    /// Only to these channels; empty means every channel of the tenant.
    public var channelIDs: [UUID]
    /// Whether to say so when the risk has fallen again (thresholds only).
    public var notifiesResolved: Bool

    public init(
        id: UUID, name: String, isEnabled: Bool = true, condition: Condition, projectKeys: [String] = [],
        channelIDs: [UUID] = [], notifiesResolved: Bool = true
    ) {
        self.id = id
        self.name = name
        self.isEnabled = isEnabled
        self.condition = condition
        self.projectKeys = projectKeys
        self.channelIDs = channelIDs
        self.notifiesResolved = notifiesResolved
    }
}

/// Where one rule stands with one issue.
public struct AlertState: Sendable, Hashable, Codable {
    public var ruleID: UUID
    public var isFiring: Bool
    /// When `isFiring` last changed.
    public var since: Timestamp
    /// The score that raised it.
    public var score: Int

    public init(ruleID: UUID, isFiring: Bool, since: Timestamp, score: Int) {
        self.ruleID = ruleID
        self.isFiring = isFiring
        self.since = since
        self.score = score
    }
}

/// A raised or resolved alert, complete: whoever renders it needs nothing else.
public struct Alert: Sendable, Hashable, Codable {
    public enum Kind: String, Sendable, Codable {
        case threshold, spike
        /// Jira refuses consilod's account: about the tenant's access, and no issue. No rule raises it.
        case access
    }
    public enum Event: String, Sendable, Codable {
        case raised, resolved
    }
    /// How one factor moved since the previous analysis.
    public struct FactorChange: Sendable, Hashable, Codable {
        public var factor: Factor.Name
        public var before: Int
        public var after: Int
        public var explanation: String

        public init(factor: Factor.Name, before: Int, after: Int, explanation: String) {
            self.factor = factor
            self.before = before
            self.after = after
            self.explanation = explanation
        }
    }
    /// A step that would lower the score.
    public struct Remedy: Sendable, Hashable, Codable {
        public var action: String
        /// Points it would take off.
        public var points: Int

        public init(action: String, points: Int) {
            self.action = action
            self.points = points
        }
    }

    public var id: UUID
    public var tenantID: TenantID
    public var ruleID: UUID
    public var ruleName: String
    public var kind: Kind
    public var event: Event
    public var issueID: IssueID
    public var issueKey: IssueKey
    public var projectKey: String
    public var summary: String
    public var status: String
    public var assignee: String
    /// `https://<site>/browse/<key>`.
    public var issueURL: String
    public var score: Int
    /// The score it is compared with: the previous analysis, or the lowest in a spike's window.
    public var previousScore: Int?
    public var band: RiskBand
    /// One sentence: what happened.
    public var headline: String
    public var changes: [FactorChange]
    /// All factors that add points now, largest first.
    public var factors: [Factor]
    /// The fewest steps that bring the score below the clearing value (or, for a spike, back), largest first.
    public var remedies: [Remedy]
    public var model: String
    public var createdAt: Timestamp
    public var channelIDs: [UUID]

    public init(
        id: UUID, tenantID: TenantID, ruleID: UUID, ruleName: String, kind: Kind, event: Event, issueID: IssueID,
        issueKey: IssueKey, projectKey: String, summary: String, status: String, assignee: String, issueURL: String,
        score: Int, previousScore: Int?, band: RiskBand, headline: String, changes: [FactorChange],
        factors: [Factor], remedies: [Remedy], model: String, createdAt: Timestamp, channelIDs: [UUID]
    ) {
        self.id = id
        self.tenantID = tenantID
        self.ruleID = ruleID
        self.ruleName = ruleName
        self.kind = kind
        self.event = event
        self.issueID = issueID
        self.issueKey = issueKey
        self.projectKey = projectKey
        self.summary = summary
        self.status = status
        self.assignee = assignee
        self.issueURL = issueURL
        self.score = score
        self.previousScore = previousScore
        self.band = band
        self.headline = headline
        self.changes = changes
        self.factors = factors
        self.remedies = remedies
        self.model = model
        self.createdAt = createdAt
        self.channelIDs = channelIDs
    }
}

/// What the planner decided for one issue: alerts to send and rule states to keep, committed with the score.
public struct AlertDecision: Sendable, Hashable {
    public var alerts: [Alert]
    public var states: [AlertState]

    public init(alerts: [Alert] = [], states: [AlertState] = []) {
        self.alerts = alerts
        self.states = states
    }
}

/// Where alerts of a tenant go.
public struct AlertChannel: Sendable, Hashable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Slack's incoming webhooks: `text` and `blocks`.
        case slack
        /// SMTP mail through the host's relay.
        case email
    }

    public var id: UUID
    public var kind: Kind
    public var name: String
    /// Slack: the webhook URL, a secret. Email: addresses separated by commas.
    public var target: String
    public var isEnabled: Bool

    public init(id: UUID, kind: Kind, name: String, target: String, isEnabled: Bool = true) {
        self.id = id
        self.kind = kind
        self.name = name
        self.target = target
        self.isEnabled = isEnabled
    }
}

/// One alert on its way to one channel: a leased row of the outbox.
public struct OutboxItem: Sendable, Hashable {
    public var id: UUID
    public var alert: Alert
    public var channel: AlertChannel
    /// Deliveries tried before this one.
    public var attempts: Int
    /// Names the lease; an outcome recorded under an expired lease has no effect.
    public var leaseToken: String

    public init(id: UUID, alert: Alert, channel: AlertChannel, attempts: Int, leaseToken: String) {
        self.id = id
        self.alert = alert
        self.channel = channel
        self.attempts = attempts
        self.leaseToken = leaseToken
    }
}

/// How a delivery ended.
public enum DeliveryOutcome: Sendable, Hashable {
    /// The channel accepted the message.
    case delivered
    /// It may work later: not before `at`.
    case retry(at: Timestamp, reason: String)
    /// It never will (dead channel, too many attempts): to the dead-letter list with the reason (P7).
    case dead(reason: String)
}

/// A row of the alert list: an alert and what became of it on each channel.
public struct AlertRecord: Sendable, Hashable {
    public struct Delivery: Sendable, Hashable {
        public enum State: String, Sendable, Codable, CaseIterable {
            case queued, delivered, dead
        }
        public var id: UUID
        public var channelID: UUID
        public var channelName: String
        /// Nil where the channel was gone before the alert.
        public var channelKind: AlertChannel.Kind?
        public var state: State
        public var attempts: Int
        public var lastError: String?
        public var nextAttemptAt: Timestamp?
        public var deliveredAt: Timestamp?

        public init(
            id: UUID, channelID: UUID, channelName: String, channelKind: AlertChannel.Kind?, state: State,
            attempts: Int, lastError: String?, nextAttemptAt: Timestamp?, deliveredAt: Timestamp?
        ) {
            self.id = id
            self.channelID = channelID
            self.channelName = channelName
            self.channelKind = channelKind
            self.state = state
            self.attempts = attempts
            self.lastError = lastError
            self.nextAttemptAt = nextAttemptAt
            self.deliveredAt = deliveredAt
        }
    }

    public var alert: Alert
    public var deliveries: [Delivery]

    public init(alert: Alert, deliveries: [Delivery]) {
        self.alert = alert
        self.deliveries = deliveries
    }
}
