import Domain

/// Back and forth of late: reopenings, postponements and handbacks, each with its points, up to the cap.
struct ChurnFactor: ScoreFactor {
    let name = Factor.Name.churn
    let cap: Int
    private let churn: [(kind: Churn, change: Change)]
    private let configuration: RiskConfiguration

    init(of issue: Issue, names: StatusNames, configuration: RiskConfiguration) {
        cap = configuration.caps.churn
        self.configuration = configuration
        churn = Churn.find(in: issue, names: names)
    }

    /// Each change stops counting when it leaves the window.
    var turningPoints: [Timestamp] { churn.map { end(of: $0.change) } }

    func points(at now: Timestamp) -> Int {
        min(cap, churn.reduce(0) { sum, item in now < end(of: item.change) ? sum + points(for: item.kind) : sum })
    }

    func explanation(at now: Timestamp) -> String {
        let window = "in the last \(Wording.count(configuration.churnWindowDays, "day"))"
        let parts = Churn.allCases.compactMap { kind -> String? in
            let count = recent(at: now).count { $0.kind == kind }
            if count == 0 { return nil }
            let times = count == 1 ? "once" : count == 2 ? "twice" : "\(count) times"
            switch kind {
            case .reopening: return "reopened \(times)"
            case .postponement: return "due date put off \(times)"
            case .handback: return "handed back to a former assignee \(times)"
            }
        }
        if parts.isEmpty { return "No reopening, postponement or handing back \(window)." }
        let text = Wording.list(parts)
        let latest = recent(at: now).last.map { ", last\(Wording.cited($0.change.author, $0.change.at))" } ?? ""
        return text.prefix(1).uppercased() + text.dropFirst() + " \(window)\(latest)."
    }

    func remedy(at now: Timestamp) -> String {
        "Settle on one owner, one date and what counts as done; each change stops counting after "
            + "\(Wording.count(configuration.churnWindowDays, "day"))."
    }

    func evidence(at now: Timestamp) -> [Evidence] {
        recent(at: now).map { _, change in
            let move = "\(change.field): \(change.fromString ?? "none") to \(change.toString ?? "none")"
            return Evidence(of: change, note: move)
        }
    }

    private func end(of change: Change) -> Timestamp { change.at.adding(days: configuration.churnWindowDays) }

    private func recent(at now: Timestamp) -> [(kind: Churn, change: Change)] {
        churn.filter { now < end(of: $0.change) && points(for: $0.kind) > 0 }
    }

    private func points(for kind: Churn) -> Int {
        switch kind {
        case .reopening: configuration.pointsPerReopening
        case .postponement: configuration.pointsPerPostponement
        case .handback: configuration.pointsPerHandback
        }
    }
}
