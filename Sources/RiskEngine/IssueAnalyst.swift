import Crypto
public import Domain
import Foundation
import Metrics

/// Makes an analysis of an issue: looks up what is known of its comments' sentiment, has only new text classified,
/// asks the store for the risk of blocking issues, and scores.
public struct IssueAnalyst: Sendable {
    let store: any RescoreStore
    let scorer: RiskScorer
    private let classifiers: ClassifierSlot
    private let metrics: ScoringMetrics

    public init(
        store: any RescoreStore, scorer: RiskScorer, classifiers: ClassifierSlot,
        metrics: ScoringMetrics = ScoringMetrics()
    ) {
        self.store = store
        self.scorer = scorer
        self.classifiers = classifiers
        self.metrics = metrics
    }

    /// The rules and the model this analyst works with now.
    public var engine: EngineIdentity { EngineIdentity(scorer: scorer.scorerID, model: classifiers.current.modelID) }

    /// The analysis of `issue` at `now`, and the readings that were not in the cache yet.
    ///
    /// No text is classified twice under one model (P5). Throws what the store and the classifier throw.
    func analyze(
        _ issue: Issue, work: IssueWork, now: Timestamp
    ) async throws -> (analysis: Analysis, newReadings: [ContentHash: SentimentReading]) {
        let tenantID = work.tenant.id
        let classifier = classifiers.current
        // Comments that read the same are one text: an edit of a code block is nothing new.
        let texts = issue.comments.map { ReadableText.of($0.body) }
        let hashes = texts.map(Self.hash)
        var readings = try await store.sentimentReadings(
            tenantID: tenantID, model: classifier.modelID, hashes: hashes)
        var unread: [ContentHash: String] = [:]
        for (hash, text) in zip(hashes, texts) where readings[hash] == nil { unread[hash] = text }
        metrics.cacheHits.increment(by: readings.count)
        var newReadings: [ContentHash: SentimentReading] = [:]
        if !unread.isEmpty {
            let texts = unread.sorted { $0.key < $1.key }
            for start in stride(from: 0, to: texts.count, by: Self.portion) {
                let portion = texts[start..<min(start + Self.portion, texts.count)]
                let answers = try await classifier.classify(portion.map(\.value))
                metrics.textsRead.increment(by: answers.count)
                let read = Dictionary(uniqueKeysWithValues: zip(portion.map(\.key), answers))
                newReadings.merge(read) { known, _ in known }
                // The rest may take minutes, and what was read is not read again, whatever happens meanwhile.
                if portion.endIndex < texts.endIndex {
                    try await store.keep(read, model: classifier.modelID, tenantID: tenantID)
                }
            }
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

    /// How many texts are read before what was read is kept.
    private static let portion = 64

    private static func hash(_ text: String) -> ContentHash {
        ContentHash(SHA256.hash(data: Data(text.utf8)).hexadecimal)
    }
}
