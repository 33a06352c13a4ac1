import Domain

/// `alert_rules.rule_json`.
struct StoredAlertRule: StoredRow {
    static let version = 1

    let value: AlertRule

    init(_ value: AlertRule) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case id, name, isEnabled, condition, projectKeys, channelIDs, notifiesResolved
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        value = AlertRule(
            id: try row.read(.id), name: try row.read(.name), isEnabled: try row.read(.isEnabled),
            condition: try row.read(.condition, as: StoredCondition.self), projectKeys: try row.read(.projectKeys),
            channelIDs: try row.read(.channelIDs), notifiesResolved: try row.read(.notifiesResolved))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.id, .id)
        try row.write(value.name, .name)
        try row.write(value.isEnabled, .isEnabled)
        try row.write(value.condition, .condition, as: StoredCondition.self)
        try row.write(value.projectKeys, .projectKeys)
        try row.write(value.channelIDs, .channelIDs)
        try row.write(value.notifiesResolved, .notifiesResolved)
    }
}

/// An object with one member, named for the kind of condition.
private struct StoredCondition: StoredForm {
    let value: AlertRule.Condition

    init(_ value: AlertRule.Condition) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case threshold, spike, forecast
    }
    private enum ThresholdKeys: String, CodingKey {
        case raiseAt, clearBelow
    }
    private enum ForecastKeys: String, CodingKey {
        case question, raiseAt, clearBelow
    }
    private enum SpikeKeys: String, CodingKey {
        case points, windowSeconds
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        if row.contains(.threshold) {
            let threshold = try row.nestedContainer(keyedBy: ThresholdKeys.self, forKey: .threshold)
            value = .threshold(raiseAt: try threshold.read(.raiseAt), clearBelow: try threshold.read(.clearBelow))
        } else if row.contains(.forecast) {
            let forecast = try row.nestedContainer(keyedBy: ForecastKeys.self, forKey: .forecast)
            value = .forecast(
                question: try forecast.read(.question), raiseAt: try forecast.read(.raiseAt),
                clearBelow: try forecast.read(.clearBelow))
        } else {
            let spike = try row.nestedContainer(keyedBy: SpikeKeys.self, forKey: .spike)
            value = .spike(points: try spike.read(.points), windowSeconds: try spike.read(.windowSeconds))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        switch value {
        case .threshold(let raiseAt, let clearBelow):
            var threshold = row.nestedContainer(keyedBy: ThresholdKeys.self, forKey: .threshold)
            try threshold.write(raiseAt, .raiseAt)
            try threshold.write(clearBelow, .clearBelow)
        case .spike(let points, let windowSeconds):
            var spike = row.nestedContainer(keyedBy: SpikeKeys.self, forKey: .spike)
            try spike.write(points, .points)
            try spike.write(windowSeconds, .windowSeconds)
        case .forecast(let question, let raiseAt, let clearBelow):
            var forecast = row.nestedContainer(keyedBy: ForecastKeys.self, forKey: .forecast)
            try forecast.write(question, .question)
            try forecast.write(raiseAt, .raiseAt)
            try forecast.write(clearBelow, .clearBelow)
        }
    }
}
