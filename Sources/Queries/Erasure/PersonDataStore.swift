public import Domain

/// What the doors need of the store for people of Jira. `by` names who causes it; no row of the audit log has the account id.
public protocol PersonDataStore: Sendable {
    /// The rows that hold something of a person, with what they hold. A page may have fewer rows than `limit` and not be the
    /// last.
    func personRecords(
        of tenantID: TenantID, account: String, after cursor: String?, limit: Int, by actor: Actor, now: Timestamp
    ) async throws -> Page<PersonRecord>
    /// Begins to erase a person, or says what became of it; nil for an unknown tenant.
    func beginErasure(
        of tenantID: TenantID, account: String, by actor: Actor, now: Timestamp
    ) async throws -> PersonErasure?
    /// Goes on until nothing is left or `proceed` says no; nil for an unknown person.
    func continueErasure(
        of tenantID: TenantID, person personID: String, proceed: @escaping @Sendable () async -> Bool
    ) async throws -> PersonErasure?
}
