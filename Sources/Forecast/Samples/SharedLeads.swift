import Synchronization

/// The lead times of a pace, sorted once for the forecasts of all issues: of each project those of one window, which move on only
/// when a finished issue leaves it.
final class SharedLeads: Sendable {
    private struct Entry {
        /// Where the window begins in the lead times.
        var first: Int
        var leads: SortedLeads
    }

    private let pace: TenantPace
    /// By project key; nil for the whole tenant.
    private let entries = Mutex<[String?: Entry]>([:])

    init(of pace: TenantPace) { self.pace = pace }

    /// `part` sorted.
    ///
    /// - Parameter part: the last lead times of a project, or with nil of the tenant, in this pace or in it with what one issue did
    ///   since, which may have added some.
    func sorted(_ part: ArraySlice<FinishedLead>, of project: String?) -> SortedLeads {
        let count = project.map { pace.projects[$0]?.leads.count ?? 0 } ?? pace.leads.count
        guard part.endIndex == count else { return SortedLeads(part) }
        if let known = entries.withLock({ $0[project] }), known.first == part.startIndex { return known.leads }
        let leads = SortedLeads(part)
        entries.withLock { $0[project] = Entry(first: part.startIndex, leads: leads) }
        return leads
    }
}
