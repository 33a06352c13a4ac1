public import Domain

/// What training needs of the store.
public protocol TrainingStore: Sendable {
    // MARK: What is learned from
    func statusCatalog(_ id: TenantID) async throws -> StatusCatalog
    /// A page of the tenant's issues in the order of their ids.
    func issueHistories(of tenantID: TenantID, after: IssueID?, limit: Int) async throws -> [StoredIssueHistory]
    /// The rule scores of the tenant's issues, with the profile that gave each.
    func pastScores(_ tenantID: TenantID) async throws -> [PastScore]

    // MARK: Trainings
    /// A tenant whose model is due, leased; nil when none is.
    func claimTraining(now: Timestamp, leaseUntil: Timestamp) async throws -> TrainingClaim?
    /// Throws `StorageError(.stale)` when the lease was lost.
    func renew(_ claim: TrainingClaim, until: Timestamp) async throws
    func giveBack(_ claim: TrainingClaim, now: Timestamp) async throws
    func release(_ claim: TrainingClaim, dueAt: Timestamp, error: String?, now: Timestamp) async throws

    // MARK: Models and what they rest on
    func activeModelID(_ tenantID: TenantID) async throws -> String?
    /// The newest first, without their files.
    func models(_ tenantID: TenantID) async throws -> [ForecastModelRecord]
    func model(_ tenantID: TenantID, id: String) async throws -> ForecastModelRecord?
    /// Throws `StorageError(.stale)` when the lease was lost.
    func saveModel(_ model: ForecastModelRecord, under claim: TrainingClaim) async throws
    @discardableResult
    func retireModel(_ tenantID: TenantID, id: String, as state: ForecastModelRecord.State) async throws -> Bool
    func forecastBasisWithoutPace(_ tenantID: TenantID) async throws -> ForecastBasis?
    /// Throws `StorageError(.stale)` when the lease was lost.
    func saveForecastBasis(_ basis: ForecastBasis, under claim: TrainingClaim) async throws

    // MARK: Backtests
    func claimBacktest(now: Timestamp, leaseUntil: Timestamp) async throws -> BacktestClaim?
    /// Throws `StorageError(.stale)` when the lease was lost.
    func renew(_ claim: BacktestClaim, done: Int, total: Int, until: Timestamp) async throws
    func release(_ claim: BacktestClaim) async throws
    /// Throws `StorageError(.stale)` when the lease was lost.
    func finish(_ claim: BacktestClaim, result: String?, error: String?, now: Timestamp) async throws
}
