import Domain
import JiraCloud
import Queries
import Store

/// Answers JQL through the tenant's Jira: what the store lacks of the answer is fetched, and folded and scored by those who
/// do it for webhooks.
struct JiraSearch: JiraSearching {
    let store: RiskStore
    let connections: JiraConnections
    let isEnabled: Bool
    let onWork: @Sendable () -> Void
    let onJiraWork: @Sendable () -> Void

    /// How long an answer may wait for what it lacks.
    private static let patience = Duration.seconds(20)

    func issueIDs(matching jql: String, tenantID: TenantID, limit: Int) async throws -> [IssueID] {
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

    /// Fetches what the store does not have whole, and waits until it is scored.
    private func complete(_ ids: [IssueID], of tenantID: TenantID, with client: JiraClient) async throws {
        let known = try await store.issueOutlines(tenantID, ids)
        let missing = ids.filter { known[$0]?.wholeAt == nil || known[$0]?.isGone == true }
        if !missing.isEmpty {
            let began = Timestamp.now
            let answer = try await client.issues(missing)
            let deliveries = answer.found.map {
                $0.delivery(to: tenantID, began: began, isBack: known[$0.id]?.isGone == true, now: .now)
            }
            try await store.keepFetched(deliveries, ending: [:], of: tenantID, now: .now)
            onWork()
        }
        let deadline = ContinuousClock.now + Self.patience
        var delay = Duration.milliseconds(20)
        while try await !store.areScored(tenantID, ids), ContinuousClock.now < deadline {
            try await Task.sleep(for: delay)
            delay = min(delay * 2, .milliseconds(500))
        }
    }

    private func searchError(_ error: JiraError, of tenantID: TenantID) async throws -> JiraSearchError {
        switch error {
        case .unauthorized, .forbidden, .scopeMissing:
            // The synchroniser meets the same refusal, and tells people.
            _ = try await store.requestSweep(tenantID, isFull: false, by: .system("jira"), now: .now)
            onJiraWork()
            return .credentialsRefused
        case .badRequest(let message): return .invalidJQL(message: message)
        case .rateLimited(let until):
            let seconds = (until.milliseconds - Timestamp.now.milliseconds + 999) / 1000
            return .unreachable(retryAfterSeconds: Int(max(1, seconds)))
        default: return .unreachable(retryAfterSeconds: nil)
        }
    }
}
