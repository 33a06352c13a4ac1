public import Domain

extension RiskStore {
    /// The plans, the cheapest first.
    public func subscriptionPlans() async throws -> [SubscriptionPlan] {
        try await driver.read { connection in
            try connection.select(
                PlanColumn.self, "FROM subscription_plans ORDER BY price_monthly, name", []
            ).map { try $0.plan }
        }
    }

    /// Changes a plan, and the limits of its tenants that have none of their own; the plan as it is then.
    ///
    /// The next request of each of its tenants, on whichever node, is held to it.
    public func updatePlan(
        _ name: Plan, _ changes: SubscriptionPlanChanges, by actor: Actor, now: Timestamp
    ) async throws -> SubscriptionPlan {
        try await driver.write { connection in
            try SubscriptionPlanStatements.lock(in: connection)
            let before = try SubscriptionPlanStatements.plan(name, in: connection)
            let after = changes.applied(to: before)
            guard after != before else { return before }
            try SubscriptionPlanStatements.save(after, in: connection)
            if after.limits != before.limits {
                try connection.run(
                    """
                    UPDATE tenants SET monthly_issue_limit = ?, monthly_sprint_limit = ?, monthly_portfolio_limit = ?
                    WHERE plan = ? AND NOT has_own_limits
                    """,
                    [
                        .integer(after.limits.issue), .integer(after.limits.sprint), .integer(after.limits.portfolio),
                        .text(name.rawValue),
                    ])
            }
            try AuditStatements.append(
                AuditAct(.planUpdate, name.rawValue, before: before.auditFields, after: after.auditFields), to: .host,
                by: actor, at: now, in: connection)
            return after
        }
    }
}

/// The statements on plans that other transactions share.
enum SubscriptionPlanStatements {
    /// Plans, and who has which, change one after the other: a tenant whose plan is set while the plan's limits are changed
    /// gets the new ones.
    static func lock(in connection: any SQLConnection) throws { try connection.lock(.exclusive, "subscription plans") }

    /// Throws `StorageError(.corrupt)` where somebody has removed its row.
    static func plan(_ name: Plan, in connection: any SQLConnection) throws -> SubscriptionPlan {
        let row = try connection.selectFirst(
            PlanColumn.self, "FROM subscription_plans WHERE name = ?", [.text(name.rawValue)])
        guard let row else { throw StorageError(.corrupt, "the plan \(name.rawValue) is not in subscription_plans") }
        return try row.plan
    }

    fileprivate static func save(_ plan: SubscriptionPlan, in connection: any SQLConnection) throws {
        func has(_ feature: PlanFeature) -> SQLValue { .flag(plan.features.contains(feature)) }
        try connection.run(
            """
            UPDATE subscription_plans SET price_monthly = ?, issue_analyses_monthly = ?, sprint_analyses_monthly = ?,
                portfolio_analyses_monthly = ?, csv_export = ?, api_access = ?, custom_risk_weights = ?,
                slack_integration = ?
            WHERE name = ?
            """,
            [
                .integer(plan.priceMonthly), .integer(plan.limits.issue), .integer(plan.limits.sprint),
                .integer(plan.limits.portfolio), has(.csvExport), has(.apiAccess), has(.customRiskWeights),
                has(.slackIntegration), .text(plan.name.rawValue),
            ])
    }

    /// Changes what a tenant has subscribed to; ``lock(in:)`` comes before, as the first statement.
    static func apply(
        _ change: SubscriptionChange, to tenant: Tenant, in connection: any SQLConnection
    ) throws {
        guard !change.isEmpty else { return }
        let after = change.applied(to: tenant, of: try plan(change.plan ?? tenant.plan, in: connection))
        try connection.run(
            """
            UPDATE tenants SET plan = ?, status = ?, monthly_issue_limit = ?, monthly_sprint_limit = ?,
                monthly_portfolio_limit = ?, has_own_limits = ?, trial_ends_at = ?
            WHERE id = ?
            """,
            [
                .text(after.plan.rawValue), .text(after.status.rawValue), .integer(after.limits.issue),
                .integer(after.limits.sprint), .integer(after.limits.portfolio), .flag(after.hasOwnLimits),
                .timestamp(after.trialEndsAt), .tenant(tenant.id),
            ])
    }
}

private enum PlanColumn: Int, SQLColumns {
    case id, name, priceMonthly, issueAnalysesMonthly, sprintAnalysesMonthly, portfolioAnalysesMonthly
    case csvExport, apiAccess, customRiskWeights, slackIntegration, createdAt
    static let list = columnList()
}

extension SQLRecord<PlanColumn> {
    fileprivate var plan: SubscriptionPlan {
        get throws {
            var features: Set<PlanFeature> = []
            if try flag(.csvExport) { features.insert(.csvExport) }
            if try flag(.apiAccess) { features.insert(.apiAccess) }
            if try flag(.customRiskWeights) { features.insert(.customRiskWeights) }
            if try flag(.slackIntegration) { features.insert(.slackIntegration) }
            return SubscriptionPlan(
                id: try uuid(.id), name: try choice(.name, of: Plan.self), priceMonthly: try integer(.priceMonthly),
                limits: PlanLimits(
                    issue: try optionalInteger(.issueAnalysesMonthly),
                    sprint: try optionalInteger(.sprintAnalysesMonthly),
                    portfolio: try optionalInteger(.portfolioAnalysesMonthly)),
                features: features, createdAt: try timestamp(.createdAt))
        }
    }
}

extension SubscriptionPlan {
    /// What the audit log keeps of a plan, by the names of the API.
    fileprivate var auditFields: AuditFields {
        var fields: AuditFields = [
            "price_monthly": .count(priceMonthly), "issue_analyses_monthly": .optional(limits.issue),
            "sprint_analyses_monthly": .optional(limits.sprint),
            "portfolio_analyses_monthly": .optional(limits.portfolio),
        ]
        for feature in PlanFeature.allCases { fields[feature.rawValue] = .flag(features.contains(feature)) }
        return fields
    }
}
