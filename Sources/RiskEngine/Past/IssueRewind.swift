import Domain

/// An issue as it stood at earlier instants: what is stored of it, with the changes of later undone.
///
/// A function of the folded state alone, so that it does not matter in which order webhooks came (P3). What no change dates counts
/// as it is now: a text that was edited has its newest words, a comment that was deleted was never there. The key and the
/// restrictions are those of now on purpose, so that links lead somewhere and nothing is shown that is withheld today. What is
/// dated before the creation happened with it, and what is dated in the future happens now.
struct IssueRewind: Sendable {
    /// A sign of life.
    private struct Sign: Sendable {
        var at: Timestamp
        var isByPerson: Bool
    }

    /// As it stands.
    let issue: Issue
    /// No instant is later.
    let now: Timestamp
    /// When it was created, or `now` where that is said to be later.
    let created: Timestamp
    /// All links that it has or had.
    let ties: [LinkTie]
    private let scorer: RiskScorer
    private let statuses: StatusCatalog
    /// By field, in small letters; oldest first.
    private let changes: [String: [Change]]
    private let people: [String: Person]
    /// Those that it is or was in, as far as anything is known of them.
    private let sprints: [String: Sprint]
    private let signs: [Sign]

    /// - Parameters:
    ///   - issue: as it stands, resolved.
    ///   - linkedAt: when webhooks told that links were made.
    ///   - sprintRecords: what sprint webhooks said of the sprints that the issue was in.
    ///   - statuses: what is known of the site's statuses.
    ///   - scorer: knows which names of statuses end the work.
    init(
        of issue: Issue, linkedAt: [LinkID: Timestamp] = [:], sprintRecords: [SprintRecord] = [],
        statuses: StatusCatalog = StatusCatalog(), scorer: RiskScorer, now: Timestamp
    ) {
        self.issue = issue
        self.now = now
        self.scorer = scorer
        created = min(issue.created, now)
        ties = LinkTie.all(of: issue, linkedAt: linkedAt)
        var catalog = statuses
        if let status = issue.status { catalog.insert(status) }
        self.statuses = catalog
        changes = Dictionary(grouping: issue.changes, by: { $0.field.lowercased() })
        let authors = issue.comments.compactMap(\.author) + issue.changes.compactMap(\.author)
        people = Dictionary(
            ([issue.assignee, issue.reporter].compactMap(\.self) + authors).map { ($0.id, $0) },
            uniquingKeysWith: { first, _ in first })
        var known = Dictionary(
            sprintRecords.filter { !$0.isDeleted }.map { ($0.sprint.id, $0.sprint) },
            uniquingKeysWith: { first, _ in first })
        for sprint in issue.sprints { known[sprint.id] = sprint }
        sprints = known
        let commentSigns = issue.comments.flatMap { comment -> [Sign] in
            let isByPerson = !comment.isAutomatic
            return [
                Sign(at: comment.created, isByPerson: isByPerson), Sign(at: comment.updated, isByPerson: isByPerson),
            ]
        }
        let changeSigns = issue.changes.map { change in
            Sign(at: change.at, isByPerson: change.author?.isApp != true && change.field != "Rank")
        }
        signs = commentSigns + changeSigns
    }

    /// When something of this date counts as having happened.
    func clamped(_ instant: Timestamp) -> Timestamp { min(max(instant, created), now) }

    /// The issue as it stood at an instant; nil before its creation.
    func issue(at instant: Timestamp) -> Issue? {
        guard instant >= created else { return nil }
        var past = issue
        past.comments = comments(at: instant)
        past.changes = issue.changes.filter { clamped($0.at) <= instant }
        past.links = ties.filter { isThere($0, at: instant) }.map(\.link)
        past.sprints = sprints(at: instant)
        if let changedAt = past.categoryChangedAt, clamped(changedAt) > instant { past.categoryChangedAt = nil }
        undoActivity(&past, at: instant)
        undoPeople(&past, at: instant)
        undoFields(&past, at: instant)
        undoEstimates(&past, at: instant)
        return past
    }

    private func isThere(_ tie: LinkTie, at instant: Timestamp) -> Bool {
        (tie.from.map { clamped($0) <= instant } ?? true) && (tie.until.map { clamped($0) > instant } ?? true)
    }

    private func comments(at instant: Timestamp) -> [Comment] {
        issue.comments.filter { clamped($0.created) <= instant }.map { comment in
            guard clamped(comment.updated) > instant else { return comment }
            var comment = comment
            comment.updated = comment.created
            return comment
        }
    }

    // MARK: Fields

    /// The first change of a field that was made after an instant: before it, the field was what it says was there.
    private func next(_ field: String, after instant: Timestamp) -> Change? {
        changes[field]?.first { clamped($0.at) > instant }
    }

    private func undoActivity(_ past: inout Issue, at instant: Timestamp) {
        func newest(_ told: Timestamp, _ signs: [Sign]) -> Timestamp {
            guard clamped(told) > instant else { return told }
            return signs.map { clamped($0.at) }.filter { $0 <= instant }.max() ?? created
        }
        past.updated = newest(issue.updated, signs)
        past.activeAt = min(past.updated, newest(issue.activeAt, signs.filter(\.isByPerson)))
    }

    private func undoPeople(_ past: inout Issue, at instant: Timestamp) {
        func before(_ change: Change) -> Person? {
            guard let id = change.from.nonEmpty ?? change.fromString.nonEmpty else { return nil }
            return people[id] ?? Person(id: id, displayName: change.fromString.nonEmpty ?? id)
        }
        if let change = next("assignee", after: instant) { past.assignee = before(change) }
        if let change = next("reporter", after: instant) { past.reporter = before(change) }
    }

    private func undoFields(_ past: inout Issue, at instant: Timestamp) {
        if let change = next("status", after: instant), let name = change.fromString.nonEmpty ?? change.from.nonEmpty {
            let id = change.fromString.nonEmpty == nil ? nil : change.from.nonEmpty
            past.status = categorised(Status(id: id, name: name, category: nil))
        }
        if let change = next("priority", after: instant) { past.priority = change.fromString.nonEmpty }
        if let change = next("summary", after: instant) { past.summary = change.fromString ?? "" }
        if let change = next("duedate", after: instant) {
            // Jira writes `2014-01-02` in `from` and `2014-01-02 00:00:00.0` in the string.
            past.dueDate = (change.from.nonEmpty ?? change.fromString).flatMap { CalendarDay(String($0.prefix(10))) }
        }
        if let change = next("flagged", after: instant) {
            past.isFlagged = (change.fromString.nonEmpty ?? change.from.nonEmpty) != nil
        }
    }

    /// With the category that Jira said the status has wherever an issue was seen in it, else by the configured names.
    private func categorised(_ status: Status) -> Status {
        var status = status
        let told = statuses.category(id: status.id, name: status.name)
        status.category = told ?? (scorer.isDone(status) ? .done : nil)
        return status
    }

    private func undoEstimates(_ past: inout Issue, at instant: Timestamp) {
        // As company-managed and team-managed projects call it.
        if let change = next("story points", after: instant) ?? next("story point estimate", after: instant) {
            past.storyPoints = (change.fromString.nonEmpty ?? change.from).flatMap { Double($0) }
        }
        func seconds(_ field: String, _ value: Int?) -> Int? {
            guard let change = next(field, after: instant) else { return value }
            return (change.from.nonEmpty ?? change.fromString).flatMap { Int($0) }
        }
        let told = issue.timeTracking ?? TimeTracking()
        let tracking = TimeTracking(
            originalEstimate: seconds("timeoriginalestimate", told.originalEstimate),
            remainingEstimate: seconds("timeestimate", told.remainingEstimate),
            timeSpent: seconds("timespent", told.timeSpent))
        past.timeTracking = issue.timeTracking == nil && tracking == TimeTracking() ? nil : tracking
    }

    // MARK: Sprints

    /// The ids of the sprints that the change log of an issue names.
    static func sprintIDs(in issue: Issue) -> [String] {
        let named = issue.changes.filter { $0.concerns("sprint") }.flatMap { parts(of: $0.from) + parts(of: $0.to) }
        return Set(named).sorted()
    }

    /// `12, 34` as the change log lists sprints.
    private static func parts(of list: String?) -> [String] {
        (list ?? "").split(separator: ",").map { String($0.drop(while: { $0 == " " })) }.filter { !$0.isEmpty }
    }

    private func sprints(at instant: Timestamp) -> [Sprint] {
        guard let change = next("sprint", after: instant) else {
            return issue.sprints.map { standing($0, at: instant) }
        }
        return Self.parts(of: change.from.nonEmpty ?? change.fromString).compactMap { text in
            let sprint = sprints[text] ?? sprints.values.filter { $0.name == text }.min { $0.id < $1.id }
            return sprint.map { standing($0, at: instant) }
        }
    }

    /// A sprint with the state that it had by its dates, as they are known now.
    private func standing(_ sprint: Sprint, at instant: Timestamp) -> Sprint {
        var sprint = sprint
        let state = sprint.state.lowercased()
        let isBegun = sprint.startDate.map { clamped($0) <= instant } ?? true
        if state == "closed", let end = sprint.completeDate, clamped(end) > instant {
            sprint.completeDate = nil
            sprint.state = isBegun ? "active" : "future"
        } else if state == "active", !isBegun {
            sprint.state = "future"
        }
        return sprint
    }

    /// A sprint that the issue was in began or was closed.
    struct SprintTurn: Sendable {
        var at: Timestamp
        var sprint: Sprint
        var isEnd: Bool
    }

    /// What sprints did since the creation while the issue was in them.
    var sprintTurns: [SprintTurn] {
        var turns: [SprintTurn] = []
        for sprint in sprints.values.sorted(by: { $0.id < $1.id }) {
            let state = sprint.state.lowercased()
            guard state == "active" || state == "closed" else { continue }
            if let start = sprint.startDate {
                turns.append(SprintTurn(at: clamped(start), sprint: sprint, isEnd: false))
            }
            if state == "closed", let end = sprint.completeDate {
                turns.append(SprintTurn(at: clamped(end), sprint: sprint, isEnd: true))
            }
        }
        return turns.filter { turn in
            turn.at > created && sprints(at: turn.at).contains { $0.id == turn.sprint.id }
        }
    }
}
