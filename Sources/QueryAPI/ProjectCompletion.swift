import Domain

/// How much of what was asked for an answer is made from.
enum Coverage: String, Encodable, Sendable {
    /// The store holds every issue of the projects: a backfill brought them, and webhooks and sweeps keep them.
    case whole
    /// Jira was asked for the issues that the store lacked.
    case asked
    /// What webhooks happened to tell of: the store does not hold all, and Jira could not be asked.
    case seen
}

/// Sees to it that an answer about projects is made from all of their issues.
struct ProjectCompletion: Sendable {
    var store: any QueryStore
    var jira: any JiraSearching

    /// Most issues that one answer has Jira asked for. Of more, a backfill is the way.
    private static let limit = 1000
    /// How long an answer waits for Jira.
    private static let patience = Duration.seconds(20)

    /// Has Jira asked for the issues that a query about these projects finds and the store lacks, unless it holds the
    /// projects whole.
    func complete(_ projectKeys: [String], jql: String, of tenantID: TenantID) async throws -> Coverage {
        var holdsAll = true
        for key in projectKeys where holdsAll {
            holdsAll = try await store.holdsWholeProject(tenantID, projectKey: key)
        }
        guard !holdsAll else { return .whole }
        return try await withThrowingTaskGroup(of: Coverage.self) { group in
            group.addTask {
                do {
                    let ids = try await jira.issueIDs(matching: jql, tenantID: tenantID, limit: Self.limit)
                    return ids.count < Self.limit ? .asked : .seen
                } catch is JiraSearchError {
                    // What is known is an answer too, and says how much it is.
                    return .seen
                }
            }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return .seen
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .seen
        }
    }
}
