public import Domain

/// How fast the projects and people of a tenant work, as of an instant: the running aggregates from which, together with
/// its own history, the features of an issue follow.
///
/// It is a value that can be stored, so that one issue is scored again without the histories of all. It grows with the
/// number of finished issues (all their lead times are in it) and of people; of what people do it keeps 90 days.
public struct TenantPace: Sendable, Hashable, Codable {
    /// The instant up to which facts are counted.
    public internal(set) var asOf: Timestamp
    var projects: [String: ProjectPace] = [:]
    var people: [String: PersonPace] = [:]
    /// The lead times of all projects, in the order of time.
    var leads: [FinishedLead] = []
    /// Issues that block others, by key and id: whether they are done. Only those that a link of some history names.
    var blockers: [String: Bool] = [:]

    /// A tenant that has done nothing yet.
    public init() { asOf = Timestamp(milliseconds: .min) }
}

/// The aggregates of a project.
struct ProjectPace: Sendable, Hashable, Codable {
    /// Open issues.
    var open = 0
    /// Issues created in the last 30 days.
    var created = RecentInstants()
    /// Issues finished in the last 90 days.
    var done = RecentInstants()
    /// All that were ever finished; an issue that was done twice counts twice.
    var leads: [FinishedLead] = []
}

/// The aggregates of a person.
struct PersonPace: Sendable, Hashable, Codable {
    /// Edits and comments of the last 30 days.
    var acts = RecentInstants()
    /// Open issues that the person is the assignee of.
    var open = 0
    /// What the person finished as the assignee in the last 90 days.
    var done = RecentInstants()
    /// Ever.
    var doneEver = 0
    /// Milliseconds, of the last 30 finished.
    var leads: [Int64] = []
    /// What the person reported.
    var reported = 0
    var reportedDone = 0
    /// Milliseconds, of the last 30 finished.
    var reportedLeads: [Int64] = []

    static let remembered = 30

    /// The median of lead times in days; NaN for none.
    static func median(_ leads: [Int64]) -> Double {
        guard !leads.isEmpty else { return .nan }
        let sorted = leads.sorted()
        let middle = sorted.count / 2
        let median =
            sorted.count % 2 == 1 ? Double(sorted[middle]) : (Double(sorted[middle - 1]) + Double(sorted[middle])) / 2
        return median / Double(millisecondsPerDay)
    }
}

/// What the aggregates depend on in an issue.
struct Standing: Hashable {
    var project: String
    var assignee: String?
    var reporter: String?
    var isDone: Bool
    var isOpen: Bool

    init(_ progress: IssueProgress) {
        project = progress.facts.project
        assignee = progress.facts.assignee
        reporter = progress.facts.reporter
        isDone = progress.facts.isDone
        isOpen = progress.isOpen
    }
}

extension TenantPace {
    /// An issue is created.
    mutating func create(_ issue: IssueHistory, _ standing: Standing) {
        let at = issue.created.milliseconds
        projects[standing.project, default: ProjectPace()].created.add(at, keeping: 30)
        if let reporter = standing.reporter {
            people[reporter, default: PersonPace()].reported += 1
            people[reporter]?.acts.add(at, keeping: 30)
        }
        count(standing, 1)
        if standing.isDone { finish(issue, standing, at: at) }
    }

    /// A step of an issue is played, which takes it from one standing to another.
    mutating func note(_ step: HistoryStep, of issue: IssueHistory, from before: Standing, to after: Standing) {
        switch step.kind {
        case .edit(let author?, _), .comment(let author?, _):
            people[author, default: PersonPace()].acts.add(step.at, keeping: 30)
        default: break
        }
        guard before != after else { return }
        count(before, -1)
        count(after, 1)
        if before.reporter != after.reporter {
            if let reporter = before.reporter { people[reporter]?.reported -= 1 }
            if let reporter = after.reporter { people[reporter, default: PersonPace()].reported += 1 }
        }
        if after.isDone, !before.isDone { finish(issue, after, at: step.at) }
        if before.isDone, !after.isDone { mark(issue, isDone: false) }
    }

    private mutating func mark(_ issue: IssueHistory, isDone: Bool) {
        for name in [issue.id.rawValue] + issue.keys where blockers[name] != nil { blockers[name] = isDone }
    }

    private mutating func count(_ standing: Standing, _ sign: Int) {
        guard standing.isOpen else { return }
        projects[standing.project, default: ProjectPace()].open += sign
        if let assignee = standing.assignee { people[assignee, default: PersonPace()].open += sign }
    }

    private mutating func finish(_ issue: IssueHistory, _ standing: Standing, at: Int64) {
        let lead = FinishedLead(at: at, lead: at - issue.created.milliseconds)
        projects[standing.project, default: ProjectPace()].leads.append(lead)
        projects[standing.project]?.done.add(at, keeping: 90)
        leads.append(lead)
        if let assignee = standing.assignee {
            people[assignee, default: PersonPace()].done.add(at, keeping: 90)
            people[assignee]?.doneEver += 1
            people[assignee]?.leads.remember(lead.lead)
        }
        if let reporter = standing.reporter {
            people[reporter, default: PersonPace()].reportedDone += 1
            people[reporter]?.reportedLeads.remember(lead.lead)
        }
        mark(issue, isDone: true)
    }
}

extension [Int64] {
    fileprivate mutating func remember(_ lead: Int64) {
        if count == PersonPace.remembered { removeFirst() }
        append(lead)
    }
}
