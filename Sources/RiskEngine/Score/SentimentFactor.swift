import Domain

/// The `standard` sentiment factor: the share of negative comments, older ones counting less, damped.
///
/// `points = cap × N / (T + k)`, with `N` the weight of the negative comments, `T` that of all comments and `k` the
/// damping. It is additive smoothing towards neutral: one negative comment alone gives `cap / (1 + k)`, and many are
/// needed to come near the cap.
struct SentimentFactor: ScoreFactor {
    let name = Factor.Name.sentiment
    let cap: Int
    private let tally: SentimentTally
    private let allDates: [Timestamp]
    private let negativeDates: [Timestamp]
    private let recentDays: Int
    private let olderWeight: Double
    private let damping: Double

    init(_ tally: SentimentTally, configuration: RiskConfiguration) {
        cap = configuration.caps.sentiment
        self.tally = tally
        allDates = tally.entries.map(\.comment.created)
        negativeDates = tally.negatives.map(\.comment.created)
        recentDays = configuration.recentCommentDays
        olderWeight = configuration.olderCommentWeight
        damping = configuration.sentimentDamping
    }

    var turningPoints: [Timestamp] {
        negativeDates.isEmpty ? [] : allDates.map { $0.adding(days: recentDays) }
    }

    func points(at now: Timestamp) -> Int {
        let total = weight(of: allDates, at: now) + damping
        guard total > 0 else { return 0 }
        return points(share: weight(of: negativeDates, at: now) / total)
    }

    func explanation(at now: Timestamp) -> String {
        let all = Wording.count(allDates.count, "comment")
        if allDates.isEmpty { return "There are no comments." }
        if negativeDates.isEmpty, tally.countedElsewhere > 0 {
            return "What sounds negative in \(all) is counted as a blocker."
        }
        if negativeDates.isEmpty { return "None of \(all) sounds negative." }
        let recent = recentCount(of: negativeDates, at: now)
        return "\(negativeDates.count) of \(all) \(negativeDates.count == 1 ? "sounds" : "sound") negative, "
            + "\(recent) of them from the last \(Wording.count(recentDays, "day"))."
    }

    func remedy(at now: Timestamp) -> String { "Answer the negative comments and settle what they complain about." }

    func evidence(at now: Timestamp) -> [Evidence] { tally.evidence }

    private func weight(of dates: [Timestamp], at now: Timestamp) -> Double {
        let recent = recentCount(of: dates, at: now)
        return Double(recent) + olderWeight * Double(dates.count - recent)
    }

    private func recentCount(of dates: [Timestamp], at now: Timestamp) -> Int {
        dates.count { now < $0.adding(days: recentDays) }
    }
}
