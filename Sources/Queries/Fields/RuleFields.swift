public import Domain
public import Foundation

extension RequestFields {
    /// Reads a whole rule; absent optional fields take their defaults. Throws ``RequestError/invalid(_:)`` with every error noted
    /// so far.
    ///
    /// - Parameters:
    ///   - channels: those that the tenant has.
    ///   - defaultName: for a rule without a name; nil where it must have one.
    public mutating func alertRule(id: UUID, channels: Set<UUID>, defaultName: String? = nil) throws -> AlertRule {
        let isEnabled = optional("enabled", .bool) ?? true
        let notifiesResolved = optional("notify_resolved", .bool) ?? false
        let projectKeys = optional("project_keys", .list(.projectKey)) ?? []
        let channelIDs = optional("channel_ids", .list(.uuid)) ?? []
        if !channels.isSuperset(of: channelIDs) { reject("channel_ids", "must name existing alert channels") }
        let condition = alertCondition()
        let name =
            if let defaultName {
                optional("name", .text(1...100)) ?? defaultName
            } else {
                try required(("name", .text(1...100)))
            }
        try check()
        return AlertRule(
            id: id, name: name, isEnabled: isEnabled, condition: try present(condition), projectKeys: projectKeys,
            channelIDs: channelIDs, notifiesResolved: notifiesResolved)
    }

    private mutating func alertCondition() -> AlertRule.Condition? {
        switch required("kind", .choice(AlertRule.Kind.allCases)) {
        case nil: return nil
        case .threshold:
            rejectPresent(["points", "window_seconds"], "is only for rules of kind spike")
            rejectPresent(["question"], "is only for rules of kind forecast")
            guard let raiseAt = required("raise_at", .integer(1...100)) else { return nil }
            let clearBelow = optional("clear_below", .integer(1...100)) ?? raiseAt
            if clearBelow > raiseAt { reject("clear_below", "must not be above raise_at") }
            return .threshold(raiseAt: raiseAt, clearBelow: clearBelow)
        case .spike:
            rejectPresent(["raise_at", "clear_below"], "is only for rules of kind threshold and forecast")
            rejectPresent(["question"], "is only for rules of kind forecast")
            let points = required("points", .integer(1...100))
            let window = required("window_seconds", .integer(60...Analysis.lookBackDays * 86_400))
            guard let points, let window else { return nil }
            return .spike(points: points, windowSeconds: window)
        case .forecast:
            rejectPresent(["points", "window_seconds"], "is only for rules of kind spike")
            let question = required("question", .choice(ForecastQuestion.allCases))
            // What is shown is never less than 2 or more than 98.
            let shown = 5...95
            guard let raiseAt = required("raise_at", .integer(shown)) else { return nil }
            let clearBelow = optional("clear_below", .integer(shown)) ?? raiseAt
            if clearBelow > raiseAt { reject("clear_below", "must not be above raise_at") }
            return question.map { .forecast(question: $0, raiseAt: raiseAt, clearBelow: clearBelow) }
        }
    }
}
