extension Migrations {
    /// The outbox holds notifications, each of which may carry several alerts to a channel.
    static let notifications = Step(
        name: "0018-notifications",
        statements: [
            // The channel's name and kind stay readable after the channel is deleted.
            """
            CREATE TABLE notifications (
                id {uuid} PRIMARY KEY,
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                channel_id {uuid} NOT NULL,
                channel_name TEXT NOT NULL,
                channel_kind TEXT NOT NULL,
                group_key {key} NOT NULL,
                notify_at {timestamp} NOT NULL,
                state TEXT NOT NULL,
                attempts INTEGER NOT NULL,
                due_at {timestamp} NOT NULL,
                lease_token TEXT,
                leased_until {timestamp},
                last_error TEXT,
                delivered_at {timestamp}
            )
            """,
            """
            CREATE TABLE notification_alerts (
                tenant_id {uuid} NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
                notification_id {uuid} NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
                alert_id {uuid} NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
                position INTEGER NOT NULL,
                PRIMARY KEY (notification_id, alert_id)
            )
            """,
            // Each delivery is a notification of one alert, and keeps its id. A lease ends with the process that held it:
            // none has the new schema.
            """
            INSERT INTO notifications (id, tenant_id, channel_id, channel_name, channel_kind, group_key, notify_at, state,
                attempts, due_at, last_error, delivered_at)
            SELECT o.id, o.tenant_id, o.channel_id, o.channel_name, o.channel_kind, CAST(o.alert_id AS TEXT), a.created_at,
                o.state, o.attempts, o.due_at, o.last_error, o.delivered_at
            FROM alert_outbox AS o JOIN alerts AS a ON a.id = o.alert_id
            """,
            """
            INSERT INTO notification_alerts (tenant_id, notification_id, alert_id, position)
            SELECT tenant_id, id, alert_id, 0 FROM alert_outbox
            """,
            "DROP TABLE alert_outbox",
            "CREATE INDEX notifications_due ON notifications (due_at) WHERE state = 'queued'",
            "CREATE INDEX notifications_dead ON notifications (tenant_id) WHERE state = 'dead'",
            "CREATE INDEX notification_alerts_alert ON notification_alerts (alert_id)",
        ])
}
