import Domain

/// Pressure of the deadline: rises in steps as the time left shrinks against the estimated work; the cap once overdue.
struct DueDateFactor: ScoreFactor {
    let name = Factor.Name.dueDate
    let cap: Int
    private let deadline: Deadline?
    private let estimatedDays: Double
    /// The instants at which a quarter, half, three quarters and all of the cap begin, in order.
    private let steps: [Timestamp]

    init(of issue: Issue, estimatedDays: Double, configuration: RiskConfiguration) {
        cap = configuration.caps.dueDate
        self.estimatedDays = estimatedDays
        deadline = Deadline(of: issue)
        steps =
            deadline.map { deadline in
                (configuration.dueDateRatios + [0]).map { ratio in
                    deadline.at.adding(milliseconds: -Int64((estimatedDays * ratio * 86_400_000).rounded()))
                }
            } ?? []
    }

    var turningPoints: [Timestamp] { steps }

    func points(at now: Timestamp) -> Int {
        steps.isEmpty ? 0 : points(share: Double(steps.count { now >= $0 }) / Double(steps.count))
    }

    func explanation(at now: Timestamp) -> String {
        guard let deadline else { return "There is no due date and no active sprint with an end." }
        let days = Double(deadline.at.milliseconds - now.milliseconds) / 86_400_000
        if now >= deadline.at { return "\(deadline.description): overdue by \(duration(-days))." }
        return "\(deadline.description): \(duration(days)) left for about \(duration(estimatedDays)) of work."
    }

    func remedy(at now: Timestamp) -> String { "Agree on a new date, cut the scope or get more hands." }

    func evidence(at now: Timestamp) -> [Evidence] { deadline.map { [$0.evidence] } ?? [] }

    private func duration(_ days: Double) -> String {
        let number = Wording.number(days)
        return number == "1" ? "1 day" : "\(number) days"
    }
}
