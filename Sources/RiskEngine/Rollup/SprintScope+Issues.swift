public import Domain

extension SprintScope {
    /// The scope of `sprint` as of `now`, from every issue that is or was in it. Points are those of now.
    ///
    /// A sprint without a start date, or that has not started, has committed to what it holds. Of a closed sprint
    /// without a complete date the planned end counts.
    ///
    /// As in Jira's own reports, sub-tasks count as part of their parents, and work that was done before the sprint began, or
    /// before it was put into it, is not the sprint's.
    ///
    /// - Parameters:
    ///   - statuses: what is known of the site's statuses.
    ///   - isDoneName: whether a status of this name ends the work, where no issue's status tells.
    public init(
        of sprint: Sprint, issues: [SprintIssue], now: Timestamp, statuses: StatusCatalog = StatusCatalog(),
        isDoneName: @escaping (String) -> Bool
    ) {
        let close = sprint.state == "closed" ? min(now, sprint.completeDate ?? sprint.endDate ?? now) : now
        let start = sprint.state == "future" ? close : min(sprint.startDate ?? close, close)
        let categories = KnownCategories(statuses, issues.compactMap(\.issue.status), isDoneName: isDoneName)

        var (committed, added, removed, completed, left) = ([Item](), [Item](), [Item](), [Item](), [Item]())
        for member in issues.filter({ !$0.issue.isSubtask }).sorted(by: { Self.order($0.issue) < Self.order($1.issue) })
        {
            let membership = SprintMembership(of: member, in: sprint.id)
            let item = Item(key: member.issue.key, storyPoints: member.issue.storyPoints)
            if membership.isIn(at: start) {
                if sprint.state != "future", categories.becameDone(member.issue, by: start) { continue }
                committed.append(item)
            } else if let entry = membership.firstAdded(after: start, until: close) {
                if categories.becameDone(member.issue, by: entry) { continue }
                added.append(item)
            } else {
                continue
            }
            if !membership.isIn(at: close) {
                removed.append(item)
            } else if categories.isDone(member.issue, at: close) {
                completed.append(item)
            } else {
                left.append(item)
            }
        }
        self.init(
            committed: Part(committed), added: Part(added), removed: Part(removed), completed: Part(completed),
            notCompleted: Part(left))
    }

    /// The issues that are in the sprint now and not done: what its risk is rolled up from.
    public static func openIssues(of sprint: Sprint, among issues: [SprintIssue]) -> [SprintIssue] {
        issues.filter { !$0.issue.isDone && SprintMembership(of: $0, in: sprint.id).isInNow }
            .sorted { order($0.issue) < order($1.issue) }
    }

    private static func order(_ issue: Issue) -> NumericOrder { NumericOrder(issue.key) }
}

/// Which status names end the work. The changelog tells names only; the issues' own statuses tell categories.
private struct KnownCategories {
    private var catalog: StatusCatalog
    private let isDoneName: (String) -> Bool

    init(_ catalog: StatusCatalog, _ statuses: [Status], isDoneName: @escaping (String) -> Bool) {
        self.catalog = catalog
        for status in statuses { self.catalog.insert(status) }
        self.isDoneName = isDoneName
    }

    /// Whether a change up to `instant` is known that ended the issue's work, and none that took it up again.
    func becameDone(_ issue: Issue, by instant: Timestamp) -> Bool {
        let last = issue.changes.filter { $0.concerns("status") && $0.at <= instant }
            .max { ($0.at, NumericOrder($0.id)) < ($1.at, NumericOrder($1.id)) }
        guard let last, let name = last.toString else { return false }
        return catalog.category(id: last.to, name: name).map { $0 == .done } ?? isDoneName(name)
    }

    /// Whether the issue's work was over at `instant`: its status is the one that the first later change came from.
    func isDone(_ issue: Issue, at instant: Timestamp) -> Bool {
        let later = issue.changes.filter { $0.concerns("status") && $0.at > instant }
            .min { ($0.at, NumericOrder($0.id)) < ($1.at, NumericOrder($1.id)) }
        guard let later else { return issue.isDone }
        guard let name = later.fromString else { return false }
        return catalog.category(id: later.from, name: name).map { $0 == .done } ?? isDoneName(name)
    }
}
