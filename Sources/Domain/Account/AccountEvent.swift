/// Something that happened to a tenant's subscription, of which its owners are informed. Other than trials and usage it is not
/// decided by looking at the clock: who changes the subscription reports it.
public enum AccountEvent: Sendable, Hashable {
    /// A payment failed. `occasion` names it, so that the same failure reported twice is one mail: the id of an invoice. What
    /// the tenant has holds until `graceEndsAt`; nil where there is no period of grace.
    case paymentFailed(occasion: String, graceEndsAt: Timestamp?)
    /// A payment was made: no period of grace ends any more.
    case paid
    /// The account was suspended, or closed until it is paid for.
    case suspended(at: Timestamp)
    /// The account is no longer suspended or closed.
    case restored(at: Timestamp)

    /// How long before the end of a period of grace a mail says so, in days.
    public static let graceNoticeDays = 3

    /// What a change of the status means for the owners; nil for what they are not informed of. Where a subscription that was
    /// not paid for ends, the account has the plan `free`: then nothing is as it was before.
    ///
    /// - Parameter plan: what the tenant has after the change.
    public init?(from before: Tenant.Status, to after: Tenant.Status, plan: Plan, at now: Timestamp) {
        switch (before, after) {
        case (.suspended, .suspended): return nil
        case (_, .suspended): self = .suspended(at: now)
        case (.trial, .cancelled), (.active, .cancelled): self = .suspended(at: now)
        case (.suspended, .trial), (.suspended, .active): self = .restored(at: now)
        case (.cancelled, .active) where plan != .free: self = .restored(at: now)
        default: return nil
        }
    }

    /// A mail that an event asks for.
    public struct Mail: Sendable, Hashable {
        /// What it says.
        public var kind: AccountMailKind
        /// Which event it is about.
        public var occasion: String
        /// When it is due.
        public var dueAt: Timestamp
        /// The instant that it speaks of; nil for none.
        public var refersTo: Timestamp?
    }

    /// The mails to be kept, each for every recipient. That a period of grace ends is said three days before, at the earliest a
    /// day after the failure.
    public func mails(at now: Timestamp) -> [Mail] {
        switch self {
        case .paymentFailed(let occasion, let graceEndsAt):
            var mails = [Mail(kind: .paymentFailed, occasion: occasion, dueAt: now, refersTo: graceEndsAt)]
            if let graceEndsAt {
                let dueAt = max(graceEndsAt.adding(days: -Self.graceNoticeDays), now.adding(days: 1))
                if dueAt < graceEndsAt {
                    mails.append(Mail(kind: .graceEnding, occasion: occasion, dueAt: dueAt, refersTo: graceEndsAt))
                }
            }
            return mails
        case .paid: return []
        case .suspended(let at): return [Mail(kind: .suspended, occasion: at.description, dueAt: now)]
        case .restored(let at): return [Mail(kind: .restored, occasion: at.description, dueAt: now)]
        }
    }

    /// What is not sent any more because of it, where it still waits. A failed payment takes the place of an earlier one: what
    /// that one said of the end of the grace is no longer so, as where another subscription is overdue now. That an account is open
    /// again is no payment: the operator may have ended a suspension within a grace, whose end is still to be said.
    public var ends: [AccountMailKind] {
        switch self {
        case .suspended, .restored: []
        case .paymentFailed, .paid: [.paymentFailed, .graceEnding]
        }
    }

    /// The occasion whose mails it does not end; nil where it ends those of all.
    public var keptOccasion: String? {
        if case .paymentFailed(let occasion, _) = self { occasion } else { nil }
    }
}
