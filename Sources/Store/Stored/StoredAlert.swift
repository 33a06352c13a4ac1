import Domain

/// `alerts.alert_json`.
struct StoredAlert: StoredRow {
    static let version = 1

    let value: Alert

    init(_ value: Alert) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case id, tenantID, ruleID, ruleName, kind, event, issueID, issueKey, projectKey, summary, status, assignee
        case issueURL, score, previousScore, band, headline, changes, factors, remedies, model, createdAt, channelIDs
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        value = Alert(
            id: try row.read(.id), tenantID: try row.read(.tenantID), ruleID: try row.read(.ruleID),
            ruleName: try row.read(.ruleName), kind: try row.read(.kind), event: try row.read(.event),
            issueID: try row.read(.issueID), issueKey: try row.read(.issueKey), projectKey: try row.read(.projectKey),
            summary: try row.read(.summary), status: try row.read(.status), assignee: try row.read(.assignee),
            issueURL: try row.read(.issueURL), score: try row.read(.score),
            previousScore: try row.readIfPresent(.previousScore), band: try row.read(.band),
            headline: try row.read(.headline), changes: try row.readList(.changes, of: StoredFactorChange.self),
            factors: try row.readList(.factors, of: StoredFactor.self),
            remedies: try row.readList(.remedies, of: StoredRemedy.self), model: try row.read(.model),
            createdAt: try row.read(.createdAt), channelIDs: try row.read(.channelIDs))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.id, .id)
        try row.write(value.tenantID, .tenantID)
        try row.write(value.ruleID, .ruleID)
        try row.write(value.ruleName, .ruleName)
        try row.write(value.kind, .kind)
        try row.write(value.event, .event)
        try row.write(value.issueID, .issueID)
        try row.write(value.issueKey, .issueKey)
        try row.write(value.projectKey, .projectKey)
        try row.write(value.summary, .summary)
        try row.write(value.status, .status)
        try row.write(value.assignee, .assignee)
        try row.write(value.issueURL, .issueURL)
        try row.write(value.score, .score)
        try row.writeIfPresent(value.previousScore, .previousScore)
        try row.write(value.band, .band)
        try row.write(value.headline, .headline)
        try row.writeList(value.changes, .changes, of: StoredFactorChange.self)
        try row.writeList(value.factors, .factors, of: StoredFactor.self)
        try row.writeList(value.remedies, .remedies, of: StoredRemedy.self)
        try row.write(value.model, .model)
        try row.write(value.createdAt, .createdAt)
        try row.write(value.channelIDs, .channelIDs)
    }
}

/// How one factor moved.
private struct StoredFactorChange: StoredForm {
    let value: Alert.FactorChange

    init(_ value: Alert.FactorChange) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case factor, before, after, explanation
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Alert.FactorChange(
            factor: try row.read(.factor), before: try row.read(.before), after: try row.read(.after),
            explanation: try row.read(.explanation))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.factor, .factor)
        try row.write(value.before, .before)
        try row.write(value.after, .after)
        try row.write(value.explanation, .explanation)
    }
}

private struct StoredRemedy: StoredForm {
    let value: Alert.Remedy

    init(_ value: Alert.Remedy) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case action, points
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Alert.Remedy(action: try row.read(.action), points: try row.read(.points))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.action, .action)
        try row.write(value.points, .points)
    }
}
