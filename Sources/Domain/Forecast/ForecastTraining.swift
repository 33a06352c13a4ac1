/// Why a tenant's model is trained.
public enum TrainingReason: String, Sendable, Codable, CaseIterable {
    /// A backfill has brought older issues.
    case backfill
    /// A week has passed.
    case weekly
    /// A day has passed: what forecasts rest on is computed again, and the model only if a week has passed, too.
    case daily
    /// What has happened since is not what the model expected.
    case drift
    /// Somebody asked for it.
    case manual
}

/// A tenant whose model is due to be trained, claimed under a lease: until it expires, no other node takes it.
public struct TrainingClaim: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// Names the lease; what is recorded under an expired one has no effect.
    public var leaseToken: String
    /// Why it is trained.
    public var reason: TrainingReason
    /// Failed attempts in a row before this one.
    public var attempts: Int

    public init(tenantID: TenantID, leaseToken: String, reason: TrainingReason, attempts: Int) {
        self.tenantID = tenantID
        self.leaseToken = leaseToken
        self.reason = reason
        self.attempts = attempts
    }
}

/// How the training of a tenant's model stands.
public struct TrainingStatus: Sendable, Hashable {
    /// When it is next due; nil while a node is at it.
    public var dueAt: Timestamp?
    /// Why it is, or will be, trained.
    public var reason: TrainingReason
    /// When it last ended without an error; nil before the first time.
    public var trainedAt: Timestamp?
    /// Failed attempts in a row.
    public var attempts: Int
    /// Why the last attempt failed; nil when it did not.
    public var lastError: String?

    public init(
        dueAt: Timestamp?, reason: TrainingReason, trainedAt: Timestamp?, attempts: Int, lastError: String?
    ) {
        self.dueAt = dueAt
        self.reason = reason
        self.trainedAt = trainedAt
        self.attempts = attempts
        self.lastError = lastError
    }
}
