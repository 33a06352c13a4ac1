import Domain

/// Work that does not advance: not begun, long in one status, or held up by an open blocker.
///
/// The points of the first two are fitted and add up; being held up is set, because blockers are rare in the stream that
/// was fitted to, and the larger of the two counts.
struct ProgressFactor: ScoreFactor {
    /// Days since the oldest open blocker was reported, and the share of the cap.
    private static let heldShares: [(days: Int, share: Double)] = [(3, 1.0 / 3), (7, 2.0 / 3), (14, 1)]
    private static let fittedCap = (FittedPoints.status + FittedPoints.unstarted).reduce(0) { $0 + $1.points }

    let name = Factor.Name.progress
    let cap: Int
    private let created: Timestamp
    private let statusName: String?
    private let transition: Change?
    /// Whether work has not begun.
    let isUnstarted: Bool
    private let blocker: Blocker?

    init(of issue: Issue, names: StatusNames, blockers: [Blocker], configuration: RiskConfiguration) {
        cap = configuration.caps.progress
        created = issue.created
        statusName = issue.status?.name
        let transitions = issue.changes.filter { $0.concerns("status") }
        transition = transitions.last
        isUnstarted =
            issue.status?.category == .new && !names.isStarted(statusName)
            && !transitions.contains { names.isStarted($0.fromString) || names.isStarted($0.toString) }
        blocker = blockers.min { ($0.date, $0.evidence.id) < ($1.date, $1.evidence.id) }
    }

    var turningPoints: [Timestamp] {
        DaySteps(since: inStatusSince, thresholdDays: FittedPoints.status.map { $0.days }).turningPoints
            + DaySteps(since: created, thresholdDays: FittedPoints.unstarted.map { $0.days }).turningPoints
            + (blocker.map { DaySteps(since: $0.date, thresholdDays: Self.heldShares.map { $0.days }).turningPoints }
                ?? [])
    }

    func points(at now: Timestamp) -> Int { max(standing(at: now), held(at: now)) }

    func explanation(at now: Timestamp) -> String {
        if let blocker, held(at: now) > 0, held(at: now) >= standing(at: now) {
            let author = blocker.author == "Unknown" ? "" : ", reported by \(blocker.author)"
            let days = Wording.count(now.wholeDays(since: blocker.date), "day")
            return "Held up for \(days), since \(blocker.date.utcDay)\(author)."
        }
        let days = Wording.count(max(0, now.wholeDays(since: inStatusSince)), "day")
        let status = statusName.map { "In status \"\(Snippet.of($0, limit: 80))\"" } ?? "In the same status"
        let since = transition.map { ", moved there\(Wording.cited($0.author, $0.at))" } ?? ""
        let begun = unstartedPoints(at: now) > 0 ? "; work has not begun" : ""
        return "\(status) for \(days)\(since)\(begun)."
    }

    func remedy(at now: Timestamp) -> String {
        if held(at: now) >= standing(at: now), held(at: now) > 0 {
            return "Remove what holds the work up, or take the issue out of the plan until it is gone."
        }
        return isUnstarted
            ? "Begin the work, or close the issue if it will not be done."
            : "Move the issue on, or say what it waits for."
    }

    func evidence(at now: Timestamp) -> [Evidence] {
        if let blocker, held(at: now) > 0, held(at: now) >= standing(at: now) { return [blocker.evidence] }
        guard let transition else { return [Evidence(kind: .field, id: "created", at: created, note: statusName)] }
        let move = "\(transition.fromString ?? "none") to \(transition.toString ?? "none")"
        return [Evidence(of: transition, note: move)]
    }

    private var inStatusSince: Timestamp { transition?.at ?? created }

    private func unstartedPoints(at now: Timestamp) -> Int {
        isUnstarted ? DaySteps.sum(FittedPoints.unstarted, since: created, at: now) : 0
    }

    /// Not begun, and long in one status.
    private func standing(at now: Timestamp) -> Int {
        let fitted = unstartedPoints(at: now) + DaySteps.sum(FittedPoints.status, since: inStatusSince, at: now)
        return points(share: Double(fitted) / Double(Self.fittedCap))
    }

    private func held(at now: Timestamp) -> Int {
        guard let blocker else { return 0 }
        let days = now.wholeDays(since: blocker.date)
        return points(share: Self.heldShares.last { days > $0.days }?.share ?? 0)
    }
}
