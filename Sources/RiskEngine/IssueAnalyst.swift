import Crypto
public import Domain
import Foundation

/// Makes an analysis of an issue: looks up what is known of its comments' sentiment, has only new text classified,
/// asks the store for the risk of blocking issues, and scores.
public struct IssueAnalyst: Sendable {
    let store: any RescoreStore
    let scorer: RiskScorer
    private let classifier: any SentimentClassifier

    public init(store: any RescoreStore, scorer: RiskScorer, classifier: any SentimentClassifier) {
        self.store = store
        self.scorer = scorer
        self.classifier = classifier
    }

    /// The rules and the model this analyst works with.
    public var engine: EngineIdentity { EngineIdentity(scorer: scorer.scorerID, model: classifier.modelID) }

    /// The analysis of `issue` at `now`, and the readings that were not in the cache yet.
    ///
    /// No text is classified twice under one model (P5). Throws what the store and the classifier throw.
    func analyze(
        _ issue: Issue, work: IssueWork, now: Timestamp
    ) async throws -> (analysis: Analysis, newReadings: [ContentHash: SentimentReading]) {
        let tenantID = work.tenant.id
        let hashes = issue.comments.map { Self.hash($0.body) }
        var readings = try await store.sentimentReadings(
            tenantID: tenantID, model: classifier.modelID, hashes: hashes)
        var unread: [ContentHash: String] = [:]
        for (hash, comment) in zip(hashes, issue.comments) where readings[hash] == nil { unread[hash] = comment.body }
        var newReadings: [ContentHash: SentimentReading] = [:]
        if !unread.isEmpty {
            let texts = unread.sorted { $0.key < $1.key }
            let answers = try await classifier.classify(texts.map(\.value))
            newReadings = Dictionary(uniqueKeysWithValues: zip(texts.map(\.key), answers))
            readings.merge(newReadings) { known, _ in known }
        }
        let byComment = Dictionary(
            zip(issue.comments.map(\.id), hashes).compactMap { id, hash in readings[hash].map { (id, $0) } },
            uniquingKeysWith: { first, _ in first })
        let analysis = scorer.analyze(
            issue, readings: byComment, model: classifier.modelID,
            upstream: try await store.upstreamRisks(tenantID: tenantID, links: issue.links),
            recentScores: work.recentScores, tenantDailyRate: work.tenant.dailyRatePerPerson, now: now)
        return (analysis, newReadings)
    }

    /// The analysis of the issue with this key at `now`, on demand; with `storesHistory` it becomes a row of the
    /// history. Nil for an issue nothing is known of, or that was deleted.
    public func analyze(
        tenantID: TenantID, key: IssueKey, now: Timestamp, storesHistory: Bool
    ) async throws -> (issue: Issue, analysis: Analysis)? {
        guard let work = try await store.loadIssue(tenantID: tenantID, key: key), let state = work.state,
            let issue = try await resolve(state, of: tenantID, until: nil)?.issue, !issue.isDeleted
        else { return nil }
        let (analysis, newReadings) = try await analyze(issue, work: work, now: now)
        if storesHistory {
            try await store.appendHistory(
                tenantID: tenantID, analysis: analysis, newReadings: newReadings, now: now)
        }
        return (issue, analysis)
    }

    private static func hash(_ text: String) -> ContentHash {
        ContentHash(SHA256.hash(data: Data(text.utf8)).hexadecimal)
    }
}
