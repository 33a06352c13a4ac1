public import Foundation

/// When to raise an alert for an issue.
public struct AlertRule: Sendable, Hashable {
    /// The kinds of condition, by the words of the API.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case threshold, spike, forecast
    }

    /// What the rule looks for.
    public enum Condition: Sendable, Hashable {
        /// Raised when the score reaches `raiseAt`; cleared when it falls below `clearBelow` (≤ `raiseAt`).
        case threshold(raiseAt: Int, clearBelow: Int)
        /// Raised when the score has gained at least `points` over its lowest value within `windowSeconds`.
        case spike(points: Int, windowSeconds: Int)
        /// Raised when the number that a forecast shows for a question, in percent, reaches `raiseAt`; cleared when it falls
        /// below `clearBelow` (≤ `raiseAt`).
        case forecast(question: ForecastQuestion, raiseAt: Int, clearBelow: Int)

        /// Which kind of condition it is.
        public var kind: Kind {
            switch self {
            case .threshold: .threshold
            case .spike: .spike
            case .forecast: .forecast
            }
        }

        /// Whether a forecast has the rule fire. Between the two values, and without a number, it stays as it was: past its
        /// deadline an issue is late, which is no forecast, and on a rung without numbers nothing is known. False for a
        /// condition of another kind.
        public func isFiring(by forecast: IssueForecast?, wasFiring: Bool) -> Bool {
            guard case .forecast(let question, let raiseAt, let clearBelow) = self else { return false }
            guard let percent = forecast?[question]?.percent else {
                // With the deadline the question has gone.
                return wasFiring && (forecast == nil || forecast?[question] != nil)
            }
            return percent >= raiseAt || (wasFiring && percent >= clearBelow)
        }
    }

    /// Chosen by consilod; the states of issues refer to it.
    public var id: UUID
    /// For people, as `High risk`.
    public var name: String
    /// A disabled rule is not evaluated.
    public var isEnabled: Bool
    /// What raises and clears an alert.
    public var condition: Condition
    /// Only issues of these projects; empty means all.
    public var projectKeys: [String]
    /// Only to these channels; empty means every channel of the tenant.
    public var channelIDs: [UUID]
    /// Whether to say so when the risk has fallen again (not for spikes).
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

    /// The rules that a new tenant has, with ids of their own.
    public static func defaults() -> [AlertRule] {
        [
            AlertRule(
                id: UUID(), name: "High risk", condition: .threshold(raiseAt: 70, clearBelow: 60),
                notifiesResolved: false),
            AlertRule(
                id: UUID(), name: "Risk spike", condition: .spike(points: 20, windowSeconds: 86_400),
                notifiesResolved: false),
        ]
    }
}

/// Where one rule stands with one issue.
public struct AlertState: Sendable, Hashable {
    /// The rule; its state with an issue is deleted with it.
    public var ruleID: UUID
    /// Whether the rule's condition held at the last analysis.
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
