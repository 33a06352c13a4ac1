import Domain
import Testing

@testable import Billing

@Suite struct StripeEventDecoderTests {
    private func event(
        _ type: String, _ object: String, livemode: Bool = false, more: String = ""
    ) throws -> StripeEvent {
        let text = """
            {"id": "evt_1", "object": "event", "type": "\(type)", "created": 1796000000, "livemode": \(livemode),
             "data": {"object": \(object)}\(more)}
            """
        return try StripeEventDecoder.event(of: Array(text.utf8), mode: .test)
    }

    @Test func anEventSaysWhoseSubscriptionIsLookedAt() throws {
        let session = try event(
            "checkout.session.completed", #"{"id": "cs_1", "object": "checkout.session", "customer": "cus_1"}"#)
        #expect(session.customerID == "cus_1" && session.objectID == "cs_1" && session.isRelevant)
        #expect(session.createdAt == Timestamp(seconds: 1_796_000_000))
        let expanded = try event("invoice.payment_failed", #"{"id": "in_1", "customer": {"id": "cus_2", "name": "x"}}"#)
        #expect(expanded.customerID == "cus_2" && expanded.isRelevant)
        let customer = try event("customer.deleted", #"{"id": "cus_3", "object": "customer"}"#)
        #expect(customer.customerID == "cus_3" && customer.isRelevant)
    }

    @Test func whatChangesNoSubscriptionIsNotRelevant() throws {
        #expect(try !event("charge.refunded", #"{"id": "ch_1", "customer": "cus_1"}"#).isRelevant)
        #expect(try event("payout.paid", #"{"id": "po_1"}"#).customerID == nil)
        let connected = try event(
            "invoice.payment_failed", #"{"id": "in_1", "customer": "cus_1"}"#, more: #", "account": "acct_1""#)
        #expect(!connected.isRelevant)
    }

    @Test func whatIsNoEventOfThisModeIsRefused() {
        #expect(throws: StripeEventDecoder.Refusal.otherMode) { try event("invoice.paid", "{}", livemode: true) }
        for text in ["", "null", "[]", #"{"id": "evt_1"}"#, "{", #"{"object": "event", "id": 1}"#] {
            #expect(throws: StripeEventDecoder.Refusal.malformed) {
                try StripeEventDecoder.event(of: Array(text.utf8), mode: .test)
            }
        }
    }
}
