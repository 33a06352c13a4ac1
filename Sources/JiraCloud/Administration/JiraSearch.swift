public import Domain

/// Finds issues through the tenant's Jira, by JQL or by key: those that the store lacks are fetched into the inbox, and
/// folded and scored as webhooks are.
public struct JiraSearch: Sendable {
    private let store: any JiraSearchStore
    private let connections: JiraConnections
    private let isEnabled: Bool
    private let wakeUps: WakeUps
    private let now: @Sendable () -> Timestamp
    private let lookups = IssueLookups()

    /// How long an answer may wait until fetched issues are scored.
    private static let scoringTimeout = Duration.seconds(20)
    /// How long an answer may wait for the first contact with a new tenant's Jira.
    private static let contactTimeout = Duration.seconds(10)

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
        try await waitForFirstContact(with: tenantID)
        let client = try await client(for: tenantID)
        do {
            let ids = try await listed(jql, limit: limit, by: client)
            try await complete(ids, of: tenantID, with: client)
            return ids
        } catch let error as JiraError {
            throw try await searchError(error, of: tenantID)
        }
    }

    /// The issue with this key, fetched whole where the store lacks it. It is stored and scored when this returns, which
    /// the caller's task waits for until it is cancelled; the fetch goes on then. Simultaneous calls for one key ask Jira
    /// once.
    ///
    /// - Returns: the key that it has now, which is another one where it was moved; nil where Jira has no such issue or does
    ///   not show it.
    /// - Throws: ``Domain/JiraSearchError``, and what the store throws.
    public func fetchIssue(_ key: IssueKey, tenantID: TenantID) async throws -> IssueKey? {
        let client = try await client(for: tenantID)
        do {
            let found = try await lookups.answer(to: .init(tenantID: tenantID, key: key)) {
                try await request(key, of: tenantID, with: client)
            }
            guard let found else { return nil }
            try await waitUntilScored(found.id, of: tenantID)
            return found.key
        } catch JiraError.badRequest {
            // There is no query that could be at fault.
            throw JiraSearchError.unreachable(retryAfterSeconds: nil)
        } catch let error as JiraError {
            throw try await searchError(error, of: tenantID)
        }
    }

    private func client(for tenantID: TenantID) async throws -> JiraClient {
        guard isEnabled else { throw JiraSearchError.notConfigured }
        guard try await store.jiraAccessStatus(tenantID)?.stoppedAt == nil else {
            throw JiraSearchError.credentialsRefused
        }
        guard let client = try await connections.client(for: tenantID) else { throw JiraSearchError.notConfigured }
        return client
    }

    /// The synchronizer's first contact finds out which custom fields the site has: issues fetched before it would lack
    /// their sprints and story points.
    private func waitForFirstContact(with tenantID: TenantID) async throws {
        guard isEnabled else { return }
        let deadline = ContinuousClock.now + Self.contactTimeout
        while let status = try await store.jiraAccessStatus(tenantID), status.sweptAt == nil, status.stoppedAt == nil,
            status.lastError == nil, ContinuousClock.now < deadline
        {
            wakeUps.jira()
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Which issue it is, after a fetch of it was queued where the store needs one. The fetch is a row, so that it is made
    /// once by all nodes, and goes on after the request.
    private func request(
        _ key: IssueKey, of tenantID: TenantID, with client: JiraClient
    ) async throws -> IssueIdentity? {
        guard let found = try await client.identity(ofIssue: key) else { return nil }
        let outline = try await store.issueOutlines(tenantID, [found.id])[found.id]
        // Without a move the store would have been found to have it under this key.
        if outline?.wholeAt == nil || outline?.isGone == true || found.key == key {
            try await store.requestFetches([found.id], of: tenantID, reason: .asked, backfillID: nil, now: now())
            wakeUps.jira()
        }
        return found
    }

    private func waitUntilScored(_ id: IssueID, of tenantID: TenantID) async throws {
        var delay = Duration.milliseconds(20)
        while true {
            switch try await store.fetchStanding(tenantID, id) {
            case nil: if try await store.areScored(tenantID, [id]) { return }
            case .waiting: break
            case .parked: throw JiraSearchError.unreachable(retryAfterSeconds: nil)
            }
            try await Task.sleep(for: delay)
            delay = min(delay * 2, .milliseconds(250))
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
