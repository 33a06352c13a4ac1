import Crypto
public import Domain
import Foundation
import Metrics

/// Makes an analysis of an issue: looks up what is known of its comments' sentiment, has only new text classified,
/// asks the store for the risk of blocking issues, and scores.
public struct IssueAnalyst: Sendable {
    let store: any RescoreStore
    let scorer: RiskScorer
    let classifiers: ClassifierSlot
    private let metrics: ScoringMetrics
    private let hashes = TextMemo<ContentHash>()
    /// What the analyses of this analyst are reading now.
    let sharedReadings = SharedReadings()

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

    /// The analysis of `issue` at `now`, and the readings that were not in the cache yet, as
    /// ``input(of:work:now:known:asked:by:readsTexts:hold:)`` finds them.
    func analyze(
        _ issue: Issue, work: IssueWork, now: Timestamp, known: [ContentHash: SentimentReading] = [:],
        asked: Set<ContentHash> = [], by classifier: (any SentimentClassifier)? = nil, readsTexts: Bool = true,
        hold: ReadingHold
    ) async throws -> (analysis: Analysis, newReadings: [ContentHash: SentimentReading]) {
        let (input, newReadings) = try await self.input(
            of: issue, work: work, now: now, known: known, asked: asked, by: classifier, readsTexts: readsTexts,
            hold: hold)
        return (scorer.analyze(input, now: now), newReadings)
    }

    /// What an analysis of `issue` at `now` is made of, and the readings that were not in the cache yet.
    ///
    /// No text is classified twice under one model (P5), also by analyses that run at the same time: `hold` lasts until
    /// the readings are committed. A text in a language that the classifier does not read gets no reading. Throws what the
    /// store and the classifier throw.
    ///
    /// - Parameters:
    ///   - known: readings that are not in the store yet, or that it gave before.
    ///   - asked: the texts of which the store need not be asked: what it has of them is among `known`.
    ///   - classifier: whose readings `known` are; nil for the one of now.
    ///   - readsTexts: false where texts without a reading are not worth one; they are not judged then.
    func input(
        of issue: Issue, work: IssueWork, now: Timestamp, known: [ContentHash: SentimentReading] = [:],
        asked: Set<ContentHash> = [], by classifier: (any SentimentClassifier)? = nil, readsTexts: Bool = true,
        hold: ReadingHold
    ) async throws -> (input: ScoringInput, newReadings: [ContentHash: SentimentReading]) {
        let moods = try await moods(
            of: issue.comments, tenantID: work.tenant.id, known: known, asked: asked, by: classifier,
            readsTexts: readsTexts, hold: hold)
        let upstream = try await store.upstreamRisks(tenantID: work.tenant.id, links: issue.links, asOf: now)
        return (input(of: issue, moods, upstream: upstream, work: work), moods.newReadings)
    }

    /// What is known of the mood of an issue's comments, by one model.
    struct Moods: Sendable {
        var model: String
        var byComment: [CommentID: SentimentReading] = [:]
        /// Comments without a reading because the model does not know their language.
        var unreadable: [CommentID: TextLanguage] = [:]
        /// Comments whose texts were not worth a reading.
        var skipped: Set<CommentID> = []
        /// Those that were not in the cache yet.
        var newReadings: [ContentHash: SentimentReading] = [:]
    }

    /// What an analysis is made of, with what is known of the issue's comments and of the issues that block it. Pure.
    func input(of issue: Issue, _ moods: Moods, upstream: [UpstreamRisk], work: IssueWork) -> ScoringInput {
        ScoringInput(
            issue: issue, readings: moods.byComment, unreadable: moods.unreadable, unread: moods.skipped,
            model: moods.model, upstream: upstream, statuses: work.statuses, recentScores: work.recentScores,
            tenantDailyRate: work.tenant.dailyRatePerPerson)
    }

    /// As ``input(of:_:upstream:work:)``, scored.
    func analysis(
        of issue: Issue, _ moods: Moods, upstream: [UpstreamRisk], work: IssueWork, now: Timestamp
    ) -> Analysis {
        scorer.analyze(input(of: issue, moods, upstream: upstream, work: work), now: now)
    }

    /// The moods of comments; parameters and errors are those of ``input(of:work:now:known:asked:by:readsTexts:hold:)``.
    ///
    /// - Parameters:
    ///   - asked: the texts of which the store need not be asked: what it has of them is among `known`.
    ///   - classifier: whose readings `known` are; nil for the one of now.
    func moods(
        of comments: [Comment], tenantID: TenantID, known: [ContentHash: SentimentReading] = [:],
        asked: Set<ContentHash> = [], by classifier: (any SentimentClassifier)? = nil, readsTexts: Bool = true,
        hold: ReadingHold
    ) async throws -> Moods {
        let classifier = classifier ?? classifiers.current
        var moods = Moods(model: classifier.modelID)
        // Comments that read the same are one text: an edit of a code block is nothing new.
        let hashes = comments.map { hash(of: $0.body) }
        hold.hold(
            hashes.map { SharedReadings.Text(tenantID: tenantID, model: classifier.modelID, hash: $0) })
        let unknown = hashes.filter { known[$0] == nil && !asked.contains($0) }
        var readings = try await store.sentimentReadings(
            tenantID: tenantID, model: classifier.modelID, hashes: unknown)
        metrics.cacheHits.increment(by: readings.count)
        readings.merge(known) { stored, _ in stored }
        var unread: [ContentHash: String] = [:]
        // What is in the cache was read; only of other texts must be known whether they can be.
        for (comment, hash) in zip(comments, hashes) where readings[hash] == nil {
            let erased = ErasedText(comment.body)
            if erased?.mood != nil { continue }
            guard readsTexts || scorer.judgesFinishedIssues else {
                moods.skipped.insert(comment.id)
                continue
            }
            if let erased {
                // What it was written in is known, and there is nothing left to read.
                let language = erased.language.flatMap(TextLanguage.init(rawValue:))
                if let language, !classifier.reads(language) { moods.unreadable[comment.id] = language }
                continue
            }
            let text = ReadableText.of(comment.body)
            let language = LanguageDetector.language(of: text)
            if classifier.reads(language) { unread[hash] = text } else { moods.unreadable[comment.id] = language }
        }
        if !unread.isEmpty {
            moods.newReadings = try await read(unread, of: tenantID, with: classifier, hold: hold)
            readings.merge(moods.newReadings) { known, _ in known }
        }
        moods.byComment = Dictionary(
            zip(comments, hashes).compactMap { comment, hash in
                (readings[hash] ?? ErasedText(comment.body)?.mood).map { (comment.id, $0) }
            },
            uniquingKeysWith: { first, _ in first })
        return moods
    }

    /// Counts texts whose reading was in the cache.
    func countCached(_ texts: Int) { metrics.cacheHits.increment(by: texts) }

    /// What the cache has of these comments, and the texts it was asked for. They are held from before it is asked.
    func cachedReadings(
        of comments: [Comment], tenantID: TenantID, by classifier: any SentimentClassifier, hold: ReadingHold
    ) async throws -> (readings: [ContentHash: SentimentReading], asked: Set<ContentHash>) {
        let asked = Set(comments.map { hash(of: $0.body) })
        hold.hold(asked.map { SharedReadings.Text(tenantID: tenantID, model: classifier.modelID, hash: $0) })
        let readings = try await store.sentimentReadings(
            tenantID: tenantID, model: classifier.modelID, hashes: Array(asked))
        metrics.cacheHits.increment(by: readings.count)
        return (readings, asked)
    }

    /// The readings of texts that are not in the cache: those that another analysis has read or is reading are shared,
    /// the others are classified.
    private func read(
        _ texts: [ContentHash: String], of tenantID: TenantID, with classifier: any SentimentClassifier,
        hold: ReadingHold
    ) async throws -> [ContentHash: SentimentReading] {
        func byHash(_ readings: [SharedReadings.Text: SentimentReading]) -> [ContentHash: SentimentReading] {
            Dictionary(readings.map { ($0.key.hash, $0.value) }) { first, _ in first }
        }
        let model = classifier.modelID
        var classified = 0
        let readings = try await hold.readings(
            of: texts.keys.sorted().map { SharedReadings.Text(tenantID: tenantID, model: model, hash: $0) },
            portion: Self.portion
        ) { own in
            let answers = try await classifier.classify(own.compactMap { texts[$0.hash] })
            metrics.textsRead.increment(by: answers.count)
            classified += answers.count
            return Dictionary(uniqueKeysWithValues: zip(own, answers))
        } keep: { read, isLast in
            // The rest may take minutes, and what was read is not read again, whatever happens meanwhile.
            if !isLast { try await store.keep(byHash(read), model: model, tenantID: tenantID) }
        }
        metrics.cacheHits.increment(by: readings.count - classified)
        return byHash(readings)
    }

    /// How many texts are read before what was read is kept.
    private static let portion = 64

    /// What a comment's reading is stored under.
    func hash(of body: String) -> ContentHash {
        hashes.value(of: body) { ContentHash(SHA256.hash(data: Data(ReadableText.of($0).utf8)).hexadecimal) }
    }
}
