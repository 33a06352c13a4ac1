import Crypto
public import Domain
import Foundation

extension FetchedIssue {
    /// The issue as an event for the inbox. Fetched twice without a change, it is the same delivery.
    ///
    /// - Parameters:
    ///   - began: when the fetch began.
    ///   - isBack: whether the issue was not visible before; its return is an event even if nothing else changed.
    public func delivery(to tenantID: TenantID, began: Timestamp, isBack: Bool, now: Timestamp) -> WebhookDelivery {
        let occasion = isBack ? ":\(began.milliseconds)" : ""
        return WebhookDelivery(
            tenantID: tenantID, deliveryID: "fetched:\(id):\(digest)\(occasion)", receivedAt: now,
            event: FetchedEvent.issue, sentAt: began, routing: .issues([id]), body: body)
    }

    /// Of what was fetched, whatever the time of the fetch.
    private var digest: String {
        let mark = Array(#""issue":"#.utf8)
        // The time of the fetch comes before it.
        let start = body.indices.first { body[$0...].starts(with: mark) } ?? 0
        return SHA256.hash(data: Data(body[start...])).hexadecimal
    }
}
