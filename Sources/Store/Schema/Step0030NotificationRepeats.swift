extension Migrations {
    /// Notifications that are sent again while their alerts hold.
    static let notificationRepeats = Step(
        name: "0030-notification-repeats",
        statements: [
            "ALTER TABLE notifications ADD COLUMN is_repeat {flag} NOT NULL DEFAULT FALSE",
            // Seconds; 0 for never.
            "ALTER TABLE notifications ADD COLUMN repeat_seconds INTEGER NOT NULL DEFAULT 0",
            "ALTER TABLE notifications ADD COLUMN repeat_at {timestamp}",
            "CREATE INDEX notifications_repeat ON notifications (repeat_at) WHERE repeat_at IS NOT NULL",
        ])
}
