import Crypto
public import Domain

/// The pure half of the engine: an issue, the readings of its comments and an instant in, an analysis out.
public struct RiskScorer: Sendable {
    /// Goes up with every change of a formula or of the words an analysis is made of.
    private static let revision = 3

    /// Which rules these are: `<profile>-<revision>-<first 8 hex digits of the configuration's SHA-256>`. Equal
    /// configurations have equal ids on every machine.
    public let scorerID: String

    let configuration: RiskConfiguration
    private let seedBlockers = SeedBlockers()
    let openBlockers: OpenBlockers
    let estimate: Estimate
    private let costModel: CostModel

    /// Checks `configuration` and prepares its phrases once. Throws ``RiskConfigurationError``.
    public init(_ configuration: RiskConfiguration) throws(RiskConfigurationError) {
        try configuration.validate()
        self.configuration = configuration
        openBlockers = OpenBlockers(configuration)
        estimate = Estimate(configuration)
        costModel = CostModel(configuration)
        do {
            let digest = SHA256.hash(data: try CanonicalJSON.encode(configuration))
            scorerID = "\(configuration.profile.rawValue)-\(Self.revision)-\(digest.prefix(4).hexadecimal)"
        } catch {
            throw RiskConfigurationError(key: "*", problem: "cannot be written as JSON: \(error)")
        }
    }

    /// Whether the mood of the comments counts for finished issues, too.
    var judgesFinishedIssues: Bool { configuration.profile == .classic }

    /// Whether the work on an issue with this status is over: the status category tells, and where Jira does not name
    /// one, the configured names do.
    func isDone(_ status: Status?) -> Bool { StatusNames(configuration, current: status).isCurrentDone }

    /// The risk of `issue` at `now`.
    ///
    /// Pure: the same arguments give the same bytes of canonical JSON (P4), and the factors' points sum to the score
    /// (P6).
    ///
    /// - Parameters:
    ///   - readings: Of the comments' bodies; a comment without one counts as neutral.
    ///   - unreadable: Comments without a reading because the model does not know their language. In `standard` they are
    ///     not judged; in `classic` they count as neutral, like any comment without a reading.
    ///   - unread: Comments that were not read, because the issue was finished long before consilod knew of it; they are
    ///     not judged.
    ///   - model: The id of the model that made the readings.
    ///   - upstream: What is known of the issues that block this one. A blocking link without an entry counts as open.
    ///   - statuses: What is known of the site's statuses: the change log names them only.
    ///   - recentScores: Earlier scores, for the trend.
    ///   - tenantDailyRate: Money per day for unassigned work.
    public func analyze(
        _ issue: Issue, readings: [CommentID: SentimentReading], unreadable: [CommentID: TextLanguage] = [:],
        unread: Set<CommentID> = [], model: String, upstream: [UpstreamRisk], statuses: StatusCatalog = StatusCatalog(),
        recentScores: [ScorePoint],
        tenantDailyRate: Double, now: Timestamp
    ) -> Analysis {
        analyze(
            ScoringInput(
                issue: issue, readings: readings, unreadable: unreadable, unread: unread, model: model,
                upstream: upstream, statuses: statuses, recentScores: recentScores, tenantDailyRate: tenantDailyRate),
            now: now)
    }

    /// As ``analyze(_:readings:unreadable:unread:model:upstream:statuses:recentScores:tenantDailyRate:now:)``.
    func analyze(_ input: ScoringInput, now: Timestamp) -> Analysis {
        let (issue, scoring) = (input.issue, Scoring(of: input, by: self))
        let (blockers, tally) = (scoring.blockers, scoring.tally)
        let described = scoring.sum.described(at: now)
        let score = described.reduce(0) { $0 + $1.points }
        let passedOn = described.first { $0.name == .upstream }?.points ?? 0
        let negativePercent = tally.negativePercent
        return Analysis(
            issueID: issue.id, issueKey: issue.key, projectKey: issue.projectKey, summary: issue.summary, asOf: now,
            ownScore: score - passedOn, factors: described, sentiment: tally.summary,
            blockers: blockers, timeline: Timeline(of: issue, now: now),
            capacity: costModel.capacity(
                of: issue, estimatedDays: scoring.estimatedDays, isBlocked: !blockers.isEmpty,
                tenantDailyRate: input.tenantDailyRate, now: now),
            predictions: predictions(
                settled: scoring.settled != nil, factors: described, blockers: blockers,
                negativePercent: negativePercent, isOverdue: Deadline(of: issue).map { now >= $0.at } ?? false),
            trends: Outlook.trends(
                comments: issue.comments.count, negativePercent: negativePercent, score: score,
                recentScores: input.recentScores, now: now),
            dependencies: Dependencies(of: issue), engine: EngineIdentity(scorer: scorerID, model: input.model),
            nextChangeAt: NextChange.after(now, of: scoring.sum), restrictions: Restrictions(of: issue))
    }

    /// The score alone, as an analysis has it.
    func score(_ input: ScoringInput, now: Timestamp) -> Int {
        Scoring(of: input, by: self).sum.points(at: now).reduce(0, +)
    }

    /// What a score is added up of.
    private struct Scoring {
        let settled: String?
        let blockers: [Blocker]
        let tally: SentimentTally
        let estimatedDays: Double
        let sum: ScoreSum

        init(of input: ScoringInput, by scorer: RiskScorer) {
            let (issue, upstream) = (input.issue, input.upstream)
            let names = StatusNames(scorer.configuration, of: issue, catalog: input.statuses)
            settled = scorer.settledReason(of: issue, names: names)
            blockers = settled == nil ? scorer.blockers(of: issue, names: names, upstream: upstream) : []
            tally = scorer.tally(
                of: issue, readings: input.readings, unreadable: input.unreadable, unread: input.unread,
                blockers: blockers)
            estimatedDays = scorer.estimate.days(of: issue)
            sum = ScoreSum(
                factors: scorer.factors(
                    of: issue, settled: settled, tally: tally, blockers: blockers, names: names, upstream: upstream,
                    estimatedDays: estimatedDays))
        }
    }

    private func predictions(
        settled: Bool, factors: [Factor], blockers: [Blocker], negativePercent: Double, isOverdue: Bool
    ) -> Predictions {
        switch configuration.profile {
        case .classic:
            Outlook.classic(hasBlockers: !blockers.isEmpty, negativePercent: settled ? 0 : negativePercent)
        case .standard:
            settled
                ? Outlook.nothingToDo
                : Outlook.standard(factors: factors, hasBlockers: !blockers.isEmpty, isOverdue: isOverdue)
        }
    }

    /// Why nothing about the issue is a risk any more, as a sentence; nil while something may be.
    func settledReason(of issue: Issue, names: StatusNames) -> String? {
        if issue.isDeleted { return issue.isHidden ? "Jira no longer shows the issue." : "The issue was deleted." }
        // The original did not look at the status.
        guard configuration.profile == .standard, names.isCurrentDone, let status = issue.status else { return nil }
        return "The issue is done (status \"\(status.name)\")."
    }

    /// The original read every comment; `standard` leaves out automatic replies, and counts no blocker a second time.
    private func tally(
        of issue: Issue, readings: [CommentID: SentimentReading], unreadable: [CommentID: TextLanguage],
        unread: Set<CommentID>, blockers: [Blocker]
    ) -> SentimentTally {
        guard configuration.profile == .standard else { return SentimentTally(issue.comments, readings: readings) }
        let evidence = blockers.flatMap(\.allEvidence).filter { $0.kind == .comment }
        return SentimentTally(
            issue.comments.filter { !$0.isAutomatic }, readings: readings, notJudged: unreadable, unread: unread,
            blockers: Set(evidence.map(\.id)))
    }

    func blockers(of issue: Issue, names: StatusNames, upstream: [UpstreamRisk]) -> [Blocker] {
        switch configuration.profile {
        case .classic: seedBlockers.find(in: issue.comments)
        case .standard: openBlockers.find(in: issue, names: names, upstream: upstream)
        }
    }

    /// Always in the same order.
    private func factors(
        of issue: Issue, settled: String?, tally: SentimentTally, blockers: [Blocker], names: StatusNames,
        upstream: [UpstreamRisk], estimatedDays: Double
    ) -> [any ScoreFactor] {
        let factors =
            switch configuration.profile {
            case .classic: classicFactors(of: issue, tally: tally, blockers: blockers)
            case .standard:
                standardFactors(
                    of: issue, tally: tally, blockers: blockers, names: names, upstream: upstream,
                    estimatedDays: estimatedDays)
            }
        guard let settled else { return factors }
        return factors.map { SettledFactor(name: $0.name, cap: $0.cap, reason: settled) }
    }

    private func classicFactors(of issue: Issue, tally: SentimentTally, blockers: [Blocker]) -> [any ScoreFactor] {
        let shares = WaitingFactor.classicShares
        return [
            ClassicSentimentFactor(tally: tally),
            ClassicBlockersFactor(blockers: blockers),
            WaitingFactor(.age, of: issue, cap: 20, thresholdDays: [7, 14, 30], shares: shares),
            WaitingFactor(.staleness, of: issue, cap: 20, thresholdDays: [3, 5, 10], shares: shares),
        ]
    }

    /// What blocking issues pass on comes last, so that an issue's own score does not depend on it.
    private func standardFactors(
        of issue: Issue, tally: SentimentTally, blockers: [Blocker], names: StatusNames, upstream: [UpstreamRisk],
        estimatedDays: Double
    ) -> [any ScoreFactor] {
        let caps = configuration.caps
        let dueDate = DueDateFactor(of: issue, estimatedDays: estimatedDays, configuration: configuration)
        let (ageDays, stalenessDays) = (configuration.ageThresholdDays, configuration.stalenessThresholdDays)
        return [
            SentimentFactor(tally, configuration: configuration),
            BlockersFactor(blockers, statusName: issue.status?.name, configuration: configuration),
            WaitingFactor(
                .age, of: issue, cap: caps.age, thresholdDays: ageDays,
                shares: FittedPoints.shares(FittedPoints.age, count: ageDays.count)),
            WaitingFactor(
                .staleness, of: issue, cap: caps.staleness, thresholdDays: stalenessDays,
                shares: FittedPoints.shares(FittedPoints.staleness, count: stalenessDays.count), since: issue.activeAt,
                last: WaitingFactor.lastActivity(of: issue)),
            dueDate,
            ChurnFactor(of: issue, names: names, configuration: configuration),
            ProgressFactor(of: issue, names: names, blockers: blockers, configuration: configuration),
            OwnerFactor(of: issue, configuration: configuration),
            PriorityFactor(
                of: issue, isBlocked: !blockers.isEmpty, pressesFrom: dueDate.pressesFrom, configuration: configuration),
            UpstreamFactor(of: issue, upstream: upstream, configuration: configuration),
        ]
    }
}
