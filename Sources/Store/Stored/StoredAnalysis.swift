import Domain

/// `issue_snapshots.analysis_json` and `analysis_history.analysis_json`.
struct StoredAnalysis: StoredRow {
    static let version = 1

    let value: Analysis

    init(_ value: Analysis) { self.value = value }

    private enum CodingKeys: String, CodingKey {
        case version = "v"
        case summary, band, factors, sentiment, blockers, timeline, capacity, predictions, trends, dependencies, engine
        case restrictions
        case issueID = "issue_id"
        case issueKey = "issue_key"
        case projectKey = "project_key"
        case asOf = "as_of"
        case riskScore = "risk_score"
        case ownScore = "own_score"
        case blockerCount = "blocker_count"
        case nextChangeAt = "next_change_at"
    }

    init(from decoder: any Decoder) throws {
        let row = try decoder.container(keyedBy: CodingKeys.self)
        _ = try Self.version(of: row, .version)
        var value = Analysis(
            issueID: try row.read(.issueID), issueKey: try row.read(.issueKey), projectKey: try row.read(.projectKey),
            summary: try row.read(.summary), asOf: try row.read(.asOf), ownScore: try row.read(.ownScore),
            factors: try row.readList(.factors, of: StoredFactor.self),
            sentiment: try row.read(.sentiment, as: StoredSentimentSummary.self),
            blockers: try row.readList(.blockers, of: StoredBlocker.self),
            timeline: try row.read(.timeline, as: StoredTimeline.self),
            capacity: try row.read(.capacity, as: StoredCapacity.self),
            predictions: try row.read(.predictions, as: StoredPredictions.self),
            trends: try row.read(.trends, as: StoredTrends.self),
            dependencies: try row.read(.dependencies, as: StoredDependencies.self),
            engine: try row.read(.engine, as: StoredEngine.self), nextChangeAt: try row.readIfPresent(.nextChangeAt),
            restrictions: row.contains(.restrictions)
                ? try row.read(.restrictions, as: StoredRestrictions.self) : nil)
        // As they were stored, though they follow from the rest.
        value.riskScore = try row.read(.riskScore)
        value.band = try row.read(.band)
        value.blockerCount = try row.read(.blockerCount)
        self.value = value
    }

    func encode(to encoder: any Encoder) throws {
        var row = encoder.container(keyedBy: CodingKeys.self)
        try row.write(Self.version, .version)
        try row.write(value.issueID, .issueID)
        try row.write(value.issueKey, .issueKey)
        try row.write(value.projectKey, .projectKey)
        try row.write(value.summary, .summary)
        try row.write(value.asOf, .asOf)
        try row.write(value.riskScore, .riskScore)
        try row.write(value.ownScore, .ownScore)
        try row.write(value.band, .band)
        try row.writeList(value.factors, .factors, of: StoredFactor.self)
        try row.write(value.sentiment, .sentiment, as: StoredSentimentSummary.self)
        try row.writeList(value.blockers, .blockers, of: StoredBlocker.self)
        try row.write(value.blockerCount, .blockerCount)
        try row.write(value.timeline, .timeline, as: StoredTimeline.self)
        try row.write(value.capacity, .capacity, as: StoredCapacity.self)
        try row.write(value.predictions, .predictions, as: StoredPredictions.self)
        try row.write(value.trends, .trends, as: StoredTrends.self)
        try row.write(value.dependencies, .dependencies, as: StoredDependencies.self)
        try row.write(value.engine, .engine, as: StoredEngine.self)
        try row.writeIfPresent(value.nextChangeAt, .nextChangeAt)
        if let restrictions = value.restrictions {
            try row.write(restrictions, .restrictions, as: StoredRestrictions.self)
        }
    }
}
