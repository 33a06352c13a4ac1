public import Domain
public import Foundation

extension IssueHistory {
    /// What became of the deadlines that the issue had at an instant. An issue that was not open then had none.
    ///
    /// - Parameters:
    ///   - cut: up to when facts are known; not before `instant`.
    ///   - zone: the time zone in which due days end.
    public func fate(at instant: Timestamp, cut: Timestamp, zone: TimeZone = .gmt) -> DeadlineFate {
        var progress = IssueProgress(self)
        progress.play(self, through: instant)
        guard progress.isOpen else { return DeadlineFate(due: .none, sprint: .none, reopenedAt: nil) }
        var ends = DueDayEnds(zone: zone)
        let due = progress.facts.dueDay.map { ends.end(of: $0) }
        let sprint = sprintEnd(of: progress, at: instant.milliseconds)
        return DeadlineFate(
            due: answer(due, after: instant, cut: cut), sprint: answer(sprint, after: instant, cut: cut),
            reopenedAt: reopened(after: progress, cut: cut))
    }

    private func answer(_ deadline: Timestamp?, after instant: Timestamp, cut: Timestamp) -> DeadlineFate.Answer {
        guard let deadline, deadline > instant else { return .none }
        let done = done.first { $0 > instant && $0 <= cut }
        if let done, done <= deadline { return .met }
        // What was gone with its deadline before it has no answer, however far off that was.
        if let goneAt, goneAt < deadline, done == nil { return .none }
        return deadline <= cut ? .missed(at: deadline) : .pending
    }

    private func reopened(after progress: IssueProgress, cut: Timestamp) -> Timestamp? {
        var (progress, isDone) = (progress, progress.facts.isDone)
        while progress.played < steps.count, steps[progress.played].at <= cut.milliseconds {
            let step = steps[progress.played]
            progress.play(step)
            if isDone, progress.isOpen { return Timestamp(milliseconds: step.at) }
            isDone = progress.facts.isDone
        }
        return nil
    }

    /// The deadlines that passed while the issue was open, oldest first: each as it was when it passed.
    ///
    /// - Parameters:
    ///   - cut: up to when facts are known.
    ///   - zone: the time zone in which due days end.
    public func missedDeadlines(upTo cut: Timestamp, zone: TimeZone = .gmt) -> [MissedDeadline] {
        var (progress, ends) = (IssueProgress(self), DueDayEnds(zone: zone))
        var (missed, since): ([MissedDeadline], Timestamp) = ([], created)
        while true {
            let next = progress.played < steps.count ? steps[progress.played] : nil
            let until = next.map { min($0.at, cut.milliseconds) } ?? cut.milliseconds
            // What happens at the deadline is in time: only at the cut nothing more is to happen.
            let isLast = next.map { $0.at > cut.milliseconds } ?? true
            let end = Timestamp(milliseconds: isLast ? until : until - 1)
            if progress.isOpen { missed += passed(progress, after: since, through: end, &ends) }
            guard let next, !isLast else { return missed.sorted { $0.at < $1.at } }
            progress.play(next)
            since = max(since, end)
        }
    }

    /// Those that passed between two instants, while the issue was as `progress` has it.
    private func passed(
        _ progress: IssueProgress, after start: Timestamp, through end: Timestamp, _ ends: inout DueDayEnds
    ) -> [MissedDeadline] {
        guard start < end else { return [] }
        let due = progress.facts.dueDay.map { ends.end(of: $0) }
        let sprintEnds = progress.facts.sprints.compactMap { name -> Timestamp? in
            guard let sprint = sprints[name], let sprintEnd = sprint.ends,
                !isClosed(name, at: sprintEnd.milliseconds - 1)
            else { return nil }
            return sprintEnd
        }
        let deadlines =
            [due].compactMap(\.self).map { (ForecastQuestion.due, $0) } + Set(sprintEnds).map { (.sprint, $0) }
        return deadlines.filter { $0.1 > start && $0.1 <= end }.map {
            MissedDeadline(question: $0.0, at: $0.1, projectKey: progress.facts.project)
        }
    }
}
