public import Domain

/// How long each kind of data is kept, in days; nil keeps it without limit.
public struct RetentionPolicy: Sendable, Hashable {
    /// Bodies of webhooks that were applied or ignored, from their receipt on. The row itself stays, and so the delivery
    /// is still recognized as a duplicate.
    public var payloadDays: Int? = 30
    /// The rows of such webhooks, from their receipt on; not below ``payloadDays``. A delivery repeated later is
    /// a new one to the inbox, and joins the issue without changing it. Jira itself sends again for about an hour.
    public var webhookDays: Int? = 400
    /// Webhooks that were not understood, with their bodies, from their receipt on.
    public var rejectedDays: Int? = 400
    /// Analyses, from their writing on. Each issue keeps its newest one and what trends and spikes look back on.
    public var historyDays: Int? = 730
    /// Uses of the API, from the use on. Those of the current calendar month are never removed: plan limits count them.
    public var usageDays: Int? = 400
    /// Alerts with their deliveries, from the raising on; none that still waits to be delivered.
    public var alertDays: Int? = 365
    /// Issues that were deleted in Jira, with all that belongs to them, from when the deletion was noticed on.
    public var deletedIssueDays: Int? = 90
    /// What a model read, from its last analysis on, once no issue's analysis is that model's any more.
    public var unusedReadingDays: Int? = 30
    /// Rows of the audit log, from their writing on.
    public var auditDays: Int? = 400
    /// People who belong to no tenant, from their last sign-in on, and invitations that were accepted or have ended.
    public var unusedUserDays: Int? = 90

    /// Mails about accounts are kept as long as alerts, and never shorter than this: a row keeps its mail from being sent twice.
    public static let accountMailDays = 62

    public init() {}
}

/// What a pass of ``RiskStore/removeExpired(_:currentModel:now:proceed:)`` removed.
public struct RetentionOutcome: Sendable, Hashable {
    /// What was removed: the kinds of data of ``RetentionPolicy``, and the rows of deleted tenants.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case payloads, webhooks, rejected, history, usage, alerts, issues, readings, tenants, audit, users, invitations
        case accountMails = "account_mails"
    }

    /// Rows by kind, only those above zero; for ``Kind/issues`` and ``Kind/tenants`` one for each, whatever belonged to
    /// it.
    public var removed: [Kind: Int] = [:]
    /// Tenants whose time to be deleted has come, and that are kept because a subscription of theirs renews itself.
    public var keptTenants: [TenantID] = []
    /// False when the pass was told to stop before its end.
    public var isComplete = true

    public init() {}

    mutating func add(_ count: Int, to kind: Kind) {
        guard count > 0 else { return }
        removed[kind, default: 0] += count
    }
}
