import Domain

extension Timestamp {
    /// Stripe's whole seconds since 1970. What lies outside of the years that texts can hold is put at their ends.
    init(stripeSeconds: Int64) {
        self.init(seconds: min(max(stripeSeconds, 0), 253_402_300_799))
    }

    /// As Stripe writes it.
    var stripeSeconds: Int64 { milliseconds / 1000 }
}
