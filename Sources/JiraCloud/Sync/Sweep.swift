import Domain

/// Compares what Jira lists with the store, for what no webhook has brought.
struct Sweep {
    let visit: TenantVisit

    private var tenantID: TenantID { visit.claim.tenantID }
    private var options: JiraSynchronizer.Options { visit.options }

    /// Issues listed at once with their newest comments and changes.
    private static let detailedPage = 100
    /// Issues listed at once with nothing but their times, which is Jira's limit.
    private static let plainPage = 5000

    /// Requests a fetch of every issue that was missed.
    ///
    /// - Returns: the issues that could not be compared yet, because events of theirs wait to be folded; while there are
    ///   any, the next sweep must look as far back as this one.
    func run(projects: [String], since: Timestamp, isFull: Bool) async throws -> [IssueID] {
        do {
            return try await sweep(in: projects, since: since, isFull: isFull)
        } catch let error as JiraError {
            // Jira refuses a query that names a project which was deleted, or is not shown to the account.
            guard case .badRequest = error else { throw error }
            var visible: [String] = []
            for key in projects where try await isSearchable(key) { visible.append(key) }
            guard visible.count < projects.count else { throw error }
            return try await sweep(in: visible, since: since, isFull: isFull)
        }
    }

    private func isSearchable(_ project: String) async throws(JiraError) -> Bool {
        do throws(JiraError) {
            _ = try await visit.client.search(
                jql: "\(JQL.projects([project])) AND updated >= -1m", fields: ["id"], pageToken: nil, limit: 1,
                reconciling: [])
            return true
        } catch {
            guard case .badRequest = error else { throw error }
            return false
        }
    }

    private func sweep(in projects: [String], since: Timestamp, isFull: Bool) async throws -> [IssueID] {
        var undecided: [IssueID] = []
        if !projects.isEmpty { undecided = try await sweepChanges(in: projects, since: since) }
        if isFull { undecided += try await sweepAll(in: projects) }
        return undecided
    }

    // MARK: What has changed

    private func sweepChanges(in projects: [String], since: Timestamp) async throws -> [IssueID] {
        let now = visit.now()
        let from = since.adding(seconds: -options.overlapSeconds - options.graceSeconds)
        // Relative, so that neither clocks nor the account's time zone matter.
        let minutes = (now.milliseconds - from.milliseconds + 59_999) / 60_000
        let jql = "\(JQL.projects(projects)) AND updated >= -\(minutes)m ORDER BY updated ASC"
        // The search index lags behind; for these Jira is asked for a consistent answer.
        let recent = try await visit.store.recentlyChanged(tenantID, since: from, limit: JiraClient.mostReconciled)
        var (page, undecided): (String?, [IssueID]) = (nil, [])
        repeat {
            let listing = try await visit.client.changes(
                jql: jql, pageToken: page, limit: Self.detailedPage, reconciling: recent)
            let found = try await missed(among: listing.issues, at: now)
            undecided += found.undecided
            try await visit.store.requestFetches(
                found.missed, of: tenantID, reason: .missed, backfillID: nil, now: visit.now())
            page = listing.nextPageToken
        } while page != nil
        return undecided
    }

    private func missed(
        among listed: [ChangedIssue], at now: Timestamp
    ) async throws -> (missed: [IssueID], undecided: [IssueID]) {
        let outlines = try await visit.store.issueOutlines(tenantID, listed.map(\.id))
        let arrived = now.adding(seconds: -options.graceSeconds)
        var (missed, undecided) = ([IssueID](), [IssueID]())
        for issue in listed {
            // Its webhook may be in flight; the next sweep looks back further than that.
            if let updated = issue.updated, updated > arrived { continue }
            guard let outline = outlines[issue.id] else {
                missed.append(issue.id)
                continue
            }
            if outline.hasPendingEvents {
                undecided.append(issue.id)
            } else if let state = try await visit.store.issueState(tenantID, issue.id) {
                // Deleted according to Jira: only its search index still has it.
                guard !state.isDeleted else { continue }
                // Listed issues are visible, also where they were not at the first fetch.
                if outline.isGone || state.wholeAt == nil || IssueComparison.differs(listed: issue, stored: state) {
                    missed.append(issue.id)
                }
            }
        }
        return (missed, undecided)
    }

    // MARK: Full sweep

    /// Looks for issues that are gone, and for changes that the shorter sweeps did not find.
    private func sweepAll(in projects: [String]) async throws -> [IssueID] {
        var listed: [IssueID: Timestamp?] = [:]
        var page: String?
        // Where no project is shown any more, neither are its issues.
        if !projects.isEmpty {
            repeat {
                let listing = try await visit.client.search(
                    jql: "\(JQL.projects(projects)) ORDER BY created ASC", fields: ["updated"], pageToken: page,
                    limit: Self.plainPage, reconciling: [])
                for issue in listing.issues { listed[issue.id] = issue.updated }
                page = listing.nextPageToken
            } while page != nil
        }

        let arrived = visit.now().adding(seconds: -options.graceSeconds)
        var (after, undecided): (IssueID?, [IssueID]) = (nil, [])
        while true {
            let known = try await visit.store.knownIssues(tenantID, after: after, limit: 1000)
            let vanished = known.filter { $0.isPresent && listed[$0.id] == nil }.map(\.id)
            try await visit.store.requestFetches(
                vanished, of: tenantID, reason: .vanished, backfillID: nil, now: visit.now())
            let outlines = try await visit.store.issueOutlines(
                tenantID, known.map(\.id).filter { listed[$0] != nil })
            var missed: [IssueID] = []
            for (id, outline) in outlines {
                guard let updated = listed[id] ?? nil, updated <= arrived else { continue }
                if outline.hasPendingEvents {
                    undecided.append(id)
                } else if outline.isGone {
                    if try await visit.store.issueState(tenantID, id)?.isDeleted != true { missed.append(id) }
                } else if outline.wholeAt == nil
                    || IssueComparison.isLater(updated, than: outline.updated ?? updated)
                {
                    missed.append(id)
                }
            }
            for issue in known { listed[issue.id] = nil }
            try await visit.store.requestFetches(
                missed, of: tenantID, reason: .missed, backfillID: nil, now: visit.now())
            guard known.count == 1000, let last = known.last else { break }
            after = last.id
        }
        // What is left no event has brought. Issues older than the last full sweep existed before webhooks were received.
        if let before = visit.claim.fullySweptAt?.adding(seconds: -options.overlapSeconds) {
            let unknown = listed.filter { $0.value.map { (before...max(before, arrived)).contains($0) } ?? false }
            try await visit.store.requestFetches(
                Array(unknown.keys), of: tenantID, reason: .missed, backfillID: nil, now: visit.now())
        }
        return undecided
    }
}
