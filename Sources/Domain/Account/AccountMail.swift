public import Foundation

/// What a mail about a tenant's account says. The raw values are those of `account_mails.kind`.
public enum AccountMailKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The trial has begun.
    case trialStarted = "trial_started"
    /// The trial ends within three days.
    case trialEnding = "trial_ending"
    /// The trial has ended.
    case trialEnded = "trial_ended"
    /// The trial ended a day ago.
    case trialOver = "trial_over"
    /// 80 % of a monthly limit are used.
    case usageNear = "usage_near"
    /// A monthly limit is used up.
    case usageReached = "usage_reached"
    /// A payment failed.
    case paymentFailed = "payment_failed"
    /// The account is suspended within three days unless a payment is made.
    case graceEnding = "grace_ending"
    /// The account is suspended, or closed until it is paid for.
    case suspended
    /// The account is no longer suspended or closed.
    case restored
    /// What is left of the set-up.
    case onboarding

    /// Whether a recipient can switch it off. What says that something stops working cannot be.
    public var isOptional: Bool {
        switch self {
        case .onboarding, .usageNear: true
        case .trialStarted, .trialEnding, .trialEnded, .trialOver, .usageReached, .paymentFailed, .graceEnding,
            .suspended, .restored:
            false
        }
    }
}

/// What tells the mails of a tenant apart: of each there is one row.
public struct AccountMailKey: Sendable, Hashable {
    /// What it says.
    public var kind: AccountMailKind
    /// What it is said about, within the kind: the end of a trial, a month, a kind of analysis and its limit, a day of the
    /// set-up.
    public var occasion: String
    /// The person; for the contact address of a tenant without owners, the tenant's own id.
    public var recipientID: UUID

    public init(kind: AccountMailKind, occasion: String, recipientID: UUID) {
        self.kind = kind
        self.occasion = occasion
        self.recipientID = recipientID
    }
}

/// A step of a tenant's set-up.
public enum OnboardingStep: String, Sendable, Hashable, CaseIterable {
    /// Jira sends webhooks.
    case webhook
    /// Issues from before were fetched.
    case backfill
    /// Alerts have somewhere to go.
    case channel
}

/// What is known of a tenant when its mails are decided: all of it was read in one transaction.
public struct AccountMailFacts: Sendable, Hashable {
    /// The tenant.
    public var tenantID: TenantID
    /// Its Jira site, which the mails name.
    public var siteURL: String
    /// The state of its subscription.
    public var status: Tenant.Status
    /// When it was created.
    public var createdAt: Timestamp
    /// When its trial ends; nil for one without an end, and outside a trial.
    public var trialEndsAt: Timestamp?
    /// Whether it has a subscription at Stripe that has begun and not ended: then a trial is followed by a payment.
    public var hasSubscription: Bool
    /// What it may use in a month.
    public var limits: PlanLimits
    /// What it used in the present month.
    public var used: UsageCount
    /// What is left of its set-up; not looked at, and so empty, for a tenant that is older than the mails about it, and where no
    /// mail about it is asked for.
    public var stepsLeft: Set<OnboardingStep>
    /// Whether it is to be deleted. Then it gets no mail.
    public var isLeaving: Bool
    /// The addresses that mails go to, by the recipient's id: those of its owners that are confirmed, else the contact
    /// address under the tenant's own id.
    public var recipients: [UUID: String]
    /// Recipients who switched optional mails off.
    public var optedOut: Set<UUID>
    /// The mails that are kept already, whatever became of them.
    public var known: Set<AccountMailKey>

    public init(
        tenantID: TenantID, siteURL: String, status: Tenant.Status, createdAt: Timestamp, trialEndsAt: Timestamp?,
        hasSubscription: Bool = false, limits: PlanLimits,
        used: UsageCount = UsageCount(issue: 0, sprint: 0, portfolio: 0), stepsLeft: Set<OnboardingStep> = [],
        isLeaving: Bool = false, recipients: [UUID: String] = [:], optedOut: Set<UUID> = [],
        known: Set<AccountMailKey> = []
    ) {
        self.tenantID = tenantID
        self.siteURL = siteURL
        self.status = status
        self.createdAt = createdAt
        self.trialEndsAt = trialEndsAt
        self.hasSubscription = hasSubscription
        self.limits = limits
        self.used = used
        self.stepsLeft = stepsLeft
        self.isLeaving = isLeaving
        self.recipients = recipients
        self.optedOut = optedOut
        self.known = known
    }

    /// Whether a recipient is the contact address of a tenant without owners.
    public func isContact(_ recipientID: UUID) -> Bool { recipientID == tenantID.uuid }
}

/// How long after its creation a tenant is reminded of its set-up, in days.
public enum OnboardingDays {
    /// The days on which a mail is due.
    public static let all = [0, 1, 3, 7]
    /// From when on no mail is due.
    public static let end = 14
}
