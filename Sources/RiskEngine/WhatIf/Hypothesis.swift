import Domain

/// An issue as changes would make it that were not made.
///
/// Each change is a small state, as a webhook of it would be, and is joined into the issue's state: what follows is what would
/// follow from the real change (decision 0056). Pure.
struct Hypothesis: Sendable {
    /// The instant of all changes.
    let now: Timestamp
    let scorer: RiskScorer
    private let sprints: [SprintRecord]
    private let project: ProjectRecord?
    let statuses: StatusCatalog
    /// The sprint that changes speak of; nil for none.
    let sprint: Sprint?
    /// The issue's state with the changes.
    private(set) var state: IssueState
    /// Links to issues that are taken to be done.
    private(set) var finished: Set<LinkID> = []
    /// Whether a change to another issue takes this one to be done.
    var isFinished = false
    /// How many changes were made.
    private(set) var count = 0

    init(
        _ state: IssueState, sprints: [SprintRecord], project: ProjectRecord?, statuses: StatusCatalog,
        scorer: RiskScorer, sprint: Sprint? = nil, now: Timestamp
    ) {
        self.state = state
        self.sprints = sprints
        self.project = project
        self.statuses = statuses
        self.scorer = scorer
        self.sprint = sprint
        self.now = now
    }

    /// The state as a plain issue, as ``IssueAnalyst/resolve(_:of:until:sprints:)`` gives it; nil while too little is known.
    var issue: Issue? {
        guard var issue = IssueFold.issue(from: state) else { return nil }
        scorer.complete(&issue, of: state, sprints: sprints, project: project, statuses: statuses, until: nil)
        if isFinished {
            issue.status = Status(id: issue.status?.id, name: issue.status?.name ?? "Done", category: .done)
        }
        return issue
    }

    /// What is known of the blocking issues, when `known` is what the store knows of them.
    ///
    /// - Parameter issue: as ``issue`` gives it.
    func upstream(_ known: [UpstreamRisk], of issue: Issue) -> [UpstreamRisk] {
        guard !finished.isEmpty else { return known }
        var risks = known
        for index in risks.indices where finished.contains(risks[index].linkID) { risks[index].isDone = true }
        let told = Set(known.map(\.linkID))
        for link in issue.links where finished.contains(link.id) && !told.contains(link.id) {
            risks.append(
                UpstreamRisk(
                    issueID: link.otherID ?? IssueID(""), issueKey: link.otherKey ?? IssueKey(link.otherName),
                    linkID: link.id, ownScore: 0, isDone: true))
        }
        return risks
    }

    // MARK: What may happen

    /// The issues at the other end of these links are done.
    mutating func finish(_ links: some Sequence<LinkID>) { finished.formUnion(links) }

    /// Somebody comments.
    ///
    /// - Parameter author: nil for a person of whom nothing is known.
    mutating func comment(_ text: String, id: CommentID, by author: Person? = nil) {
        let comment = Comment(id: id, author: author, body: text, created: now, updated: now)
        var fragment = newFragment()
        fragment.comments[id] = comment
        fragment.lastHumanActivityAt = comment.isAutomatic ? nil : now
        join(fragment)
    }

    mutating func setDueDate(_ day: CalendarDay?) {
        let former = state.fields.dueDate?.value ?? nil
        guard former != day else { return }
        // As Jira writes it.
        func text(_ day: CalendarDay?) -> String? { day.map { "\($0) 00:00:00.0" } }
        var fragment = newFragment()
        fragment.fields.dueDate = Versioned<CalendarDay?>(day, version)
        note(
            "duedate", from: former?.description, text(former), to: day?.description, text(day), in: &fragment)
        join(fragment)
    }

    mutating func assign(_ person: Person?) {
        let former = state.fields.assignee?.value ?? nil
        guard former?.id != person?.id else { return }
        var fragment = newFragment()
        fragment.fields.assignee = Versioned<Person?>(person, version)
        note("assignee", from: former?.id, former?.displayName, to: person?.id, person?.displayName, in: &fragment)
        join(fragment)
    }

    mutating func move(to status: Status) {
        let former = state.fields.status?.value ?? nil
        guard former?.name != status.name || former?.id != status.id else { return }
        var fragment = newFragment()
        fragment.fields.status = Versioned<Status?>(status, version)
        if former?.category != status.category {
            fragment.fields.categoryChangedAt = Versioned<Timestamp?>(now, version)
        }
        note("status", from: former?.id, former?.name, to: status.id, status.name, in: &fragment)
        join(fragment)
    }

    /// It is in these sprints, of which nothing newer is known than what they say.
    ///
    /// - Parameter former: those that it was in.
    mutating func setSprints(_ sprints: [Sprint], from former: [Sprint]) {
        // As Jira writes them.
        func list(_ sprints: [Sprint], _ part: (Sprint) -> String) -> String {
            sprints.map(part).joined(separator: ", ")
        }
        var fragment = newFragment()
        // A forecast takes the dates of sprints as known from when they were told.
        fragment.fields.sprints = Versioned(
            sprints, Version(at: version.at, changelog: version.changelog, sentAt: now))
        note(
            "Sprint", from: list(former, \.id), list(former, \.name), to: list(sprints, \.id), list(sprints, \.name),
            in: &fragment)
        join(fragment)
    }

    mutating func removeFlag() {
        var fragment = newFragment()
        fragment.fields.isFlagged = Versioned(false, version)
        note("Flagged", from: nil, "Impediment", to: nil, "", in: &fragment)
        join(fragment)
    }

    /// As the webhook `issuelink_deleted` tells it: it is no activity.
    mutating func remove(_ links: [LinkID]) {
        var fragment = IssueState(id: state.id)
        for id in links { fragment.linkEvents[id] = Versioned<IssueLink?>(nil, version) }
        fragment.lastEventAt = now
        join(fragment)
    }

    // MARK: Fragments

    /// Later than all that is known, whatever Jira's clock says, and in the order of the changes.
    private var version: Version {
        let last = Timestamp(milliseconds: .max)
        return Version(at: last, changelog: Int64(count), sentAt: last)
    }

    /// A webhook of a person's doing, which says nothing else yet.
    private func newFragment() -> IssueState {
        var fragment = IssueState(id: state.id)
        fragment.lastEventAt = now
        fragment.lastActivityAt = now
        fragment.lastHumanActivityAt = now
        return fragment
    }

    /// Adds an item to the fragment's changelog. Its id is that of a webhook whose changelog has none.
    private func note(
        _ field: String, from: String?, _ fromString: String?, to: String?, _ toString: String?,
        in fragment: inout IssueState
    ) {
        let id = ChangeID("t\(now.milliseconds)/\(count)/\(field)")
        fragment.changes[id] = Change(
            id: id, at: now, author: nil, field: field, from: from, fromString: fromString, to: to, toString: toString)
    }

    private mutating func join(_ fragment: IssueState) {
        IssueFold.join(fragment, into: &state)
        count += 1
    }
}
