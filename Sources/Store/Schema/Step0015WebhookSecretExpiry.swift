extension Migrations {
    /// The end of a webhook secret that another one has replaced.
    static let webhookSecretExpiry = Step(
        name: "0015-webhook-secret-expiry",
        statements: ["ALTER TABLE webhook_secrets ADD COLUMN expires_at {timestamp}"])
}
