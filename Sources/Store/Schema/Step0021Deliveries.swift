extension Migrations {
    /// Each recipient has a delivery of its own, and channels take turns.
    static let deliveries = Step(
        name: "0021-deliveries",
        statements: [
            // For whom of its channel's recipients a notification is: NULL for the channel itself, or until its first attempt,
            // which makes one notification for each.
            "ALTER TABLE notifications ADD COLUMN recipient_encrypted TEXT",
            // When a notification of the channel was last claimed, and before when none is.
            "ALTER TABLE alert_channels ADD COLUMN served_at {timestamp}",
            "ALTER TABLE alert_channels ADD COLUMN held_until {timestamp}",
            // Which channels have something queued is read off this index, a step for each channel.
            "CREATE INDEX notifications_queued ON notifications (channel_id, due_at, id) WHERE state = 'queued'",
        ])
}
