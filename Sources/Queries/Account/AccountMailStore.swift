public import Domain
public import Foundation

/// What the doors need of the store for recipients of mails about accounts.
public protocol AccountMailStore: Sendable {
    /// Whether a recipient gets the optional mails about a tenant's account; nil for an unknown tenant, and for
    /// somebody who has nothing to do with it. The recipient is a person, or the tenant itself for its contact address.
    func linkedAccountMails(_ id: TenantID, recipientID: UUID) async throws -> LinkedAccountMails?
    /// Switches the optional mails to a recipient off or on; false where the other knows none.
    func setAccountMails(
        _ id: TenantID, recipientID: UUID, isOff: Bool, by actor: Actor, now: Timestamp
    ) async throws -> Bool
}
