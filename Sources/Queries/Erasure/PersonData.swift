public import Domain

/// People of Jira whose data is stored, for a tenant's owners. All methods throw ``QueryError``, ``RequestError``, and what the
/// store throws.
public struct PersonData: Sendable {
    /// The most characters of an account id (Jira Cloud: 128).
    public static let longestID = 128
    /// How long a request works on an erasure; the rest follows by itself.
    private static let patience = Duration.seconds(20)

    private let store: any PersonDataStore
    private let now: @Sendable () -> Timestamp

    public init(store: any PersonDataStore, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// A page of what is stored of a person.
    public func records(
        of account: String, after cursor: String?, limit: Int, for principal: Principal
    ) async throws -> Page<PersonRecord> {
        let tenantID = try principal.tenant(to: .administer).id
        return try await store.personRecords(
            of: tenantID, account: try Self.checked(account), after: cursor, limit: limit, by: principal.actor,
            now: now())
    }

    /// Erases a person; how far it came.
    public func erase(_ account: String, by principal: Principal) async throws -> PersonErasure {
        let tenantID = try principal.tenant(to: .administer).id
        let begun = try await store.beginErasure(
            of: tenantID, account: try Self.checked(account), by: principal.actor, now: now())
        guard let begun else { throw QueryError.tenantRequired }
        let began = ContinuousClock.now
        let state = try await store.continueErasure(of: tenantID, person: begun.person.id) {
            .now - began < Self.patience
        }
        return state ?? begun
    }

    /// Throws for what is the id of no account.
    private static func checked(_ account: String) throws -> String {
        let isGood =
            (1...longestID).contains(account.utf8.count) && !account.hasPrefix("erased-")
            && account.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.value >= 0x20 }
        guard isGood else {
            throw RequestError.invalid([
                FieldError(
                    field: "account_id", message: "must be the id of an account in Jira, of 1 to \(longestID) bytes")
            ])
        }
        return account
    }
}
