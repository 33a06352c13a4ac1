public import Alerts
public import Domain
public import Foundation
public import Outbound

/// Where a tenant's alerts go. Targets are sealed before the store sees them. The URL of an incoming webhook is never shown
/// again, and a secret that signs once. All throw ``QueryError``, ``RequestError``, and what the store and the vault throw.
public struct AlertChannels: Sendable {
    /// What channels may be.
    public struct Limits: Sendable {
        /// Whether they may have an `http` URL.
        public var allowsPlainHTTP: Bool
        /// Which hosts they may have.
        public var policy: AddressPolicy
        /// Most mail addresses of one.
        public var recipients: Int

        public init(allowsPlainHTTP: Bool, policy: AddressPolicy, recipients: Int) {
            self.allowsPlainHTTP = allowsPlainHTTP
            self.policy = policy
            self.recipients = recipients
        }
    }

    /// A channel as it may be shown.
    public struct Shown: Sendable, Hashable {
        /// Its target is sealed.
        public var channel: AlertChannel
        /// A mail channel's addresses, and the host of the others' URL, since anyone who has the URL can post.
        public var destination: String
        /// What the owners of a mail channel's addresses say.
        public var recipients: [MailRecipients.Entry]
        /// Only where it was just made.
        public var signingSecret: String?
        /// Whether nothing is sent there because the tenant's plan has no such channels.
        public var isOutsidePlan = false
    }

    /// How long a replaced secret signs as well.
    private static let rotationSeconds: Int64 = 86_400

    private let store: any QueryStore
    private let seal: @Sendable (String) throws -> String
    private let open: @Sendable (String) throws -> String
    private let limits: Limits
    private let test: ChannelTest
    private let recipients: MailRecipients
    private let billing: BillingPolicy
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - seal: encrypts a target.
    ///   - open: decrypts one.
    ///   - test: sends a test.
    ///   - recipients: what the owners of mail addresses say.
    ///   - billing: whether the plan of a tenant says which channels it may have.
    public init(
        store: any QueryStore, seal: @escaping @Sendable (String) throws -> String,
        open: @escaping @Sendable (String) throws -> String, limits: Limits, test: ChannelTest,
        recipients: MailRecipients, billing: BillingPolicy = .off, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.seal = seal
        self.open = open
        self.limits = limits
        self.test = test
        self.recipients = recipients
        self.billing = billing
        self.now = now
    }

    // MARK: Reading

    /// By name.
    public func all(for principal: Principal) async throws -> [Shown] {
        let tenant = try principal.tenant(to: .read)
        var shown: [Shown] = []
        for channel in try await store.alertChannels(tenant.id) {
            shown.append(try await show(channel, of: tenant))
        }
        return shown
    }

    /// By name, without what the owners of addresses say; the destination of one that no key opens is empty.
    public func list(for principal: Principal) async throws -> [Shown] {
        let tenant = try principal.tenant(to: .read)
        return try await store.alertChannels(tenant.id).map { channel in
            Shown(
                channel: channel, destination: (try? opened(channel).destination) ?? "", recipients: [],
                signingSecret: nil, isOutsidePlan: isOutsidePlan(channel, of: tenant))
        }
    }

    /// One of them.
    public func channel(_ id: UUID, for principal: Principal) async throws -> Shown {
        let tenant = try principal.tenant(to: .read)
        return try await show(try await stored(id, of: tenant.id), of: tenant)
    }

    // MARK: Changing

    /// Saves a new one.
    public func add(_ fields: RequestFields, by principal: Principal) async throws -> Shown {
        let tenant = try principal.tenant(to: .manage)
        let tenantID = tenant.id
        var fields = fields
        let isEnabled = fields.optional("enabled", .bool) ?? true
        let showsRestricted = fields.optional("show_restricted", .bool) ?? false
        let quietHours = fields.quietHours()
        let kind = fields.required("kind", .choice(AlertChannel.Kind.allCases))
        let target = fields.required("target", kind.map(targetParser) ?? .text(1...5000))
        let digest = fields.digest(on: kind)
        let name = try fields.required(("name", .text(1...100)))
        let (newKind, newTarget) = (try fields.present(kind), try fields.present(target))
        if newKind.isChat { try billing.check(.slackIntegration, for: principal) }
        try checkRecipients(of: newTarget, newKind)
        let secret = newKind == .webhook ? WebhookSink.newSecret() : nil
        let saved = try secret.map { try WebhookTarget(url: newTarget, secret: $0).target() } ?? newTarget
        var channel = AlertChannel(
            id: UUID(), kind: newKind, name: name, target: try seal(saved), isEnabled: isEnabled,
            showsRestricted: showsRestricted, quietHours: quietHours, digest: digest.schedule,
            takesAlerts: digest.takesAlerts)
        channel = try await recipients.prepared(channel, from: nil, target: saved, of: tenantID)
        try await store.saveAlertChannel(tenantID, channel, by: principal.actor)
        try await recipients.settle(opened(channel), of: tenantID)
        return try await show(channel, of: tenant, signingSecret: secret)
    }

    /// Replaces one; its kind stays, and so does its target when none is sent.
    public func replace(_ id: UUID, _ fields: RequestFields, by principal: Principal) async throws -> Shown {
        let tenant = try principal.tenant(to: .manage)
        let tenantID = tenant.id
        var channel = try await stored(id, of: tenantID)
        var fields = fields
        let kind = fields.optional("kind", .choice(AlertChannel.Kind.allCases))
        if let kind, kind != channel.kind { fields.reject("kind", "cannot change; create another channel") }
        channel.isEnabled = fields.optional("enabled", .bool) ?? true
        channel.showsRestricted = fields.optional("show_restricted", .bool) ?? false
        channel.quietHours = fields.quietHours()
        (channel.digest, channel.takesAlerts) = fields.digest(on: channel.kind)
        let target = fields.optional("target", targetParser(for: channel.kind))
        let rotates = fields.optional("rotate_secret", .bool) ?? false
        if rotates, channel.kind != .webhook { fields.reject("rotate_secret", "only a webhook channel has a secret") }
        channel.name = try fields.required(("name", .text(1...100)))
        var secret: String?
        if channel.kind == .webhook, target != nil || rotates {
            let changed = try change(try open(channel.target), url: target, rotates: rotates)
            channel.target = try seal(try changed.target())
            secret = rotates ? changed.secret : nil
        } else if let target {
            try checkRecipients(of: target, channel.kind)
            channel = try await recipients.prepared(channel, from: try? opened(channel), target: target, of: tenantID)
            channel.target = try seal(target)
        }
        try await store.saveAlertChannel(tenantID, channel, by: principal.actor)
        if target != nil { try await recipients.settle(opened(channel), of: tenantID) }
        return try await show(channel, of: tenant, signingSecret: secret)
    }

    /// Deletes one.
    public func delete(_ id: UUID, by principal: Principal) async throws {
        let tenantID = try principal.tenant(to: .manage).id
        guard try await store.deleteAlertChannel(tenantID, channelID: id, by: principal.actor) else {
            throw RequestError.unknownChannel
        }
    }

    // MARK: Sending

    /// Sends a test, also to one that is disabled or quiet; returns when it has ended.
    public func sendTest(_ id: UUID, by principal: Principal) async throws -> [ChannelTest.Result] {
        let tenant = try principal.tenant(to: .manage)
        let channel = try opened(try await stored(id, of: tenant.id))
        if channel.kind.isChat { try billing.check(.slackIntegration, for: principal) }
        guard let results = await test.run(channel, of: tenant.id, siteURL: tenant.jiraURL) else {
            throw RequestError.channelTestedRecently(retryAfterSeconds: 10)
        }
        try await store.record(
            AuditAct(.channelTest, id.canonicalText), in: .tenant(tenant.id), by: principal.actor, now: now())
        return results
    }

    /// Asks the owners of the addresses that are not confirmed again, each at most once in ten minutes; how many wait.
    public func askAgain(_ id: UUID, by principal: Principal) async throws -> Int {
        let tenantID = try principal.tenant(to: .manage).id
        let channel = try await stored(id, of: tenantID)
        guard channel.kind == .email else { throw RequestError.noAddresses }
        let opened = try opened(channel)
        try await recipients.settle(opened, of: tenantID)
        let (asked, waiting) = try await recipients.askAgain(opened, of: tenantID, by: principal.actor)
        guard asked > 0 || waiting == 0 else {
            throw RequestError.confirmationSentRecently(retryAfterSeconds: Int(MailRecipients.pauseSeconds))
        }
        return waiting
    }

    // MARK: Parts

    /// As for deliveries: also for the operator, whose own calls no plan locks.
    private func isOutsidePlan(_ channel: AlertChannel, of tenant: Tenant) -> Bool {
        channel.kind.isChat && !billing.has(.slackIntegration, tenant)
    }

    private func stored(_ id: UUID, of tenantID: TenantID) async throws -> AlertChannel {
        guard let channel = try await store.alertChannels(tenantID).first(where: { $0.id == id }) else {
            throw RequestError.unknownChannel
        }
        return channel
    }

    /// With its target in clear.
    private func opened(_ channel: AlertChannel) throws -> AlertChannel {
        var channel = channel
        channel.target = try open(channel.target)
        return channel
    }

    /// The target of a webhook channel with another address, another secret, or both.
    private func change(_ old: String, url: String?, rotates: Bool) throws -> WebhookTarget {
        var target = WebhookTarget(target: old) ?? WebhookTarget(url: "", secret: WebhookSink.newSecret())
        if let url { target.url = url }
        if rotates {
            target.previous = WebhookTarget.Previous(
                secret: target.secret, until: now().adding(seconds: Self.rotationSeconds))
            target.secret = WebhookSink.newSecret()
        }
        return target
    }

    private func show(
        _ channel: AlertChannel, of tenant: Tenant, signingSecret: String? = nil
    ) async throws -> Shown {
        let opened = try opened(channel)
        return Shown(
            channel: channel, destination: opened.destination,
            recipients: try await recipients.entries(of: opened, of: tenant.id), signingSecret: signingSecret,
            isOutsidePlan: isOutsidePlan(channel, of: tenant))
    }

    /// What a channel had before the limit was lowered stays until its target is replaced.
    private func checkRecipients(of target: String, _ kind: AlertChannel.Kind) throws {
        guard kind == .email, target.split(separator: ",").count > limits.recipients else { return }
        throw RequestError.limitReached(.channelRecipients, limit: limits.recipients)
    }

    private func targetParser(for kind: AlertChannel.Kind) -> FieldParser<String> {
        switch kind {
        case .slack, .teams, .webhook, .alertmanager:
            .channelAddress(allowsPlainHTTP: limits.allowsPlainHTTP, policy: limits.policy)
        case .email: .emailList(longest: max(5000, limits.recipients * 256))
        }
    }
}

extension AlertChannel {
    /// What may be shown of a target that is in clear.
    fileprivate var destination: String {
        switch kind {
        case .slack, .teams, .webhook, .alertmanager:
            URLComponents(string: WebhookTarget.url(of: kind, target: target))?.host ?? ""
        case .email: target
        }
    }
}

extension FieldParser where Value == String {
    /// The URL that a channel posts to. A host whose address is not public is refused where no lookup is needed to see it.
    fileprivate static func channelAddress(allowsPlainHTTP: Bool, policy: AddressPolicy) -> FieldParser {
        let schemes = allowsPlainHTTP ? ["https", "http"] : ["https"]
        return FieldParser { value throws(Mismatch) in
            let text = try FieldParser.text(1...2000).parse(value)
            guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
                schemes.contains(scheme), let host = parts.host, !host.isEmpty, parts.user == nil
            else { throw Mismatch(message: "must be an \(schemes.joined(separator: " or ")) URL with a host") }
            guard !policy.refusesWithoutLookup(host: host) else {
                throw Mismatch(
                    message: "must not be on a private network; the operator can list the host in alerts.allowed_hosts")
            }
            return text
        }
    }

    /// Addresses separated by commas.
    fileprivate static func emailList(longest: Int) -> FieldParser {
        FieldParser { value throws(Mismatch) in
            let addresses = try FieldParser.text(3...longest).parse(value).split(separator: ",")
            guard !addresses.isEmpty else { throw Mismatch(message: "must be addresses separated by commas") }
            var checked: [String] = []
            for address in addresses {
                checked.append(try FieldParser.email.parse(.string(String(address))))
            }
            return checked.joined(separator: ", ")
        }
    }
}
