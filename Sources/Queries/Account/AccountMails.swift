public import Domain
public import Foundation

/// The mails about the accounts of all tenants, for the host's owner. All throw ``QueryError``, ``RequestError``, and what the
/// store throws.
public struct AccountMails: Sendable {
    private let store: any OperatorStore
    private let now: @Sendable () -> Timestamp

    public init(store: any OperatorStore, now: @escaping @Sendable () -> Timestamp) {
        self.store = store
        self.now = now
    }

    /// The newest first.
    ///
    /// - Parameter state: nil for all.
    public func all(
        in state: AccountMailState?, for principal: Principal, after cursor: String?, limit: Int
    ) async throws -> Page<OfTenant<AccountMailRecord>> {
        guard principal.may(.operate) else { throw QueryError.forbidden(.operate) }
        return try await store.accountMailsOfHost(state: state, after: cursor, limit: limit)
    }

    /// Has one that was given up tried again.
    public func retry(_ id: UUID, by principal: Principal) async throws {
        guard principal.may(.operate) else { throw QueryError.forbidden(.operate) }
        guard try await store.retryAccountMail(id, by: principal.actor, now: now()) else {
            throw RequestError.unknownAccountMail
        }
    }
}
