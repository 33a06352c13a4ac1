import Domain

struct StoredSentimentSummary: StoredForm {
    let value: SentimentSummary

    init(_ value: SentimentSummary) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case total, positive, negative, neutral, trend
        case positivePct = "positive_pct"
        case negativePct = "negative_pct"
        case notJudged = "not_judged"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = SentimentSummary(
            total: try row.read(.total), positive: try row.read(.positive), negative: try row.read(.negative),
            neutral: try row.read(.neutral), positivePct: try row.read(.positivePct),
            negativePct: try row.read(.negativePct), trend: try row.readList(.trend, of: StoredSentimentPoint.self),
            notJudged: try row.readIfPresent(.notJudged))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.total, .total)
        try row.write(value.positive, .positive)
        try row.write(value.negative, .negative)
        try row.write(value.neutral, .neutral)
        try row.write(value.positivePct, .positivePct)
        try row.write(value.negativePct, .negativePct)
        try row.writeList(value.trend, .trend, of: StoredSentimentPoint.self)
        try row.writeIfPresent(value.notJudged, .notJudged)
    }
}

private struct StoredSentimentPoint: StoredForm {
    let value: SentimentSummary.Point

    init(_ value: SentimentSummary.Point) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case date, sentiment, score
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = SentimentSummary.Point(
            date: try row.read(.date), sentiment: try row.read(.sentiment), score: try row.read(.score))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.date, .date)
        try row.write(value.sentiment, .sentiment)
        try row.write(value.score, .score)
    }
}

struct StoredBlocker: StoredForm {
    let value: Blocker

    init(_ value: Blocker) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case author, date, snippet, categories, evidence
        case furtherEvidence = "further_evidence"
        case unansweredSince = "unanswered_since"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Blocker(
            author: try row.read(.author), date: try row.read(.date), snippet: try row.read(.snippet),
            categories: try row.read(.categories), evidence: try row.read(.evidence, as: StoredEvidence.self),
            furtherEvidence: row.contains(.furtherEvidence)
                ? try row.readList(.furtherEvidence, of: StoredEvidence.self) : nil,
            unansweredSince: try row.readIfPresent(.unansweredSince))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.author, .author)
        try row.write(value.date, .date)
        try row.write(value.snippet, .snippet)
        try row.write(value.categories, .categories)
        try row.write(value.evidence, .evidence, as: StoredEvidence.self)
        if let further = value.furtherEvidence { try row.writeList(further, .furtherEvidence, of: StoredEvidence.self) }
        try row.writeIfPresent(value.unansweredSince, .unansweredSince)
    }
}

struct StoredRestrictions: StoredForm {
    let value: Restrictions

    init(_ value: Restrictions) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case securityLevel, withheldComments
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        let level: String? = try row.readIfPresent(.securityLevel)
        let count: Int = try row.read(.withheldComments)
        guard let value = Restrictions(securityLevel: level, withheldComments: count) else {
            throw DecodingError.dataCorruptedError(
                forKey: .withheldComments, in: row, debugDescription: "restrictions without any")
        }
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.writeIfPresent(value.securityLevel, .securityLevel)
        try row.write(value.withheldComments, .withheldComments)
    }
}

struct StoredTimeline: StoredForm {
    let value: Timeline

    init(_ value: Timeline) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case created, updated
        case ageDays = "age_days"
        case lastUpdateDays = "last_update_days"
        case currentStatus = "current_status"
        case statusChanges = "status_changes"
        case timeInCurrentStatus = "time_in_current_status"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Timeline(
            created: try row.read(.created), updated: try row.read(.updated), ageDays: try row.read(.ageDays),
            lastUpdateDays: try row.read(.lastUpdateDays), currentStatus: try row.read(.currentStatus),
            statusChanges: try row.readList(.statusChanges, of: StoredStatusChange.self),
            timeInCurrentStatus: try row.read(.timeInCurrentStatus))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.created, .created)
        try row.write(value.updated, .updated)
        try row.write(value.ageDays, .ageDays)
        try row.write(value.lastUpdateDays, .lastUpdateDays)
        try row.write(value.currentStatus, .currentStatus)
        try row.writeList(value.statusChanges, .statusChanges, of: StoredStatusChange.self)
        try row.write(value.timeInCurrentStatus, .timeInCurrentStatus)
    }
}

private struct StoredStatusChange: StoredForm {
    let value: StatusChange

    init(_ value: StatusChange) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case from, to, date, author
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = StatusChange(
            from: try row.read(.from), to: try row.read(.to), date: try row.read(.date), author: try row.read(.author))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.from, .from)
        try row.write(value.to, .to)
        try row.write(value.date, .date)
        try row.write(value.author, .author)
    }
}

struct StoredCapacity: StoredForm {
    let value: Capacity

    init(_ value: Capacity) { self.value = value }

    /// What stands in the place of a location that is nil, in all stored forms there are.
    private static let noLocation = "Unassigned"

    private static func location(stored: String) -> String? { stored == noLocation ? nil : stored }

    private enum CodingKeys: String, CodingKey {
        case assignee
        case estimatedDays = "estimated_days"
        case dailyCost = "daily_cost"
        case baseDailyCost = "base_daily_cost"
        case costMultipliers = "cost_multipliers"
        case assigneeRole = "assignee_role"
        case assigneeLocation = "assignee_location"
        case daysLostPerDayBlocked = "days_lost_per_day_blocked"
        case totalCostIfBlocked = "total_cost_if_blocked"
        case totalEstimatedCost = "total_estimated_cost"
        case overtimeDetected = "overtime_detected"
        case weekendDetected = "weekend_detected"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Capacity(
            estimatedDays: try row.read(.estimatedDays), dailyCost: try row.read(.dailyCost),
            baseDailyCost: try row.read(.baseDailyCost), costMultipliers: try row.read(.costMultipliers),
            assignee: try row.read(.assignee), assigneeRole: try row.read(.assigneeRole),
            assigneeLocation: Self.location(stored: try row.read(.assigneeLocation)),
            daysLostPerDayBlocked: try row.read(.daysLostPerDayBlocked),
            totalCostIfBlocked: try row.read(.totalCostIfBlocked),
            totalEstimatedCost: try row.read(.totalEstimatedCost), overtimeDetected: try row.read(.overtimeDetected),
            weekendDetected: try row.read(.weekendDetected))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.estimatedDays, .estimatedDays)
        try row.write(value.dailyCost, .dailyCost)
        try row.write(value.baseDailyCost, .baseDailyCost)
        try row.write(value.costMultipliers, .costMultipliers)
        try row.write(value.assignee, .assignee)
        try row.write(value.assigneeRole, .assigneeRole)
        try row.write(value.assigneeLocation ?? Self.noLocation, .assigneeLocation)
        try row.write(value.daysLostPerDayBlocked, .daysLostPerDayBlocked)
        try row.write(value.totalCostIfBlocked, .totalCostIfBlocked)
        try row.write(value.totalEstimatedCost, .totalEstimatedCost)
        try row.write(value.overtimeDetected, .overtimeDetected)
        try row.write(value.weekendDetected, .weekendDetected)
    }
}

struct StoredPredictions: StoredForm {
    let value: Predictions

    init(_ value: Predictions) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case completionLikelihood = "completion_likelihood"
        case recommendedAction = "recommended_action"
        case escalationNeeded = "escalation_needed"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Predictions(
            completionLikelihood: try row.read(.completionLikelihood),
            recommendedAction: try row.read(.recommendedAction), escalationNeeded: try row.read(.escalationNeeded))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.completionLikelihood, .completionLikelihood)
        try row.write(value.recommendedAction, .recommendedAction)
        try row.write(value.escalationNeeded, .escalationNeeded)
    }
}

struct StoredTrends: StoredForm {
    let value: Trends

    init(_ value: Trends) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case sentimentTrend = "sentiment_trend"
        case activityTrend = "activity_trend"
        case riskTrend = "risk_trend"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Trends(
            sentimentTrend: try row.read(.sentimentTrend), activityTrend: try row.read(.activityTrend),
            riskTrend: try row.read(.riskTrend))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.sentimentTrend, .sentimentTrend)
        try row.write(value.activityTrend, .activityTrend)
        try row.write(value.riskTrend, .riskTrend)
    }
}

struct StoredDependencies: StoredForm {
    let value: Dependencies

    init(_ value: Dependencies) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case blocks
        case blockedBy = "blocked_by"
        case relatesTo = "relates_to"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = Dependencies(
            blocks: try row.read(.blocks), blockedBy: try row.read(.blockedBy), relatesTo: try row.read(.relatesTo))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.blocks, .blocks)
        try row.write(value.blockedBy, .blockedBy)
        try row.write(value.relatesTo, .relatesTo)
    }
}

struct StoredEngine: StoredForm {
    let value: EngineIdentity

    init(_ value: EngineIdentity) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case scorer, model
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        value = EngineIdentity(scorer: try row.read(.scorer), model: try row.read(.model))
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(value.scorer, .scorer)
        try row.write(value.model, .model)
    }
}
