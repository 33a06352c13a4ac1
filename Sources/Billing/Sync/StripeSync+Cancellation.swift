import Domain
import Logging

extension StripeSync {
    /// Completes a cancellation whose call has ended after it had withdrawn a downgrade, and before the cancellation itself: the tenant
    /// would have neither, and go on paying the higher price.
    ///
    /// No other write is completed here: each leaves what was there before or what was asked for, and who got no answer may have
    /// decided otherwise since. Here another change of the subscription takes the place of the cancellation, and nothing is left to
    /// complete. What was decided at Stripe holds as well: under the key of the call, a cancellation that had its effect and was
    /// taken back there is not made again.
    ///
    /// - Parameters:
    ///   - subscriptions: as a fetch has just found them.
    ///   - before: a write that was touched last before it has no call under way.
    func completeCancellation(
        of claim: StripeClaim, _ subscriptions: [StripeSubscription], untouchedSince before: Timestamp
    ) async throws {
        guard let intent = try await unfinishedCancellation(of: claim.account.tenantID),
            let subscription = subscriptions.first(where: {
                StripeIntent.cancellation(of: $0.id, atPeriodEnd: true) == intent.parameters
            }),
            // With its schedule the downgrade holds as it was agreed on.
            !subscription.status.isOver, !subscription.cancelAtPeriodEnd, subscription.scheduleID == nil,
            try await store.takeOverStripeIntent(intent, untouchedSince: before, now: now())
        else { return }
        let metadata: Logger.Metadata = ["tenant": "\(intent.tenantID)", "subscription": "\(subscription.id)"]
        do throws(StripeFailure) {
            try await client.update(subscription.id, .cancellation, key: intent.idempotencyKey())
        } catch {
            let details = metadata.merging(["error": "\(error)"]) { $1 }
            guard !error.isUndecided else {
                return logger.warning("cannot complete a cancellation; retrying", metadata: details)
            }
            logger.error("cannot complete a cancellation", metadata: details)
            _ = try await store.finishStripeIntent(intent, .failed(error.code), now: now())
            return
        }
        // Has it fetched again.
        _ = try await store.finishStripeIntent(intent, .done(subscription.id), now: now())
        logger.notice("cancellation completed", metadata: metadata)
    }

    /// A cancellation of a tenant's that is under way or was left open after it had withdrawn a downgrade, and will be completed; nil for
    /// none. One whose key Stripe may have forgotten is not.
    func unfinishedCancellation(of tenantID: TenantID) async throws -> StripeIntent? {
        try await store.carriedOnStripeIntent(
            of: tenantID, createdSince: now().adding(seconds: -StripeIntent.resumableSeconds))
    }
}

extension StripeIntent {
    /// What a cancellation says.
    static func cancellation(of subscriptionID: String, atPeriodEnd: Bool) -> String {
        "at_period_end=\(atPeriodEnd)&subscription=\(subscriptionID)"
    }
}

extension StripeForm {
    /// The end of a subscription at the end of what is paid. To complete a cancellation, send the same under its key.
    static let cancellation = StripeForm(["cancel_at_period_end": "true"])
}
