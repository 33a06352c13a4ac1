import Domain

extension IssueForecast.Explanation {
    /// The parts of a number with what is so with the issue.
    init(_ explanation: ForecastExplanation, of sample: Sample) {
        self.init(
            typical: explanation.typical,
            parts: explanation.parts.map { part in
                Part(group: part.group.name, points: part.points, text: part.group.words(of: sample))
            }, other: explanation.other)
    }
}

extension FactorGroup {
    /// As the API names it.
    var name: String { "\(self)" }

    /// What of the group is so with an issue, as far as it is known. Numbers only: no text of the issue is in it.
    func words(of sample: Sample) -> String {
        switch self {
        case .age: "open for \(days(sample[.age]))"
        case .progress:
            sample[.isInProgress] == 1 ? inStatus("in progress", sample) : inStatus("not in progress", sample)
        case .activity:
            known(sample[.daysSinceActivity]).map { $0 < 2 ? "active lately" : "silent for \(days($0))" } ?? "activity"
        case .owner:
            sample[.isAssigned] == 1
                ? known(sample[.ownerOpen]).map { "assignee with \(count($0, "open issue"))" } ?? "assignee"
                : "no assignee"
        case .work: "kind and size of the work, reporter"
        case .dependencies:
            known(sample[.openBlockers]).flatMap { $0 > 0 ? count($0, "open blocker") : nil } ?? "links"
        case .churn:
            known(sample[.reopenings]).flatMap { $0 > 0 ? "reopened \(count($0, "time"))" : nil } ?? "changes of plan"
        case .deadline:
            sample[.hasDueDate] == 1
                ? "due date" : sample[.isInSprint] == 1 ? "in a sprint" : "no due date, no sprint"
        case .tempo: "the team's tempo"
        }
    }

    private func inStatus(_ words: String, _ sample: Sample) -> String {
        known(sample[.daysInStatus]).map { "\(words), \(days($0)) in this status" } ?? words
    }

    private func known(_ value: Float) -> Float? { value.isNaN ? nil : value }

    private func days(_ value: Float) -> String { count(value.rounded(.down), "day") }

    private func count(_ value: Float, _ noun: String) -> String {
        let number = Int(value)
        return "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
}
