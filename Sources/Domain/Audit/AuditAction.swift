/// What somebody did, by a code that does not change: it is what rows hold, and what lists are filtered by. The part before
/// the point is the kind of the object where the act names no other.
public enum AuditAction: String, Sendable, Codable, CaseIterable {
    // The host's chain.
    case tenantCreate = "tenant.create"
    case tenantDelete = "tenant.delete"
    case tenantScheduleDeletion = "tenant.schedule_deletion"
    case tenantRestore = "tenant.restore"
    case planUpdate = "plan.update"
    case storeReseal = "store.reseal"
    case storeKey = "store.replace_key"
    case clockConfirm = "clock.confirm"

    // Either chain.
    case loginLinkCreate = "login_link.create"
    case sessionBegin = "session.begin"
    case sessionEnd = "session.end"
    case sessionSwitch = "session.switch"
    case credentialsRefuse = "credentials.refuse"

    // A tenant's chain.
    case tenantUpdate = "tenant.update"
    case apiKeyCreate = "api_key.create"
    case apiKeyRotate = "api_key.rotate"
    case apiKeyRevoke = "api_key.revoke"
    case apiKeyReplace = "api_key.replace"
    case invitationCreate = "invitation.create"
    case invitationWithdraw = "invitation.withdraw"
    case invitationAccept = "invitation.accept"
    case membershipCreate = "membership.create"
    case membershipChange = "membership.change"
    case membershipEnd = "membership.end"
    case webhookSecretCreate = "webhook_secret.create"
    case webhookSecretRemove = "webhook_secret.remove"
    case webhookSecretRetire = "webhook_secret.retire"
    case automationTokenCreate = "automation_token.create"
    case automationTokenRemove = "automation_token.remove"
    case webhookRegister = "jira_webhook.register"
    case webhookTest = "jira_webhook.test"
    case sweepRequest = "sweep.request"
    case backfillStart = "backfill.start"
    case webhookEventsRetry = "webhook_events.retry"
    case issueRetry = "issue.retry"
    case ruleSave = "alert_rule.save"
    case ruleDelete = "alert_rule.delete"
    case channelSave = "alert_channel.save"
    case channelDelete = "alert_channel.delete"
    case channelTest = "alert_channel.test"
    case recipientsAsk = "recipients.ask"
    case recipientSet = "recipient.set"
    case routeSave = "alert_route.save"
    case silenceCreate = "alert_silence.create"
    case silenceEnd = "alert_silence.end"
    case alertAcknowledge = "alert.acknowledge"
    case notificationAcknowledge = "notification.acknowledge"
    case deliveryRetry = "delivery.retry"
    case digestSend = "digest.send"
    case backtestRequest = "backtest.request"
    case personDisclose = "person.disclose"
    case personErase = "person.erase"

    /// The part before the point.
    public var objectKind: String { String(rawValue.prefix { $0 != "." }) }
}
