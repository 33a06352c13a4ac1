import Domain
import Foundation

/// An alert rule. A threshold has `raise_at` and `clear_below`, a spike `points` and `window_seconds`, a
/// forecast what a threshold has and a `question`.
struct RuleView: Encodable, Sendable {
    var id: String
    var name: String
    var enabled: Bool
    var kind: AlertRule.Kind
    var raiseAt: Int?
    var clearBelow: Int?
    var points: Int?
    var windowSeconds: Int?
    var question: ForecastQuestion?
    var projectKeys: [String]
    var channelIDs: [String]
    var notifyResolved: Bool

    // The encoder's snake case would split "IDs".
    private enum CodingKeys: String, CodingKey {
        case id, name, enabled, kind, raiseAt, clearBelow, points, windowSeconds, question, projectKeys
        case channelIDs = "channel_ids"
        case notifyResolved
    }

    init(_ rule: AlertRule) {
        self.id = rule.id.canonicalText
        self.name = rule.name
        self.enabled = rule.isEnabled
        self.kind = rule.condition.kind
        switch rule.condition {
        case .threshold(let raiseAt, let clearBelow):
            self.raiseAt = raiseAt
            self.clearBelow = clearBelow
        case .spike(let points, let windowSeconds):
            self.points = points
            self.windowSeconds = windowSeconds
        case .forecast(let question, let raiseAt, let clearBelow):
            self.question = question
            self.raiseAt = raiseAt
            self.clearBelow = clearBelow
        }
        self.projectKeys = rule.projectKeys
        self.channelIDs = rule.channelIDs.map { $0.canonicalText }
        self.notifyResolved = rule.notifiesResolved
    }
}
