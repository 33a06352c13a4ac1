public import Domain
public import Foundation

extension RiskStore {
    /// The rules of a tenant, by name.
    public func alertRules(_ id: TenantID) async throws -> [AlertRule] {
        try await driver.read { try AlertRuleStatements.rules($0.query([AlertRuleStatements.selectRules(of: id)])[0]) }
    }

    /// Inserts or replaces. A rule of another tenant with the same id is never touched. Throws
    /// `StorageError(.limitReached)` for a new one where the tenant has as many as it may.
    public func saveAlertRule(_ id: TenantID, _ rule: AlertRule, by actor: Actor) async throws {
        let (limit, now) = (limits[.alertRules], now())
        try await driver.write { connection in
            try TenantLimitStatements.makeRoom(
                for: .alertRules, in: "alert_rules", unlessKnown: rule.id, of: id, limit: limit, in: connection)
            let before = try AlertRuleStatements.auditFields(rule.id, of: id, in: connection)
            guard try AlertRuleStatements.save(rule, of: id, in: connection) else { return }
            let act = AuditAct(
                .ruleSave, rule.id.canonicalText, before: before, after: try rule.auditFields)
            try AuditStatements.append(act, to: .tenant(id), by: actor, at: now, in: connection)
        }
    }

    /// Deletes a rule and where it stands with every issue; false when the tenant has no such rule.
    public func deleteAlertRule(_ id: TenantID, ruleID: UUID, by actor: Actor) async throws -> Bool {
        let now = now()
        return try await driver.write { connection in
            let before = try AlertRuleStatements.auditFields(ruleID, of: id, in: connection)
            let deleted = try connection.execute(
                "DELETE FROM alert_rules WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(ruleID)])
            guard deleted > 0 else { return false }
            try AuditStatements.append(
                AuditAct(.ruleDelete, ruleID.canonicalText, before: before), to: .tenant(id), by: actor, at: now,
                in: connection)
            return true
        }
    }
}

/// The statements on rules, and on where they stand with issues, that other transactions share.
enum AlertRuleStatements {
    /// The rules of a tenant, by name.
    static func selectRules(of tenantID: TenantID) -> SQLQuery {
        .select(RuleColumn.self, "FROM alert_rules WHERE tenant_id = ? ORDER BY name, id", [.tenant(tenantID)])
    }

    /// The rules from the rows of ``selectRules(of:)``.
    static func rules(_ rows: [SQLRow]) throws -> [AlertRule] {
        try rows.map { SQLRecord<RuleColumn>($0) }.map { row in
            try decoded.value(of: try row.text(.ruleJSON)) { try row.stored(.ruleJSON, as: StoredAlertRule.self) }
        }
    }

    /// Every issue that is scored has the rules of its tenant read.
    private static let decoded = DecodedTexts<AlertRule>(byteLimit: 4 << 20)

    /// What a rule is before a change; nil for a new one, and empty for one that cannot be read.
    static func auditFields(
        _ ruleID: UUID, of tenantID: TenantID, in connection: any SQLConnection
    ) throws -> AuditFields? {
        let row = try connection.selectFirst(
            RuleColumn.self, "FROM alert_rules WHERE tenant_id = ? AND id = ? \(connection.dialect.locking)",
            [.tenant(tenantID), .uuid(ruleID)])
        return try row?.auditFields { try $0.stored(.ruleJSON, as: StoredAlertRule.self).auditFields }
    }

    /// False where another tenant's rule has the id.
    @discardableResult
    static func save(_ rule: AlertRule, of tenantID: TenantID, in connection: any SQLConnection) throws -> Bool {
        try connection.execute(
            """
            INSERT INTO alert_rules (id, tenant_id, name, is_enabled, rule_json) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_enabled = excluded.is_enabled,
                rule_json = excluded.rule_json
            WHERE alert_rules.tenant_id = excluded.tenant_id
            """,
            [
                .uuid(rule.id), .tenant(tenantID), .text(rule.name), .flag(rule.isEnabled),
                try .stored(rule, as: StoredAlertRule.self),
            ]) > 0
    }

    /// Where the rules stand with an issue.
    ///
    /// - Parameter ofIssue: the condition that says which.
    static func selectStates(_ ofIssue: String, _ arguments: [SQLValue]) -> SQLQuery {
        .select(StateColumn.self, "FROM alert_states WHERE \(ofIssue) ORDER BY rule_id", arguments)
    }

    /// The states from the rows of ``selectStates(_:_:)``.
    static func states(_ rows: [SQLRow]) throws -> [AlertState] {
        try rows.map { SQLRecord<StateColumn>($0) }.map {
            AlertState(
                ruleID: try $0.uuid(.ruleID), isFiring: try $0.flag(.isFiring), since: try $0.timestamp(.since),
                score: try $0.integer(.score))
        }
    }

    /// Keeps where rules stand with an issue. A rule deleted since the work was loaded takes its state with it.
    static func record(
        _ states: [AlertState], of issueID: IssueID, _ tenantID: TenantID, in connection: any SQLConnection
    ) throws {
        for state in states {
            try connection.run(
                """
                INSERT INTO alert_states (tenant_id, rule_id, issue_id, is_firing, since, score)
                SELECT tenant_id, id, ?, ?, ?, ? FROM alert_rules WHERE tenant_id = ? AND id = ?
                ON CONFLICT (tenant_id, issue_id, rule_id) DO UPDATE SET is_firing = excluded.is_firing,
                    since = excluded.since, score = excluded.score
                """,
                [
                    .id(issueID), .flag(state.isFiring), .timestamp(state.since), .integer(state.score),
                    .tenant(tenantID), .uuid(state.ruleID),
                ])
        }
    }
}

extension AlertRule {
    fileprivate var auditFields: AuditFields {
        get throws { try AuditFields(encoding: StoredAlertRule(self), without: ["v", "id"]) }
    }
}

private enum RuleColumn: Int, SQLColumns {
    case ruleJSON
    static let list = columnList()
}

private enum StateColumn: Int, SQLColumns {
    case ruleID, isFiring, since, score
    static let list = columnList()
}
