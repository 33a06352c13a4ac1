public import Domain

/// Answers JQL through the tenant's Jira: issues of the answer that the store lacks are fetched into the inbox, and folded
/// and scored as webhooks are.
public struct JiraSearch: Sendable {
    private let store: any JiraSearchStore
    private let connections: JiraConnections
    private let isEnabled: Bool
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp

    /// How long an answer may wait until fetched issues are scored.
    private static let scoringTimeout = Duration.seconds(20)

    /// - Parameters:
    ///   - isEnabled: whether this host makes calls to Jira; every search throws `.notConfigured` otherwise.
    ///   - wakeUps: called when events were stored in the inbox, or a sweep was requested.
    public init(
        store: any JiraSearchStore, connections: JiraConnections, isEnabled: Bool, wakeUps: WakeUps,
        now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.connections = connections
        self.isEnabled = isEnabled
        self.wakeUps = wakeUps
        self.now = now
    }

    /// The issues that Jira shows for `jql`, in Jira's order, at most `limit`. They are in the store and scored when this
    /// returns; one that is not is left out of what is counted.
    ///
    /// Throws ``Domain/JiraSearchError``, and what the store throws.
    public func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID] {
        guard isEnabled else { throw JiraSearchError.notConfigured }
        guard try await store.jiraAccessStatus(tenantID)?.stoppedAt == nil else {
            throw JiraSearchError.credentialsRefused
        }
        guard let client = try await connections.client(for: tenantID) else { throw JiraSearchError.notConfigured }
        do {
            let ids = try await listed(jql, limit: limit, by: client)
            try await complete(ids, of: tenantID, with: client)
            return ids
        } catch let error as JiraError {
            throw try await searchError(error, of: tenantID)
        }
    }

    private func listed(_ jql: String, limit: Int, by client: JiraClient) async throws(JiraError) -> [IssueID] {
        var ids: [IssueID] = []
        var page: String?
        repeat {
            let listing = try await client.search(
                jql: jql, fields: ["id"], pageToken: page, limit: limit - ids.count, reconciling: [])
            ids += listing.issues.map(\.id)
            page = listing.nextPageToken
        } while page != nil && ids.count < limit
        return Array(ids.prefix(limit))
    }

    /// Fetches the issues that the store has not complete, and waits until they are scored.
    private func complete(_ ids: [IssueID], of tenantID: TenantID, with client: JiraClient) async throws {
        let known = try await store.issueOutlines(tenantID, ids)
        let missing = ids.filter { known[$0]?.wholeAt == nil || known[$0]?.isGone == true }
        if !missing.isEmpty {
            let began = now()
            let answer = try await client.issues(missing)
            let deliveries = answer.found.map {
                $0.delivery(to: tenantID, began: began, isBack: known[$0.id]?.isGone == true, now: now())
            }
            try await store.keepFetched(deliveries, ending: [:], of: tenantID, now: now())
            wakeUps.issues()
        }
        let deadline = ContinuousClock.now + Self.scoringTimeout
        var delay = Duration.milliseconds(20)
        while try await !store.areScored(tenantID, ids), ContinuousClock.now < deadline {
            try await Task.sleep(for: delay)
            delay = min(delay * 2, .milliseconds(500))
        }
    }

    private func searchError(_ error: JiraError, of tenantID: TenantID) async throws -> JiraSearchError {
        switch error {
        case .unauthorized, .forbidden, .scopeMissing:
            // The synchronizer meets the same refusal, and raises the alert.
            _ = try await store.requestSweep(tenantID, isFull: false, by: .system("jira"), now: now())
            wakeUps.jira()
            return .credentialsRefused
        case .badRequest(let message): return .invalidJQL(message: message)
        case .rateLimited(let until):
            let seconds = (until.milliseconds - now().milliseconds + 999) / 1000
            return .unreachable(retryAfterSeconds: Int(max(1, seconds)))
        default: return .unreachable(retryAfterSeconds: nil)
        }
    }
}
