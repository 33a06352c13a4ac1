import Domain
import Foundation

extension Migrations {
    /// What each plan costs, limits and has (decision 0060), and which tenants have limits of their own.
    static let subscriptionPlans = Step(
        name: "0044-subscription-plans",
        statements: [
            """
            CREATE TABLE subscription_plans (
                id {uuid} PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                price_monthly INTEGER NOT NULL,
                issue_analyses_monthly INTEGER,
                sprint_analyses_monthly INTEGER,
                portfolio_analyses_monthly INTEGER,
                csv_export {flag} NOT NULL,
                api_access {flag} NOT NULL,
                custom_risk_weights {flag} NOT NULL,
                slack_integration {flag} NOT NULL,
                created_at {timestamp} NOT NULL
            )
            """,
            "ALTER TABLE tenants ADD COLUMN has_own_limits {flag} NOT NULL DEFAULT FALSE",
        ], fill: fillSubscriptionPlans)

    /// The plans of the original product. Their ids are the same in every store.
    private static let firstPlans: [(id: String, name: String, price: Int, limits: [Int?], features: [Bool])] = [
        ("7b1f6a52-0c7e-4e0c-9d5e-0f5a4c3b2a00", "free", 0, [10, 0, 0], [false, false, false, false]),
        ("7b1f6a52-0c7e-4e0c-9d5e-0f5a4c3b2a01", "starter", 49, [200, 5, 1], [false, false, false, false]),
        ("7b1f6a52-0c7e-4e0c-9d5e-0f5a4c3b2a02", "growth", 149, [nil, 20, 5], [true, false, false, true]),
        ("7b1f6a52-0c7e-4e0c-9d5e-0f5a4c3b2a03", "enterprise", 499, [nil, nil, nil], [true, true, true, true]),
    ]

    private static let fillSubscriptionPlans: @Sendable (any SQLConnection) throws -> Void = { connection in
        // 2026-12-01: a row says the same on every host.
        let createdAt = Timestamp(milliseconds: 1_796_083_200_000)
        for plan in firstPlans {
            guard let id = UUID(uuidString: plan.id) else { continue }
            var values: [SQLValue] = [.uuid(id), .text(plan.name), .integer(plan.price)]
            for limit in plan.limits { values.append(.integer(limit)) }
            for feature in plan.features { values.append(.flag(feature)) }
            values.append(.timestamp(createdAt))
            try connection.run(
                """
                INSERT INTO subscription_plans (id, name, price_monthly, issue_analyses_monthly, sprint_analyses_monthly,
                    portfolio_analyses_monthly, csv_export, api_access, custom_risk_weights, slack_integration, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, values)
        }
        // What somebody has set by SQL is the tenant's own.
        try connection.run(
            """
            UPDATE tenants SET has_own_limits = TRUE WHERE NOT EXISTS (
                SELECT 1 FROM subscription_plans AS p
                WHERE p.name = tenants.plan
                    AND COALESCE(p.issue_analyses_monthly, -1) = COALESCE(tenants.monthly_issue_limit, -1)
                    AND COALESCE(p.sprint_analyses_monthly, -1) = COALESCE(tenants.monthly_sprint_limit, -1)
                    AND COALESCE(p.portfolio_analyses_monthly, -1) = COALESCE(tenants.monthly_portfolio_limit, -1))
            """, [])
    }
}
