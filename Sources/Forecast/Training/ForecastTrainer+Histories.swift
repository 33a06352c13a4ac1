import Domain
import WorkLoop

extension ForecastTrainer {
    /// The histories of all issues of a tenant. Read in portions, twice (``HistoryCollector``): beside the histories, one
    /// portion is in memory.
    func histories(of tenantID: TenantID) async throws -> [IssueHistory] {
        let statuses = try await store.statusCatalog(tenantID)
        var collector = HistoryCollector(statuses: statuses)
        try await forEachPage(of: tenantID) { page in
            let (former, readPast) = (collector, readPast)
            collector = try await thread.run {
                page.reduce(into: former) { collector, stored in
                    guard let past = readPast(stored, statuses) else { return }
                    collector.note(past, sprints: stored.sprintRecords)
                }
            }
        }
        var histories: [IssueHistory] = []
        try await forEachPage(of: tenantID) { page in
            let (collector, readPast) = (collector, readPast)
            histories += try await thread.run {
                page.compactMap { stored in readPast(stored, statuses).map { collector.history(of: $0) } }
            }
        }
        return histories
    }

    private func forEachPage(
        of tenantID: TenantID, _ body: ([StoredIssueHistory]) async throws -> Void
    ) async throws {
        var after: IssueID?
        while true {
            try checkStop()
            let page = try await store.issueHistories(of: tenantID, after: after, limit: options.pageSize)
            if !page.isEmpty { try await body(page) }
            guard page.count == options.pageSize, let last = page.last else { return }
            after = last.state.id
        }
    }
}
