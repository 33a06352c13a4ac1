public import Domain

extension RiskStore {
    /// Stores forecasts of issues in one transaction, each in the place of the issue's former one. One as of earlier than what
    /// is stored is left out, and so is one of an issue that is over or unknown: what became of it is known.
    public func saveForecasts(_ forecasts: [ForecastRecord], of tenantID: TenantID) async throws {
        guard !forecasts.isEmpty else { return }
        try await driver.write { try ForecastStatements.save(forecasts, of: tenantID, in: $0) }
    }

    /// The forecasts of these issues, by issue; those without one are left out.
    public func forecasts(_ tenantID: TenantID, of issueIDs: [IssueID]) async throws -> [IssueID: ForecastRecord] {
        guard !issueIDs.isEmpty else { return [:] }
        return try await driver.read { try ForecastStatements.forecasts(of: issueIDs, tenantID, $0) }
    }

    /// A page of the tenant's open issues, by id, whose forecast is missing, of another model, or as of before `before`.
    ///
    /// - Parameter after: the last of the page before; nil for the first page.
    public func issuesWithoutForecast(
        _ tenantID: TenantID, by modelID: String, before: Timestamp, after: IssueID?, limit: Int
    ) async throws -> [IssueID] {
        try await driver.read { connection in
            try connection.query(
                """
                SELECT s.issue_id FROM issue_snapshots AS s
                LEFT JOIN forecasts AS f ON f.tenant_id = s.tenant_id AND f.issue_id = s.issue_id
                WHERE s.tenant_id = ? AND s.issue_id > ? AND s.issue_key IS NOT NULL AND NOT s.is_done
                    AND NOT s.is_deleted AND (f.model_id IS NULL OR f.model_id <> ? OR f.as_of < ?)
                ORDER BY s.issue_id LIMIT ?
                """,
                [
                    .tenant(tenantID), .text(after?.rawValue ?? ""), .text(modelID), .timestamp(before),
                    .integer(limit),
                ]
            ).map { IssueID(try $0.text()) }
        }
    }

    /// Removes all forecasts of a tenant, as when it has no model any more.
    public func removeForecasts(_ tenantID: TenantID) async throws {
        try await driver.write { try $0.run("DELETE FROM forecasts WHERE tenant_id = ?", [.tenant(tenantID)]) }
    }
}

/// The statements on forecasts that other transactions share.
enum ForecastStatements {
    /// The forecasts of these issues, by issue; those without one are left out.
    static func forecasts(
        of issueIDs: [IssueID], _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [IssueID: ForecastRecord] {
        guard !issueIDs.isEmpty else { return [:] }
        let forecasts = try connection.select(
            ForecastColumn.self, "FROM forecasts WHERE tenant_id = ? AND \(connection.dialect.isAny("issue_id"))",
            [.tenant(tenantID), .ids(issueIDs)]
        ).map { try $0.forecast }
        return Dictionary(forecasts.map { ($0.issueID, $0) }) { first, _ in first }
    }

    static func save(
        _ forecasts: [ForecastRecord], of tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        // In one order everywhere, so that no two transactions wait for each other.
        try connection.runAll(
            """
            INSERT INTO forecasts (tenant_id, issue_id, model_id, as_of, late_usual, late_due, late_sprint, p50_at, p85_at,
                payload)
            SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
            WHERE EXISTS (
                SELECT 1 FROM issue_snapshots WHERE tenant_id = ? AND issue_id = ? AND NOT is_done AND NOT is_deleted)
            ON CONFLICT (tenant_id, issue_id) DO UPDATE SET model_id = excluded.model_id, as_of = excluded.as_of,
                late_usual = excluded.late_usual, late_due = excluded.late_due, late_sprint = excluded.late_sprint,
                p50_at = excluded.p50_at, p85_at = excluded.p85_at, payload = excluded.payload
            WHERE forecasts.as_of <= excluded.as_of
            """,
            forecasts.sorted { $0.issueID.rawValue < $1.issueID.rawValue }.map { forecast in
                [
                    .tenant(tenantID), .id(forecast.issueID), .text(forecast.modelID), .timestamp(forecast.asOf),
                    .real(forecast.lateUsual), .real(forecast.lateDue), .real(forecast.lateSprint),
                    .timestamp(forecast.p50At), .timestamp(forecast.p85At), .text(forecast.payload),
                    .tenant(tenantID), .id(forecast.issueID),
                ]
            })
    }

    /// Removes the forecast of an issue.
    static func remove(of issueID: IssueID, _ tenantID: TenantID, in connection: any SQLConnection) throws {
        try connection.run(
            "DELETE FROM forecasts WHERE tenant_id = ? AND issue_id = ?", [.tenant(tenantID), .id(issueID)])
    }
}

enum ForecastColumn: Int, SQLColumns {
    case issueID, modelID, asOf, lateUsual, lateDue, lateSprint, p50At, p85At, payload
    static let list = columnList()
}

extension SQLRecord<ForecastColumn> {
    fileprivate var forecast: ForecastRecord {
        get throws {
            ForecastRecord(
                issueID: IssueID(try text(.issueID)), modelID: try text(.modelID), asOf: try timestamp(.asOf),
                lateUsual: try optionalReal(.lateUsual), lateDue: try optionalReal(.lateDue),
                lateSprint: try optionalReal(.lateSprint), p50At: try optionalTimestamp(.p50At),
                p85At: try optionalTimestamp(.p85At), payload: try text(.payload))
        }
    }
}
