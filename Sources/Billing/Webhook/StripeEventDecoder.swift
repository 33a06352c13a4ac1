public import Domain
import Foundation

/// Reads whom an event is about (docs.stripe.com/api/events/object).
public enum StripeEventDecoder {
    /// Why an event is not taken.
    public enum Refusal: Error, Sendable, Hashable {
        /// It is no event, or not JSON.
        case malformed
        /// It is of the mode that is not configured.
        case otherMode
    }

    /// Kinds of events by their beginnings: what any of them changes is seen by fetching the customer's subscriptions.
    private static let relevant = [
        "checkout.session.", "customer.subscription.", "invoice.", "subscription_schedule.", "customer.deleted",
    ]

    /// The event of a verified body.
    public static func event(of body: [UInt8], mode: StripeMode) throws(Refusal) -> StripeEvent {
        let wire: Wire
        do {
            wire = try JSONDecoder().decode(Wire.self, from: Data(body))
        } catch {
            throw .malformed
        }
        guard wire.object == "event", (1...255).contains(wire.id.utf8.count), wire.type.utf8.count <= 255 else {
            throw .malformed
        }
        guard StripeMode(livemode: wire.livemode) == mode else { throw .otherMode }
        let object = wire.data.object
        let isCustomer = object.object == "customer"
        return StripeEvent(
            id: wire.id, type: wire.type, customerID: isCustomer ? object.id : object.customer?.id,
            objectID: object.id, createdAt: Timestamp(stripeSeconds: wire.created),
            // Events of connected accounts are about customers of others.
            isRelevant: wire.account == nil && relevant.contains { wire.type.hasPrefix($0) })
    }

    private struct Wire: Decodable {
        struct Body: Decodable {
            var object: Object
        }
        struct Object: Decodable {
            var id: String?
            var object: String?
            var customer: StripeReference?
        }
        var id: String
        var object: String
        var type: String
        var created: Int64
        var livemode: Bool
        var account: String?
        var data: Body
    }
}

/// Another object: its id, or the whole of it where the call asked for that.
struct StripeReference: Decodable, Sendable {
    var id: String

    private struct Whole: Decodable {
        var id: String
    }

    init(from decoder: any Decoder) throws {
        if let id = try? decoder.singleValueContainer().decode(String.self) {
            self.id = id
        } else {
            id = try Whole(from: decoder).id
        }
    }
}
