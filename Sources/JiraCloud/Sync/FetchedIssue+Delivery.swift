import Crypto
public import Domain
import Foundation

extension FetchedIssue {
    /// The issue as an event for the inbox. What was fetched twice and is the same is the same delivery.
    ///
    /// - Parameters:
    ///   - began: when the fetch began.
    ///   - isBack: whether the issue was out of sight before; that it is back is news though all else be as it was.
    public func delivery(to tenantID: TenantID, began: Timestamp, isBack: Bool, now: Timestamp) -> WebhookDelivery {
        let occasion = isBack ? ":\(began.milliseconds)" : ""
        return WebhookDelivery(
            tenantID: tenantID, deliveryID: "fetched:\(id):\(digest)\(occasion)", receivedAt: now,
            event: FetchedEvent.issue, sentAt: began, routing: .issues([id]), body: body)
    }

    /// Stands for what was fetched, whenever that was.
    private var digest: String {
        let mark = Array(#""issue":"#.utf8)
        // The time of the fetch is in front of it.
        let start = body.indices.first { body[$0...].starts(with: mark) } ?? 0
        return SHA256.hash(data: Data(body[start...])).hexadecimal
    }
}
