import Domain

@testable import Forecast

/// A made-up tenant: events in the order of time, which change issues as Jira would. What a store holds at an instant is
/// what the events up to then made, so it is the truth that undoing change logs is held against.
struct World {
    private struct Event {
        var at: Timestamp
        var issue: Int
        var happens: @Sendable (inout Issue) -> Void
    }

    static let begin = CalendarDay(daysSinceEpoch: 18_000).startUTC
    static let statuses = [
        Status(id: "1", name: "Open", category: .new), Status(id: "2", name: "Doing", category: .indeterminate),
        Status(id: "3", name: "Done", category: .done), Status(id: "4", name: "Closed", category: .done),
    ]
    static let people = (0..<5).map { Person(id: "p\($0)", displayName: "P\($0)") }

    private var births: [Issue] = []
    private var events: [Event] = []
    private var random: SplitMix
    let end: Timestamp

    init(seed: UInt64, issues: Int, events count: Int, days: Int = 700) {
        random = SplitMix(state: seed)
        end = Self.begin.adding(days: days)
        for index in 0..<issues { births.append(birth(index, days: days)) }
        for _ in 0..<count {
            let issue = Int.random(in: 0..<issues, using: &random)
            let left = end.milliseconds - births[issue].created.milliseconds
            let at = births[issue].created.adding(milliseconds: Int64.random(in: 1...left, using: &random))
            events.append(Event(at: at, issue: issue, happens: event(of: issue, at: at, number: events.count)))
        }
        events.sort { $0.at < $1.at }
    }

    /// The issues as a store held them at an instant, by id.
    func issues(at instant: Timestamp) -> [Issue] {
        var issues = births
        for event in events where event.at <= instant { event.happens(&issues[event.issue]) }
        return issues.filter { $0.created <= instant }
    }

    /// Their histories, with what a store knows beside them.
    func histories(at instant: Timestamp) -> [IssueHistory] {
        let catalog = StatusCatalog(Self.statuses)
        var sprints = SprintCatalog()
        for sprint in Self.sprints(at: instant) {
            sprints.insert(sprint, seen: Self.begin)
            sprints.insert(sprint, seen: instant)
        }
        return issues(at: instant).map { IssueHistory($0, statuses: catalog, sprints: sprints) }
    }

    /// The two sprints, as webhooks of them tell.
    static func sprints(at instant: Timestamp) -> [Sprint] {
        ["7", "8"].map { id in
            let starts = begin.adding(days: id == "7" ? 100 : 200)
            let closed = starts.adding(days: 90)
            return Sprint(
                id: id, name: "S\(id)", state: instant < starts ? "future" : instant < closed ? "active" : "closed",
                startDate: starts, endDate: starts.adding(days: 80), completeDate: instant < closed ? nil : closed)
        }
    }

    private mutating func birth(_ index: Int, days: Int) -> Issue {
        let at = Self.begin.adding(milliseconds: Int64.random(in: 0..<Int64(days - 60) * 86_400_000, using: &random))
        let person = Self.people.randomElement(using: &random)
        return Issue(
            id: IssueID("\(100 + index)"), key: IssueKey("\(index % 3 == 0 ? "ENG" : "OPS")-\(index)"),
            summary: "An issue", description: Bool.random(using: &random) ? "It {code}fails{code}" : nil,
            issueType: ["Bug", "Story", "Sub-task"].randomElement(using: &random), priority: "Major",
            status: Self.statuses[0], created: at, updated: at,
            assignee: Bool.random(using: &random) ? person : nil, reporter: Self.people.randomElement(using: &random),
            components: index % 2 == 0 ? ["core"] : [], fixVersions: index % 5 == 0 ? nil : [], affectedVersions: [])
    }

    private mutating func event(of index: Int, at: Timestamp, number: Int) -> @Sendable (inout Issue) -> Void {
        let author = Int.random(in: 0..<6, using: &random) == 0 ? nil : Self.people.randomElement(using: &random)
        let kind = Int.random(in: 0..<17, using: &random)
        let value = Int.random(in: 0..<5, using: &random)
        let other = births.indices.randomElement(using: &random).map { births[$0] }
        return { issue in
            let edit = Edit(at: at, author: author, number: number, value: value, other: other)
            edit.happen(kind, to: &issue)
            issue.updated = at
        }
    }
}

/// One edit: it changes the issue and writes the change log, or comments.
private struct Edit: Sendable {
    var at: Timestamp
    var author: Person?
    var number: Int
    var value: Int
    var other: Issue?

    func happen(_ kind: Int, to issue: inout Issue) {
        switch kind {
        case 0, 1, 2: moveStatus(&issue)
        case 3: assign(&issue)
        case 4: setText(&issue)
        case 5: setPriority(&issue)
        case 6: toggleComponent(&issue)
        case 7: setLabels(&issue)
        case 8: toggleVersion(&issue)
        case 9: setDueDate(&issue)
        case 10: setSprint(&issue)
        case 11: toggleLink(&issue)
        case 12: logWork(&issue)
        case 13: setType(&issue)
        case 14: move(&issue)
        default: comment(&issue)
        }
    }

    private func log(
        _ issue: inout Issue, _ field: String, from: String? = nil, _ fromString: String? = nil, to: String? = nil,
        _ toString: String? = nil
    ) {
        let item = issue.changes.count { $0.id.rawValue.hasPrefix("\(number)/") }
        issue.changes.append(
            Change(
                id: ChangeID("\(number)/\(item)"), at: at, author: author, field: field, from: from,
                fromString: fromString, to: to, toString: toString))
    }

    private func moveStatus(_ issue: inout Issue) {
        let (old, new) = (issue.status, World.statuses[value % 4])
        guard old != new else { return }
        issue.status = new
        log(&issue, "status", from: old?.id, old?.name, to: new.id, new.name)
        let resolution = new.category == .done ? "Fixed" : nil
        if resolution != issue.resolution { log(&issue, "resolution", issue.resolution, resolution) }
        issue.resolution = resolution
    }

    private func assign(_ issue: inout Issue) {
        let (old, new) = (issue.assignee, value == 4 ? nil : World.people[value])
        guard old != new else { return }
        issue.assignee = new
        log(&issue, "assignee", from: old?.id, old?.displayName, to: new?.id, new?.displayName)
    }

    private func setText(_ issue: inout Issue) {
        let (old, new) = (issue.description, value == 0 ? nil : String(repeating: "Exception ", count: value))
        issue.description = new
        log(&issue, "description", old, new)
    }

    private func setPriority(_ issue: inout Issue) {
        let (old, new) = (issue.priority, ["Blocker", "Low", "Urgent", "Major", "Trivial"][value])
        issue.priority = new
        log(&issue, "priority", from: old, old, to: new, new)
    }

    private func toggleComponent(_ issue: inout Issue) {
        let name = "c\(value)"
        if let place = issue.components.firstIndex(of: name) {
            issue.components.remove(at: place)
            log(&issue, "Component", from: name, name)
        } else {
            issue.components.append(name)
            log(&issue, "Component", to: name, name)
        }
    }

    private func setLabels(_ issue: inout Issue) {
        let (old, new) = (issue.labels, (0..<value).map { "l\($0)" })
        issue.labels = new
        log(&issue, "labels", old.joined(separator: " "), new.joined(separator: " "))
    }

    private func toggleVersion(_ issue: inout Issue) {
        let version = ProjectVersion(id: "\(value)", name: "v\(value)")
        guard let versions = issue.fixVersions else { return log(&issue, "Fix Version", to: version.id, version.name) }
        if versions.contains(version) {
            issue.fixVersions = versions.filter { $0 != version }
            log(&issue, "Fix Version", from: version.id, version.name)
        } else {
            issue.fixVersions = versions + [version]
            log(&issue, "Fix Version", to: version.id, version.name)
        }
    }

    private func setDueDate(_ issue: inout Issue) {
        let (old, new) = (issue.dueDate, value == 0 ? nil : CalendarDay(daysSinceEpoch: 18_100 + 100 * value))
        issue.dueDate = new
        log(
            &issue, "duedate", from: old?.description, old.map { "\($0) 00:00:00.0" }, to: new?.description,
            new.map { "\($0) 00:00:00.0" })
    }

    private func setSprint(_ issue: inout Issue) {
        let (old, new) = (issue.sprints, Array(World.sprints(at: at).prefix(value % 3)))
        issue.sprints = new
        log(
            &issue, "Sprint", from: old.map(\.id).joined(separator: ", "), old.map(\.name).joined(separator: ", "),
            to: new.map(\.id).joined(separator: ", "), new.map(\.name).joined(separator: ", "))
    }

    private func toggleLink(_ issue: inout Issue) {
        guard let other, other.id != issue.id else { return }
        let (name, text, relation): (String, String, IssueLink.Relation) =
            value % 2 == 0
            ? ("Blocks", "This issue is blocked by \(other.key)", .blockedBy)
            : ("Duplicate", "This issue duplicates \(other.key)", .relatesTo)
        let id = LinkID("\(other.id)\(value % 2)")
        if let place = issue.links.firstIndex(where: { $0.id == id }) {
            issue.links.remove(at: place)
            log(&issue, "Link", from: other.key.rawValue, text)
        } else {
            issue.links.append(
                IssueLink(id: id, relation: relation, typeName: name, otherID: nil, otherKey: other.key))
            log(&issue, "Link", to: other.key.rawValue, text)
        }
    }

    private func logWork(_ issue: inout Issue) {
        let (old, new) = (issue.timeTracking, TimeTracking(remainingEstimate: 3600 * value, timeSpent: 1800 * value))
        issue.timeTracking = new
        let (left, spent) = (old?.remainingEstimate.map(String.init), old?.timeSpent.map(String.init))
        log(&issue, "timeestimate", from: left, left, to: "\(3600 * value)", "\(3600 * value)")
        log(&issue, "timespent", from: spent, spent, to: "\(1800 * value)", "\(1800 * value)")
    }

    private func setType(_ issue: inout Issue) {
        let (old, new) = (issue.issueType, ["Bug", "Story", "Task", "Epic", "Improvement"][value])
        issue.issueType = new
        log(&issue, "issuetype", from: old, old, to: new, new)
    }

    private func move(_ issue: inout Issue) {
        let (old, new) = (issue.key, IssueKey("\(value % 2 == 0 ? "ENG" : "OPS")-\(1000 + number)"))
        issue.key = new
        issue.projectKey = new.projectKey
        log(&issue, "Key", old.rawValue, new.rawValue)
    }

    private func comment(_ issue: inout Issue) {
        let body = String(repeating: "word ", count: value + 1)
        issue.comments.append(
            Comment(id: CommentID("\(number)"), author: author, body: body, created: at, updated: at))
    }
}

/// SplitMix64: the same sequence for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
