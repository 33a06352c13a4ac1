import Domain

extension TenantVisit {
    /// Issues of a backfill listed at once.
    private static let pageSize = 1000
    /// Issues of a backfill that may wait before more of it are listed.
    private static let mostWaiting = 3000
    /// How many times a listing may begin again.
    private static let mostRestarts = 3

    /// Lists the next page of each backfill, and finishes those whose issues are all fetched; false when there was nothing to
    /// list.
    func listBackfills() async throws -> Bool {
        var hasListed = false
        for backfill in try await store.runningBackfills(claim.tenantID) {
            if backfill.isListed {
                if backfill.waiting == 0 { try await store.finish(backfill, error: nil, now: now()) }
            } else if backfill.waiting < Self.mostWaiting {
                try await listPage(of: backfill)
                hasListed = true
            }
        }
        return hasListed
    }

    private func listPage(of backfill: Backfill) async throws {
        let listing: JiraSearchPage
        switch try await search(backfill) {
        case .success(let page): listing = page
        case .failure(let refusal):
            // A page token is valid for seven days, and the query itself was accepted once. The limit ends a listing that is
            // refused at every attempt.
            if backfill.pageToken != nil, backfill.restarts < Self.mostRestarts {
                return try await store.restartListing(of: backfill)
            }
            return try await store.finish(backfill, error: "\(refusal)", now: now())
        }
        let outlines = try await store.issueOutlines(claim.tenantID, listing.issues.map(\.id))
        let requested = listing.issues.filter { issue in
            guard let outline = outlines[issue.id], outline.wholeAt != nil, !outline.isGone, !outline.lacksFields
            else { return true }
            guard let updated = issue.updated, let known = outline.updated else { return true }
            return IssueComparison.isLater(updated, than: known)
        }
        try await store.recordPage(
            of: backfill, listed: listing.issues.count, requested: requested.map(\.id), nextPage: listing.nextPageToken,
            now: now())
    }

    /// The next page of a backfill, or Jira's refusal of the query; everything else is thrown.
    private func search(_ backfill: Backfill) async throws(JiraError) -> Result<JiraSearchPage, JiraError> {
        do throws(JiraError) {
            return .success(
                try await client.search(
                    jql: backfill.jql, fields: ["updated"], pageToken: backfill.pageToken, limit: Self.pageSize,
                    reconciling: []))
        } catch {
            guard case .badRequest = error else { throw error }
            return .failure(error)
        }
    }
}
