import Domain

/// The issue has no assignee, although it is no longer new. Its points are fitted.
struct OwnerFactor: ScoreFactor {
    let name = Factor.Name.owner
    let cap: Int
    private let assignee: Person?
    private let removal: Change?
    private let steps: DaySteps

    init(of issue: Issue, configuration: RiskConfiguration) {
        cap = configuration.caps.owner
        assignee = issue.assignee
        let change = issue.changes.last { $0.concerns("assignee") }
        removal = change.flatMap { $0.to == nil ? $0 : nil }
        steps = DaySteps(since: issue.created, thresholdDays: FittedPoints.unassigned.map { $0.days })
    }

    var turningPoints: [Timestamp] { assignee == nil ? steps.turningPoints : [] }

    func points(at now: Timestamp) -> Int {
        guard assignee == nil, let passed = steps.passed(at: now) else { return 0 }
        return points(share: FittedPoints.shares(FittedPoints.unassigned, count: FittedPoints.unassigned.count)[passed])
    }

    func explanation(at now: Timestamp) -> String {
        if let assignee { return "Assigned to \(Snippet.of(assignee.displayName, limit: 80))." }
        if let removal {
            return "No assignee since \(Snippet.of(removal.fromString ?? "the assignee", limit: 80)) was removed"
                + "\(Wording.cited(removal.author, removal.at))."
        }
        return "No assignee \(Wording.count(max(0, now.wholeDays(since: steps.since)), "day")) after creation."
    }

    func remedy(at now: Timestamp) -> String { "Assign the issue to the person who will do it." }

    func evidence(at now: Timestamp) -> [Evidence] {
        guard let removal else { return [Evidence(kind: .field, id: "assignee", note: "Unassigned")] }
        return [Evidence(of: removal, note: "assignee: \(removal.fromString ?? "none") to none")]
    }
}
