import Domain

/// The histories of a tenant, played together in the order of time.
struct Replay {
    let histories: [IssueHistory]
    private(set) var pace = TenantPace()
    /// Of the issues that were created by now; nil before.
    private(set) var progress: [IssueProgress?]
    private let order: [Event]
    private var next = 0

    /// The creation of an issue (-1) or a step of it.
    private struct Event: Comparable {
        var at: Int64
        var issue: Int32
        var step: Int32

        static func < (a: Event, b: Event) -> Bool { (a.at, a.issue, a.step) < (b.at, b.issue, b.step) }
    }

    /// - Parameter histories: of one tenant, in any order; of two of one issue the first counts.
    init(_ histories: [IssueHistory]) {
        var seen: Set<IssueID> = []
        let histories = histories.filter { seen.insert($0.id).inserted }.sorted { $0.id < $1.id }
        self.histories = histories
        progress = Array(repeating: nil, count: histories.count)
        var events: [Event] = []
        events.reserveCapacity(histories.reduce(0) { $0 + $1.steps.count + 1 })
        for (index, history) in histories.enumerated() {
            events.append(Event(at: history.created.milliseconds, issue: Int32(index), step: -1))
            for (step, played) in history.steps.enumerated() {
                events.append(Event(at: played.at, issue: Int32(index), step: Int32(step)))
            }
        }
        events.sort()
        order = events
        for history in histories { pace.watchBlockers(of: history) }
    }

    /// When the first issue was created; nil without any.
    var begin: Timestamp? { order.first.map { Timestamp(milliseconds: $0.at) } }

    /// Plays all that is dated up to an instant.
    mutating func play(through at: Timestamp) {
        while next < order.count, order[next].at <= at.milliseconds {
            let (event, history) = (order[next], histories[Int(order[next].issue)])
            play(event, of: history)
            next += 1
        }
        pace.asOf = max(pace.asOf, at)
    }

    private mutating func play(_ event: Event, of history: IssueHistory) {
        let index = Int(event.issue)
        guard event.step >= 0 else {
            let created = IssueProgress(history)
            pace.create(history, Standing(created))
            progress[index] = created
            return
        }
        let step = history.steps[Int(event.step)]
        guard let before = progress[index].map({ Standing($0) }) else { return }
        progress[index]?.play(step)
        guard let after = progress[index].map({ Standing($0) }) else { return }
        pace.note(step, of: history, from: before, to: after)
    }
}

extension TenantPace {
    /// From now on the states of the issues are followed that block this one at any time.
    mutating func watchBlockers(of history: IssueHistory) {
        for link in history.allLinks where link.relation == .blockedBy && blockers[link.other] == nil {
            blockers[link.other] = false
        }
    }
}

extension IssueHistory {
    /// All links that it ever had.
    var allLinks: [LinkFact] {
        start.links
            + steps.flatMap { step -> [LinkFact] in
                let changes: [FactChange] =
                    switch step.kind {
                    case .edit(_, let changes): changes
                    case .sight(let change): [change]
                    default: []
                    }
                return changes.compactMap { if case .linkAdded(let link) = $0 { link } else { nil } }
            }
    }
}
