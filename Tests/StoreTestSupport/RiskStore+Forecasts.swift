public import Domain
public import Store
import TestSupport

extension RiskStore {
    /// Stores what a tenant's forecasts are made with, as training does.
    public func saveBasis(
        _ basis: ForecastBasis, model: ForecastModelRecord? = nil, of tenant: TenantID, at now: Timestamp
    ) async throws {
        try await requestTraining(tenant, reason: .manual, dueAt: now)
        guard let claim = try await claimTraining(now: now, leaseUntil: now.adding(seconds: 60)),
            claim.tenantID == tenant
        else { throw Unexpected("another tenant's training is due") }
        if let model { try await saveModel(model, under: claim) }
        try await saveForecastBasis(basis, under: claim)
        try await release(claim, dueAt: now.adding(days: 7), error: nil, now: now)
    }
}
