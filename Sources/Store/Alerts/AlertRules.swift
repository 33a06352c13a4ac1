public import Domain
public import Foundation

extension RiskStore {
    /// The rules of a tenant, by name.
    public func alertRules(_ id: TenantID) async throws -> [AlertRule] {
        try await driver.read { try AlertRuleStatements.rules(of: id, $0) }
    }

    /// Inserts or replaces. A rule of another tenant with the same id is never touched. Throws
    /// `StorageError(.limitReached)` for a new one where the tenant has as many as it may.
    public func saveAlertRule(_ id: TenantID, _ rule: AlertRule, by actor: Actor) async throws {
        let limit = limits[.alertRules]
        try await driver.write { connection in
            try TenantLimitStatements.makeRoom(
                for: .alertRules, in: "alert_rules", unlessKnown: rule.id, of: id, limit: limit, in: connection)
            try AlertRuleStatements.save(rule, of: id, in: connection)
        }
    }

    /// Deletes a rule and where it stands with every issue; false when the tenant has no such rule.
    public func deleteAlertRule(_ id: TenantID, ruleID: UUID, by actor: Actor) async throws -> Bool {
        try await driver.write {
            try $0.execute("DELETE FROM alert_rules WHERE tenant_id = ? AND id = ?", [.tenant(id), .uuid(ruleID)]) > 0
        }
    }
}

/// The statements on rules, and on where they stand with issues, that other transactions share.
enum AlertRuleStatements {
    static func rules(of tenantID: TenantID, _ connection: any SQLConnection) throws -> [AlertRule] {
        try connection.select(
            RuleColumn.self, "FROM alert_rules WHERE tenant_id = ? ORDER BY name, id", [.tenant(tenantID)]
        ).map { try $0.stored(.ruleJSON, as: StoredAlertRule.self) }
    }

    static func save(_ rule: AlertRule, of tenantID: TenantID, in connection: any SQLConnection) throws {
        try connection.run(
            """
            INSERT INTO alert_rules (id, tenant_id, name, is_enabled, rule_json) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, is_enabled = excluded.is_enabled,
                rule_json = excluded.rule_json
            WHERE alert_rules.tenant_id = excluded.tenant_id
            """,
            [
                .uuid(rule.id), .tenant(tenantID), .text(rule.name), .flag(rule.isEnabled),
                try .stored(rule, as: StoredAlertRule.self),
            ])
    }

    static func states(
        of issueID: IssueID, _ tenantID: TenantID, _ connection: any SQLConnection
    ) throws -> [AlertState] {
        try connection.select(
            StateColumn.self, "FROM alert_states WHERE tenant_id = ? AND issue_id = ? ORDER BY rule_id",
            [.tenant(tenantID), .id(issueID)]
        ).map {
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

private enum RuleColumn: Int, SQLColumns {
    case ruleJSON
    static let list = columnList()
}

private enum StateColumn: Int, SQLColumns {
    case ruleID, isFiring, since, score
    static let list = columnList()
}
