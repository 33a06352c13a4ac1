import Domain

/// The `standard` sentiment factor: the share of negative comments, older ones counting less, damped.
///
/// `points = cap × N / (T + k)`, with `N` the weight of the negative comments, `T` that of all comments and `k` the
/// damping. It is additive smoothing towards neutral: one negative comment alone gives `cap / (1 + k)`, and many are
/// needed to come near the cap. Comments that were not judged are in neither weight.
///
/// Mood has not been shown to predict delay (docs/decisions/0023): it is evidence for the reader first, and is cited also
/// where it adds no point.
struct SentimentFactor: ScoreFactor {
    let name = Factor.Name.sentiment
    let cap: Int
    let citesWithoutPoints = true
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
        [mood, notJudged].compactMap(\.self).joined(separator: " ")
    }

    private var mood: String {
        if allDates.isEmpty {
            return tally.notJudged.isEmpty ? "There are no comments." : "No comment could be judged."
        }
        let all = Wording.count(allDates.count, "comment")
        guard let latest = tally.negatives.last?.comment else {
            if tally.countedElsewhere > 0 { return "What sounds negative in \(all) is counted as a blocker." }
            return "None of \(all) sounds annoyed, worried or sorry."
        }
        return
            "\(negativeDates.count) of \(all) \(negativeDates.count == 1 ? "sounds" : "sound") annoyed, worried or sorry"
            + "\(negativeDates.count == 1 ? ", written" : "; the latest is")\(Wording.cited(latest.author, latest.created))."
    }

    /// `3 comments were not judged: the sentiment reader does not read French (2), Japanese (1).`
    private var notJudged: String? {
        let languages = tally.notJudged.sorted { $0.key < $1.key }
        guard !languages.isEmpty else { return nil }
        let count = Wording.count(
            languages.reduce(0) { $0 + $1.value }, "comment was", plural: "comments were")
        let list = languages.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        return "\(count) not judged: the sentiment reader does not read \(list)."
    }

    func remedy(at now: Timestamp) -> String { "Answer these comments and settle what they are about." }

    func evidence(at now: Timestamp) -> [Evidence] { tally.evidence }

    private func weight(of dates: [Timestamp], at now: Timestamp) -> Double {
        let recent = recentCount(of: dates, at: now)
        return Double(recent) + olderWeight * Double(dates.count - recent)
    }

    private func recentCount(of dates: [Timestamp], at now: Timestamp) -> Int {
        dates.count { now < $0.adding(days: recentDays) }
    }
}
