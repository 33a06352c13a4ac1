extension Migrations {
    /// The bytes of webhooks as they came: their bodies may be stored compressed. Those that are there already stay as they
    /// are, and have none.
    static let bodySizes = Step(
        name: "0047-body-sizes",
        statements: ["ALTER TABLE webhook_events ADD COLUMN body_size INTEGER"])
}
