import Domain

/// One claim being worked on: its events folded, the issue scored at each instant of which the history is to speak.
struct RescoreRun {
    let analyst: IssueAnalyst
    let work: IssueWork
    let hold: ReadingHold
    /// Whether texts without a reading get one.
    let readsTexts: Bool
    /// Instants at which something besides the issue's own events may have changed its score.
    let otherInstants: [Timestamp]
    /// The comments of the issue after all events: of nearly all that any look sees.
    private let comments: [Comment]
    /// What the cache has of the texts of `comments`, by which model; nil before it was asked.
    private var cached: (model: String, readings: [ContentHash: SentimentReading], asked: Set<ContentHash>)?

    /// The newest analysis so far: of before the first step, then of the last step.
    private(set) var newest: Analysis?
    /// Those of `newest`'s issue's steps that are rows of the history.
    private(set) var rows: [HistoryRow] = []
    private(set) var newReadings: [ContentHash: SentimentReading] = [:]
    /// The first instant at which what others depend on became another.
    private(set) var dependentsFrom: Timestamp?
    /// The scores before the newest step, oldest first.
    private(set) var scores: [ScorePoint]
    /// The issue as of the newest step, and whether its work was over then.
    private(set) var issue: Issue?
    private var wasOver: Bool?

    init(
        analyst: IssueAnalyst, work: IssueWork, comments: [Comment], hold: ReadingHold, readsTexts: Bool,
        lookBack: LookBack, wasOver: Bool?
    ) {
        self.analyst = analyst
        self.work = work
        self.comments = comments
        self.hold = hold
        self.readsTexts = readsTexts
        otherInstants = lookBack.laterInstants
        newest = lookBack.analysis
        scores = lookBack.scores
        self.wasOver = wasOver
    }

    /// Scores `issue` as of `instant`; a row of the history if the judgement is another than before.
    mutating func look(at issue: Issue, asOf instant: Timestamp) async throws {
        var work = work
        work.recentScores = scores
        let classifier = analyst.classifiers.current
        let (stored, asked) = try await cachedReadings(by: classifier)
        let (analysis, readings) = try await analyst.analyze(
            issue, work: work, now: instant, known: stored.merging(newReadings) { known, _ in known }, asked: asked,
            by: classifier, readsTexts: readsTexts, hold: hold)
        newReadings.merge(readings) { known, _ in known }
        let isOver = issue.isOver
        if newest?.ownScore != analysis.ownScore || wasOver != isOver || newest?.issueKey != analysis.issueKey {
            dependentsFrom = dependentsFrom ?? instant
        }
        // Rules clear when an issue is over, whatever it scores then: the history has to say so.
        let hasEnded = wasOver.map { $0 != isOver } ?? false
        if newest.map({ hasEnded || !$0.isSameJudgement(as: analysis) }) ?? true {
            rows.append(HistoryRow(analysis: analysis, isOver: isOver))
            scores.append(ScorePoint(at: instant, score: analysis.riskScore))
        }
        (newest, wasOver, self.issue) = (analysis, isOver, issue)
    }

    /// What the cache has of the issue's comments: asked once, however many instants are looked at.
    private mutating func cachedReadings(
        by classifier: any SentimentClassifier
    ) async throws -> (readings: [ContentHash: SentimentReading], asked: Set<ContentHash>) {
        if let cached, cached.model == classifier.modelID { return (cached.readings, cached.asked) }
        if let cached, !newReadings.isEmpty {
            // Another model has come meanwhile: what the one before has read is kept as its own, and does not count here.
            try await analyst.store.keep(newReadings, model: cached.model, tenantID: work.tenant.id)
            newReadings = [:]
        }
        let (readings, asked) = try await analyst.cachedReadings(
            of: comments, tenantID: work.tenant.id, by: classifier, hold: hold)
        cached = (classifier.modelID, readings, asked)
        return (readings, asked)
    }

    /// Looks at `issue`, which nothing happened to, at each instant before `end` at which time alone changes its score.
    mutating func letTimePass(of issue: Issue, until end: Timestamp) async throws {
        while let next = newest?.nextChangeAt, next < end { try await look(at: issue, asOf: next) }
    }
}

extension Analysis {
    /// Whether it says the same of the issue as another, but for what passes with every day: ages, and with them what overtime
    /// of late adds to the cost.
    func isSameJudgement(as other: Analysis) -> Bool {
        riskScore == other.riskScore && engine == other.engine && issueKey == other.issueKey
            && factors.map(\.points) == other.factors.map(\.points) && blockers == other.blockers
            && capacity.baseDailyCost == other.capacity.baseDailyCost
            && capacity.estimatedDays == other.capacity.estimatedDays
            && capacity.assignee == other.capacity.assignee && capacity.assigneeRole == other.capacity.assigneeRole
            && sentiment.negativePct == other.sentiment.negativePct
            && timeline.currentStatus == other.timeline.currentStatus
    }
}
