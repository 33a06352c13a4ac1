/// A page of Stripe's on which a subscription is paid for.
public struct CheckoutPage: Sendable, Hashable {
    /// Where the browser is sent.
    public var url: String
    /// Stripe's id, `cs_…`.
    public var sessionID: String

    public init(url: String, sessionID: String) {
        self.url = url
        self.sessionID = sessionID
    }
}
