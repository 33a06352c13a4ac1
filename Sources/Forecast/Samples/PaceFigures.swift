import Domain

/// The figures of a project at one instant.
struct ProjectFigures {
    var leads: SortedLeads
    var medianLead: Double
    var usualLead: Double
    var open: Int
    var created30: Int
    var done30: Int
    var done90: Int
    var done: Int
}

/// The figures of a person at one instant.
struct PersonFigures {
    var open: Int
    var done90: Int
    var acts30: Int
    /// NaN for somebody who never did anything.
    var daysSinceAct: Double
    var medianLead: Double
    var done: Int
    var reported: Int
    var doneShare: Double
    var reportedMedianLead: Double
}

/// The figures of a tenant at one instant, each worked out when it is first asked for.
struct PaceFigures {
    /// Milliseconds since the Unix epoch.
    let at: Int64
    private var projects: [String: ProjectFigures] = [:]
    private var people: [String: PersonFigures] = [:]
    private var allLeads: SortedLeads?
    private let shared: SharedLeads?

    /// - Parameter shared: of the pace that is asked about, or of the one that it was made of for one issue; nil sorts again.
    init(at: Timestamp, shared: SharedLeads? = nil) {
        self.at = at.milliseconds
        self.shared = shared
    }

    /// Lead times of the project's last 365 days or, if they are fewer than this, of all its time; then the tenant's.
    private static let enough = 20
    private static let window = 365 * millisecondsPerDay

    mutating func project(_ key: String, _ pace: TenantPace) -> ProjectFigures {
        if let known = projects[key] { return known }
        let project = pace.projects[key] ?? ProjectPace()
        let leads = usualLeads(of: project, key, pace)
        let figures = ProjectFigures(
            leads: leads, medianLead: leads.percentile(0.5), usualLead: leads.percentile(0.8), open: project.open,
            created30: project.created.count(days: 30, at: at), done30: project.done.count(days: 30, at: at),
            done90: project.done.count(days: 90, at: at), done: project.leads.count)
        projects[key] = figures
        return figures
    }

    private mutating func usualLeads(of project: ProjectPace, _ key: String, _ pace: TenantPace) -> SortedLeads {
        let recent = project.leads.finished(after: at - Self.window)
        if recent.count >= Self.enough { return sorted(recent, of: key) }
        if project.leads.count >= Self.enough { return sorted(project.leads[...], of: key) }
        if let allLeads { return allLeads }
        let tenant = pace.leads.finished(after: at - Self.window)
        let leads = sorted(tenant.isEmpty ? pace.leads[...] : tenant, of: nil)
        allLeads = leads
        return leads
    }

    private func sorted(_ leads: ArraySlice<FinishedLead>, of project: String?) -> SortedLeads {
        shared?.sorted(leads, of: project) ?? SortedLeads(leads)
    }

    mutating func person(_ id: String, _ pace: TenantPace) -> PersonFigures {
        if let known = people[id] { return known }
        let person = pace.people[id] ?? PersonPace()
        let idle = person.acts.last.map { Double(at - $0) / Double(millisecondsPerDay) }
        let figures = PersonFigures(
            open: person.open, done90: person.done.count(days: 90, at: at),
            acts30: person.acts.count(days: 30, at: at), daysSinceAct: idle ?? .nan,
            medianLead: PersonPace.median(person.leads), done: person.doneEver, reported: person.reported,
            doneShare: Double(person.reportedDone) / Double(person.reported + 2),
            reportedMedianLead: PersonPace.median(person.reportedLeads))
        people[id] = figures
        return figures
    }
}
