public import Domain
import Foundation
import Synchronization

/// What forecasts are made with, loaded once: of each tenant the pace and the model, and the prior that all share.
///
/// Nothing here is asked what is current: who asks for a forecast says with which basis it is to be made, as the store gave
/// it. So a node never makes one with what was current a while ago.
public final class ForecastLibrary: Sendable {
    private struct Entry {
        /// What was asked for, which may be older than what was found.
        var asked: ForecastBasisID
        var forecaster: TenantForecaster
        var lastUse: Int
    }

    private struct State {
        var entries: [TenantID: Entry] = [:]
        var uses = 0
    }

    private let store: any ServingStore
    private let limit: Int
    private let executor: @Sendable (TenantID) -> (any TaskExecutor)?
    private let state = Mutex(State())
    /// Nil where this build cannot load it, which the tests rule out.
    private let prior: LoadedModel?

    /// - Parameters:
    ///   - limit: tenants whose basis is kept; of a large tenant it has some megabytes.
    ///   - executor: where what was stored is decoded, which takes some tenths of a second of a large tenant; nil for where
    ///     everything runs.
    public init(
        store: any ServingStore, limit: Int = 64,
        executor: @escaping @Sendable (TenantID) -> (any TaskExecutor)? = { _ in nil }
    ) {
        self.executor = executor
        self.store = store
        self.limit = max(1, limit)
        // Without it the ladder has a rung less, and says so.
        prior = (try? ShippedPrior.model()).flatMap { try? LoadedModel($0) }
    }

    /// What makes the forecasts of a tenant by this basis, or by a newer one that the store has meanwhile; nil when its pace
    /// is gone, or of another version's form and not yet taken again. Throws what the store throws.
    public func forecaster(of tenantID: TenantID, by basis: ForecastBasisID) async throws -> TenantForecaster? {
        if let known = known(tenantID, basis) { return known }
        guard let stored = try await store.forecastBasis(tenantID) else { return nil }
        let found = ForecastBasisID(stored)
        var record: ForecastModelRecord?
        if let modelID = found.modelID { record = try await store.model(tenantID, id: modelID) }
        let (model, prior) = (record, prior)
        let forecaster = await withTaskExecutorPreference(executor(tenantID)) { () -> TenantForecaster? in
            // Unreadable as another version's: it is taken again within a day.
            guard let pace = try? TenantPace(stored: stored.pace) else { return nil }
            // Without one that this build can use, the tenant stands where it stood before it had one.
            let own = model.flatMap { $0.file.isEmpty ? nil : try? LoadedModel(ForecastModel($0)) }
            return TenantForecaster(found, pace: pace, own: own, prior: prior)
        }
        if let forecaster { keep(forecaster, of: tenantID, asked: basis) }
        return forecaster
    }

    private func known(_ tenantID: TenantID, _ basis: ForecastBasisID) -> TenantForecaster? {
        state.withLock { state in
            guard let entry = state.entries[tenantID], entry.asked == basis || entry.forecaster.basis == basis else {
                return nil
            }
            state.uses += 1
            state.entries[tenantID]?.lastUse = state.uses
            return entry.forecaster
        }
    }

    private func keep(_ forecaster: TenantForecaster, of tenantID: TenantID, asked: ForecastBasisID) {
        state.withLock { state in
            state.uses += 1
            state.entries[tenantID] = Entry(asked: asked, forecaster: forecaster, lastUse: state.uses)
            guard state.entries.count > limit else { return }
            if let oldest = state.entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                state.entries[oldest.key] = nil
            }
        }
    }
}

extension ForecastModel {
    /// A model from its record. Throws `DecodingError`.
    init(_ record: ForecastModelRecord) throws {
        self = try CanonicalJSON.decode(ForecastModel.self, from: Data(record.file))
    }
}
