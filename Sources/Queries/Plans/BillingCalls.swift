public import Domain
import Foundation

/// What sells subscriptions: Stripe. All throw ``Domain/BillingError``, and what the store throws.
public protocol SubscriptionSelling: Sendable {
    /// The plans that have a price, the lowest first.
    var plansForSale: [Plan] { get }
    /// A tenant as a customer; nil where it is no customer.
    func account(of tenant: Tenant) async throws -> StripeAccount?
    /// A page on which a subscription is paid for.
    func checkout(
        _ tenant: Tenant, plan: Plan, successURL: String, cancelURL: String, by actor: Actor
    ) async throws -> CheckoutPage
    /// The address of a page on which payments are seen to.
    func portal(_ tenant: Tenant, returnURL: String, by actor: Actor) async throws -> String
    /// A higher plan, at once.
    func upgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws
    /// A lower plan, at the end of what is paid.
    func downgrade(_ tenant: Tenant, to plan: Plan, by actor: Actor) async throws
    /// Deletes a tenant by `deletion`, after the pages on which it could still buy were closed; meanwhile none is made. Throws where
    /// a subscription renews itself, with `isAtOnce` also where one has not ended, and what `deletion` throws.
    func closingSales<Value: Sendable>(
        to tenant: Tenant, isAtOnce: Bool, by actor: Actor, _ deletion: () async throws -> Value
    ) async throws -> Value
    /// The end of the subscription.
    func cancel(_ tenant: Tenant, atPeriodEnd: Bool, by actor: Actor) async throws
}

/// What owners do with their subscription. All throw ``QueryError``, ``RequestError``, and what the store throws.
public struct BillingCalls: Sendable {
    private let seller: (any SubscriptionSelling)?
    private let returnHosts: Set<String>

    /// - Parameters:
    ///   - seller: nil for a host that is not connected to Stripe.
    ///   - returnHosts: where a browser may be sent back to, in lower case.
    public init(seller: (any SubscriptionSelling)?, returnHosts: Set<String>) {
        self.seller = seller
        self.returnHosts = returnHosts
    }

    /// Whether the host is connected to Stripe.
    public var isSelling: Bool { seller != nil }

    /// The plans that can be bought, the lowest first; none on a host that sells nothing.
    public var plansForSale: [Plan] { seller?.plansForSale ?? [] }

    /// A tenant as a customer; nil where it is no customer, and on a host that sells nothing.
    public func account(for principal: Principal) async throws -> StripeAccount? {
        let tenant = try principal.tenant(to: .administer)
        return try await seller?.account(of: tenant)
    }

    /// Deletes a tenant by `deletion`. Throws `.stillPaying` where it has a subscription that renews itself; it cannot begin one
    /// afterwards on a page that is open. On a host that sells nothing it only deletes.
    ///
    /// - Parameter isAtOnce: whether the tenant is gone then, and not only to be deleted. Throws `.notEnded` then where it has a
    ///   subscription that has not ended.
    public func delete<Value: Sendable>(
        _ tenant: Tenant, isAtOnce: Bool, by actor: Actor, _ deletion: () async throws -> Value
    ) async throws -> Value {
        guard seller != nil else { return try await deletion() }
        return try await asking { try await $0.closingSales(to: tenant, isAtOnce: isAtOnce, by: actor, deletion) }
    }

    /// Makes a page on which a subscription is paid for.
    public func checkout(_ fields: RequestFields, by principal: Principal) async throws -> CheckoutPage {
        let tenant = try principal.tenant(to: .administer)
        var fields = fields
        let plan = fields.required("plan", .choice(Plan.allCases))
        let success = fields.required("success_url", .returnURL(to: returnHosts))
        let cancel = fields.required("cancel_url", .returnURL(to: returnHosts))
        fields.rejectUnread("is unknown")
        try fields.check()
        let (soldPlan, successURL, cancelURL) =
            (try fields.present(plan), try fields.present(success), try fields.present(cancel))
        return try await asking { seller in
            try Self.checkMayBuy(tenant)
            return try await seller.checkout(
                tenant, plan: soldPlan, successURL: successURL, cancelURL: cancelURL, by: principal.actor)
        }
    }

    /// Makes a page on which payments are seen to; its address.
    public func portal(_ fields: RequestFields, by principal: Principal) async throws -> String {
        let tenant = try principal.tenant(to: .administer)
        var fields = fields
        let back = fields.required("return_url", .returnURL(to: returnHosts))
        fields.rejectUnread("is unknown")
        try fields.check()
        let returnURL = try fields.present(back)
        return try await asking { try await $0.portal(tenant, returnURL: returnURL, by: principal.actor) }
    }

    /// Changes to a higher plan, or with `isLower` at the end of what is paid to a lower one.
    public func change(_ fields: RequestFields, isLower: Bool, by principal: Principal) async throws {
        let tenant = try principal.tenant(to: .administer)
        var fields = fields
        let wanted = fields.required("plan", .choice(Plan.allCases))
        fields.rejectUnread("is unknown")
        try fields.check()
        let plan = try fields.present(wanted)
        try await asking { seller in
            if isLower {
                try await seller.downgrade(tenant, to: plan, by: principal.actor)
            } else {
                try Self.checkMayBuy(tenant)
                try await seller.upgrade(tenant, to: plan, by: principal.actor)
            }
        }
    }

    /// Ends the subscription; without a field at the end of what is paid.
    public func cancel(_ fields: RequestFields, by principal: Principal) async throws {
        let tenant = try principal.tenant(to: .administer)
        var fields = fields
        let atPeriodEnd = fields.optional("at_period_end", .bool) ?? true
        fields.rejectUnread("is unknown")
        try fields.check()
        try await asking { try await $0.cancel(tenant, atPeriodEnd: atPeriodEnd, by: principal.actor) }
    }

    /// Throws `.inactive` where a tenant must not begin to pay. What it pays already can be lowered and ended.
    private static func checkMayBuy(_ tenant: Tenant) throws(BillingError) {
        guard tenant.status != .suspended, tenant.deletesAt == nil else { throw .inactive }
    }

    private func asking<Value: Sendable>(
        _ call: (any SubscriptionSelling) async throws -> Value
    ) async throws -> Value {
        guard let seller else { throw RequestError.billing(.off) }
        do {
            return try await call(seller)
        } catch let error as BillingError {
            throw RequestError.billing(error)
        }
    }
}

extension FieldParser where Value == String {
    /// An address that a browser may be sent back to: https, or on this machine also http. `{CHECKOUT_SESSION_ID}` may stand in it.
    fileprivate static func returnURL(to hosts: Set<String>) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            let text = try FieldParser.text(1...2000).parse(value)
            let plain = text.replacing("{CHECKOUT_SESSION_ID}", with: "id")
            guard let parts = URLComponents(string: plain), let scheme = parts.scheme?.lowercased(),
                let host = parts.host?.lowercased(), !host.isEmpty, parts.user == nil, parts.password == nil,
                !plain.contains(where: { $0.isWhitespace || $0 == "\\" })
            else { throw Mismatch(message: "must be an https URL with a host") }
            let isLocal = ["localhost", "127.0.0.1", "[::1]"].contains(host)
            guard scheme == "https" || (scheme == "http" && isLocal) else {
                throw Mismatch(message: "must be an https URL with a host")
            }
            guard hosts.contains(host) else {
                throw Mismatch(message: "must be on a host that the operator has listed (billing.stripe.return_hosts)")
            }
            return text
        }
    }
}
