import Alerts
import Dashboard
import Domain
import FinBERT
import Foundation
import HTTPServer
import JiraCloud
import Logging
import QueryAPI
import RiskEngine
import Store
import WebhookIngest

/// Everything that can be set about the daemon, read once at start from ``Settings``.
///
/// `config/consilod.example.yaml` lists every key with its type, unit and default.
struct DaemonConfiguration: Sendable {
    struct HTTP: Sendable {
        var host: String
        var port: Int
        /// The address under which Jira and people reach this host, without a trailing slash.
        var publicURL: String?
        /// The origins whose pages may call the API from a browser; `*` is any.
        var allowedOrigins: [String]
        /// Who is believed about where requests come from.
        var trustedProxies: TrustedProxies
        var webhooks: WebhookLimits
        /// The share of bytes in flight and connections that one tenant's webhooks may have before their signature is checked,
        /// in percent.
        var tenantShare: Int
        var limits: HTTPLimits
        /// How many pages of the dashboard may follow changes.
        var eventStreams: LiveUpdates.Limits
        /// How many wrong API keys are looked up.
        var credentials: CredentialThrottle.Limits
    }

    struct Secrets: Sendable {
        /// Fernet keys: the first encrypts, all decrypt.
        var encryptionKeys: [Secret<String>]
        var adminToken: Secret<String>?
        /// Opens `/metrics`, as the admin token does.
        var metricsToken: Secret<String>?
    }

    /// The calls to Jira, for what webhooks do not carry.
    struct Jira: Sendable {
        var isEnabled: Bool
        var options: JiraSynchronizer.Options
        /// How often values are written into the Jiras of tenants that have switched that on.
        var writing: JiraWriter.Options
        var callsAtOnce: Int
        /// Hosts that may be called though their addresses are private, and over plain http.
        var allowedHosts: [String]
        /// Where tokens of service accounts and scoped tokens are taken.
        var gatewayURL: String?
    }

    /// What happens when a required secret is missing.
    enum MissingSecrets {
        /// It is an error, as for the daemon.
        case refused
        /// Its key is noted, and all else is read: for commands beside a daemon, to which systemd may give secrets that
        /// no other process can read.
        case noted
    }

    /// What is said of a secret in ``missingSecrets``.
    static let notReadableHere = "not readable here: the service has it from systemd, if it is set at all"

    var http: HTTP
    /// Whether requests of Jira Automation are taken, which are not signed.
    var takesAutomation: Bool
    var store: StoreLocation
    var secrets: Secrets
    /// Keys of the missing secrets, where they are noted only; their values are empty.
    private(set) var missingSecrets: [String] = []
    /// Whether `/metrics` needs no token.
    var hasPublicMetrics: Bool
    var fields: CustomFields
    var jira: Jira
    var model: ModelHost.Options
    var mail: MailSettings?
    /// Whether the owners of mail addresses are asked before the first alert.
    var recipients: RecipientPolicy
    var alertAttemptLimit: Int
    /// How long notifications of a group wait where no route says it.
    var alertTiming: AlertGroupTiming
    var allowsPlainHTTPChannels: Bool
    /// Hosts of alert channels that are called whatever their address.
    var allowedChannelHosts: [String]
    var defaultPlan: Plan
    /// Whether plans and trials lock anything beside the monthly limits.
    var isBilling: Bool
    /// Mails to owners about their accounts.
    var accountMails: AccountMailSettings
    /// Nil where the host is not connected to Stripe.
    var stripe: StripeSettings?
    var trialDays: Int
    /// How long the deletion of a tenant can be undone, in days; 0 deletes at once.
    var deletionDays: Int
    /// How people sign in.
    var signIn: SignInSettings
    /// How many of each thing a tenant may have.
    var tenantLimits: TenantLimits
    /// What stands before amounts of money in reports.
    var currency: String
    var rescorer: Rescorer.Options
    var retention: RetentionPolicy
    var scoring: RiskConfiguration
    var logLevel: Logger.Level
    var shutdownTimeout: Duration

    /// Reads every key. Throws ``ConfigurationError`` naming the first key that is malformed, missing or unknown.
    init(_ settings: Settings, environment: [String: String], missingSecrets: MissingSecrets = .refused) throws {
        http = try Self.http(settings)
        takesAutomation = try settings.flag("webhook.automation", default: false)
        // The daemon uses the directory that systemd names, and else the one it was started in.
        store = try Self.store(settings, stateDirectory: environment["STATE_DIRECTORY"] ?? ".")

        var missed: [String] = []
        func missing(_ key: String, _ error: ConfigurationError) throws {
            try settings.rejectWrongKinds()
            guard missingSecrets == .noted else { throw error }
            missed.append(key)
        }
        secrets = try Self.secrets(settings) { try missing("encryption.key", $0) }
        hasPublicMetrics = try settings.flag("metrics.public", default: false)
        fields = CustomFields(
            storyPoints: settings.list("jira.fields.story_points", default: ["customfield_10016"]),
            sprint: settings.list("jira.fields.sprint", default: ["customfield_10020"]))
        jira = try Self.jira(settings)
        model = try Self.model(settings, environment: environment)
        mail = try Self.mail(settings) { try missing("smtp.password", $0) }
        recipients = try Self.recipients(settings, publicURL: http.publicURL, hasMail: mail != nil)
        alertAttemptLimit = try settings.integer("alerts.max_attempts", default: 12, in: 1...100)
        alertTiming = AlertGroupTiming(
            wait: try settings.integer("alerts.group_wait_seconds", default: 30, in: 0...86_400),
            interval: try settings.integer("alerts.group_interval_seconds", default: 300, in: 0...604_800),
            repeatInterval: try settings.integer("alerts.repeat_interval_seconds", default: 0, in: 0...2_592_000))
        allowsPlainHTTPChannels = try settings.flag("alerts.allow_plain_http", default: false)
        allowedChannelHosts = settings.list("alerts.allowed_hosts", default: [])
        defaultPlan = try settings.choice("tenants.default_plan", default: Plan.starter)
        isBilling = try settings.flag("billing.enabled", default: false)
        accountMails = try AccountMailSection.settings(from: settings)
        stripe = try StripeSection.settings(settings, isBilling: isBilling, publicURL: http.publicURL) {
            try missing("billing.stripe.webhook.secret", $0)
        }
        trialDays = try Self.trialDays(settings, isBilling: isBilling)
        deletionDays = try settings.integer("tenants.deletion_days", default: 7, in: 0...90)
        signIn = try SignInSection.settings(settings, publicURL: http.publicURL, trialDays: trialDays) {
            try missing("client.secret", $0)
        }
        tenantLimits = try Self.tenantLimits(settings)
        currency = settings.string("reports.currency") ?? "$"
        rescorer = try Self.rescorer(settings, completesIssues: jira.isEnabled)
        retention = try RetentionSection.policy(from: settings)
        scoring = try ScoringSection.configuration(from: settings.section("scoring"))
        logLevel = try settings.choice("log.level", default: Logger.Level.info)
        shutdownTimeout = .seconds(try settings.integer("shutdown.timeout_seconds", default: 30, in: 1...600))
        try settings.rejectUnknownKeys()
        self.missingSecrets = missed
    }

    private static func http(_ settings: Settings) throws -> HTTP {
        let share = try settings.integer("http.tenant_share_percent", default: 25, in: 1...100)
        return HTTP(
            host: settings.string("http.host") ?? "127.0.0.1",
            port: try settings.integer("http.port", default: 8080, in: 0...65535),
            publicURL: try address("http.public_url", settings), allowedOrigins: try allowedOrigins(settings),
            trustedProxies: try trustedProxies(settings),
            webhooks: try webhookLimits(settings, share: share), tenantShare: share,
            limits: HTTPLimits(
                connections: try settings.integer("http.max_connections", default: 2048, in: 16...65_536),
                idle: .seconds(try settings.integer("http.idle_seconds", default: 75, in: 1...3600)),
                request: .seconds(try settings.integer("http.request_seconds", default: 30, in: 1...3600)),
                headerBytes: try settings.integer("http.max_header_bytes", default: 32_768, in: 1024...1_048_576),
                bodyBytesPerSecond: try settings.integer("http.min_body_rate", default: 1024, in: 0...1_048_576)),
            eventStreams: .init(
                total: try settings.integer("http.max_event_streams", default: 512, in: 0...65_536),
                perTenant: try settings.integer("http.max_event_streams_per_tenant", default: 100, in: 0...65_536)),
            credentials: .init(
                perClient: try settings.integer("http.max_refused_keys_per_client", default: 60, in: 1...1_000_000),
                total: try settings.integer("http.max_refused_keys", default: 600, in: 1...1_000_000)))
    }

    private static func trustedProxies(_ settings: Settings) throws -> TrustedProxies {
        guard let proxies = TrustedProxies(settings.list("http.trusted_proxies", default: [])) else {
            throw ConfigurationError(
                "http.trusted_proxies must list addresses like 10.0.0.5 or networks like 10.0.0.0/24")
        }
        return proxies
    }

    /// Origins as browsers send them: a scheme, a host in lower case, and the port where it is not the scheme's own.
    private static func allowedOrigins(_ settings: Settings) throws -> [String] {
        try settings.list("http.cors_allowed_origins", default: []).map { text in
            guard text != "*" else { return text }
            let origin = (text.hasSuffix("/") ? String(text.dropLast()) : text).lowercased()
            guard let parts = URLComponents(string: origin), let scheme = parts.scheme,
                ["http", "https"].contains(scheme),
                let host = parts.host, !host.isEmpty, !host.contains("*"),
                origin == "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
            else {
                throw ConfigurationError(
                    "http.cors_allowed_origins must list origins like https://app.example.com, or *, not \(text)")
            }
            return origin
        }
    }

    /// - Parameter missing: called where there is no encryption key, with the error that it is for the daemon.
    private static func secrets(
        _ settings: Settings, missing: (ConfigurationError) throws -> Void
    ) throws -> Secrets {
        let keys = encryptionKeys(in: settings)
        if keys.isEmpty {
            try missing(
                ConfigurationError(
                    """
                    encryption.key is not set: give it as the credential 'encryption-key' or as CONSILOD_ENCRYPTION_KEY. \
                    An existing store needs the key it was created with; for a new one 'consilod keygen encryption-key' makes it
                    """))
        }
        return Secrets(
            encryptionKeys: keys,
            adminToken: settings.secret("admin.token"), metricsToken: settings.secret("metrics.token"))
    }

    /// The keys in their order; none where they are not set.
    static func encryptionKeys(in settings: Settings) -> [Secret<String>] {
        (settings.secret("encryption.key")?.revealed ?? "").split { $0 == "," || $0.isWhitespace }
            .map { Secret(String($0)) }
    }

    private static func model(_ settings: Settings, environment: [String: String]) throws -> ModelHost.Options {
        ModelHost.Options(
            isEnabled: try settings.flag("model.enabled", default: true),
            folder: settings.string("model.path").map { URL(fileURLWithPath: $0) }
                ?? ModelFolder.default(environment: environment),
            precision: try settings.choice("model.precision", default: Precision.auto),
            threads: try settings.integer("model.threads", default: 0, in: 0...256))
    }

    private static func rescorer(_ settings: Settings, completesIssues: Bool) throws -> Rescorer.Options {
        var options = Rescorer.Options()
        options.concurrency = try settings.integer("rescorer.concurrency", default: options.concurrency, in: 1...64)
        options.liveWindowSeconds = Int64(
            try settings.integer(
                "rescorer.live_window_seconds", default: Int(options.liveWindowSeconds), in: 60...604_800))
        options.settleSeconds = Int64(
            try settings.integer("rescorer.settle_seconds", default: Int(options.settleSeconds), in: 1...3600))
        options.completesIssues = completesIssues
        return options
    }

    /// Where the store is; `stateDirectory` is for a SQLite file that has no path of its own.
    static func store(_ settings: Settings, stateDirectory: String) throws -> StoreLocation {
        let (path, password) = (settings.string("store.path"), settings.secret("store.password"))
        // It may hold a password as well.
        let url = settings.secret("store.url")
        let certificate = settings.string("store.root_certificate")
        let connections = try settings.integer("store.connections", default: 8, in: 2...200)
        let seconds = try settings.integer("store.statement_timeout_seconds", default: 30, in: 1...3600)
        guard let url else { return .sqlite(path: path ?? "\(stateDirectory)/consilod.sqlite") }
        do {
            return .postgres(
                try PostgresSettings(
                    connectionString: url.revealed, password: password, rootCertificate: certificate,
                    connectionLimit: connections, statementSeconds: seconds))
        } catch {
            throw ConfigurationError("store.url: \(error)")
        }
    }

    /// Where the host bills, a trial is as long as `billing.trial_days` says.
    private static func trialDays(_ settings: Settings, isBilling: Bool) throws -> Int {
        let unbilled = try settings.integer("tenants.trial_days", default: 0, in: 0...3650)
        let billed = try settings.integer("billing.trial_days", default: unbilled > 0 ? unbilled : 14, in: 0...3650)
        return isBilling ? billed : unbilled
    }

    private static func tenantLimits(_ settings: Settings) throws -> TenantLimits {
        var limits = TenantLimits()
        for kind in TenantLimits.Kind.allCases {
            limits[kind] = try settings.integer(
                "tenants.max_\(kind.rawValue)", default: kind.standard, in: 1...100_000)
        }
        return limits
    }

    private static func webhookLimits(_ settings: Settings, share: Int) throws -> WebhookLimits {
        let limits = WebhookLimits(
            bodyBytes: try settings.integer("http.max_webhook_bytes", default: 26_214_400, in: 1024...1_073_741_824),
            bytesInHand: try settings.integer(
                "http.max_webhook_bytes_in_hand", default: 134_217_728, in: 1024...1_099_511_627_776),
            share: share,
            rate: try settings.integer("http.webhook_rate", default: 50, in: 0...1_000_000),
            burst: try settings.integer("http.webhook_burst", default: 2000, in: 1...1_000_000))
        guard limits.bytesInHand >= limits.bodyBytes else {
            throw ConfigurationError(
                "http.max_webhook_bytes_in_hand must be at least http.max_webhook_bytes: the largest could never be accepted"
            )
        }
        return limits
    }

    private static func jira(_ settings: Settings) throws -> Jira {
        func seconds(_ key: String, default count: Int, in range: ClosedRange<Int>, unit: Int64) throws -> Int64 {
            Int64(try settings.integer(key, default: count, in: range)) * unit
        }
        var options = JiraSynchronizer.Options()
        options.sweepSeconds = try seconds("jira.sweep_minutes", default: 10, in: 1...1440, unit: 60)
        options.overlapSeconds = try seconds("jira.overlap_minutes", default: 30, in: 5...10_080, unit: 60)
        options.fullSweepSeconds = try seconds("jira.full_sweep_hours", default: 24, in: 1...720, unit: 3600)
        options.graceSeconds = try seconds("jira.grace_seconds", default: 120, in: 0...3600, unit: 1)
        var writing = JiraWriter.Options()
        writing.lookSeconds = try seconds("jira.write_seconds", default: 60, in: 1...3600, unit: 1)
        return Jira(
            isEnabled: try settings.flag("jira.enabled", default: true), options: options, writing: writing,
            callsAtOnce: try settings.integer("jira.calls_at_once", default: 4, in: 1...32),
            allowedHosts: settings.list("jira.allowed_hosts", default: []),
            gatewayURL: try address("jira.gateway_url", settings))
    }

    /// - Parameter missing: called where the password is missing, with the error that it is for the daemon.
    private static func mail(_ settings: Settings, missing: (ConfigurationError) throws -> Void) throws -> MailSettings?
    {
        let security = try settings.choice("smtp.security", default: MailSettings.Security.starttls)
        let port = try settings.integer("smtp.port", default: security == .tls ? 465 : 587, in: 1...65535)
        let (username, password) = (settings.string("smtp.username"), settings.secret("smtp.password"))
        let (host, from) = (settings.string("smtp.host"), settings.string("smtp.from"))
        let helo = settings.string("smtp.helo")
        let authentication = try settings.choice("smtp.auth", default: MailSettings.Authentication.auto)
        try settings.rejectWrongKinds()
        if let helo, !MailSettings.isHostName(helo) {
            throw ConfigurationError("smtp.helo must be a host name, or an IP address in brackets")
        }
        guard let host else { return nil }
        guard let from, from.contains("@") else {
            throw ConfigurationError("smtp.from must be the address that alert mail comes from, as smtp.host is set")
        }
        if (username == nil) != (password == nil) {
            let error = ConfigurationError("smtp.username and smtp.password must be set together")
            guard password == nil else { throw error }
            try missing(error)
        }
        guard security != .none || username == nil else {
            throw ConfigurationError(
                "smtp.password needs smtp.security starttls or tls: it would be sent in clear text")
        }
        return MailSettings(
            host: host, port: port, security: security, username: username, password: password,
            authentication: authentication, from: from, helo: helo)
    }

    private static func recipients(
        _ settings: Settings, publicURL: String?, hasMail: Bool
    ) throws -> RecipientPolicy {
        let asks = try settings.flag("smtp.confirm_addresses", default: publicURL != nil)
        let domains = settings.list("smtp.confirmed_domains", default: [])
        try settings.rejectWrongKinds()
        guard !asks || publicURL != nil else {
            throw ConfigurationError(
                "smtp.confirm_addresses needs http.public_url: addresses are confirmed on a page there")
        }
        guard domains.allSatisfy({ MailSettings.isHostName($0) && !$0.hasPrefix("[") }) else {
            throw ConfigurationError("smtp.confirmed_domains must list the domains of mail addresses, like example.com")
        }
        return RecipientPolicy(asks: asks && hasMail, confirmedDomains: domains)
    }

    private static func address(_ key: String, _ settings: Settings) throws -> String? {
        guard let text = settings.string(key) else { return nil }
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host != nil else {
            throw ConfigurationError("\(key) must be an http or https address")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
}
