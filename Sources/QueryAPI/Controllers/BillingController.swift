import Domain
import HTTPTypes
import Hummingbird
import Queries

/// What a tenant's owner does with its subscription.
struct BillingController: Sendable {
    var calls: BillingCalls
    var quota: MonthlyQuota
    var store: any QueryStore
    var now: @Sendable () -> Timestamp

    func addRoutes(to group: RouterGroup<APIContext<some RequestContext>>) {
        group.get("/api/billing/subscription", use: subscription)
        group.post("/api/billing/checkout", use: checkout)
        group.post("/api/billing/portal", use: portal)
        group.post("/api/billing/upgrade", use: upgrade)
        group.post("/api/billing/downgrade", use: downgrade)
        group.post("/api/billing/cancel", use: cancel)
    }

    @Sendable private func subscription(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SubscriptionView> {
        Answer(try await view(try context.principal))
    }

    @Sendable private func checkout(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<CheckoutView> {
        let principal = try context.principal
        let page = try await calls.checkout(try await RequestFields(bodyOf: request), by: principal)
        return Answer(CheckoutView(checkoutURL: page.url, sessionID: page.sessionID))
    }

    @Sendable private func portal(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<PortalView> {
        let principal = try context.principal
        let url = try await calls.portal(try await RequestFields(bodyOf: request), by: principal)
        return Answer(PortalView(portalURL: url))
    }

    @Sendable private func upgrade(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SubscriptionView> {
        let principal = try context.principal
        try await calls.change(try await RequestFields(bodyOf: request), isLower: false, by: principal)
        return Answer(try await view(principal))
    }

    @Sendable private func downgrade(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SubscriptionView> {
        let principal = try context.principal
        try await calls.change(try await RequestFields(bodyOf: request), isLower: true, by: principal)
        return Answer(try await view(principal))
    }

    @Sendable private func cancel(
        _ request: Request, context: APIContext<some RequestContext>
    ) async throws -> Answer<SubscriptionView> {
        let principal = try context.principal
        try await calls.cancel(try await RequestFields(bodyOf: request), by: principal)
        return Answer(try await view(principal))
    }

    /// The subscription as it is now, after what the request has changed.
    private func view(_ principal: Principal) async throws -> SubscriptionView {
        let known = try principal.tenant(to: .administer)
        let account = try await calls.account(for: principal)
        guard let tenant = try await store.tenant(known.id) else { throw APIError.unknownTenant }
        let used = try await quota.used(by: tenant, at: now())
        return SubscriptionView(tenant, account, used: used.count)
    }
}
