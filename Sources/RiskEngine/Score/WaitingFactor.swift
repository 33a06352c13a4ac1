import Domain

/// Age and staleness: a growing share of the cap as whole days since an instant pass the thresholds.
struct WaitingFactor: ScoreFactor {
    enum Kind {
        case age, staleness
    }

    /// The original's steps: 5, 10 and 20 of 20 points.
    static let classicShares = [0.25, 0.5, 1]

    let cap: Int
    private let kind: Kind
    private let steps: DaySteps
    private let shares: [Double]
    private let last: String?

    /// - Parameters:
    ///   - shares: of the cap, 0–1, one for each threshold.
    ///   - since: from when on; nil for the issue's creation or its newest activity of any kind.
    ///   - last: what the explanation says of the last activity; see ``lastActivity(of:)``.
    init(
        _ kind: Kind, of issue: Issue, cap: Int, thresholdDays: [Int], shares: [Double], since: Timestamp? = nil,
        last: String? = nil
    ) {
        self.kind = kind
        self.cap = cap
        self.shares = shares
        self.last = last
        steps = DaySteps(
            since: since ?? (kind == .age ? issue.created : issue.updated), thresholdDays: thresholdDays)
    }

    var name: Factor.Name { kind == .age ? .age : .staleness }

    var turningPoints: [Timestamp] { steps.turningPoints }

    func points(at now: Timestamp) -> Int { steps.passed(at: now).map { points(share: shares[$0]) } ?? 0 }

    func explanation(at now: Timestamp) -> String {
        let days = Wording.count(max(0, now.wholeDays(since: steps.since)), "day")
        let limit =
            steps.passed(at: now).map { "more than \(steps.thresholdDays[$0])" }
            ?? "not more than \(steps.thresholdDays.first ?? 0)"
        return kind == .age
            ? "Open for \(days), \(limit)." : "No activity for \(days), \(limit)\(last.map { "; \($0)" } ?? "")."
    }

    /// `the last was a comment by Ada on 2026-11-20`; nil for an issue without comments and changes.
    static func lastActivity(of issue: Issue) -> String? {
        let change = issue.changes.last { $0.author?.isApp != true && $0.field != "Rank" }
        if let comment = issue.comments.last(where: { !$0.isAutomatic }),
            comment.updated >= change?.at ?? comment.updated
        {
            return "the last was a comment\(Wording.cited(comment.author, comment.updated))"
        }
        return change.map { change in
            let field = Snippet.of(change.field, limit: 40)
            return "the last was a change of \(field)\(Wording.cited(change.author, change.at))"
        }
    }

    func remedy(at now: Timestamp) -> String {
        kind == .age
            ? "Finish the issue, or split off and close the part that is ready."
            : "Post an update on where the work stands."
    }

    func evidence(at now: Timestamp) -> [Evidence] {
        [
            Evidence(
                kind: .field, id: kind == .age ? "created" : "updated", at: steps.since,
                note: steps.since.utcDay.description)
        ]
    }
}
