import Store

/// The `retention` section: how many days each kind of data is kept.
enum RetentionSection {
    /// Throws ``ConfigurationError`` naming the key.
    static func policy(from settings: Settings) throws -> RetentionPolicy {
        var policy = RetentionPolicy()
        policy.payloadDays = try days("payload_days", default: policy.payloadDays, settings)
        policy.webhookDays = try days("webhook_days", default: policy.webhookDays, settings)
        policy.rejectedDays = try days("rejected_days", default: policy.rejectedDays, settings)
        policy.historyDays = try days("history_days", default: policy.historyDays, settings)
        policy.usageDays = try days("usage_days", default: policy.usageDays, settings)
        policy.alertDays = try days("alert_days", default: policy.alertDays, settings)
        policy.deletedIssueDays = try days("deleted_issue_days", default: policy.deletedIssueDays, settings)
        policy.unusedReadingDays = try days("unused_reading_days", default: policy.unusedReadingDays, settings)
        policy.auditDays = try days("audit_days", default: policy.auditDays, settings)
        policy.unusedUserDays = try days("unused_user_days", default: policy.unusedUserDays, settings)
        if let webhookDays = policy.webhookDays, webhookDays < policy.payloadDays ?? .max {
            throw ConfigurationError(
                "retention.webhook_days must not be below retention.payload_days: a body is not kept without its row")
        }
        return policy
    }

    /// A number of days; nil for `forever` or 0.
    private static func days(_ name: String, default fallback: Int?, _ settings: Settings) throws -> Int? {
        let key = "retention.\(name)"
        guard let text = settings.string(key) else { return fallback }
        if text == "forever" { return nil }
        guard let days = Int(text), (0...36_500).contains(days) else {
            throw ConfigurationError("\(key) must be a whole number of days from 1 to 36500, or forever")
        }
        return days == 0 ? nil : days
    }
}
