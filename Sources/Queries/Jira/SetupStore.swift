public import Domain

/// What setting up needs of the store beside ``QueryStore``.
public protocol SetupStore: QueryStore, JiraAccessStore {
    /// How far a tenant's set-up is, in one transaction.
    ///
    /// - Parameter backfillLimit: backfills that are given at most.
    func setupFigures(_ id: TenantID, backfillLimit: Int) async throws -> SetupFigures
}
