import Domain
import Foundation
import TestSupport
import Testing

@testable import Alerts

/// Which mails about an account are due, and when.
@Suite struct AccountMailPlannerTests {
    private let planner = AccountMailPlanner()
    private let start = Timestamp.sampleNow

    private func kinds(_ facts: AccountMailFacts, at now: Timestamp?) -> [AccountMailKind] {
        planner.due(facts, now: now).map(\.kind)
    }

    /// Without the set-up.
    private func settled(trialDays: Int? = 14, status: Tenant.Status = .trial) -> AccountMailFacts {
        var facts = AccountMailFacts.sample(trialDays: trialDays, status: status)
        facts.stepsLeft = []
        return facts
    }

    // MARK: Trials

    @Test func aTrialHasFourMailsEachInItsTime() {
        let facts = settled()
        let end = start.adding(days: 14)
        for (instant, kind) in [
            (start, AccountMailKind.trialStarted), (start.adding(days: 2).adding(seconds: -1), .trialStarted),
            (end.adding(days: -3), .trialEnding), (end.adding(seconds: -1), .trialEnding), (end, .trialEnded),
            (end.adding(days: 1).adding(seconds: -1), .trialEnded), (end.adding(days: 1), .trialOver),
            (end.adding(days: 8).adding(seconds: -1), .trialOver),
        ] {
            #expect(kinds(facts, at: instant) == [kind], "\(instant)")
        }
        for instant in [
            start.adding(seconds: -1), start.adding(days: 2), end.adding(days: -3).adding(seconds: -1),
            end.adding(days: 8), end.adding(days: 400),
        ] {
            #expect(kinds(facts, at: instant).isEmpty, "\(instant)")
        }
    }

    @Test func ofAShortTrialTheFirstMailNamesTheEnd() {
        for days in 0...3 {
            let facts = settled(trialDays: days)
            let all = stride(from: 0, to: days * 24, by: 1).map { start.adding(seconds: Int64($0) * 3600) }
            #expect(!all.contains { kinds(facts, at: $0).contains(.trialEnding) })
        }
        #expect(kinds(settled(trialDays: 4), at: start.adding(days: 1)) == [.trialEnding])
    }

    @Test(arguments: [Tenant.Status.active, .suspended, .cancelled])
    func onlyATrialHasMailsAboutTheTrial(status: Tenant.Status) {
        let facts = settled(status: status)
        for day in 0...30 { #expect(kinds(facts, at: start.adding(days: day)).isEmpty) }
    }

    @Test func aTrialThatASubscriptionFollowsHasNoMails() {
        var facts = settled()
        let claim = facts.claim(.trialEnding, start.adding(days: 14).description)
        #expect(planner.reasonToLeaveOut(claim, now: start.adding(days: 12)) == nil)
        facts.hasSubscription = true
        for day in 0...30 { #expect(kinds(facts, at: start.adding(days: day)).isEmpty) }
        let bought = facts.claim(.trialEnding, start.adding(days: 14).description)
        #expect(planner.reasonToLeaveOut(bought, now: start.adding(days: 12)) != nil)
    }

    @Test func aTrialThatWasMovedIsSaidAgainForItsNewEnd() {
        var facts = settled()
        let first = planner.due(facts, now: start.adding(days: 12))
        facts = facts.knowing(first)
        #expect(kinds(facts, at: start.adding(days: 13)).isEmpty)
        facts.trialEndsAt = start.adding(days: 20)
        #expect(kinds(facts, at: start.adding(days: 14)).isEmpty)
        #expect(kinds(facts, at: start.adding(days: 18)) == [.trialEnding])
    }

    // MARK: Usage

    @Test func aLimitIsSaidToBeNearAndReachedOnceEachInAMonth() {
        var facts = settled(trialDays: nil)
        let cases: [(Int, [AccountMailKind])] = [
            (0, []), (159, []), (160, [.usageNear]), (199, [.usageNear]), (200, [.usageReached]),
            (900, [.usageReached]),
        ]
        for (used, expected) in cases {
            facts.used.issue = used
            #expect(kinds(facts, at: start) == expected, "\(used)")
        }
        let keys = planner.due(facts, now: start)
        #expect(keys.map(\.occasion) == ["2026-11/issue/200"])
        facts = facts.knowing(keys)
        #expect(planner.due(facts, now: start).isEmpty)
        // The next month has its own.
        #expect(planner.due(facts, now: start.adding(days: 31)).map(\.occasion) == ["2026-12/issue/200"])
    }

    @Test func aLimitThatIsRaisedWithinTheMonthIsSaidToBeUsedUpAsWell() {
        var facts = settled(trialDays: nil, status: .active)
        facts.used.sprint = 5
        let first = planner.due(facts, now: start)
        #expect(first.map(\.kind) == [.usageReached] && first.map(\.occasion) == ["2026-11/sprint/5"])
        facts = facts.knowing(first)
        let waiting = facts.claim(.usageReached, "2026-11/sprint/5")
        #expect(planner.reasonToLeaveOut(waiting, now: start) == nil)
        facts.limits.sprint = 20
        #expect(planner.due(facts, now: start).isEmpty)
        #expect(planner.reasonToLeaveOut(facts.claim(.usageReached, "2026-11/sprint/5"), now: start) != nil)
        facts.used.sprint = 16
        #expect(kinds(facts, at: start) == [.usageNear])
        facts.used.sprint = 20
        let second = planner.due(facts, now: start)
        #expect(second.map(\.kind) == [.usageReached])
        facts = facts.knowing(second)
        // Back at the first limit, everything is said.
        facts.limits.sprint = 5
        #expect(planner.due(facts, now: start).isEmpty)
    }

    @Test func whatIsUnlimitedOrNotInThePlanIsNeverUsedUp() {
        var facts = settled(trialDays: nil, status: .active)
        facts.limits = PlanLimits(issue: nil, sprint: 0, portfolio: 1)
        facts.used = UsageCount(issue: 1_000_000, sprint: 3, portfolio: 0)
        #expect(planner.due(facts, now: start).isEmpty)
        facts.used.portfolio = 1
        #expect(planner.due(facts, now: start).map(\.occasion) == ["2026-11/portfolio/1"])
    }

    // MARK: Set-up

    @Test func theSetUpIsRemindedOfOnItsDaysUntilItIsDone() {
        var facts = AccountMailFacts.sample(trialDays: nil)
        var said: [String] = []
        for hour in 0..<24 * 20 {
            let keys = planner.due(facts, now: start.adding(seconds: Int64(hour) * 3600))
            said += keys.map { "\($0.occasion) after \(hour) h" }
            facts = facts.knowing(keys)
        }
        #expect(said == ["day-0 after 1 h", "day-1 after 24 h", "day-3 after 72 h", "day-7 after 168 h"])
        facts.known = []
        facts.stepsLeft = []
        for day in 0...20 { #expect(planner.due(facts, now: start.adding(days: day)).isEmpty) }
        facts.stepsLeft = [.channel]
        let quiet = AccountMailPlanner(sendsOnboarding: false)
        for day in 0...20 { #expect(quiet.due(facts, now: start.adding(days: day)).isEmpty) }
    }

    @Test func whoSwitchedOptionalMailsOffGetsTheOthersOnly() {
        var facts = AccountMailFacts.sample()
        let other = UUID(uuid: (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2))
        facts.recipients[other] = "ben@acme.example"
        facts.optedOut = [AccountMailFacts.owner]
        facts.used = UsageCount(issue: 160, sprint: 5, portfolio: 0)
        let keys = planner.due(facts, now: start.adding(seconds: 7200))
        let own = keys.filter { $0.recipientID == AccountMailFacts.owner }.map(\.kind)
        #expect(own == [.trialStarted, .usageReached])
        #expect(
            keys.filter { $0.recipientID == other }.map(\.kind) == [
                .trialStarted, .usageNear, .usageReached, .onboarding,
            ])
    }

    // MARK: Laws

    /// A tenant at random, and looks at random instants.
    private struct Case {
        var facts: AccountMailFacts
        var looks: [Timestamp]

        init(_ rng: inout SeededGenerator) {
            let start = Timestamp.sampleNow
            facts = .sample(
                trialDays: Bool.random(using: &rng) ? Int.random(in: 0...30, using: &rng) : nil,
                status: Tenant.Status.allCases.randomElement(using: &rng) ?? .trial)
            facts.stepsLeft = Set(OnboardingStep.allCases.filter { _ in Bool.random(using: &rng) })
            facts.used = UsageCount(
                issue: Int.random(in: 0...300, using: &rng), sprint: Int.random(in: 0...8, using: &rng),
                portfolio: Int.random(in: 0...2, using: &rng))
            for index in 0..<Int.random(in: 0...2, using: &rng) {
                facts.recipients[UUID(uuid: (UInt8(index), 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))] =
                    "x@y.example"
            }
            looks = (0..<60).map { _ in start.adding(seconds: Int64.random(in: -86_400...40 * 86_400, using: &rng)) }
        }
    }

    /// What is kept after looks in an order: a restart forgets nothing, for what is known is stored.
    private func kept(_ facts: AccountMailFacts, _ looks: [Timestamp]) -> [AccountMailKey] {
        var (facts, all) = (facts, [AccountMailKey]())
        for look in looks {
            let keys = planner.due(facts, now: look)
            all += keys
            facts = facts.knowing(keys)
        }
        return all
    }

    @Test func eachOccasionIsKeptOnceWhateverTheOrderOfLooksAndTheRestarts() {
        var rng = SeededGenerator(seed: 24)
        for _ in 0..<400 {
            let one = Case(&rng)
            let keys = kept(one.facts, one.looks)
            #expect(Set(keys).count == keys.count)
            let others = kept(one.facts, one.looks.shuffled(using: &rng) + one.looks)
            #expect(Set(others) == Set(keys) && others.count == keys.count)
            #expect(planner.due(one.facts, now: one.looks[0]) == planner.due(one.facts, now: one.looks[0]))
        }
    }

    @Test func aClockInDoubtAndATenantThatLeavesHaveNoMail() {
        var rng = SeededGenerator(seed: 25)
        for _ in 0..<400 {
            var one = Case(&rng)
            #expect(planner.due(one.facts, now: nil).isEmpty)
            one.facts.isLeaving = true
            #expect(kept(one.facts, one.looks).isEmpty)
        }
    }

    // MARK: Still true

    @Test func whatIsKeptIsLeftOutWhenItIsNoLongerTrue() {
        let facts = settled()
        let end = start.adding(days: 14)
        let claim = facts.claim(.trialEnding, end.description)
        #expect(planner.reasonToLeaveOut(claim, now: end.adding(days: -1)) == nil)
        #expect(planner.reasonToLeaveOut(claim, now: end) != nil)
        var paid = facts
        paid.status = .active
        #expect(planner.reasonToLeaveOut(paid.claim(.trialEnding, end.description), now: end.adding(days: -1)) != nil)
        var suspended = facts
        suspended.status = .suspended
        var unpaid = facts
        unpaid.status = .cancelled
        for (facts, kind, isTrue) in [
            (suspended, AccountMailKind.suspended, true), (paid, .suspended, false), (paid, .restored, true),
            (unpaid, .suspended, true), (unpaid, .restored, false),
            (suspended, .restored, false), (paid, .paymentFailed, true), (suspended, .paymentFailed, false),
        ] {
            #expect((planner.reasonToLeaveOut(facts.claim(kind, "x"), now: start) == nil) == isTrue, "\(kind)")
        }
        let grace = paid.claim(.graceEnding, "in_1", refersTo: start.adding(days: 2))
        #expect(planner.reasonToLeaveOut(grace, now: start) == nil)
        #expect(planner.reasonToLeaveOut(grace, now: start.adding(days: 2)) != nil)
        var quiet = AccountMailFacts.sample(trialDays: nil)
        quiet.optedOut = [AccountMailFacts.owner]
        let reminder = quiet.claim(.onboarding, "day-1")
        #expect(planner.reasonToLeaveOut(reminder, now: start.adding(days: 1)) == "switched off by the recipient")
    }
}
