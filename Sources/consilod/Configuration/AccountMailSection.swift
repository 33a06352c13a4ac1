/// What is set about mails on the tenants' accounts (`billing.mails`).
struct AccountMailSettings: Sendable, Hashable {
    /// Whether they are wanted where the host bills.
    var isWanted: Bool
    /// Whether tenants are reminded of their set-up.
    var sendsOnboarding: Bool
    /// Between two looks at all tenants.
    var interval: Duration
}

/// The section `billing.mails`.
enum AccountMailSection {
    /// Throws ``ConfigurationError`` naming the key.
    static func settings(from settings: Settings) throws -> AccountMailSettings {
        AccountMailSettings(
            isWanted: try settings.flag("billing.mails.enabled", default: true),
            sendsOnboarding: try settings.flag("billing.mails.onboarding", default: true),
            interval: .seconds(try settings.integer("billing.mails.check_seconds", default: 60, in: 1...3600)))
    }
}

extension DaemonConfiguration {
    /// Whether owners get mails about their accounts: the host bills, has a mail server, and a public URL for the links.
    var sendsAccountMails: Bool { isBilling && accountMails.isWanted && accountMailsLack == nil }

    /// The key without which there are no such mails; nil where both are set.
    var accountMailsLack: String? { mail == nil ? "smtp.host" : http.publicURL == nil ? "http.public_url" : nil }
}
