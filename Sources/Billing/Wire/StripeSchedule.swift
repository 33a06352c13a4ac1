import Domain

/// What changes a subscription later (docs.stripe.com/api/subscription_schedules/object).
struct StripeSchedule: Decodable, Sendable {
    /// An item of a phase.
    struct Item: Decodable, Sendable {
        /// Nil for a price that is charged by use.
        var quantity: Int64?
        var discounts: [Discount]?
        var taxRates: [StripeReference]?

        enum CodingKeys: String, CodingKey {
            case quantity, discounts
            case taxRates = "tax_rates"
        }
    }

    /// One of these is set.
    struct Discount: Decodable, Sendable {
        var coupon: StripeReference?
        var discount: StripeReference?
        var promotionCode: StripeReference?

        enum CodingKeys: String, CodingKey {
            case coupon, discount
            case promotionCode = "promotion_code"
        }
    }

    struct AutomaticTax: Decodable, Sendable {
        var enabled: Bool
    }

    /// A time with terms of its own. Of ``StripeSchedule/currentPhase`` only the dates are there.
    struct Phase: Decodable, Sendable {
        var startDate: Int64
        var endDate: Int64
        var items: [Item]?
        var coupon: StripeReference?
        var discounts: [Discount]?
        var defaultTaxRates: [StripeReference]?
        var automaticTax: AutomaticTax?
        var collectionMethod: String?
        var defaultPaymentMethod: StripeReference?

        enum CodingKeys: String, CodingKey {
            case items, coupon, discounts
            case startDate = "start_date"
            case endDate = "end_date"
            case defaultTaxRates = "default_tax_rates"
            case automaticTax = "automatic_tax"
            case collectionMethod = "collection_method"
            case defaultPaymentMethod = "default_payment_method"
        }
    }

    var id: String
    var livemode: Bool
    var phases: [Phase]
    /// The one that holds now; nil before the first and after the last.
    var currentPhase: Phase?

    enum CodingKeys: String, CodingKey {
        case id, livemode, phases
        case currentPhase = "current_phase"
    }

    /// Whether another phase follows: without one, as where a call ended after it had made the schedule, nothing was agreed on.
    var changesLater: Bool {
        guard let currentPhase else { return !phases.isEmpty }
        return phases.contains { $0.startDate >= currentPhase.endDate }
    }

    /// The call that has the present phase go on as it is, and another price take the place of its only item's after it, under the
    /// same terms: what is not named would be dropped. Throws `.malformed` for a schedule without a phase.
    ///
    /// - Parameter trialEndsAt: of a trial that is to go on.
    func change(
        from presentPrice: String, to price: String, trialEndsAt: Timestamp?
    ) throws(StripeFailure) -> StripeForm {
        let present = phases.first { $0.startDate == currentPhase?.startDate } ?? phases.first
        guard let present else { throw .malformed }
        var form = StripeForm(["end_behavior": "release", "proration_behavior": "none"])
        form.add(termsOf: present, price: presentPrice, as: "phases[0]")
        form.add("phases[0][start_date]", "\(present.startDate)")
        form.add("phases[0][end_date]", "\(present.endDate)")
        if let trialEndsAt { form.add("phases[0][trial_end]", "\(trialEndsAt.stripeSeconds)") }
        form.add(termsOf: present, price: price, as: "phases[1]")
        form.add("phases[1][iterations]", "1")
        return form
    }
}

extension StripeForm {
    /// A phase with one item, under the terms of another phase.
    fileprivate mutating func add(termsOf phase: StripeSchedule.Phase, price: String, as name: String) {
        let item = phase.items?.first
        add("\(name)[items][0][price]", price)
        if let quantity = item?.quantity { add("\(name)[items][0][quantity]", "\(quantity)") }
        add(item?.discounts ?? [], as: "\(name)[items][0][discounts]")
        add(item?.taxRates ?? [], as: "\(name)[items][0][tax_rates]")
        let discounts = phase.discounts ?? []
        add(discounts, as: "\(name)[discounts]")
        // It is the older name of the first discount; both at once are refused.
        if discounts.isEmpty, let coupon = phase.coupon { add("\(name)[coupon]", coupon.id) }
        add(phase.defaultTaxRates ?? [], as: "\(name)[default_tax_rates]")
        if let tax = phase.automaticTax { add("\(name)[automatic_tax][enabled]", "\(tax.enabled)") }
        if let method = phase.collectionMethod { add("\(name)[collection_method]", method) }
        if let method = phase.defaultPaymentMethod { add("\(name)[default_payment_method]", method.id) }
    }

    private mutating func add(_ references: [StripeReference], as name: String) {
        for (index, reference) in references.enumerated() { add("\(name)[\(index)]", reference.id) }
    }

    private mutating func add(_ discounts: [StripeSchedule.Discount], as name: String) {
        for (index, item) in discounts.enumerated() {
            if let discount = item.discount {
                add("\(name)[\(index)][discount]", discount.id)
            } else if let code = item.promotionCode {
                add("\(name)[\(index)][promotion_code]", code.id)
            } else if let coupon = item.coupon {
                add("\(name)[\(index)][coupon]", coupon.id)
            }
        }
    }
}
