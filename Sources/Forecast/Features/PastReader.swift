import Domain

/// Undoes the change log of an issue from its last state backwards, and gives what each edit did.
struct PastReader {
    /// The fields as of the instant that is reached: the last state at first, the creation in the end.
    private(set) var facts: IssueFacts
    /// What became known without an edit.
    private(set) var sights: [HistoryStep] = []
    /// The last key, and all others that the change log names.
    private(set) var keys: [String]
    /// The links of the last state.
    var lastLinks: [LinkFact] { issue.links.map { LinkFact($0) } }

    private let issue: Issue
    private let statuses: StatusCatalog
    private let seen: FirstSights
    private let links: LinkPast

    init(_ issue: Issue, statuses: StatusCatalog, seen: FirstSights) {
        self.issue = issue
        self.statuses = statuses
        self.seen = seen
        keys = [issue.key.rawValue]
        links = LinkPast(issue, seen: seen)
        let category = issue.status.flatMap { $0.category ?? statuses.category(id: $0.id, name: $0.name) }
        facts = IssueFacts(
            project: issue.projectKey, category: category, assignee: issue.assignee?.id, reporter: issue.reporter?.id,
            kind: issue.issueType.map { IssueKind(name: $0, isSubtask: issue.isSubtask) },
            priority: PriorityRank.of(issue.priority), summary: TextTraits(issue.summary),
            description: TextTraits(issue.description), components: issue.components.count, labels: issue.labels.count,
            affectedVersions: issue.affectedVersions?.count, fixVersions: issue.fixVersions?.count,
            subtasks: issue.subtasks?.count, work: issue.timeTracking ?? TimeTracking(),
            storyPoints: issue.storyPoints, dueDay: issue.dueDate, sprints: issue.sprints.map(\.id), links: [])
    }

    /// Every edit, oldest first; afterwards ``facts`` are those of the creation.
    mutating func undoAll() -> [HistoryStep] {
        var edits: [HistoryStep] = []
        var entry: Substring?
        for (index, change) in issue.changes.enumerated().reversed() {
            let (fact, id) = (undo(change, at: index), change.entry)
            // Items of one entry are one edit.
            if id == entry, let last = edits.last, last.at == change.at.milliseconds,
                case .edit(let author, let later) = last.kind
            {
                edits[edits.count - 1].kind = .edit(author: author, [fact] + later)
            } else {
                edits.append(HistoryStep(at: change.at.milliseconds, kind: .edit(author: change.author?.id, [fact])))
            }
            entry = id
        }
        edits.reverse()
        facts.links = links.atCreation
        sights += links.sights
        undoSubtasks()
        return edits
    }

    /// Sub-tasks have no change log in their parent.
    private mutating func undoSubtasks() {
        guard let subtasks = issue.subtasks else { return }
        let since = subtasks.map { (seen.subtasks[$0.id] ?? issue.updated).milliseconds }.sorted()
        let first = since.prefix { $0 <= issue.created.milliseconds }.count
        facts.subtasks = first
        sights += since.enumerated().dropFirst(first).map {
            HistoryStep(at: $0.element, kind: .subtasks($0.offset + 1))
        }
    }

    /// What the change set, read from what it says it set; and the facts without it.
    private mutating func undo(_ change: Change, at index: Int) -> FactChange {
        switch change.field.lowercased() {
        case "status":
            facts.category = statuses.category(id: change.from, name: change.fromString)
            return .status(statuses.category(id: change.to, name: change.toString))
        case "assignee":
            facts.assignee = change.before
            return .assignee(change.after)
        case "reporter":
            facts.reporter = change.before
            return .reporter(change.after)
        case "priority":
            facts.priority = PriorityRank.of(change.fromString)
            return .priority(PriorityRank.of(change.toString))
        case "issuetype", "issue type", "type":
            facts.kind = kind(named: change.fromString)
            return .kind(kind(named: change.toString))
        case "key": return undoKey(change)
        case "duedate":
            let (before, after) = (change.day(change.from, change.fromString), change.day(change.to, change.toString))
            facts.dueDay = before
            guard let before, let after else { return .dueDay(after, postponed: 0) }
            return .dueDay(after, postponed: max(0, after.daysSinceEpoch - before.daysSinceEpoch))
        case "sprint":
            facts.sprints = change.sprints(change.from, change.fromString)
            return .sprints(change.sprints(change.to, change.toString))
        case "link": return links.changes[index] ?? .other
        case "attachment": return .attachment
        default: return undoText(change) ?? undoCount(change) ?? undoWork(change) ?? .other
        }
    }

    private mutating func undoKey(_ change: Change) -> FactChange {
        guard let before = change.fromString ?? change.from, let after = change.toString ?? change.to else {
            return .other
        }
        keys += [before, after].filter { !keys.contains($0) }
        facts.project = IssueKey(before).projectKey
        return .project(IssueKey(after).projectKey)
    }

    private mutating func undoText(_ change: Change) -> FactChange? {
        switch change.field.lowercased() {
        case "summary":
            facts.summary = TextTraits(change.fromString ?? change.from)
            return .summary(TextTraits(change.toString ?? change.to))
        case "description":
            facts.description = TextTraits(change.fromString ?? change.from)
            return .description(TextTraits(change.toString ?? change.to))
        default: return nil
        }
    }

    /// Fields that hold several values: an item adds or removes one, but `labels` tells both lists.
    private mutating func undoCount(_ change: Change) -> FactChange? {
        let difference = (change.after == nil ? 0 : 1) - (change.before == nil ? 0 : 1)
        switch change.field.lowercased() {
        case "component":
            let after = facts.components
            facts.components = max(0, after - difference)
            return .components(after)
        case "labels":
            facts.labels = change.words(change.fromString)
            return .labels(change.words(change.toString))
        case "version":
            let after = facts.affectedVersions
            facts.affectedVersions = after.map { max(0, $0 - difference) }
            return .affectedVersions(after)
        case "fix version":
            let after = facts.fixVersions
            facts.fixVersions = after.map { max(0, $0 - difference) }
            return .fixVersions(after)
        default: return nil
        }
    }

    private mutating func undoWork(_ change: Change) -> FactChange? {
        func seconds(_ value: String?, _ text: String?) -> Int? { (value ?? text).flatMap { Int($0) } }
        let before = seconds(change.from, change.fromString)
        let after = seconds(change.to, change.toString)
        switch change.field.lowercased() {
        case "timeoriginalestimate":
            facts.work.originalEstimate = before
            return .originalEstimate(after)
        case "timeestimate":
            facts.work.remainingEstimate = before
            return .remainingEstimate(after)
        case "timespent":
            facts.work.timeSpent = before
            return .timeSpent(after)
        // As company-managed and team-managed projects call it.
        case "story points", "story point estimate":
            facts.storyPoints = (change.fromString ?? change.from).flatMap { Double($0) }
            return .storyPoints((change.toString ?? change.to).flatMap { Double($0) })
        default: return nil
        }
    }

    private func kind(named name: String?) -> IssueKind? {
        name.map { IssueKind(name: $0, isSubtask: $0 == issue.issueType && issue.isSubtask) }
    }
}

extension Change {
    /// The entry of which it is an item: what comes before the slash of its id.
    fileprivate var entry: Substring { id.rawValue.prefix { $0 != "/" } }

    /// The value before, by its id or else its name; nil for none.
    fileprivate var before: String? { from.nonEmpty ?? fromString.nonEmpty }
    /// The value after.
    fileprivate var after: String? { to.nonEmpty ?? toString.nonEmpty }

    /// Jira writes `2014-01-02` in `from`/`to` and `2014-01-02 00:00:00.0` in the strings.
    fileprivate func day(_ value: String?, _ text: String?) -> CalendarDay? {
        (value.nonEmpty ?? text).flatMap { CalendarDay(String($0.prefix(10))) }
    }

    /// `12, 34` by ids, or the names.
    fileprivate func sprints(_ ids: String?, _ names: String?) -> [String] {
        (ids.nonEmpty ?? names ?? "").split(separator: ",").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
            .map(String.init)
    }

    /// How many words, which is how `labels` tells its lists.
    fileprivate func words(_ list: String?) -> Int { (list ?? "").split(separator: " ").count }
}

extension String? {
    /// Nil for an empty text as well.
    var nonEmpty: String? { flatMap { $0.isEmpty ? nil : $0 } }
}
