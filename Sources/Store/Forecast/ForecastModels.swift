public import Domain
import Foundation

extension RiskStore {
    /// Stores a model of the tenant, in the place of one with the same id. An active one supersedes that which was active.
    ///
    /// The newest ``keptModels`` are kept; older ones go, but never the active one.
    ///
    /// Throws `StorageError(.stale)` when the lease was lost.
    public func saveModel(_ model: ForecastModelRecord, under claim: TrainingClaim) async throws {
        let id = claim.tenantID
        try await driver.write { connection in
            try TrainingStatements.verify(claim, in: connection)
            if model.state == .active {
                try connection.run(
                    """
                    UPDATE forecast_models SET state = 'superseded'
                    WHERE tenant_id = ? AND state = 'active' AND model_id <> ?
                    """, [.tenant(id), .text(model.id)])
            }
            try connection.run(
                """
                INSERT INTO forecast_models (tenant_id, model_id, kind, state, created_at, cut_at, file, verdict)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant_id, model_id) DO UPDATE SET kind = excluded.kind, state = excluded.state,
                    created_at = excluded.created_at, cut_at = excluded.cut_at, file = excluded.file,
                    verdict = excluded.verdict
                """,
                [
                    .tenant(id), .text(model.id), .text(model.kind), .text(model.state.rawValue),
                    .timestamp(model.createdAt), .timestamp(model.cutAt), .blob(Data(model.file)), .text(model.verdict),
                ])
            try connection.run(
                """
                DELETE FROM forecast_models WHERE tenant_id = ? AND state <> 'active' AND model_id NOT IN (
                    SELECT model_id FROM forecast_models WHERE tenant_id = ?
                    ORDER BY created_at DESC, model_id LIMIT ?)
                """, [.tenant(id), .tenant(id), .integer(Self.keptModels)])
        }
    }

    /// How many models of a tenant are kept: a model's file has some hundred kilobytes.
    static let keptModels = 8

    /// The model that makes the tenant's forecasts; nil without one.
    public func activeModel(_ tenantID: TenantID) async throws -> ForecastModelRecord? {
        try await driver.read {
            try $0.selectFirst(
                ModelColumn.self, "FROM forecast_models WHERE tenant_id = ? AND state = 'active'", [.tenant(tenantID)]
            )?.model
        }
    }

    /// A model of the tenant with its file, active or not; nil when it is not kept any more.
    public func model(_ tenantID: TenantID, id: String) async throws -> ForecastModelRecord? {
        try await driver.read {
            try $0.selectFirst(
                ModelColumn.self, "FROM forecast_models WHERE tenant_id = ? AND model_id = ?",
                [.tenant(tenantID), .text(id)]
            )?.model
        }
    }

    /// The id of the model that makes the tenant's forecasts, without reading its file; nil without one.
    public func activeModelID(_ tenantID: TenantID) async throws -> String? {
        try await driver.read {
            try $0.first(
                "SELECT model_id FROM forecast_models WHERE tenant_id = ? AND state = 'active'", [.tenant(tenantID)])?
                .text()
        }
    }

    /// The models kept of a tenant, the newest first, without their files.
    public func models(_ tenantID: TenantID) async throws -> [ForecastModelRecord] {
        try await driver.read {
            try $0.select(
                VerdictColumn.self,
                "FROM forecast_models WHERE tenant_id = ? ORDER BY created_at DESC, model_id", [.tenant(tenantID)]
            ).map { try $0.model }
        }
    }

    /// Ends the use of the active model, as when it does no better than the age alone any more; false when another one, or
    /// none, is active.
    @discardableResult
    public func retireModel(_ tenantID: TenantID, id: String, as state: ForecastModelRecord.State) async throws -> Bool
    {
        try await driver.write {
            try $0.execute(
                "UPDATE forecast_models SET state = ? WHERE tenant_id = ? AND model_id = ? AND state = 'active'",
                [.text(state.rawValue), .tenant(tenantID), .text(id)]) > 0
        }
    }
}

private enum ModelColumn: Int, SQLColumns {
    case modelID, kind, state, createdAt, cutAt, verdict, file
    static let list = columnList()
}

private enum VerdictColumn: Int, SQLColumns {
    case modelID, kind, state, createdAt, cutAt, verdict
    static let list = columnList()
}

extension SQLRecord<ModelColumn> {
    fileprivate var model: ForecastModelRecord {
        get throws {
            ForecastModelRecord(
                id: try text(.modelID), kind: try text(.kind),
                state: try choice(.state, of: ForecastModelRecord.State.self), createdAt: try timestamp(.createdAt),
                cutAt: try timestamp(.cutAt), file: [UInt8](try blob(.file)), verdict: try optionalText(.verdict))
        }
    }
}

extension SQLRecord<VerdictColumn> {
    fileprivate var model: ForecastModelRecord {
        get throws {
            ForecastModelRecord(
                id: try text(.modelID), kind: try text(.kind),
                state: try choice(.state, of: ForecastModelRecord.State.self), createdAt: try timestamp(.createdAt),
                cutAt: try timestamp(.cutAt), file: [], verdict: try optionalText(.verdict))
        }
    }
}
