public import Domain
import Foundation

extension RiskStore {
    /// What forecasts of the tenant's issues rest on; nil before it was first computed.
    public func forecastBasis(_ tenantID: TenantID) async throws -> ForecastBasis? {
        try await driver.read {
            try $0.selectFirst(BasisColumn.self, "FROM forecast_paces WHERE tenant_id = ?", [.tenant(tenantID)])?.basis
        }
    }

    /// As ``forecastBasis(_:)``, with an empty pace: that may have megabytes.
    public func forecastBasisWithoutPace(_ tenantID: TenantID) async throws -> ForecastBasis? {
        try await driver.read {
            try $0.selectFirst(
                BasisSummaryColumn.self, "FROM forecast_paces WHERE tenant_id = ?", [.tenant(tenantID)])?.basis
        }
    }

    /// The tenants whose model has stepped down, and since when. For the operator of the daemon: it reads all tenants.
    public func steppedDownTenants() async throws -> [TenantID: Timestamp] {
        try await driver.read { connection in
            let rows = try connection.select(
                BasisSummaryColumn.self, "FROM forecast_paces WHERE stepped_down_at IS NOT NULL", [])
            return try rows.reduce(into: [:]) { $0[try $1.tenantID(.tenantID)] = try $1.timestamp(.steppedDownAt) }
        }
    }

    /// Stores what forecasts of the tenant's issues rest on, in the place of what was there.
    ///
    /// Throws `StorageError(.stale)` when the lease was lost.
    public func saveForecastBasis(_ basis: ForecastBasis, under claim: TrainingClaim) async throws {
        try await driver.write { connection in
            try TrainingStatements.verify(claim, in: connection)
            try connection.run(
                """
                INSERT INTO forecast_paces (tenant_id, as_of, finished, judged_at, judged_model_id, stepped_down_at,
                    drift, file)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (tenant_id) DO UPDATE SET as_of = excluded.as_of, finished = excluded.finished,
                    judged_at = excluded.judged_at, judged_model_id = excluded.judged_model_id,
                    stepped_down_at = excluded.stepped_down_at, drift = excluded.drift, file = excluded.file
                """,
                [
                    .tenant(claim.tenantID), .timestamp(basis.asOf), .integer(basis.finished),
                    .timestamp(basis.judgedAt), .text(basis.judgedModelID), .timestamp(basis.steppedDownAt),
                    .text(basis.drift), .blob(Data(basis.pace)),
                ])
        }
    }
}

private enum BasisColumn: Int, SQLColumns {
    case asOf, finished, judgedAt, judgedModelID, steppedDownAt, drift, file
    static let list = columnList()
}

private enum BasisSummaryColumn: Int, SQLColumns {
    case tenantID, asOf, finished, judgedAt, judgedModelID, steppedDownAt, drift
    static let list = columnList()
}

extension SQLRecord<BasisColumn> {
    fileprivate var basis: ForecastBasis {
        get throws {
            ForecastBasis(
                pace: [UInt8](try blob(.file)), asOf: try timestamp(.asOf), finished: try integer(.finished),
                judgedAt: try optionalTimestamp(.judgedAt), judgedModelID: try optionalText(.judgedModelID),
                steppedDownAt: try optionalTimestamp(.steppedDownAt), drift: try optionalText(.drift))
        }
    }
}

extension SQLRecord<BasisSummaryColumn> {
    fileprivate var basis: ForecastBasis {
        get throws {
            ForecastBasis(
                pace: [], asOf: try timestamp(.asOf), finished: try integer(.finished),
                judgedAt: try optionalTimestamp(.judgedAt), judgedModelID: try optionalText(.judgedModelID),
                steppedDownAt: try optionalTimestamp(.steppedDownAt), drift: try optionalText(.drift))
        }
    }
}
