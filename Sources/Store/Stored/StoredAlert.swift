import Domain

/// `alerts.alert_json`. `kind` says which of the other members there are.
///
/// Version 0 had those of an issue for every alert: of an alert of access, `-` in most, the site in `summary`, what Jira said
/// in `status`, and the steps among the remedies.
struct StoredAlert: StoredRow {
    static let version = 1

    let value: Alert

    init(_ value: Alert) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case id, tenantID, kind, event, band, headline, createdAt, channelIDs, digest
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let version = try Self.version(of: row, .version)
        let kind: Alert.Kind = try row.read(.kind)
        let subject: Alert.Subject =
            switch kind {
            case .threshold, .spike, .forecast: .issue(try StoredIssueAlert(from: decoder).value)
            case .access where version == 0: .access(try StoredIssueAlert(from: decoder).access)
            case .access: .access(try StoredAccessAlert(from: decoder).value)
            case .digest: .digest(try row.read(.digest))
            case .test:
                throw DecodingError.dataCorruptedError(
                    forKey: .kind, in: row, debugDescription: "an alert that is not stored")
            }
        value = Alert(
            id: try row.read(.id), tenantID: try row.read(.tenantID), event: try row.read(.event),
            band: try row.read(.band), headline: try row.read(.headline), createdAt: try row.read(.createdAt),
            channelIDs: try row.read(.channelIDs), subject: subject)
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.id, .id)
        try row.write(value.tenantID, .tenantID)
        try row.write(value.kind, .kind)
        try row.write(value.event, .event)
        try row.write(value.band, .band)
        try row.write(value.headline, .headline)
        try row.write(value.createdAt, .createdAt)
        try row.write(value.channelIDs, .channelIDs)
        switch value.subject {
        case .issue(let issue): try StoredIssueAlert(issue).encode(to: encoder)
        case .access(let access): try StoredAccessAlert(access).encode(to: encoder)
        case .digest(let digest): try row.write(digest, .digest)
        case .test:
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: row.codingPath, debugDescription: "a test is not stored"))
        }
    }
}

/// The members of an alert of an issue. Its `kind` is that of its rule.
private struct StoredIssueAlert: StoredForm {
    let value: IssueAlert

    init(_ value: IssueAlert) { self.value = value }

    /// What version 0 says of access to Jira.
    var access: AccessAlert {
        AccessAlert(siteURL: value.summary, reason: value.status, steps: value.remedies.map(\.action))
    }

    private enum CodingKeys: String, CodingKey {
        case kind, ruleID, ruleName, issueID, issueKey, projectKey, summary, status, assignee, issueURL, score
        case previousScore, changes, factors, remedies, model, isRestricted, issueType, labels, components, sprints
        case forecast
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let kind: Alert.Kind = try row.read(.kind)
        value = IssueAlert(
            ruleID: try row.read(.ruleID), ruleName: try row.read(.ruleName),
            ruleKind: AlertRule.Kind(rawValue: kind.rawValue) ?? .threshold, issueID: try row.read(.issueID),
            issueKey: try row.read(.issueKey), projectKey: try row.read(.projectKey), summary: try row.read(.summary),
            status: try row.read(.status), assignee: try row.read(.assignee), url: try row.read(.issueURL),
            score: try row.read(.score), previousScore: try row.readIfPresent(.previousScore),
            changes: try row.readList(.changes, of: StoredFactorChange.self),
            factors: try row.readList(.factors, of: StoredFactor.self),
            remedies: try row.readList(.remedies, of: StoredRemedy.self), model: try row.read(.model),
            isRestricted: try row.readIfPresent(.isRestricted) ?? false,
            issueType: try row.readIfPresent(.issueType), labels: try row.readIfPresent(.labels) ?? [],
            components: try row.readIfPresent(.components) ?? [], sprints: try row.readIfPresent(.sprints) ?? [],
            forecast: try row.readIfPresent(.forecast))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.ruleID, .ruleID)
        try row.write(value.ruleName, .ruleName)
        try row.write(value.issueID, .issueID)
        try row.write(value.issueKey, .issueKey)
        try row.write(value.projectKey, .projectKey)
        try row.write(value.summary, .summary)
        try row.write(value.status, .status)
        try row.write(value.assignee, .assignee)
        try row.write(value.url, .issueURL)
        try row.write(value.score, .score)
        try row.writeIfPresent(value.previousScore, .previousScore)
        try row.writeList(value.changes, .changes, of: StoredFactorChange.self)
        try row.writeList(value.factors, .factors, of: StoredFactor.self)
        try row.writeList(value.remedies, .remedies, of: StoredRemedy.self)
        try row.write(value.model, .model)
        try row.writeFlag(value.isRestricted, .isRestricted)
        try row.writeIfPresent(value.issueType, .issueType)
        if !value.labels.isEmpty { try row.write(value.labels, .labels) }
        if !value.components.isEmpty { try row.write(value.components, .components) }
        if !value.sprints.isEmpty { try row.write(value.sprints, .sprints) }
        try row.writeIfPresent(value.forecast, .forecast)
    }
}

/// The members of an alert of access to Jira.
private struct StoredAccessAlert: StoredForm {
    let value: AccessAlert

    init(_ value: AccessAlert) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case siteURL, reason, steps
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = AccessAlert(
            siteURL: try row.read(.siteURL), reason: try row.read(.reason), steps: try row.read(.steps))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.siteURL, .siteURL)
        try row.write(value.reason, .reason)
        try row.write(value.steps, .steps)
    }
}

/// How one factor moved.
private struct StoredFactorChange: StoredForm {
    let value: IssueAlert.FactorChange

    init(_ value: IssueAlert.FactorChange) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case factor, before, after, explanation
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = IssueAlert.FactorChange(
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
    let value: IssueAlert.Remedy

    init(_ value: IssueAlert.Remedy) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case action, points
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = IssueAlert.Remedy(action: try row.read(.action), points: try row.read(.points))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.action, .action)
        try row.write(value.points, .points)
    }
}
