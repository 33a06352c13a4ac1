public import Domain

/// Whether the host bills, and so what a tenant's plan and trial lock (decision 0060). Without billing nothing is locked but
/// what the monthly limits say.
///
/// It keeps nothing: a tenant comes with what its plan has, as the store had it when the request was authenticated.
public struct BillingPolicy: Sendable {
    /// Whether the host bills.
    public let isEnabled: Bool
    /// Whether owners can buy plans by themselves; else the host's owner gives them.
    public let sells: Bool
    private let certain: (@Sendable () -> Timestamp)?

    /// A host that does not bill.
    public static let off = BillingPolicy(isEnabled: false, certain: nil)

    /// - Parameter certain: an instant that is certainly not after the true one (P12); nil takes the caller's now.
    public init(isEnabled: Bool, sells: Bool = false, certain: (@Sendable () -> Timestamp)?) {
        self.isEnabled = isEnabled
        self.sells = sells
        self.certain = certain
    }

    /// For ``Principal/certainNow``.
    public var certainNow: Timestamp? { certain?() }

    /// When the trial of a tenant ended, where that locks anything.
    public func trialEnd(of tenant: Tenant, at now: Timestamp) -> Timestamp? {
        isEnabled ? tenant.trialEnd(before: now, certainNow) : nil
    }

    /// Throws ``QueryError``, `.trialExpired`, where a principal's tenant has to pay first. The host's owner is not locked out.
    public func checkTrial(of principal: Principal, at now: Timestamp) throws(QueryError) {
        guard isEnabled, !principal.may(.operate), let tenant = principal.tenant else { return }
        if let end = trialEnd(of: tenant, at: now) { throw .trialExpired(at: end) }
    }

    /// Throws ``QueryError``, `.planLacks`, where the plan of a principal's tenant lacks a feature.
    public func check(_ feature: PlanFeature, for principal: Principal) throws(QueryError) {
        guard !has(feature, principal), let tenant = principal.tenant else { return }
        throw .planLacks(feature, plan: tenant.plan)
    }

    /// Whether a principal may use a feature.
    public func has(_ feature: PlanFeature, _ principal: Principal) -> Bool {
        guard !principal.may(.operate), let tenant = principal.tenant else { return true }
        return has(feature, tenant)
    }

    /// Whether a tenant has a feature, by its plan.
    public func has(_ feature: PlanFeature, _ tenant: Tenant) -> Bool {
        !isEnabled || tenant.features.contains(feature)
    }
}
