import Domain

/// Age and staleness: a quarter, half and all of the cap as whole days since an instant pass three thresholds.
///
/// The steps are the original's (5, 10 and 20 of 20 points); both profiles use them.
struct WaitingFactor: ScoreFactor {
    enum Kind {
        case age, staleness
    }

    private static let shares = [0.25, 0.5, 1]

    let cap: Int
    private let kind: Kind
    private let since: Timestamp
    private let thresholdDays: [Int]

    init(_ kind: Kind, of issue: Issue, cap: Int, thresholdDays: [Int]) {
        self.kind = kind
        self.cap = cap
        self.thresholdDays = thresholdDays
        since = kind == .age ? issue.created : issue.updated
    }

    var name: Factor.Name { kind == .age ? .age : .staleness }

    /// More than `n` whole days have passed from the start of day `n + 1` on.
    var turningPoints: [Timestamp] { thresholdDays.map { since.adding(days: $0 + 1) } }

    func points(at now: Timestamp) -> Int { passed(at: now).map { points(share: Self.shares[$0]) } ?? 0 }

    func explanation(at now: Timestamp) -> String {
        let days = Wording.count(max(0, now.wholeDays(since: since)), "day")
        let limit =
            passed(at: now).map { "more than \(thresholdDays[$0])" } ?? "not more than \(thresholdDays.first ?? 0)"
        return kind == .age ? "Open for \(days), \(limit)." : "No activity for \(days), \(limit)."
    }

    func remedy(at now: Timestamp) -> String {
        kind == .age
            ? "Finish the issue, or split off and close the part that is ready."
            : "Post an update on where the work stands."
    }

    func evidence(at now: Timestamp) -> [Evidence] {
        [Evidence(kind: .field, id: kind == .age ? "created" : "updated", at: since, note: since.utcDay.description)]
    }

    /// The last threshold passed.
    private func passed(at now: Timestamp) -> Int? {
        let days = now.wholeDays(since: since)
        return thresholdDays.lastIndex { days > $0 }
    }
}
