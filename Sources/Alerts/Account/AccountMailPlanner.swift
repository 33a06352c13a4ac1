public import Domain
import Foundation

/// Decides which mails about an account are due. Pure: the same facts and the same instant give the same mails, and those that
/// are kept already are not among them.
///
/// Every occasion has a time in which it is worth saying. A host that was off during all of it says nothing late; within it the
/// order of looks does not matter.
public struct AccountMailPlanner: Sendable, Hashable {
    /// Whether tenants are reminded of their set-up.
    public var sendsOnboarding: Bool

    /// How long before the end of a trial a mail says so, in days.
    static let noticeDays = 3
    /// How long after the beginning of a trial a mail says that it began, in days.
    private static let beginningDays = 2
    /// How long after the end of a trial the last mail about it is sent, in days.
    private static let overDays = 8
    /// A tenant that is set up within this time of its creation gets no mail about it.
    private static let setUpSeconds: Int64 = 3600
    /// The share of a monthly limit from which on a mail says so, in percent.
    static let nearPercent = 80

    public init(sendsOnboarding: Bool = true) { self.sendsOnboarding = sendsOnboarding }

    /// The mails to be kept now, in a fixed order.
    ///
    /// - Parameter now: nil while the clock is not trusted; then no mail is due.
    public func due(_ facts: AccountMailFacts, now: Timestamp?) -> [AccountMailKey] {
        guard let now else { return [] }
        var keys: [AccountMailKey] = []
        for occasion in occasions(facts, now: now) {
            for recipient in facts.recipients.keys.sorted() {
                let key = AccountMailKey(kind: occasion.kind, occasion: occasion.text, recipientID: recipient)
                let isUnwanted = key.kind.isOptional && facts.optedOut.contains(recipient)
                if !isUnwanted, !facts.known.contains(key) { keys.append(key) }
            }
        }
        return keys
    }

    /// Why a mail that was kept is not to be sent any more; nil where it still says what is true.
    func reasonToLeaveOut(_ claim: AccountMailClaim, now: Timestamp) -> String? {
        let (facts, key) = (claim.facts, claim.key)
        if key.kind.isOptional, facts.optedOut.contains(key.recipientID) { return "switched off by the recipient" }
        return isTrue(key, refersTo: claim.refersTo, facts, now: now) ? nil : "no longer true when it was due"
    }

    private func isTrue(
        _ key: AccountMailKey, refersTo: Timestamp?, _ facts: AccountMailFacts, now: Timestamp
    ) -> Bool {
        switch key.kind {
        case .suspended: return facts.status == .suspended || facts.status == .cancelled
        case .restored: return facts.status == .trial || facts.status == .active
        case .paymentFailed: return facts.status != .cancelled && facts.status != .suspended
        case .graceEnding:
            return facts.status != .cancelled && facts.status != .suspended && refersTo.map { $0 > now } ?? false
        case .trialStarted, .trialEnding, .trialEnded, .trialOver, .usageNear, .usageReached, .onboarding:
            return occasions(facts, now: now).contains(Occasion(key.kind, key.occasion))
        }
    }

    // MARK: Occasions

    private struct Occasion: Hashable {
        var kind: AccountMailKind
        var text: String

        init(_ kind: AccountMailKind, _ text: String) {
            self.kind = kind
            self.text = text
        }
    }

    private func occasions(_ facts: AccountMailFacts, now: Timestamp) -> [Occasion] {
        guard !facts.isLeaving, facts.status == .trial || facts.status == .active else { return [] }
        let trial = facts.status == .trial ? trialOccasion(facts, now: now) : nil
        // After the end of a trial only that counts.
        let isOver = facts.status == .trial && facts.trialEndsAt.map { $0 <= now } ?? false
        var occasions: [Occasion] = []
        if let trial { occasions.append(trial) }
        guard !isOver else { return occasions }
        return occasions + usageOccasions(facts, now: now) + onboardingOccasions(facts, now: now)
    }

    /// At most one holds at any instant; none where a subscription goes on after the trial.
    private func trialOccasion(_ facts: AccountMailFacts, now: Timestamp) -> Occasion? {
        guard !facts.hasSubscription, let end = facts.trialEndsAt, now >= facts.createdAt else { return nil }
        if now >= end.adding(days: Self.overDays) { return nil }
        if now >= end.adding(days: 1) { return Occasion(.trialOver, end.description) }
        if now >= end { return Occasion(.trialEnded, end.description) }
        let notice = end.adding(days: -Self.noticeDays)
        // The first mail names the end as well: of a short trial there is no other one before it.
        if now >= notice, notice >= facts.createdAt.adding(days: 1) { return Occasion(.trialEnding, end.description) }
        return now < facts.createdAt.adding(days: Self.beginningDays) ? Occasion(.trialStarted, "sign-up") : nil
    }

    private func usageOccasions(_ facts: AccountMailFacts, now: Timestamp) -> [Occasion] {
        let month = CalendarMonth(containing: now).name
        return UsageAction.allCases.compactMap { action -> Occasion? in
            // What a plan has not at all is not used up.
            guard let limit = facts.limits[action], limit > 0 else { return nil }
            // With its value: a limit that was raised is another one, which may be used up in the same month.
            let occasion = "\(month)/\(action.rawValue)/\(limit)"
            let used = facts.used[action]
            if used >= limit { return Occasion(.usageReached, occasion) }
            return used * 100 >= limit * Self.nearPercent ? Occasion(.usageNear, occasion) : nil
        }
    }

    /// The kind of analysis that a mail about usage is about; nil for another occasion.
    static func action(of occasion: String) -> UsageAction? {
        occasion.split(separator: "/").dropFirst().first.flatMap { UsageAction(rawValue: String($0)) }
    }

    private func onboardingOccasions(_ facts: AccountMailFacts, now: Timestamp) -> [Occasion] {
        guard sendsOnboarding, !facts.stepsLeft.isEmpty, now >= facts.createdAt.adding(seconds: Self.setUpSeconds),
            now < facts.createdAt.adding(days: OnboardingDays.end)
        else { return [] }
        guard let day = OnboardingDays.all.last(where: { now >= facts.createdAt.adding(days: $0) }) else { return [] }
        return [Occasion(.onboarding, "day-\(day)")]
    }
}
