import Domain
import Testing

/// What somebody reads whose subscription is not changed.
@Suite struct BillingErrorTests {
    /// Who reads it on a page may have no API key.
    @Test(
        arguments: [
            .notForSale(.growth), .alreadySubscribed, .stillPaying, .notSubscribed, .changeAgreed,
            .refused(code: "payment_pending"), .refused(code: "card_declined"),
        ] as [BillingError])
    func whatThePageOffersIsNamedBesideTheCall(error: BillingError) {
        #expect(error.description.contains("/dashboard/plan"), "\(error)")
    }
}
