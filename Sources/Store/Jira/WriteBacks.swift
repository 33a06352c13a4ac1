public import Domain
import Foundation

extension RiskStore {
    /// How a tenant's writes to Jira stand; nil when the tenant is unknown.
    public func writeBackStatus(_ tenantID: TenantID) async throws -> WriteBackStatus? {
        try await driver.read { connection in
            guard try TenantStatements.tenant(tenantID, in: connection) != nil else { return nil }
            return try WriteBackStatements.status(of: tenantID, in: connection)
        }
    }

    /// Which custom fields of a tenant's Jira hold what; nil where that was not found out.
    public func jiraFields(_ tenantID: TenantID) async throws -> CustomFields? {
        try await jiraCredentials(tenantID)?.fields
    }

    /// Switches writes to a tenant's Jira on, or changes them; what stopped them is over. Values that go to another place than
    /// before are all written again. False when the tenant is unknown.
    public func setWriteBack(
        _ tenantID: TenantID, _ settings: WriteBackSettings, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try TenantStatements.lockedTenant(tenantID, in: connection) != nil else { return false }
            let before = try WriteBackStatements.row(of: tenantID, in: connection)
            try WriteBackStatements.save(
                settings, of: tenantID, isOn: true, known: before, by: actor, at: now, in: connection)
            if let before, settings.isOtherPlace(than: before.settings) {
                try connection.run(
                    """
                    UPDATE jira_writes SET score = NULL, attempts = 0, last_error = NULL, next_at = ? WHERE tenant_id = ?
                    """, [.timestamp(now), .tenant(tenantID)])
            } else {
                // What Jira refused is taken to be repaired.
                try connection.run(
                    "UPDATE jira_writes SET attempts = 0, last_error = NULL, next_at = ? WHERE tenant_id = ? AND attempts > 0",
                    [.timestamp(now), .tenant(tenantID)])
            }
            let fields = before.flatMap { $0.isOn ? $0.settings.auditFields : nil }
            try AuditStatements.append(
                AuditAct(.writeBackSet, before: fields, after: settings.auditFields), to: .tenant(tenantID), by: actor,
                at: now, in: connection)
            return true
        }
    }

    /// Switches writes to a tenant's Jira off; what was written stays there. False where they are off.
    public func endWriteBack(_ tenantID: TenantID, by actor: Actor, now: Timestamp) async throws -> Bool {
        try await driver.write { connection in
            // Before the row of its settings, as all that changes those.
            guard try TenantStatements.lockedTenant(tenantID, in: connection) != nil,
                let before = try WriteBackStatements.row(of: tenantID, in: connection), before.isOn
            else { return false }
            try connection.run(
                """
                UPDATE jira_write_back SET is_on = ?, changed_by = ?, changed_at = ?, lease_token = NULL,
                    leased_until = NULL, attempts = 0, stopped_until = NULL, stopped_reason = NULL
                WHERE tenant_id = ?
                """, [.flag(false), .text("\(actor)"), .timestamp(now), .tenant(tenantID)])
            try AuditStatements.append(
                AuditAct(.writeBackEnd, before: before.settings.auditFields, after: nil), to: .tenant(tenantID),
                by: actor, at: now, in: connection)
            return true
        }
    }

    /// Notes that a comment is about to be posted on an issue under an account, by which it will be known as consilod's own.
    /// False where writes to the tenant's Jira are off.
    public func beginJiraComment(
        _ tenantID: TenantID, on key: IssueKey, account: String, by actor: Actor, now: Timestamp
    ) async throws -> Bool {
        try await driver.write { connection in
            guard try TenantStatements.lockedTenant(tenantID, in: connection) != nil,
                let row = try WriteBackStatements.row(of: tenantID, in: connection), row.isOn
            else { return false }
            if !row.own.accounts.contains(account) {
                try connection.run(
                    "UPDATE jira_write_back SET own_accounts = ? WHERE tenant_id = ?",
                    [OwnWriteStatements.column(row.own.accounts.union([account])), .tenant(tenantID)])
            }
            try AuditStatements.append(
                AuditAct(.jiraComment, key.rawValue), to: .tenant(tenantID), by: actor, at: now, in: connection)
            return true
        }
    }
}

/// The statements on what a tenant has set for its writes.
enum WriteBackStatements {
    /// What is stored of a tenant's settings.
    struct Row {
        var isOn: Bool
        var settings: WriteBackSettings
        var own: OwnWrites
        var changedBy: String
        var changedAt: Timestamp
        var stoppedUntil: Timestamp?
        var stoppedReason: String?
    }

    static func row(of tenantID: TenantID, in connection: any SQLConnection) throws -> Row? {
        try connection.selectFirst(
            WriteBackColumn.self, "FROM jira_write_back WHERE tenant_id = ?", [.tenant(tenantID)]
        ).map { row in
            Row(
                isOn: try row.flag(.isOn), settings: try row.settings,
                own: OwnWriteStatements.own(
                    fields: try row.text(.ownFields), accounts: try row.text(.ownAccounts)),
                changedBy: try row.text(.changedBy), changedAt: try row.timestamp(.changedAt),
                stoppedUntil: try row.optionalTimestamp(.stoppedUntil),
                stoppedReason: try row.optionalText(.stoppedReason))
        }
    }

    static func status(of tenantID: TenantID, in connection: any SQLConnection) throws -> WriteBackStatus {
        guard let row = try Self.row(of: tenantID, in: connection) else { return WriteBackStatus() }
        func count(_ condition: String) throws -> Int {
            try connection.first(
                "SELECT COUNT(*) FROM jira_writes WHERE tenant_id = ? AND \(condition)", [.tenant(tenantID)]
            )?.integer() ?? 0
        }
        let refusal = try connection.first(
            """
            SELECT last_error FROM jira_writes WHERE tenant_id = ? AND attempts > 0
            ORDER BY next_at DESC, issue_id LIMIT 1
            """, [.tenant(tenantID)])?.optionalText()
        let last = try connection.first(
            "SELECT MAX(written_at) FROM jira_writes WHERE tenant_id = ?", [.tenant(tenantID)])?.optionalTimestamp()
        return WriteBackStatus(
            settings: row.isOn ? row.settings : nil, changedBy: row.changedBy, changedAt: row.changedAt,
            stoppedUntil: row.stoppedUntil, stoppedReason: row.stoppedReason, written: try count("score IS NOT NULL"),
            refused: try count("attempts > 0"), refusal: refusal, lastWrittenAt: last)
    }

    /// Ends the lease and the stop of writes, as the tenant's access was changed. On another site writing is off, and neither
    /// its fields nor its accounts nor its issues are those of before.
    static func accessChanged(_ tenantID: TenantID, isOtherSite: Bool, in connection: any SQLConnection) throws {
        try connection.run(
            """
            UPDATE jira_write_back SET lease_token = NULL, leased_until = NULL, attempts = 0, stopped_until = NULL,
                stopped_reason = NULL
            WHERE tenant_id = ?
            """, [.tenant(tenantID)])
        guard isOtherSite else { return }
        try connection.run(
            "UPDATE jira_write_back SET is_on = ?, own_fields = ?, own_accounts = ? WHERE tenant_id = ?",
            [.flag(false), OwnWriteStatements.column([]), OwnWriteStatements.column([]), .tenant(tenantID)])
        try connection.run("DELETE FROM jira_writes WHERE tenant_id = ?", [.tenant(tenantID)])
    }

    static func save(
        _ settings: WriteBackSettings, of tenantID: TenantID, isOn: Bool, known: Row?, by actor: Actor,
        at now: Timestamp, in connection: any SQLConnection
    ) throws {
        let fields = (known?.own.fields ?? []).union(settings.fields.ids)
        try connection.run(
            """
            INSERT INTO jira_write_back (tenant_id, is_on, target, property_key, score_field, band_field, date_field,
                cause_field, step_points, step_days, interval_seconds, own_fields, own_accounts, changed_by, changed_at,
                due_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (tenant_id) DO UPDATE SET is_on = excluded.is_on, target = excluded.target,
                property_key = excluded.property_key, score_field = excluded.score_field,
                band_field = excluded.band_field, date_field = excluded.date_field, cause_field = excluded.cause_field,
                step_points = excluded.step_points, step_days = excluded.step_days,
                interval_seconds = excluded.interval_seconds, own_fields = excluded.own_fields,
                changed_by = excluded.changed_by, changed_at = excluded.changed_at, due_at = excluded.due_at,
                lease_token = NULL, leased_until = NULL, attempts = 0, stopped_until = NULL, stopped_reason = NULL
            """,
            [
                .tenant(tenantID), .flag(isOn), .text(settings.target.rawValue), .text(settings.propertyKey),
                .text(settings.fields.score), .text(settings.fields.band), .text(settings.fields.forecastDate),
                .text(settings.fields.cause), .integer(settings.stepPoints), .integer(settings.stepDays),
                .integer(settings.intervalSeconds), OwnWriteStatements.column(fields),
                OwnWriteStatements.column(known?.own.accounts ?? []), .text("\(actor)"), .timestamp(now),
                .timestamp(now),
            ])
    }
}

/// What a tenant has set for its writes.
enum WriteBackColumn: Int, SQLColumns {
    case isOn, target, propertyKey, scoreField, bandField, dateField, causeField, stepPoints, stepDays, intervalSeconds,
        ownFields, ownAccounts, changedBy, changedAt, stoppedUntil, stoppedReason
    static let list = columnList()
}

extension SQLRecord<WriteBackColumn> {
    var settings: WriteBackSettings {
        get throws {
            WriteBackSettings(
                target: try choice(.target, of: WriteBackSettings.Target.self), propertyKey: try text(.propertyKey),
                fields: WriteBackSettings.Fields(
                    score: try optionalText(.scoreField), band: try optionalText(.bandField),
                    forecastDate: try optionalText(.dateField), cause: try optionalText(.causeField)),
                stepPoints: try integer(.stepPoints), stepDays: try integer(.stepDays),
                intervalSeconds: Int64(try integer(.intervalSeconds)))
        }
    }
}

extension WriteBackSettings {
    fileprivate var auditFields: AuditFields {
        [
            "target": .text(target.rawValue), "property_key": .text(propertyKey),
            "score_field": .optional(fields.score), "band_field": .optional(fields.band),
            "forecast_date_field": .optional(fields.forecastDate), "cause_field": .optional(fields.cause),
            "step_points": .count(stepPoints), "step_days": .count(stepDays),
            "interval_minutes": .whole(intervalSeconds / 60),
        ]
    }
}
