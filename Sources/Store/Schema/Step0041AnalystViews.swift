extension Migrations {
    /// What analysts query instead of tables whose form is consilod's own (decision 0054). `docs/data-dictionary.md` has each
    /// column; a step that changes a column that a view reads drops the view first and makes it again, with its columns in
    /// their order.
    static let analystViews = Step(
        name: "0041-analyst-views", statements: [],
        postgresStatements: AnalystViews.statements { json in
            """
            (SELECT f.factor ->> 'name' FROM jsonb_array_elements(\(json) -> 'factors') WITH ORDINALITY AS f (factor, place)
                WHERE CAST(f.factor ->> 'points' AS INTEGER) > 0
                ORDER BY CAST(f.factor ->> 'points' AS INTEGER) DESC, f.place LIMIT 1)
            """
        },
        sqliteStatements: AnalystViews.statements { json in
            """
            (SELECT f.value ->> 'name' FROM json_each(\(json), '$.factors') AS f
                WHERE f.value ->> 'points' > 0 ORDER BY f.value ->> 'points' DESC, f.key LIMIT 1)
            """
        })
}

/// The views for analysts. They show neither secrets nor texts of restricted issues, and no tenant that is being deleted.
enum AnalystViews {
    static let names = ["v_issue_risk", "v_history", "v_alerts"]

    /// - Parameter topFactor: the name of the factor with most points in an analysis that the argument names; null where
    ///   none has any.
    static func statements(_ topFactor: (String) -> String) -> [String] {
        [
            """
            CREATE VIEW v_issue_risk AS
            SELECT s.tenant_id, t.company_name, s.issue_id, s.issue_key, s.project_key,
                CASE WHEN s.security_level IS NULL THEN s.summary END AS summary,
                s.security_level IS NOT NULL AS is_restricted, s.issue_type, s.status, s.status_category, s.priority,
                s.assignee, s.due_date, s.story_points, s.created, s.updated, s.is_done, s.risk_score, s.own_score,
                s.analysis_json ->> 'band' AS band, \(topFactor("s.analysis_json")) AS top_factor,
                CAST(s.analysis_json ->> 'blocker_count' AS INTEGER) AS blocker_count,
                CAST(s.analysis_json -> 'sentiment' ->> 'negative_pct' AS {real}) AS sentiment_negative_pct,
                CAST(s.analysis_json -> 'timeline' ->> 'age_days' AS INTEGER) AS age_days,
                CAST(s.analysis_json -> 'timeline' ->> 'last_update_days' AS INTEGER) AS last_update_days,
                CAST(s.analysis_json -> 'capacity' ->> 'daily_cost' AS {real}) AS daily_cost,
                CAST(s.analysis_json -> 'capacity' ->> 'total_estimated_cost' AS {real}) AS total_estimated_cost,
                s.analyzed_at, s.scorer_id, s.model_id, f.late_due, f.late_sprint, f.late_usual, f.p50_at, f.p85_at,
                f.as_of AS forecast_as_of
            FROM issue_snapshots AS s
            JOIN tenants AS t ON t.id = s.tenant_id AND NOT t.is_deleted
            LEFT JOIN forecasts AS f ON f.tenant_id = s.tenant_id AND f.issue_id = s.issue_id
            WHERE s.risk_score IS NOT NULL AND NOT s.is_deleted
            """,
            """
            CREATE VIEW v_history AS
            SELECT h.tenant_id, t.company_name, h.id AS analysis_id, h.issue_id, h.issue_key, h.project_key, h.analyzed_at,
                h.recorded_at, h.risk_score, h.own_score, h.analysis_json ->> 'band' AS band,
                \(topFactor("h.analysis_json")) AS top_factor, h.blocker_count, h.sentiment_negative_pct, h.age_days,
                h.assignee, h.assignee_role, h.daily_cost, h.total_estimated_cost, h.is_over, h.on_request, h.scorer_id,
                h.model_id
            FROM analysis_history AS h
            JOIN tenants AS t ON t.id = h.tenant_id AND NOT t.is_deleted
            """,
            """
            CREATE VIEW v_alerts AS
            SELECT a.tenant_id, t.company_name, a.id AS alert_id, a.created_at, a.kind, a.event,
                a.alert_json ->> 'band' AS band, a.rule_id, a.alert_json ->> 'ruleName' AS rule_name,
                NULLIF(a.issue_id, '-') AS issue_id, NULLIF(a.issue_key, '-') AS issue_key,
                NULLIF(a.alert_json ->> 'projectKey', '-') AS project_key, a.score,
                CAST(a.alert_json ->> 'previousScore' AS INTEGER) AS previous_score,
                a.alert_json ->> 'headline' AS headline, a.silence_id IS NOT NULL AS is_silenced, a.acknowledged_at,
                a.acknowledged_by, \(deliveries("COUNT(*)")) AS deliveries,
                \(deliveries("COUNT(*)", "AND n.state = 'delivered'")) AS delivered,
                \(deliveries("COUNT(*)", "AND n.state = 'dead'")) AS dead,
                \(deliveries("MIN(n.delivered_at)")) AS first_delivered_at
            FROM alerts AS a
            JOIN tenants AS t ON t.id = a.tenant_id AND NOT t.is_deleted
            WHERE a.kind <> 'digest'
            """,
        ]
    }

    /// A figure of the notifications that carry the alert.
    private static func deliveries(_ figure: String, _ condition: String = "") -> String {
        """
        (SELECT \(figure) FROM notification_alerts AS c JOIN notifications AS n ON n.id = c.notification_id
            WHERE c.alert_id = a.id \(condition))
        """
    }
}
