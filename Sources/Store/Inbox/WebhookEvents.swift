public import Domain

extension RiskStore {
    /// When Jira's last webhook of a tenant came, whatever became of it; nil where none is stored. consilod's own
    /// events, which are named `consilod:…`, do not count.
    public func lastWebhookAt(_ tenantID: TenantID) async throws -> Timestamp? {
        try await driver.read {
            try WebhookStatements.lastReceivedAt($0.query([WebhookStatements.selectLast(tenantID)])[0])
        }
    }

    /// Whether a delivery of a tenant has been stored.
    public func hasDelivery(_ deliveryID: String, of tenantID: TenantID) async throws -> Bool {
        try await driver.read { try WebhookStatements.isStored(deliveryID, of: tenantID, in: $0) }
    }
}

/// The statements on a tenant's webhooks that other transactions share.
enum WebhookStatements {
    /// Whether a delivery of a tenant has been stored.
    static func isStored(
        _ deliveryID: String, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> Bool {
        try connection.first(
            "SELECT 1 FROM webhook_events WHERE tenant_id = ? AND delivery_id = ?",
            [.tenant(tenantID), .text(deliveryID)]) != nil
    }

    /// The last one that is not consilod's own.
    static func selectLast(_ tenantID: TenantID) -> SQLQuery {
        SQLQuery(
            """
            SELECT received_at FROM webhook_events WHERE tenant_id = ? AND event NOT LIKE 'consilod:%'
            ORDER BY id DESC LIMIT 1
            """, [.tenant(tenantID)])
    }

    /// When what ``selectLast(_:)`` gave was received; nil for none.
    static func lastReceivedAt(_ rows: [SQLRow]) throws -> Timestamp? { try rows.first?.timestamp() }
}
