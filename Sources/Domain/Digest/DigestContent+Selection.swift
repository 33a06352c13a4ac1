extension DigestContent {
    /// What is known of the issues of a selection.
    public struct Details: Sendable {
        /// The issues as they stand, by id.
        public var listings: [IssueID: IssueListing]
        /// The factors when the period began, of the issues that moved.
        public var factorsBefore: [IssueID: [Factor]]

        public init(listings: [IssueID: IssueListing], factorsBefore: [IssueID: [Factor]]) {
            self.listings = listings
            self.factorsBefore = factorsBefore
        }
    }

    /// The digest of a selection. An issue of which nothing is known any more is left out.
    public init(
        _ request: DigestRequest, _ selection: DigestSelection, _ details: Details, sprints: [SprintLine],
        silenced: [SilencedLine], undelivered: [UndeliveredLine]
    ) {
        func lines(_ scores: [DigestScore], cause: (IssueListing) -> String?) -> [Line] {
            scores.compactMap { score in
                details.listings[score.issueID].map { Line(score, $0, cause: cause($0)) }
            }
        }
        func movement(_ listing: IssueListing) -> String? {
            Self.largestMove(
                from: details.factorsBefore[listing.issue.id] ?? [], to: listing.analysis.factors,
                isRise: selection.risen.contains { $0.issueID == listing.issue.id })
        }
        self.init(
            every: request.every, timeZone: request.timeZone, from: request.from, to: request.to, asOf: request.asOf,
            isRequested: request.isRequested, siteURL: request.siteURL, projectKeys: request.projectKeys,
            open: selection.open, riskiest: lines(selection.riskiest) { Self.largestFactor(of: $0.analysis) },
            risen: lines(selection.risen, cause: movement), fallen: lines(selection.fallen, cause: movement),
            due: lines(selection.due) { Self.largestFactor(of: $0.analysis) }, dueCount: selection.dueCount,
            sprints: sprints, silenced: silenced, undelivered: undelivered, days: selection.days)
    }

    /// The sentence of the factor with the most points.
    private static func largestFactor(of analysis: Analysis) -> String? {
        analysis.factors.filter { $0.points > 0 }
            .min { ($1.points, $0.name.rawValue) < ($0.points, $1.name.rawValue) }?.explanation
    }

    /// `Blockers 0 → 30: 3 comments say that work is blocked.`: how the factor moved that moved most in the score's direction.
    private static func largestMove(from before: [Factor], to after: [Factor], isRise: Bool) -> String? {
        let moves = after.compactMap { factor -> (factor: Factor, before: Int, gain: Int)? in
            let points = before.first { $0.name == factor.name }?.points ?? 0
            let gain = isRise ? factor.points - points : points - factor.points
            return gain > 0 ? (factor, points, gain) : nil
        }
        let largest = moves.min { ($1.gain, $0.factor.name.rawValue) < ($0.gain, $1.factor.name.rawValue) }
        return largest.map { "\($0.factor.name.title) \($0.before) → \($0.factor.points): \($0.factor.explanation)" }
    }
}

extension DigestContent.Line {
    fileprivate init(_ score: DigestScore, _ listing: IssueListing, cause: String?) {
        let issue = listing.issue
        self.init(
            key: issue.key, summary: issue.summary, score: score.score, previousScore: score.previous, cause: cause,
            forecast: listing.forecast?.forecast?.mostUrgentSentence, dueDate: issue.dueDate,
            isRestricted: issue.securityLevel != nil)
    }
}

extension IssueForecast {
    /// The sentence of the due date, else that of the sprint, else that of the usual time; nil where none says more than that
    /// there is no forecast yet.
    fileprivate var mostUrgentSentence: String? {
        [ForecastQuestion.due, .sprint, .usual].compactMap { self[$0] }
            .first { $0.percent != nil || $0.level != nil || $0.lateByDays != nil }?.sentence
    }
}

extension Factor.Name {
    /// For people: `Due date` for `due_date`.
    public var title: String {
        let words = rawValue.replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
