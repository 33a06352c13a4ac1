import Domain

/// Pressure of the deadline: rises in steps as the time left shrinks against the estimated work, and goes on rising the
/// longer the issue is overdue, up to the cap after a year.
///
/// The steps are set, not fitted: the stream that the other points are fitted to has too few due dates.
struct DueDateFactor: ScoreFactor {
    /// Of the cap, as the time left falls to each of the configured multiples of the estimate.
    private static let sharesBefore = [0.2, 0.44, 0.54]
    /// Of the cap, once overdue by so many days.
    private static let sharesOverdue = [(0, 0.64), (1, 0.7), (7, 0.8), (30, 0.88), (90, 0.94), (365, 1.0)]

    let name = Factor.Name.dueDate
    let cap: Int
    private let deadline: Deadline?
    /// Who set the due date, and when; empty where that is not known.
    private let origin: String
    private let estimatedDays: Double
    /// From when on which share of the cap holds, in order of time.
    private let steps: [(at: Timestamp, share: Double)]

    init(of issue: Issue, estimatedDays: Double, configuration: RiskConfiguration) {
        cap = configuration.caps.dueDate
        self.estimatedDays = estimatedDays
        deadline = Deadline(of: issue)
        let change = issue.dueDate == nil ? nil : issue.changes.last { $0.concerns("duedate") }
        origin = change.map { " (set\(Wording.cited($0.author, $0.at)))" } ?? ""
        guard let end = deadline?.at else {
            steps = []
            return
        }
        steps =
            zip(configuration.dueDateRatios, Self.sharesBefore).map { ratio, share in
                (end.adding(milliseconds: -Int64((estimatedDays * ratio * 86_400_000).rounded())), share)
            } + Self.sharesOverdue.map { days, share in (end.adding(days: days), share) }
    }

    var turningPoints: [Timestamp] { steps.map(\.at) }

    /// When the deadline begins to press; nil without one.
    var pressesFrom: Timestamp? { steps.first?.at }

    func points(at now: Timestamp) -> Int { points(share: steps.last { now >= $0.at }?.share ?? 0) }

    func isOverdue(at now: Timestamp) -> Bool { deadline.map { now >= $0.at } ?? false }

    func explanation(at now: Timestamp) -> String {
        guard let deadline else { return "There is no due date and no active sprint with an end." }
        let left = deadline.at.milliseconds - now.milliseconds
        if left <= 0 { return "\(deadline.description)\(origin): overdue by \(Wording.span(milliseconds: -left))." }
        return "\(deadline.description)\(origin): \(Wording.span(milliseconds: left)) left for about "
            + "\(Wording.days(estimatedDays)) of work."
    }

    func remedy(at now: Timestamp) -> String { "Agree on a new date, cut the scope or get more hands." }

    func evidence(at now: Timestamp) -> [Evidence] { deadline.map { [$0.evidence] } ?? [] }
}
