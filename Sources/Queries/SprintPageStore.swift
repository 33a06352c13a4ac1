public import Domain

/// What the pages of sprints need of the store beside ``QueryStore``.
public protocol SprintPageStore: Sendable {
    /// The active sprints and others, those with the largest numbers; at most `limit`.
    func sprintListings(_ id: TenantID, limit: Int) async throws -> [SprintListing]
    /// A sprint by its id; nil for one of which no issue is known, and for a deleted one.
    func sprintListing(_ id: TenantID, sprintID: String) async throws -> SprintListing?
}
