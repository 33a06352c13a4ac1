import Domain
import Foundation
import NIOHTTP1
import TestSupport
import Testing

@testable import DaemonTestSupport

/// The daemon is killed between Stripe's answer and its own commit.
@Suite struct StripeCrashTests {
    @Test func killedWhileAPageIsMadeOnlyOnePageCanBePaidOn() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.killed(stripe, at: "/v1/checkout/sessions", "checkout", StripeStory.checkout)
            let other = StripeStory.checkout.replacing("growth", with: "starter")
            let meanwhile = try await story.call("checkout", other)
            #expect(meanwhile.status == 409 && meanwhile.headers.first(name: "retry-after") == "90")
            // The same call goes on at once; the page whose address was lost is closed.
            let page = try await story.checkout()
            #expect(try await stripe.state.sessions.filter { $0.value == "open" }.map(\.key) == [page.session_id])
        }
    }

    @Test func killedAfterAPaymentTheTenantHasWhatItPaidFor() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let page = try await story.checkout()
            let event = try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#)
            #expect(try await story.send(event).status == 200)
            try await story.die()
            try await story.daemon.restart()
            try await story.becomes("growth")
        }
    }

    /// A schedule without a second phase is no agreement: neither does it change anything, nor is it in the way.
    @Test func killedBetweenTheCallsOfADowngradeAnUpgradeIsPossible() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            try await story.isQuiet()
            try await story.killed(stripe, at: "/v1/subscription_schedules", "downgrade", #"{"plan": "starter"}"#)
            try story.giveUpOpenCalls()
            let upgrade = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
            #expect(upgrade.status == 200, "\(upgrade.text)")
            let detail = try await story.detail(stripe)
            #expect(detail.price == "price_enterprise" && !detail.has_schedule)
        }
    }

    /// The tenant is changed in one transaction, and what was fetched is stored in the next: it is stopped between them.
    @Test(.enabled(if: PostgresSchema.server == nil, "it is stopped by a trigger of SQLite's"))
    func killedBetweenTheChangeOfATenantAndWhatWasFetchedBothAreThereAfterTheStart() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            let page = try await story.checkout()
            try await story.isQuiet()
            try story.daemon.execute(
                """
                CREATE TRIGGER stopped BEFORE UPDATE OF fetched_at ON stripe_accounts
                BEGIN SELECT RAISE(ABORT, 'stopped'); END
                """)
            let event = try await stripe.play("pay", #"{"session": "\#(page.session_id)"}"#)
            #expect(try await story.send(event).status == 200)
            try await eventually("the tenant is changed") {
                try story.daemon.query("SELECT plan, status FROM tenants") == [["growth", "active"]]
            }
            #expect(try story.daemon.query("SELECT state FROM stripe_events") == [["pending"]])
            try await story.die()
            try story.daemon.execute("DROP TRIGGER stopped")
            try await story.daemon.restart()
            try await eventually("what was fetched is stored") {
                try story.daemon.query("SELECT state FROM stripe_events") == [["applied"]]
            }
            #expect(try await story.subscription.subscription_status == "active")
            let changes = "SELECT COUNT(*) FROM audit_log WHERE actor = 'system:stripe' AND action = 'tenant.update'"
            #expect(try story.daemon.query(changes) == [["1"]])
        }
    }

    private func fromNow(_ seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000)).adding(seconds: seconds)
    }

    /// Neither an event nor a second call says that Stripe has done it.
    @Test func killedDuringAnUpgradeThatIsNotRepeatedItIsFetchedSoon() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            try await story.killed(stripe, at: "/v1/subscriptions/", "upgrade", #"{"plan": "enterprise"}"#)
            let due = "SELECT COUNT(*) FROM stripe_accounts WHERE due_at <= '\(fromNow(91))'"
            #expect(try story.daemon.query(due) == [["1"]], "not an hour later")
            // Those seconds pass.
            try story.giveUpOpenCalls()
            try story.fetch()
            try await story.becomes("enterprise")
            try await eventually("it is settled") {
                try story.daemon.query("SELECT state FROM stripe_intents WHERE kind = 'upgrade'") == [["settled"]]
            }
            #expect(try await stripe.state.effects["upgrade"] == 1)
        }
    }

    // MARK: A cancellation that withdraws a downgrade

    /// A tenant that has agreed on a downgrade, and then cancels in a call that is killed and not repeated.
    private func withKilledCancellation(
        at path: String, isLost: Bool = false, _ body: (StripeStory, StripeStandIn) async throws -> Void
    ) async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            let downgrade = try await story.call("downgrade", #"{"plan": "starter"}"#)
            #expect(downgrade.status == 200, "\(downgrade.text)")
            try await story.isQuiet()
            try await story.killed(stripe, at: path, isLost: isLost, "cancel", "{}")
            try await body(story, stripe)
        }
    }

    private func becomes(_ state: String, _ story: StripeStory) async throws {
        try await eventually("the cancellation is \(state)") {
            try story.daemon.query("SELECT state FROM stripe_intents WHERE kind = 'cancel'") == [[state]]
        }
    }

    /// Without the downgrade and without the cancellation the higher price would be paid on.
    @Test(arguments: [
        ("/v1/subscription_schedules/", false, "done"), ("/v1/subscriptions/", true, "done"),
        ("/v1/subscriptions/", false, "settled"),
    ])
    func killedAfterTheWithdrawalOfADowngradeTheCancellationIsCompleted(
        path: String, isLost: Bool, state: String
    ) async throws {
        try await withKilledCancellation(at: path, isLost: isLost) { story, stripe in
            #expect(try await !story.detail(stripe).has_schedule)
            // Those seconds pass in which the call could be under way.
            try story.giveUpOpenCalls()
            try story.fetch()
            try await becomes(state, story)
            try await eventually("it is stored") { try await story.subscription.cancel_at_period_end }
            #expect(try await story.detail(stripe).cancel_at_period_end)
            let effects = try await stripe.state.effects
            #expect(effects["release"] == 1 && effects["cancel"] == 1)
        }
    }

    @Test func killedBeforeTheWithdrawalOfADowngradeReachesStripeTheDowngradeHolds() async throws {
        try await withKilledCancellation(at: "/v1/subscription_schedules/", isLost: true) { story, stripe in
            try story.giveUpOpenCalls()
            try story.fetch()
            try await becomes("settled", story)
            let detail = try await story.detail(stripe)
            #expect(detail.has_schedule && !detail.cancel_at_period_end)
            #expect(try await stripe.state.effects["cancel"] == nil)
        }
    }

    /// It had its effect, and somebody has decided otherwise at Stripe.
    @Test func aCancellationThatWasTakenBackAtStripeIsNotCompleted() async throws {
        try await withKilledCancellation(at: "/v1/subscriptions/") { story, stripe in
            let id = try await story.subscriptionID(stripe)
            try await stripe.play("subscription", #"{"id": "\#(id)", "cancel_at_period_end": false}"#)
            try story.giveUpOpenCalls()
            try story.fetch()
            try await becomes("done", story)
            #expect(try await !story.detail(stripe).cancel_at_period_end)
            #expect(try await stripe.state.effects["cancel"] == 1)
        }
    }

    /// The owner stays after all, when there is nothing yet to be withdrawn.
    @Test func aCancellationThatAnotherCallHasTakenThePlaceOfIsNotCompleted() async throws {
        try await withKilledCancellation(at: "/v1/subscription_schedules/") { story, stripe in
            let toGrowth = #"{"plan": "growth"}"#
            let early = try await story.call("upgrade", toGrowth)
            #expect(early.status == 409 && early.headers.first(name: "retry-after") == "90", "\(early.text)")
            try story.giveUpOpenCalls()
            let stays = try await story.call("upgrade", toGrowth)
            #expect(stays.status == 200, "\(stays.text)")
            try story.fetch()
            try await story.isQuiet()
            #expect(try await !story.detail(stripe).cancel_at_period_end)
            #expect(try await !story.subscription.cancel_at_period_end)
        }
    }

    // MARK: Failures and deletions

    @Test func aFailureOfStripesIsToldAndTheCallCanBeRepeated() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url)
            try await story.bought(stripe)
            // No fetch is to meet the failure.
            try await story.isQuiet()
            try await stripe.play("settings", #"{"fails": 1}"#)
            let failed = try await story.call("upgrade", #"{"plan": "enterprise"}"#)
            #expect(failed.status == 503 && failed.text.contains("stripe_unreachable"), "\(failed.text)")
            #expect(try await story.call("upgrade", #"{"plan": "enterprise"}"#).status == 200)
            #expect(try await stripe.state.effects["upgrade"] == 1)
        }
    }

    /// With `deletion_days: 0` the tenant is gone at once: a page that is made afterwards could be paid on for nothing.
    @Test func noPageIsMadeForATenantThatIsDeletedMeanwhile() async throws {
        try await StripeStandIn.running { stripe in
            let story = try await StripeStory.started(stripe.url, more: ["CONSILOD_TENANTS_DELETION_DAYS": "0"])
            let first = try await story.checkout()
            // The next purchase closes the page of the first, and goes on when that is answered.
            let before = try await stripe.state.held
            try await stripe.play("hold", #"{"path": "/v1/checkout/sessions/"}"#)
            async let late = story.call("checkout", StripeStory.checkout.replacing("growth", with: "starter"))
            try await eventually("the purchase has begun") { try await stripe.state.held > before }
            let path = "/api/tenants/\(story.tenant.id)?company_name=acme"
            let waits = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
            #expect(waits.status == 409 && waits.headers.first(name: "retry-after") == "90", "\(waits.text)")
            // As if it took longer than any purchase does.
            try story.giveUpOpenCalls()
            let deleted = try await story.daemon.request(.delete, path, token: DaemonProcess.adminToken)
            #expect(deleted.status == 200, "\(deleted.text)")
            try await stripe.play("release")
            let answer = try await late
            #expect(answer.status == 403 && answer.text.contains("tenant_inactive"), "\(answer.text)")
            let state = try await stripe.state
            #expect(state.effects["checkout"] == 1 && state.sessions[first.session_id] == "expired")
            #expect(state.sessions.values.allSatisfy { $0 == "expired" })
        }
    }
}
