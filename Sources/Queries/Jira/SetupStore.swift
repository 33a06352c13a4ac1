public import Domain

/// What setting up needs of the store beside ``QueryStore``.
public protocol SetupStore: QueryStore, JiraAccessStore {
    /// When the tenant's last webhook was received; nil where there was none.
    func lastWebhookAt(_ id: TenantID) async throws -> Timestamp?
}
