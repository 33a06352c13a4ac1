public import Domain
public import Foundation

/// What administering a tenant's webhook needs of the store. Every method is one transaction and sees one tenant only.
public protocol WebhookAdministrationStore: Sendable {
    /// The state of a tenant's access to Jira; nil when the tenant is unknown.
    func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus?
    /// The encrypted webhook secrets that verify at `now`, newest first; nil when the tenant is unknown.
    func sealedWebhookSecrets(_ id: TenantID, now: Timestamp) async throws -> [String]?
    /// Adds a webhook secret, encrypted. Throws `StorageError(.limitReached)` where the tenant has as many as it may.
    func addWebhookSecret(_ id: TenantID, secretID: UUID, encrypted: String, by actor: Actor, now: Timestamp)
        async throws
    /// Removes a webhook secret; false when there is no such secret.
    func removeWebhookSecret(_ id: TenantID, secretID: UUID, by actor: Actor) async throws -> Bool
    /// Lets all webhook secrets but one expire at `expiresAt`.
    func retireWebhookSecrets(_ id: TenantID, except secretID: UUID, expiresAt: Timestamp, by actor: Actor) async throws
    /// Whether a delivery is in the inbox.
    func hasDelivery(_ deliveryID: String, of tenantID: TenantID) async throws -> Bool
    /// When the tenant's last webhook was received; nil where there was none.
    func lastWebhookAt(_ id: TenantID) async throws -> Timestamp?
    /// How the writes to the tenant's Jira stand; nil when the tenant is unknown.
    func writeBackStatus(_ tenantID: TenantID) async throws -> WriteBackStatus?
}

/// What a search needs of the store. Every method is one transaction and sees one tenant only.
public protocol JiraSearchStore: Sendable {
    /// The state of a tenant's access to Jira; nil when the tenant is unknown.
    func jiraAccessStatus(_ tenantID: TenantID) async throws -> JiraAccessStatus?
    /// What is stored of these issues, by id; unknown ones are left out.
    func issueOutlines(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> [IssueID: IssueOutline]
    /// Stores Jira's answers as events in the inbox, and ends the fetches they come from.
    func keepFetched(
        _ deliveries: [WebhookDelivery], ending outcome: [IssueFetch: FetchOutcome], of tenantID: TenantID,
        now: Timestamp
    ) async throws
    /// Queues issues to be fetched that are not queued yet; how many.
    @discardableResult
    func requestFetches(
        _ issueIDs: [IssueID], of tenantID: TenantID, reason: FetchReason, backfillID: UUID?, now: Timestamp
    ) async throws -> Int
    /// How the fetch of an issue stands; nil when none is queued.
    func fetchStanding(_ tenantID: TenantID, _ issueID: IssueID) async throws -> FetchStanding?
    /// Whether no event of these issues waits to be scored.
    func areScored(_ tenantID: TenantID, _ issueIDs: [IssueID]) async throws -> Bool
    /// Makes the tenant's next sweep due at once; false when the tenant is unknown.
    func requestSweep(_ tenantID: TenantID, isFull: Bool, by actor: Actor, now: Timestamp) async throws -> Bool
}

/// Encrypts, decrypts and makes webhook secrets.
public struct SecretFunctions: Sendable {
    /// Encrypts a secret for the store.
    public var seal: @Sendable (String) throws -> String
    /// Decrypts one of the store's; throws when no configured key opens it.
    public var open: @Sendable (String) throws -> String
    /// Makes a new webhook secret.
    public var generate: @Sendable () -> String

    public init(
        seal: @escaping @Sendable (String) throws -> String, open: @escaping @Sendable (String) throws -> String,
        generate: @escaping @Sendable () -> String
    ) {
        self.seal = seal
        self.open = open
        self.generate = generate
    }
}
