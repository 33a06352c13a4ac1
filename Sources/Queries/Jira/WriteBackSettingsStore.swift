public import Domain

/// What the doors need of the store to show and change what is written into a tenant's Jira. Every method is one transaction.
public protocol WriteBackSettingsStore: Sendable {
    /// How the writes stand; nil when the tenant is unknown.
    func writeBackStatus(_ tenantID: TenantID) async throws -> WriteBackStatus?
    /// Which custom fields of the tenant's Jira hold what; nil where that was not found out.
    func jiraFields(_ tenantID: TenantID) async throws -> CustomFields?
    /// Switches them on, or changes them. False when the tenant is unknown.
    func setWriteBack(
        _ tenantID: TenantID, _ settings: WriteBackSettings, by actor: Actor, now: Timestamp
    ) async throws -> Bool
    /// Switches them off; what was written stays. False where they are off.
    func endWriteBack(_ tenantID: TenantID, by actor: Actor, now: Timestamp) async throws -> Bool
    /// Notes that a comment is about to be posted under an account, by which it will be known as consilod's own. False where
    /// writes are off.
    func beginJiraComment(
        _ tenantID: TenantID, on key: IssueKey, account: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool
}
