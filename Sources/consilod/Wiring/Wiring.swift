public import Alerts
import Domain
import Foundation
public import JiraCloud
public import Queries
public import RiskEngine
public import Store
import Vault
public import WebhookIngest

// The modules of floor 2 know only the protocols they declare; here they meet.

extension RiskStore: RescoreStore {}
extension RiskStore: QueryStore {}
extension RiskStore: WebhookInbox {}
extension RiskStore: JiraAccessStore {}
extension RiskStore: SyncStore {}
extension JiraWebhookDecoder: EventReading {}
extension AlertPlanner: AlertDeciding {}

/// The outbox with channel targets in clear, for delivery only.
struct OpeningOutbox: AlertOutbox {
    let store: RiskStore
    let vault: Vault

    func claimDeliveries(limit: Int, now: Timestamp, leaseUntil: Timestamp) async throws -> [OutboxItem] {
        var opened: [OutboxItem] = []
        for var item in try await store.claimDeliveries(limit: limit, now: now, leaseUntil: leaseUntil) {
            do {
                item.channel.target = try vault.open(item.channel.target)
                opened.append(item)
            } catch {
                // Without its key the target is gone for good; the delivery must not wait for ever (P7).
                try await store.record(
                    .dead(reason: "the channel's target cannot be decrypted with the configured keys"), for: item,
                    now: now)
            }
        }
        return opened
    }

    func record(_ outcome: DeliveryOutcome, for item: OutboxItem, now: Timestamp) async throws {
        try await store.record(outcome, for: item, now: now)
    }

    func release(_ items: [OutboxItem]) async throws { try await store.release(items) }
}
