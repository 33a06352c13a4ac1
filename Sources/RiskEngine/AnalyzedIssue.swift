public import Domain

/// What is held about an issue, by its key.
struct HeldIssue: Sendable {
    var work: IssueWork
    var state: IssueState
    /// With what is known besides its own webhooks.
    var issue: Issue
    /// What sprint webhooks said of its sprints.
    var sprintRecords: [SprintRecord]
}

/// An issue with its analysis at an instant, and what that was made of.
public struct AnalyzedIssue: Sendable {
    /// The instant.
    public let now: Timestamp
    /// The analysis.
    public let analysis: Analysis
    let held: HeldIssue
    let input: ScoringInput
    /// Who read the texts.
    let classifier: any SentimentClassifier
    /// All readings that are known of the texts that were asked for.
    let readings: [ContentHash: SentimentReading]
    /// The texts of which the store was asked.
    let asked: Set<ContentHash>

    /// What is held about the issue.
    public var work: IssueWork { held.work }
    /// What was folded of it.
    public var state: IssueState { held.state }
    /// The issue, with what is known besides its own webhooks.
    public var issue: Issue { held.issue }
    /// What sprint webhooks said of its sprints.
    public var sprintRecords: [SprintRecord] { held.sprintRecords }
}

extension IssueAnalyst {
    /// The analysis of the issue with this key at `now`, on demand; with `storesHistory` it becomes a row of the
    /// history. Nil for an issue nothing is known of, or that was deleted.
    public func analyze(
        tenantID: TenantID, key: IssueKey, now: Timestamp, storesHistory: Bool
    ) async throws -> AnalyzedIssue? {
        guard let held = try await load(tenantID: tenantID, key: key) else { return nil }
        let (issue, classifier) = (held.issue, classifiers.current)
        return try await sharedReadings.withHold { hold -> AnalyzedIssue in
            // With those of the comments the store is asked for the readings that remedies need.
            let texts = issue.comments.map(\.body) + scorer.remedyTexts
            let asked = Set(texts.map { self.hash(of: $0) })
            hold.hold(asked.map { SharedReadings.Text(tenantID: tenantID, model: classifier.modelID, hash: $0) })
            let stored = try await store.ingredients(
                tenantID: tenantID, model: classifier.modelID, hashes: Array(asked), links: issue.links, asOf: now)
            countCached(stored.readings.count)
            let moods = try await self.moods(
                of: issue.comments, tenantID: tenantID, known: stored.readings, asked: asked, by: classifier,
                hold: hold)
            let input = self.input(of: issue, moods, upstream: stored.upstream, work: held.work)
            let analysis = scorer.analyze(input, now: now)
            if storesHistory {
                try await store.appendHistory(
                    tenantID: tenantID, analysis: analysis, newReadings: moods.newReadings, now: now)
            }
            return AnalyzedIssue(
                now: now, analysis: analysis, held: held, input: input, classifier: classifier,
                readings: stored.readings.merging(moods.newReadings) { known, _ in known }, asked: asked)
        }
    }

    /// What is held about the issue with this key; nil for one of which too little is known, or that was deleted.
    func load(tenantID: TenantID, key: IssueKey) async throws -> HeldIssue? {
        guard let work = try await store.loadIssue(tenantID: tenantID, key: key), let state = work.state else {
            return nil
        }
        var sprints = SprintLookup(loaded: work.sprintRecords, of: state)
        guard let (issue, records) = try await resolve(state, of: work, until: nil, sprints: &sprints),
            !issue.isDeleted
        else { return nil }
        return HeldIssue(work: work, state: state, issue: issue, sprintRecords: records)
    }
}
