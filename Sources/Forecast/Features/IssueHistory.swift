public import Domain

/// What is known of one issue in the order of time, in the terms of the features: its fields at its creation and every
/// dated fact since. The texts are not kept.
///
/// The fields at the creation come of undoing the change log from the last state backwards; the fields as of an instant
/// of playing it forwards to there, so that nothing dated later is read.
public struct IssueHistory: Sendable, Hashable {
    /// The issue.
    public let id: IssueID
    /// When it was created in Jira.
    public let created: Timestamp
    /// As ``FirstSights/completeSince``.
    public let completeSince: Timestamp?
    /// When it was deleted or hidden; nil while it is not.
    public let goneAt: Timestamp?
    /// Entries into status category `done`, in the order of time.
    public let done: [Timestamp]

    /// The current key and all former ones.
    let keys: [String]
    let start: IssueFacts
    let steps: [HistoryStep]
    /// The instants of changed fields and of comments, in the order of time.
    let changeTimes: [Int64]
    let commentTimes: [Int64]
    let sprints: [String: SprintFact]

    /// The history of an issue.
    ///
    /// - Parameters:
    ///   - issue: everything known of it, with all changes and comments.
    ///   - statuses: the categories of the statuses that its change log names.
    ///   - sprints: the sprints that its change log names; those that it lists itself are added.
    ///   - seen: what the issue does not say; by default it is known from its creation on.
    ///   - commentLengths: the lengths of its comments in Unicode scalars, in their order; nil where they have their texts.
    public init(
        _ issue: Issue, statuses: StatusCatalog, sprints: SprintCatalog = SprintCatalog(), seen: FirstSights? = nil,
        commentLengths: [Int]? = nil
    ) {
        let seen = seen ?? FirstSights(completeSince: issue.created)
        var past = PastReader(issue, statuses: statuses, seen: seen)
        let last = past.facts
        let edits = past.undoAll()
        let isGone = issue.isDeleted || issue.isHidden
        self.id = issue.id
        self.created = issue.created
        self.completeSince = seen.completeSince
        self.goneAt = isGone ? seen.goneAt ?? issue.updated : nil
        self.start = past.facts
        self.keys = past.keys
        let sorted = Self.inOrder(
            edits + Self.comments(of: issue, lengths: commentLengths) + past.sights, created: issue.created)
        var tail: [HistoryStep] = []
        if let missed = Self.missed(after: sorted, from: past.facts, last: last, links: past.lastLinks) {
            let at = max(issue.updated.milliseconds, sorted.last?.at ?? issue.created.milliseconds)
            tail.append(HistoryStep(at: at, kind: .state(missed)))
        }
        if let goneAt { tail.append(HistoryStep(at: goneAt.milliseconds, kind: .gone)) }
        self.steps = tail.isEmpty ? sorted : Self.inOrder(sorted + tail, created: issue.created)
        self.sprints = Self.sprints(of: issue, sprints, start: start, steps)
        self.done = Self.entriesIntoDone(created: created.milliseconds, start: start, steps)
        self.changeTimes = steps.flatMap { step -> [Int64] in
            if case .edit(_, let changes) = step.kind { return changes.map { _ in step.at } }
            return []
        }
        self.commentTimes = steps.compactMap { step in
            if case .comment = step.kind { return step.at }
            return nil
        }
    }

    /// What is dated before the creation (imports do that) happened with it. Stable: edits before comments.
    private static func inOrder(_ steps: [HistoryStep], created: Timestamp) -> [HistoryStep] {
        let steps = steps.map { HistoryStep(at: max($0.at, created.milliseconds), kind: $0.kind) }
        return steps.indices.sorted { (steps[$0].at, $0) < (steps[$1].at, $1) }.map { steps[$0] }
    }

    /// The last state, if it is another than that to which the steps lead: Jira changes some fields without a trace, such as
    /// versions that are merged and assignees that are deleted.
    private static func missed(
        after steps: [HistoryStep], from start: IssueFacts, last: IssueFacts, links: [LinkFact]
    ) -> IssueFacts? {
        var (end, last) = (IssueProgress(facts: start, created: 0), last)
        for step in steps { end.play(step) }
        last.links = links
        // The order of these says nothing.
        let isSame = Set(end.facts.links) == Set(links) && Set(end.facts.sprints) == Set(last.sprints)
        if isSame { (last.links, last.sprints) = (end.facts.links, end.facts.sprints) }
        return end.facts == last ? nil : last
    }

    /// The histories of issues that know of each other: a sub-task counts for its parent from its own creation or, if it
    /// became one later, from then on.
    ///
    /// - Parameters:
    ///   - issues: issues of one tenant, in any order.
    ///   - statuses: further statuses of the site; those that the issues are in are known anyway.
    ///   - sprints: further sprints, or what is known of them better than by the issues.
    ///   - seen: what an issue does not say, by its id.
    public static func all(
        of issues: [Issue], statuses: StatusCatalog = StatusCatalog(), sprints: SprintCatalog = SprintCatalog(),
        seen: [IssueID: FirstSights] = [:]
    ) -> [IssueHistory] {
        var (statuses, sprints) = (statuses, sprints)
        // In the order of ids, so that of two statuses with one id the same one counts whatever the order of the issues.
        for issue in issues.sorted(by: { $0.id < $1.id }) {
            if let status = issue.status { statuses.insert(status) }
            for sprint in issue.sprints { sprints.insert(sprint, seen: issue.updated) }
        }
        let children = Dictionary(issues.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        return issues.map { issue in
            var sights = seen[issue.id] ?? FirstSights(completeSince: issue.created)
            for subtask in issue.subtasks ?? [] where sights.subtasks[subtask.id] == nil {
                sights.subtasks[subtask.id] = children[subtask.id].map { $0.since(of: issue) }
            }
            return IssueHistory(issue, statuses: statuses, sprints: sprints, seen: sights)
        }
    }

    private static func comments(of issue: Issue, lengths: [Int]?) -> [HistoryStep] {
        issue.comments.enumerated().flatMap { place, comment -> [HistoryStep] in
            let length = lengths.map { place < $0.count ? $0[place] : 0 } ?? comment.textLength
            let isFirst = comment.updated <= comment.created
            let kind = HistoryStep.Kind.comment(author: comment.author?.id, length: isFirst ? length : nil)
            let step = HistoryStep(at: comment.created.milliseconds, kind: kind)
            return isFirst
                ? [step] : [step, HistoryStep(at: comment.updated.milliseconds, kind: .commentLength(length))]
        }
    }

    /// What is known of the sprints that it was ever in, by their names in the change log.
    private static func sprints(
        of issue: Issue, _ catalog: SprintCatalog, start: IssueFacts, _ steps: [HistoryStep]
    ) -> [String: SprintFact] {
        var catalog = catalog
        for sprint in issue.sprints { catalog.insert(sprint, seen: issue.updated) }
        var names = Set(start.sprints + issue.sprints.map(\.id))
        for step in steps {
            guard case .edit(_, let changes) = step.kind else { continue }
            for case .sprints(let listed) in changes { names.formUnion(listed) }
        }
        return names.reduce(into: [:]) { $0[$1] = catalog[$1] }
    }

    private static func entriesIntoDone(created: Int64, start: IssueFacts, _ steps: [HistoryStep]) -> [Timestamp] {
        var isDone = start.isDone
        var entries = isDone ? [Timestamp(milliseconds: created)] : []
        for step in steps {
            let before = isDone
            switch step.kind {
            case .edit(_, let changes): for case .status(let category) in changes { isDone = category == .done }
            case .state(let facts): isDone = facts.isDone
            default: break
            }
            if isDone, !before { entries.append(Timestamp(milliseconds: step.at)) }
        }
        return entries
    }
}

extension Issue {
    /// Since when it is a sub-task of `parent`.
    fileprivate func since(of parent: Issue) -> Timestamp {
        let joined = changes.last {
            $0.field.lowercased() == "parent" && ($0.to == parent.id.rawValue || $0.toString == parent.key.rawValue)
        }
        return joined?.at ?? created
    }
}
