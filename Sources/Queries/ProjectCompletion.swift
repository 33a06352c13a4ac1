public import Domain

/// How much of what was asked for an answer is made from.
public enum Coverage: String, Encodable, Sendable {
    /// The store holds every issue of the projects: a backfill fetched them, and webhooks and sweeps keep them current.
    case whole
    /// Jira was asked for the issues that the store lacked.
    case asked
    /// What webhooks have brought: the store does not hold all issues, and Jira could not be asked.
    case seen
}

/// Makes sure that an answer about projects is made from all of their issues.
public struct ProjectCompletion: Sendable {
    private let store: any QueryStore
    private let jira: any JiraSearching

    public init(store: any QueryStore, jira: any JiraSearching) {
        self.store = store
        self.jira = jira
    }

    /// Most issues that Jira is asked for in one answer; for more there are backfills.
    private static let limit = 1000
    /// How long an answer waits for Jira.
    private static let timeLimit = Duration.seconds(20)

    /// Fetches the issues that a query about these projects finds and the store lacks, unless it holds the projects
    /// complete.
    public func complete(_ projectKeys: [String], jql: String, of tenantID: TenantID) async throws -> Coverage {
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
                try await Task.sleep(for: Self.timeLimit)
                return .seen
            }
            defer { group.cancelAll() }
            return try await group.next() ?? .seen
        }
    }
}
