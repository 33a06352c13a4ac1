import Domain

/// What a high priority adds to an issue that is late by any sign: its deadline presses, something blocks it, or it is
/// open for more than 90 days.
///
/// Set, not fitted: of issues nothing else is known of, those of a high priority are done *sooner*, so a priority alone is no
/// risk.
struct PriorityFactor: ScoreFactor {
    private static let countsAfterDays = 90

    let name = Factor.Name.priority
    let cap: Int
    private let priority: String?
    private let full: Int
    private let countsFrom: Timestamp
    private let change: Change?

    /// - Parameter pressesFrom: when the deadline begins to press; nil without one.
    init(of issue: Issue, isBlocked: Bool, pressesFrom: Timestamp?, configuration: RiskConfiguration) {
        cap = configuration.caps.priority
        priority = issue.priority
        // Sorted, so that of two spellings of one priority always the same one wins.
        let name = issue.priority?.lowercased()
        let byPriority = configuration.pointsByPriority.sorted { $0.key < $1.key }
        full = byPriority.first { $0.key.lowercased() == name }?.value ?? 0
        let old = DaySteps(since: issue.created, thresholdDays: [Self.countsAfterDays]).turningPoints
        countsFrom = isBlocked ? issue.created : (old + (pressesFrom.map { [$0] } ?? [])).min() ?? issue.created
        change = issue.changes.last { $0.concerns("priority") }
    }

    var turningPoints: [Timestamp] { [countsFrom] }

    func points(at now: Timestamp) -> Int { now >= countsFrom ? min(cap, full) : 0 }

    func explanation(at now: Timestamp) -> String {
        guard let priority else { return "There is no priority." }
        let name = Snippet.of(priority, limit: 80)
        if points(at: now) == 0 {
            return full == 0 ? "Priority \(name) adds nothing." : "Priority \(name), and nothing says that it is late."
        }
        return "Priority \(name)" + (change.map { ", set\(Wording.cited($0.author, $0.at))" } ?? "") + "."
    }

    func remedy(at now: Timestamp) -> String { "Do it before the others, or lower the priority to what it gets." }

    func evidence(at now: Timestamp) -> [Evidence] {
        guard let change else { return [Evidence(kind: .field, id: "priority", note: priority)] }
        let move = "priority: \(change.fromString ?? "none") to \(change.toString ?? "none")"
        return [Evidence(of: change, note: move)]
    }
}
