import Domain
import Foundation

/// A mail about a tenant's account.
struct AccountMailView: Encodable, Sendable {
    var id: String
    var tenantID: TenantID
    var companyName: String
    var kind: AccountMailKind
    var occasion: String
    /// The address as it is now.
    var recipient: Nullable<String>
    var state: AccountMailState
    var attempts: Int
    var createdAt: Timestamp
    var dueAt: Timestamp
    var settledAt: Nullable<Timestamp>
    var reason: Nullable<String>

    init(_ mail: OfTenant<AccountMailRecord>) {
        id = mail.item.id.canonicalText
        tenantID = mail.tenantID
        companyName = mail.companyName
        kind = mail.item.kind
        occasion = mail.item.occasion
        recipient = Nullable(mail.item.recipient)
        state = mail.item.state
        attempts = mail.item.attempts
        createdAt = mail.item.createdAt
        dueAt = mail.item.dueAt
        settledAt = Nullable(mail.item.settledAt)
        reason = Nullable(mail.item.reason)
    }
}
